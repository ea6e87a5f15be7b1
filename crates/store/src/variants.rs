//! Variants of products: each combination of colour and size, with its price and stock.
//!
//! The merchant sets a stock or a price only while it is what the merchant was shown, so that
//! pieces which were sold meanwhile do not come back. Orders change the stock only by [`Variants::reserve`] and [`Variants::release`]. Their
//! conditions are part of the statement, so that two buyers cannot both get the last
//! piece, and an order is never charged at another price than the one that was agreed.

use domain::{Colour, Currency, Money, ProductId, Quantity, StockChangeId, Timestamp, VariantId};

use crate::{
    Error, Result,
    connection::{execute, fetch_all, fetch_optional},
};

repository! {
    /// Variants of products.
    variants: Variants
}

#[derive(Clone, Debug)]
pub struct Variant {
    pub id: VariantId,
    pub product: ProductId,
    pub colour: Colour,
    pub size: String,
    /// The whole price of one piece.
    pub price: Money,
    /// How many pieces are left.
    pub stock: u32,
}

const LIST_OF_PRODUCT: &str = "select v.id, v.product_id, v.colour, v.size, v.price_minor, v.stock,
        v.currency
    from variants v join products p on p.id = v.product_id
    where v.product_id = $1 order by v.position, v.id";
const FIND_LISTED: &str = "select v.id, v.product_id, v.colour, v.size, v.price_minor, v.stock,
        v.currency
    from variants v join products p on p.id = v.product_id
    where v.id = $1 and p.is_listed";
const FIND: &str = "select v.id, v.product_id, v.colour, v.size, v.price_minor, v.stock, v.currency
    from variants v where v.id = $1";
const RESERVE: &str = "update variants set stock = stock - $2
    where id = $1 and stock >= $2 and price_minor = $3 and currency = $4";
const RELEASE: &str = "update variants set stock = stock + $2 where id = $1";
const SET_STOCK: &str = "update variants set stock = $3 where id = $1 and stock = $2";
const RECORD_CHANGE: &str = "insert into stock_changes (id, variant_id, pieces, changed_at)
    values ($1, $2, $3, $4) on conflict do nothing";
const CHANGE_STOCK: &str = "update variants set stock = stock + $2
    where id = $1 and stock + $2 between 0 and $3";
const SET_PRICE: &str = "update variants set price_minor = $3 where id = $1 and price_minor = $2";
const UPDATE_LOWEST_PRICE: &str = "update products set price_minor =
        (select min(v.price_minor) from variants v where v.product_id = products.id)
    where id = (select product_id from variants where id = $1)";
const INSERT: &str =
    "insert into variants (id, product_id, colour, size, price_minor, currency, stock, position)
    values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing";

impl Variants<'_> {
    /// The variants of a product, in the merchant's order.
    pub async fn of_product(&mut self, product: &ProductId) -> Result<Vec<Variant>> {
        let rows: Vec<VariantRow> = fetch_all!(self.0, LIST_OF_PRODUCT, product.as_str())?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// A variant whose product is on sale.
    pub async fn find_listed(&mut self, id: &VariantId) -> Result<Option<Variant>> {
        let row: Option<VariantRow> = fetch_optional!(self.0, FIND_LISTED, id.as_str())?;
        row.map(TryInto::try_into).transpose()
    }

    /// A variant, whether or not its product is on sale.
    pub async fn find(&mut self, id: &VariantId) -> Result<Option<Variant>> {
        let row: Option<VariantRow> = fetch_optional!(self.0, FIND, id.as_str())?;
        row.map(TryInto::try_into).transpose()
    }

    /// Takes pieces out of stock at the agreed price; `false` if there are not enough, or
    /// the price has changed.
    pub async fn reserve(
        &mut self,
        id: &VariantId,
        pieces: Quantity,
        price: Money,
    ) -> Result<bool> {
        self.0.has_changed_catalogue = true;
        let pieces = i64::from(pieces.get());
        let (minor, currency) = (price.minor(), price.currency().code());
        Ok(execute!(self.0, RESERVE, id.as_str(), pieces, minor, currency)? == 1)
    }

    /// Puts pieces back into stock.
    pub async fn release(&mut self, id: &VariantId, pieces: Quantity) -> Result<bool> {
        self.0.has_changed_catalogue = true;
        Ok(execute!(self.0, RELEASE, id.as_str(), i64::from(pieces.get()))? == 1)
    }

    /// Sets the stock; `false` if it is not what was shown, or there is no such variant.
    pub async fn set_stock(&mut self, id: &VariantId, shown: u32, pieces: u32) -> Result<bool> {
        self.0.has_changed_catalogue = true;
        let (shown, pieces) = (i64::from(shown), i64::from(pieces));
        Ok(execute!(self.0, SET_STOCK, id.as_str(), shown, pieces)? == 1)
    }

    /// Records a change of the stock by a difference; `false` if it was recorded before.
    pub async fn record_change(
        &mut self,
        change: &StockChangeId,
        id: &VariantId,
        pieces: i64,
        now: Timestamp,
    ) -> Result<bool> {
        let now = now.as_millis();
        Ok(execute!(self.0, RECORD_CHANGE, change.as_str(), id.as_str(), pieces, now)? == 1)
    }

    /// Adds pieces to the stock, or takes them from it; `false` if it would become negative or
    /// exceed `max`, or there is no such variant.
    pub async fn change_stock(&mut self, id: &VariantId, pieces: i64, max: u32) -> Result<bool> {
        self.0.has_changed_catalogue = true;
        Ok(execute!(self.0, CHANGE_STOCK, id.as_str(), pieces, i64::from(max))? == 1)
    }

    /// Sets the price in minor units; `false` if it is not what was shown, or there is no such
    /// variant.
    pub async fn set_price(&mut self, id: &VariantId, shown: i64, minor: i64) -> Result<bool> {
        self.0.has_changed_catalogue = true;
        let is_set = execute!(self.0, SET_PRICE, id.as_str(), shown, minor)? == 1;
        execute!(self.0, UPDATE_LOWEST_PRICE, id.as_str())?;
        Ok(is_set)
    }

    /// Adds a variant. An existing one stays as it is.
    pub async fn insert(&mut self, variant: &Variant, position: u32) -> Result<()> {
        self.0.has_changed_catalogue = true;
        execute!(
            self.0,
            INSERT,
            variant.id.as_str(),
            variant.product.as_str(),
            variant.colour.as_str(),
            variant.size.as_str(),
            variant.price.minor(),
            variant.price.currency().code(),
            i64::from(variant.stock),
            i64::from(position),
        )?;
        Ok(())
    }
}

row! {
    pub(crate) struct VariantRow {
        pub id: String,
        pub product_id: String,
        pub colour: String,
        pub size: String,
        pub price_minor: i64,
        pub stock: i64,
        pub currency: String,
    }
}

impl TryFrom<VariantRow> for Variant {
    type Error = Error;

    fn try_from(row: VariantRow) -> Result<Self> {
        let corrupt = |column| Error::corrupt("variants", column);
        let currency = Currency::parse(&row.currency).ok_or_else(|| corrupt("currency"))?;
        Ok(Self {
            id: VariantId::parse(&row.id).ok_or_else(|| corrupt("id"))?,
            product: ProductId::parse(&row.product_id).ok_or_else(|| corrupt("product_id"))?,
            colour: Colour::parse(&row.colour).ok_or_else(|| corrupt("colour"))?,
            size: row.size,
            price: Money::new(row.price_minor, currency),
            stock: u32::try_from(row.stock).map_err(|_| corrupt("stock"))?,
        })
    }
}
