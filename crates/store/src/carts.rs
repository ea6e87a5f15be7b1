//! Baskets, and what the checkout has been told about them.
//!
//! Every change of a basket first touches its row, which serialises the changes
//! of one basket on either engine; what follows may read and then write.

use domain::{
    AccountId, Address, Art, CartId, LineItem, OrderId, ProductRef, Quantity, Timestamp, VariantId,
    VariantRef,
};

use crate::{
    Connection, Error, Result, Variant,
    connection::{execute, with_connection},
    variants::VariantRow,
};

/// Baskets.
pub struct Carts<'c>(&'c mut Connection);

/// One line of a cart, with the price and stock of this moment.
#[derive(Clone, Debug)]
pub struct CartLine {
    /// What, how many, and what one costs now.
    pub item: LineItem,
    /// Pieces left.
    pub stock: u32,
    /// Whether the product may still be bought.
    pub is_listed: bool,
}

impl CartLine {
    /// How many pieces could be bought now.
    pub const fn available(&self) -> u32 {
        if self.is_listed { self.stock } else { 0 }
    }
}

/// What a shopper has told the checkout so far.
#[derive(Clone, Debug, Default)]
pub struct Checkout {
    /// Where the parcel goes.
    pub address: Option<Address>,
    /// How it travels.
    pub shipping: Option<String>,
    /// How it is paid.
    pub method: Option<String>,
}

impl Connection {
    /// Baskets.
    pub fn carts(&mut self) -> Carts<'_> {
        Carts(self)
    }
}

const CREATE: &str = "insert into carts (id, account_id, updated_at) values ($1, null, $2)";
const CREATE_OWNED: &str = "insert into carts (id, account_id, updated_at) values ($1, $2, $3)
    on conflict (account_id) do nothing";
const OF_ACCOUNT: &str = "select id from carts where account_id = $1";
const IS_GUEST: &str = "select count(*) from carts where id = $1 and account_id is null";
const LOCK: &str = "update carts set updated_at = $2 where id = $1";
const LOCK_GUEST: &str = "update carts set updated_at = $2 where id = $1 and account_id is null";
const LINES: &str = "select v.id, v.product_id, v.colour, v.size, v.price_minor, v.stock,
        v.currency, p.slug, p.name, p.art, p.is_listed, l.quantity
    from cart_lines l
    join variants v on v.id = l.variant_id
    join products p on p.id = v.product_id
    where l.cart_id = $1 order by l.added_at, l.variant_id";
const SET: &str = "insert into cart_lines (cart_id, variant_id, quantity, added_at)
    values ($1, $2, $3, $4)
    on conflict (cart_id, variant_id) do update set quantity = excluded.quantity";
const REMOVE: &str = "delete from cart_lines where cart_id = $1 and variant_id = $2";
const EMPTY_GUESTS: &str = "delete from cart_lines where cart_id =
    (select id from carts where id = $1 and account_id is null)";
const REMOVE_BOUGHT: &str = "delete from cart_lines where cart_id = $1
    and variant_id in (select variant_id from order_lines where order_id = $2)";
const DELETE: &str = "delete from carts where id = $1 and account_id is null";
const SWEEP_LINES: &str = "delete from cart_lines where cart_id in
    (select id from carts where account_id is null and updated_at < $1)";
const SWEEP: &str = "delete from carts where account_id is null and updated_at < $1";
const CHECKOUT: &str =
    "select address, shipping_method, payment_method from checkouts where cart_id = $1";
const SET_ADDRESS: &str =
    "insert into checkouts (cart_id, account_id, address, updated_at) values ($1, $2, $3, $4)
    on conflict (cart_id) do update
        set address = excluded.address, updated_at = excluded.updated_at";
const SET_SHIPPING: &str = "update checkouts set shipping_method = $2, updated_at = $3
    where cart_id = $1 and address is not null";
const SET_METHOD: &str = "update checkouts set payment_method = $2, updated_at = $3
    where cart_id = $1 and shipping_method is not null";
const FINISH_CHECKOUT: &str = "update checkouts set shipping_method = null, payment_method = null,
    updated_at = $2 where cart_id = $1";

impl Carts<'_> {
    /// Makes a guest's basket.
    pub async fn create(&mut self, id: &CartId, now: Timestamp) -> Result<()> {
        execute!(self.0, CREATE, id.as_str(), now.as_millis())?;
        Ok(())
    }

    /// The basket of an account, made under `id` if there is none yet.
    pub async fn of_account_or_create(
        &mut self,
        account: &AccountId,
        id: &CartId,
        now: Timestamp,
    ) -> Result<CartId> {
        execute!(self.0, CREATE_OWNED, id.as_str(), account.as_str(), now.as_millis())?;
        let found = self.find_of_account(account).await?;
        found.ok_or_else(|| Error::corrupt("carts", "account_id"))
    }

    /// The basket of an account.
    pub async fn find_of_account(&mut self, account: &AccountId) -> Result<Option<CartId>> {
        let id: Option<String> = with_connection!(self.0, c => {
            sqlx::query_scalar(OF_ACCOUNT).bind(account.as_str()).fetch_optional(c).await
        })?;
        let parse = |id: String| CartId::parse(&id).ok_or_else(|| Error::corrupt("carts", "id"));
        id.map(parse).transpose()
    }

    /// Whether there is a guest's basket of this id.
    pub async fn is_guest(&mut self, id: &CartId) -> Result<bool> {
        let found: i64 = with_connection!(self.0, c => {
            sqlx::query_scalar(IS_GUEST).bind(id.as_str()).fetch_one(c).await
        })?;
        Ok(found == 1)
    }

    /// Takes hold of a basket until the transaction ends; `false` if there is none.
    pub async fn lock(&mut self, id: &CartId, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, LOCK, id.as_str(), now.as_millis())? == 1)
    }

    /// The same for a guest's basket only: an account's is not found by its id.
    pub async fn lock_guest(&mut self, id: &CartId, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, LOCK_GUEST, id.as_str(), now.as_millis())? == 1)
    }

    /// What is in a basket, oldest first.
    pub async fn lines(&mut self, id: &CartId) -> Result<Vec<CartLine>> {
        let rows: Vec<LineRow> = with_connection!(self.0, c => sqlx::query_as(LINES).bind(id.as_str()).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Puts exactly this many of a variant into a basket.
    pub async fn set(
        &mut self,
        id: &CartId,
        variant: &VariantId,
        quantity: Quantity,
        now: Timestamp,
    ) -> Result<()> {
        let pieces = i64::from(quantity.get());
        execute!(self.0, SET, id.as_str(), variant.as_str(), pieces, now.as_millis())?;
        Ok(())
    }

    /// Takes a variant out of a basket.
    pub async fn remove(&mut self, id: &CartId, variant: &VariantId) -> Result<()> {
        execute!(self.0, REMOVE, id.as_str(), variant.as_str())?;
        Ok(())
    }

    /// Takes what an order bought out of a basket; what came later stays.
    pub async fn remove_bought(&mut self, id: &CartId, order: &OrderId) -> Result<()> {
        execute!(self.0, REMOVE_BOUGHT, id.as_str(), order.as_str())?;
        Ok(())
    }

    /// Ends a guest's basket and what is in it; an account's stays as it is.
    pub async fn delete_guest(&mut self, id: &CartId) -> Result<()> {
        execute!(self.0, EMPTY_GUESTS, id.as_str())?;
        execute!(self.0, DELETE, id.as_str())?;
        Ok(())
    }

    /// Ends guests' baskets untouched since a moment; answers how many.
    pub async fn sweep(&mut self, before: Timestamp) -> Result<u64> {
        execute!(self.0, SWEEP_LINES, before.as_millis())?;
        Ok(execute!(self.0, SWEEP, before.as_millis())?)
    }

    /// What the checkout of a basket has been told.
    pub async fn checkout(&mut self, id: &CartId) -> Result<Checkout> {
        let row: Option<CheckoutRow> = with_connection!(self.0, c => sqlx::query_as(CHECKOUT).bind(id.as_str()).fetch_optional(c).await)?;
        row.map_or_else(|| Ok(Checkout::default()), TryInto::try_into)
    }

    /// Tells the checkout where the parcel goes.
    pub async fn set_address(
        &mut self,
        id: &CartId,
        account: &AccountId,
        address: &Address,
        now: Timestamp,
    ) -> Result<()> {
        let text = write_address(address)?;
        execute!(self.0, SET_ADDRESS, id.as_str(), account.as_str(), text, now.as_millis())?;
        Ok(())
    }

    /// Tells the checkout how the parcel travels; `false` before there is an address.
    pub async fn set_shipping(&mut self, id: &CartId, to: &str, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, SET_SHIPPING, id.as_str(), to, now.as_millis())? == 1)
    }

    /// Tells the checkout how it is paid; `false` before the shipping is chosen.
    pub async fn set_method(&mut self, id: &CartId, to: &str, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, SET_METHOD, id.as_str(), to, now.as_millis())? == 1)
    }

    /// Ends a checkout whose order is paid; the address stays for the next one.
    pub async fn finish_checkout(&mut self, id: &CartId, now: Timestamp) -> Result<()> {
        execute!(self.0, FINISH_CHECKOUT, id.as_str(), now.as_millis())?;
        Ok(())
    }
}

/// An address as rows keep it.
pub(crate) fn write_address(address: &Address) -> Result<String> {
    serde_json::to_string(address).map_err(|_| Error::corrupt("orders", "address"))
}

/// Reads an address as rows keep it.
pub(crate) fn read_address(text: &str, table: &'static str) -> Result<Address> {
    serde_json::from_str(text).map_err(|_| Error::corrupt(table, "address"))
}

row! {
    struct LineRow {
        id: String,
        product_id: String,
        colour: String,
        size: String,
        price_minor: i64,
        stock: i64,
        currency: String,
        slug: String,
        name: String,
        art: String,
        is_listed: bool,
        quantity: i64,
    }
}

impl TryFrom<LineRow> for CartLine {
    type Error = Error;

    fn try_from(row: LineRow) -> Result<Self> {
        let corrupt = |column| Error::corrupt("cart_lines", column);
        let quantity = u32::try_from(row.quantity).ok().and_then(Quantity::new);
        let variant: Variant = VariantRow {
            id: row.id,
            product_id: row.product_id,
            colour: row.colour,
            size: row.size,
            price_minor: row.price_minor,
            stock: row.stock,
            currency: row.currency,
        }
        .try_into()?;
        let art = Art::parse(&row.art).ok_or_else(|| Error::corrupt("products", "art"))?;
        Ok(Self {
            item: LineItem {
                product: ProductRef { slug: row.slug, name: row.name, art },
                variant: VariantRef { id: variant.id, colour: variant.colour, size: variant.size },
                quantity: quantity.ok_or_else(|| corrupt("quantity"))?,
                unit: variant.price,
            },
            stock: variant.stock,
            is_listed: row.is_listed,
        })
    }
}

row! {
    struct CheckoutRow {
        address: Option<String>,
        shipping_method: Option<String>,
        payment_method: Option<String>,
    }
}

impl TryFrom<CheckoutRow> for Checkout {
    type Error = Error;

    fn try_from(row: CheckoutRow) -> Result<Self> {
        let address = row.address.as_deref().map(|text| read_address(text, "checkouts"));
        Ok(Self {
            address: address.transpose()?,
            shipping: row.shipping_method,
            method: row.payment_method,
        })
    }
}
