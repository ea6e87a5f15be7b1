//! The products of the seed catalogue, read from a file. Their ids are derived from the slugs, so
//! that seeding again finds them.

use std::time::Duration;

use domain::{Art, CategoryId, Colour, Currency, Money, ProductId, Timestamp, VariantId};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use store::{Connection, NewProduct, Variant, transaction};

use super::Seed;
use crate::error::{Fault, Result};

const CATALOGUE: &str = include_str!("../../data/catalogue.json");
/// The difference between the creation times of neighbours in a category.
const PRODUCT_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);

/// A category of the file.
#[derive(Deserialize)]
struct SeedCategory {
    slug: String,
    name: String,
    products: Vec<SeedProduct>,
}

/// A product of the file.
#[derive(Deserialize)]
struct SeedProduct {
    slug: String,
    name: String,
    description: String,
    art: String,
    /// Each size, and its price in minor units.
    sizes: Vec<(String, i64)>,
    /// Each colour, and the stock of each size in it.
    stock: Vec<(Colour, Vec<u32>)>,
}

fn categories() -> Result<Vec<SeedCategory>> {
    Ok(serde_json::from_str(CATALOGUE).map_err(|_| Fault::Broken("catalogue.json"))?)
}

impl Seed<'_> {
    /// Adds the products, in one transaction.
    pub async fn seed_catalogue(&self) -> Result<()> {
        let categories = categories()?;
        let currency = self.seller.currency;
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            for (position, category) in (0..).zip(&categories) {
                insert_category(tx, (position, category), currency, now).await?;
            }
            Ok(())
        })
        .await
    }
}

async fn insert_category(
    tx: &mut Connection,
    (position, category): (u32, &SeedCategory),
    currency: Currency,
    now: Timestamp,
) -> Result<()> {
    let id = CategoryId::from_bits(bits(&["category", &category.slug]));
    tx.products().insert_category(&id, &category.slug, &category.name, position).await?;
    for (place, seed) in (0..).zip(&category.products) {
        // Another minute for each category mixes the categories in the order "newest".
        let age = PRODUCT_INTERVAL * place + Duration::from_secs(60) * position;
        insert_product(tx, (&id, &category.name), seed, currency, now - age).await?;
    }
    Ok(())
}

async fn insert_product(
    tx: &mut Connection,
    category: (&CategoryId, &str),
    seed: &SeedProduct,
    currency: Currency,
    now: Timestamp,
) -> Result<()> {
    let id = ProductId::from_bits(bits(&["product", &seed.slug]));
    let lowest = seed.sizes.iter().map(|(_, minor)| *minor).min().unwrap_or_default();
    let product = NewProduct {
        id: id.clone(),
        slug: &seed.slug,
        name: &seed.name,
        description: &seed.description,
        category,
        art: Art::parse(&seed.art).ok_or(Fault::Broken("catalogue.json"))?,
        price: Money::new(lowest, currency),
    };
    if !tx.products().insert(&product, now).await? {
        return Ok(());
    }
    for (position, variant) in (0..).zip(variants(&id, seed, currency)) {
        tx.variants().insert(&variant, position).await?;
    }
    Ok(())
}

/// Every colour in every size.
fn variants(product: &ProductId, seed: &SeedProduct, currency: Currency) -> Vec<Variant> {
    let of_colour = |(colour, stock): &(Colour, Vec<u32>)| {
        let (colour, stock) = (*colour, stock.clone());
        seed.sizes.iter().zip(stock).map(move |((size, minor), stock)| Variant {
            id: VariantId::from_bits(bits(&["variant", &seed.slug, colour.as_str(), size])),
            product: product.clone(),
            colour,
            size: size.clone(),
            price: Money::new(*minor, currency),
            stock,
        })
    };
    seed.stock.iter().flat_map(of_colour).collect()
}

/// The bits of the id of a product or variant of this name. These ids need not be secret.
fn bits(name: &[&str]) -> u128 {
    let digest = Sha256::digest(name.join("/"));
    digest.iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_products_and_every_product_is_complete() {
        let categories = categories().unwrap();
        let seeds: Vec<&SeedProduct> =
            categories.iter().flat_map(|category| &category.products).collect();
        assert!(categories.len() >= 5 && seeds.len() >= 24);
        for seed in &seeds {
            assert!(Art::parse(&seed.art).is_some(), "{}", seed.slug);
            assert!(!seed.sizes.is_empty() && !seed.stock.is_empty(), "{}", seed.slug);
            assert!(seed.sizes.iter().all(|(_, minor)| *minor > 0), "{}", seed.slug);
            let is_whole = seed.stock.iter().all(|(_, stock)| stock.len() == seed.sizes.len());
            assert!(is_whole, "{}", seed.slug);
            assert_eq!(seeds.iter().filter(|other| other.slug == seed.slug).count(), 1);
        }
    }

    #[test]
    fn the_seed_has_low_stock_and_sold_out_variants() {
        let categories = categories().unwrap();
        let seeds = categories.iter().flat_map(|category| &category.products);
        let stock: Vec<u32> =
            seeds.flat_map(|seed| seed.stock.iter().flat_map(|(_, stock)| stock.clone())).collect();
        assert!(stock.contains(&0) && stock.iter().any(|pieces| (1..=3).contains(pieces)));
    }
}
