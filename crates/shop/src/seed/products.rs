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

fn shelves() -> Result<Vec<SeedCategory>> {
    Ok(serde_json::from_str(CATALOGUE).map_err(|_| Fault::Broken("catalogue.json"))?)
}

impl Seed<'_> {
    /// Adds the products, in one transaction.
    pub async fn seed_catalogue(&self) -> Result<()> {
        let shelves = shelves()?;
        let currency = self.seller.currency;
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            for (position, shelf) in (0..).zip(&shelves) {
                fill(tx, (position, shelf), currency, now).await?;
            }
            Ok(())
        })
        .await
    }
}

async fn fill(
    tx: &mut Connection,
    (position, shelf): (u32, &SeedCategory),
    currency: Currency,
    now: Timestamp,
) -> Result<()> {
    let id = CategoryId::from_bits(bits(&["category", &shelf.slug]));
    tx.products().insert_category(&id, &shelf.slug, &shelf.name, position).await?;
    for (place, good) in (0..).zip(&shelf.products) {
        // Another minute for each category mixes the categories in the order "newest".
        let age = PRODUCT_INTERVAL * place + Duration::from_secs(60) * position;
        put(tx, (&id, &shelf.name), good, currency, now - age).await?;
    }
    Ok(())
}

async fn put(
    tx: &mut Connection,
    category: (&CategoryId, &str),
    good: &SeedProduct,
    currency: Currency,
    now: Timestamp,
) -> Result<()> {
    let id = ProductId::from_bits(bits(&["product", &good.slug]));
    let lowest = good.sizes.iter().map(|(_, minor)| *minor).min().unwrap_or_default();
    let product = NewProduct {
        id: id.clone(),
        slug: &good.slug,
        name: &good.name,
        description: &good.description,
        category,
        art: Art::parse(&good.art).ok_or(Fault::Broken("catalogue.json"))?,
        price: Money::new(lowest, currency),
    };
    if !tx.products().insert(&product, now).await? {
        return Ok(());
    }
    for (position, variant) in (0..).zip(variants(&id, good, currency)) {
        tx.variants().insert(&variant, position).await?;
    }
    Ok(())
}

/// Every colour in every size.
fn variants(product: &ProductId, good: &SeedProduct, currency: Currency) -> Vec<Variant> {
    let of_colour = |(colour, stock): &(Colour, Vec<u32>)| {
        let (colour, stock) = (*colour, stock.clone());
        good.sizes.iter().zip(stock).map(move |((size, minor), stock)| Variant {
            id: VariantId::from_bits(bits(&["variant", &good.slug, colour.as_str(), size])),
            product: product.clone(),
            colour,
            size: size.clone(),
            price: Money::new(*minor, currency),
            stock,
        })
    };
    good.stock.iter().flat_map(of_colour).collect()
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
        let shelves = shelves().unwrap();
        let goods: Vec<&SeedProduct> = shelves.iter().flat_map(|shelf| &shelf.products).collect();
        assert!(shelves.len() >= 5 && goods.len() >= 24);
        for good in &goods {
            assert!(Art::parse(&good.art).is_some(), "{}", good.slug);
            assert!(!good.sizes.is_empty() && !good.stock.is_empty(), "{}", good.slug);
            assert!(good.sizes.iter().all(|(_, minor)| *minor > 0), "{}", good.slug);
            let is_whole = good.stock.iter().all(|(_, stock)| stock.len() == good.sizes.len());
            assert!(is_whole, "{}", good.slug);
            assert_eq!(goods.iter().filter(|other| other.slug == good.slug).count(), 1);
        }
    }

    #[test]
    fn the_seed_has_low_stock_and_sold_out_variants() {
        let shelves = shelves().unwrap();
        let goods = shelves.iter().flat_map(|shelf| &shelf.products);
        let stock: Vec<u32> =
            goods.flat_map(|good| good.stock.iter().flat_map(|(_, stock)| stock.clone())).collect();
        assert!(stock.contains(&0) && stock.iter().any(|pieces| (1..=3).contains(pieces)));
    }
}
