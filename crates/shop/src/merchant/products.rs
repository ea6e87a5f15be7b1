//! Products, their prices and their stock.

use domain::{Art, Field, Problem, ProductId, Refusal, VariantId};
use store::{Product, transaction};

use super::Merchant;
pub use crate::catalogue::VariantView as MerchantVariant;
use crate::error::Result;

/// The highest price, in minor units.
const MAX_PRICE_MINOR: i64 = 100_000_000;
/// The most pieces of one variant in stock.
const MAX_STOCK: u32 = 1_000_000;

/// A product in the merchant's list.
#[derive(Clone, Debug)]
pub struct MerchantProduct {
    /// Its id.
    pub id: ProductId,
    /// What identifies it in addresses of pages.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The name of its category.
    pub category: String,
    /// Its drawing.
    pub art: Art,
    /// Whether shoppers see it.
    pub is_listed: bool,
    /// Its variants, with prices and stock.
    pub variants: Vec<MerchantVariant>,
}

impl Merchant<'_> {
    /// Every product with its variants.
    pub async fn products(&self) -> Result<Vec<MerchantProduct>> {
        let mut rows = self.0.db.read().await?;
        let mut products = Vec::new();
        for product in rows.products().all().await? {
            let variants = rows.variants().of_product(&product.id).await?;
            products.push(MerchantProduct::of(product, variants));
        }
        Ok(products)
    }

    /// Sets a price, entered as `12`, `12.5` or `12,50`.
    pub async fn set_price(&self, variant: &VariantId, typed: &str) -> Result<()> {
        let minor = price(typed).ok_or(Problem::Line(Field::Price))?;
        let variant = variant.clone();
        let is_set =
            transaction!(self.0.db, |tx| tx.variants().set_price(&variant, minor).await).await?;
        found(is_set)
    }

    /// Sets how many pieces there are.
    pub async fn set_stock(&self, variant: &VariantId, typed: &str) -> Result<()> {
        let pieces = stock(typed).ok_or(Problem::Line(Field::Stock))?;
        let variant = variant.clone();
        let is_set =
            transaction!(self.0.db, |tx| tx.variants().set_stock(&variant, pieces).await).await?;
        found(is_set)
    }

    /// Shows or hides a product.
    pub async fn set_listed(&self, product: &ProductId, is_listed: bool) -> Result<()> {
        let product = product.clone();
        let is_set =
            transaction!(self.0.db, |tx| tx.products().set_listed(&product, is_listed).await)
                .await?;
        found(is_set)
    }
}

fn found(is_found: bool) -> Result<()> {
    if is_found { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

/// A price in minor units of a currency with two minor digits.
fn price(typed: &str) -> Option<i64> {
    let typed = typed.trim();
    let (whole, cents) = typed.split_once(['.', ',']).unwrap_or((typed, "0"));
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain(whole) || !is_plain(cents) || whole.len() > 7 || cents.len() > 2 {
        return None;
    }
    let cents: i64 = format!("{cents:0<2}").parse().ok()?;
    let minor = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)?;
    (minor <= MAX_PRICE_MINOR).then_some(minor)
}

/// A number of pieces.
fn stock(typed: &str) -> Option<u32> {
    let typed = typed.trim();
    let is_plain = !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| typed.parse().ok()).flatten().filter(|pieces| *pieces <= MAX_STOCK)
}

impl MerchantProduct {
    fn of(product: Product, variants: Vec<store::Variant>) -> Self {
        Self {
            id: product.id,
            slug: product.slug,
            name: product.name,
            category: product.category_name,
            art: product.art,
            is_listed: product.is_listed,
            variants: variants.into_iter().map(MerchantVariant::of).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x85_a_price_is_a_plain_number_within_bounds() {
        let read = ["12", "12.5", "12,50", "0.05", " 7 ", "0"].map(price);
        assert_eq!(read, [1200, 1250, 1250, 5, 700, 0].map(Some));
        for typed in
            ["", "-1", "+1", "1e5", "NaN", "1.234", "0.004", ".", "1.", "9223372036854775807", "１"]
        {
            assert_eq!(price(typed), None, "{typed}");
        }
    }

    #[test]
    fn x84_a_stock_is_a_plain_number() {
        assert_eq!(stock(" 20 "), Some(20));
        for typed in ["", "-1", "1.5", "NaN", "1e3", "4294967296", "1000001"] {
            assert_eq!(stock(typed), None, "{typed}");
        }
    }
}
