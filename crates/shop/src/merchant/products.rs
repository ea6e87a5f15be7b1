//! Products, their prices and their stock.

use domain::{
    Art, Colour, Field, Money, Outdated, Problem, ProductId, Refusal, StockChangeId, VariantId,
};
use store::{Connection, Product, Variant, transaction};

use super::Merchant;
use crate::{
    entropy::Entropy,
    error::{Error, Result},
};

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

/// A variant in the merchant's list.
#[derive(Clone, Debug)]
pub struct MerchantVariant {
    /// Its id.
    pub id: VariantId,
    /// Its colour.
    pub colour: Colour,
    /// Its size.
    pub size: String,
    /// The price of one piece.
    pub price: Money,
    /// The number of pieces in stock.
    pub stock: u32,
    /// The id of the next change of the stock by a difference. It is another one each time that
    /// the list is read.
    pub next_change: StockChangeId,
}

impl Merchant<'_> {
    /// Every product with its variants.
    pub async fn products(&self) -> Result<Vec<MerchantProduct>> {
        let mut rows = self.0.db.read().await?;
        let mut products = Vec::new();
        for product in rows.products().all().await? {
            let variants = rows.variants().of_product(&product.id).await?;
            products.push(MerchantProduct::of(product, variants, self.0.entropy)?);
        }
        Ok(products)
    }

    /// Sets a price, entered as `12`, `12.5` or `12,50`. Refuses with [`Outdated::Price`] if it is
    /// not what the merchant was shown, in minor units.
    pub async fn set_price(
        &self,
        variant: &VariantId,
        shown_minor: i64,
        typed: &str,
    ) -> Result<()> {
        let minor = price(typed).ok_or(Problem::Line(Field::Price))?;
        let variant = variant.clone();
        transaction!(self.0.db, |tx| {
            if tx.variants().set_price(&variant, shown_minor, minor).await? {
                return Ok(());
            }
            let now = find(tx, &variant).await?.price;
            let shown = Money::new(shown_minor, now.currency());
            refuse_unless(now.minor() == minor, Outdated::Price { shown, now })
        })
        .await
    }

    /// Sets how many pieces there are. Refuses with [`Outdated::Stock`] if the stock is not what
    /// the merchant was shown, so that no sold piece comes back.
    pub async fn set_stock(&self, variant: &VariantId, shown: u32, typed: &str) -> Result<()> {
        let pieces = stock(typed).ok_or(Problem::Line(Field::Stock))?;
        let variant = variant.clone();
        transaction!(self.0.db, |tx| {
            if tx.variants().set_stock(&variant, shown, pieces).await? {
                return Ok(());
            }
            let now = find(tx, &variant).await?.stock;
            refuse_unless(now == pieces, Outdated::Stock { shown, now })
        })
        .await
    }

    /// Adds pieces to the stock, or takes them from it, whatever it is by now: `5`, `+5` or `-2`.
    /// A change that was made before is refused with [`Outdated::StockChange`].
    pub async fn change_stock(
        &self,
        variant: &VariantId,
        change: &StockChangeId,
        typed: &str,
    ) -> Result<()> {
        let pieces = difference(typed).ok_or(Problem::Line(Field::Pieces))?;
        let (variant, change, now) = (variant.clone(), change.clone(), self.0.clock.now());
        transaction!(self.0.db, |tx| {
            let stock = find(tx, &variant).await?.stock;
            if !tx.variants().record_change(&change, &variant, pieces, now).await? {
                return Err(Outdated::StockChange { now: stock }.into());
            }
            if tx.variants().change_stock(&variant, pieces, MAX_STOCK).await? {
                Ok(())
            } else {
                Err(Problem::Line(Field::Pieces).into())
            }
        })
        .await
    }

    /// Shows or hides a product. Refuses with [`Outdated::Listing`] if it is shown or hidden
    /// already.
    pub async fn set_listed(&self, product: &ProductId, is_listed: bool) -> Result<()> {
        let product = product.clone();
        transaction!(self.0.db, |tx| {
            if tx.products().set_listed(&product, is_listed).await? {
                return Ok(());
            }
            let is_known = tx.products().all().await?.iter().any(|one| one.id == product);
            let outdated = Refusal::from(Outdated::Listing { is_listed });
            Err(if is_known { outdated } else { Refusal::NotFound }.into())
        })
        .await
    }
}

async fn find(tx: &mut Connection, variant: &VariantId) -> Result<Variant> {
    tx.variants().find(variant).await?.ok_or(Error::Refused(Refusal::NotFound))
}

/// A form that wants what there already is, such as one that is sent twice, overwrites nothing.
fn refuse_unless(is_as_wanted: bool, outdated: Outdated) -> Result<()> {
    if is_as_wanted { Ok(()) } else { Err(outdated.into()) }
}

/// A price in minor units of a currency with two minor digits.
pub(super) fn price(typed: &str) -> Option<i64> {
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

/// A difference of pieces, with or without a sign.
fn difference(typed: &str) -> Option<i64> {
    let typed = typed.trim();
    let (sign, digits) = match typed.strip_prefix(['-', '−']) {
        Some(digits) => (-1, digits),
        None => (1, typed.strip_prefix('+').unwrap_or(typed)),
    };
    let pieces = i64::from(stock(digits)?);
    (pieces != 0 && !digits.starts_with(' ')).then_some(sign * pieces)
}

impl MerchantProduct {
    fn of(product: Product, variants: Vec<Variant>, entropy: &Entropy) -> Result<Self> {
        let variants = variants.into_iter().map(|variant| MerchantVariant::of(variant, entropy));
        Ok(Self {
            id: product.id,
            slug: product.slug,
            name: product.name,
            category: product.category_name,
            art: product.art,
            is_listed: product.is_listed,
            variants: variants.collect::<Result<_>>()?,
        })
    }
}

impl MerchantVariant {
    fn of(variant: Variant, entropy: &Entropy) -> Result<Self> {
        Ok(Self {
            id: variant.id,
            colour: variant.colour,
            size: variant.size,
            price: variant.price,
            stock: variant.stock,
            next_change: StockChangeId::from_bits(entropy.bits()?),
        })
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
    fn x84_a_difference_is_a_plain_number_with_or_without_a_sign() {
        for (typed, pieces) in
            [("5", 5), ("+5", 5), (" +12 ", 12), ("-2", -2), ("−2", -2), ("1000000", 1_000_000)]
        {
            assert_eq!(difference(typed), Some(pieces), "{typed}");
        }
        for typed in ["", "+", "-", "0", "-0", "+-2", "- 2", "1.5", "1e3", "five", "1000001"] {
            assert_eq!(difference(typed), None, "{typed}");
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
