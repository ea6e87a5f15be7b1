//! Carts, and what their checkout knows so far.
//!
//! Every change of a cart first updates the row of the cart ([`Carts::lock`]). That
//! serialises the changes of one cart on both engines, so the same transaction may then
//! read and write its lines.

use domain::{
    AccountId, Address, Art, CartId, LineItem, OrderId, ProductRef, Quantity, Timestamp, VariantId,
    VariantRef,
};

use crate::{
    Error, Result, Variant,
    connection::{execute, fetch_all, fetch_optional, fetch_optional_scalar, fetch_scalar},
    variants::VariantRow,
};

repository! {
    /// Carts and checkouts.
    carts: Carts
}

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

#[derive(Clone, Debug, Default)]
pub struct Checkout {
    pub address: Option<Address>,
    /// The name of the shipping method.
    pub shipping: Option<String>,
    /// The name of the payment method.
    pub method: Option<String>,
}

const INSERT_GUEST_CART: &str =
    "insert into carts (id, account_id, updated_at) values ($1, null, $2)";
const INSERT_ACCOUNT_CART: &str =
    "insert into carts (id, account_id, updated_at) values ($1, $2, $3)
    on conflict (account_id) do nothing";
const FIND_OF_ACCOUNT: &str = "select id from carts where account_id = $1";
const IS_GUEST: &str = "select count(*) from carts where id = $1 and account_id is null";
const LOCK: &str = "update carts set updated_at = $2 where id = $1";
const LOCK_GUEST: &str = "update carts set updated_at = $2 where id = $1 and account_id is null";
const LIST_LINES: &str = "select v.id, v.product_id, v.colour, v.size, v.price_minor, v.stock,
        v.currency, p.slug, p.name, p.art, p.is_listed, l.quantity
    from cart_lines l
    join variants v on v.id = l.variant_id
    join products p on p.id = v.product_id
    where l.cart_id = $1 order by l.added_at, l.variant_id";
const UPSERT_LINE: &str = "insert into cart_lines (cart_id, variant_id, quantity, added_at)
    values ($1, $2, $3, $4)
    on conflict (cart_id, variant_id) do update set quantity = excluded.quantity";
const DELETE_LINE: &str = "delete from cart_lines where cart_id = $1 and variant_id = $2";
const DELETE_GUEST_LINES: &str = "delete from cart_lines where cart_id =
    (select id from carts where id = $1 and account_id is null)";
const DELETE_BOUGHT_LINES: &str = "delete from cart_lines where cart_id = $1
    and variant_id in (select variant_id from order_lines where order_id = $2)";
const DELETE_GUEST_CART: &str = "delete from carts where id = $1 and account_id is null";
const DELETE_OLD_LINES: &str = "delete from cart_lines where cart_id in
    (select id from carts where account_id is null and updated_at < $1)";
const DELETE_OLD_CARTS: &str = "delete from carts where account_id is null and updated_at < $1";
const FIND_CHECKOUT: &str =
    "select address, shipping_method, payment_method from checkouts where cart_id = $1";
const UPSERT_ADDRESS: &str =
    "insert into checkouts (cart_id, account_id, address, updated_at) values ($1, $2, $3, $4)
    on conflict (cart_id) do update
        set address = excluded.address, updated_at = excluded.updated_at";
const SET_SHIPPING: &str = "update checkouts set shipping_method = $2, updated_at = $3
    where cart_id = $1 and address is not null";
const SET_PAYMENT_METHOD: &str = "update checkouts set payment_method = $2, updated_at = $3
    where cart_id = $1 and shipping_method is not null";
const FINISH_CHECKOUT: &str = "update checkouts set shipping_method = null, payment_method = null,
    updated_at = $2 where cart_id = $1";

impl Carts<'_> {
    /// Adds the cart of a guest.
    pub async fn create(&mut self, id: &CartId, now: Timestamp) -> Result<()> {
        execute!(self.0, INSERT_GUEST_CART, id.as_str(), now.as_millis())?;
        Ok(())
    }

    /// The cart of an account; a new one with this `id` if there is none yet.
    pub async fn of_account_or_create(
        &mut self,
        account: &AccountId,
        id: &CartId,
        now: Timestamp,
    ) -> Result<CartId> {
        execute!(self.0, INSERT_ACCOUNT_CART, id.as_str(), account.as_str(), now.as_millis())?;
        let found = self.find_of_account(account).await?;
        found.ok_or_else(|| Error::corrupt("carts", "account_id"))
    }

    pub async fn find_of_account(&mut self, account: &AccountId) -> Result<Option<CartId>> {
        let id: Option<String> = fetch_optional_scalar!(self.0, FIND_OF_ACCOUNT, account.as_str())?;
        let parse = |id: String| CartId::parse(&id).ok_or_else(|| Error::corrupt("carts", "id"));
        id.map(parse).transpose()
    }

    /// Whether this is the cart of a guest.
    pub async fn is_guest(&mut self, id: &CartId) -> Result<bool> {
        let found: i64 = fetch_scalar!(self.0, IS_GUEST, id.as_str())?;
        Ok(found == 1)
    }

    /// Locks a cart until the transaction ends; `false` if there is no such cart.
    pub async fn lock(&mut self, id: &CartId, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, LOCK, id.as_str(), now.as_millis())? == 1)
    }

    /// Like [`Carts::lock`], for the cart of a guest only: `false` for an account's.
    pub async fn lock_guest(&mut self, id: &CartId, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, LOCK_GUEST, id.as_str(), now.as_millis())? == 1)
    }

    /// The lines of a cart, oldest first.
    pub async fn lines(&mut self, id: &CartId) -> Result<Vec<CartLine>> {
        let rows: Vec<LineRow> = fetch_all!(self.0, LIST_LINES, id.as_str())?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Sets the quantity of a variant in a cart.
    pub async fn set(
        &mut self,
        id: &CartId,
        variant: &VariantId,
        quantity: Quantity,
        now: Timestamp,
    ) -> Result<()> {
        let pieces = i64::from(quantity.get());
        execute!(self.0, UPSERT_LINE, id.as_str(), variant.as_str(), pieces, now.as_millis())?;
        Ok(())
    }

    /// Removes a variant from a cart.
    pub async fn remove(&mut self, id: &CartId, variant: &VariantId) -> Result<()> {
        execute!(self.0, DELETE_LINE, id.as_str(), variant.as_str())?;
        Ok(())
    }

    /// Removes the variants that an order bought; those that were added later stay.
    pub async fn remove_bought(&mut self, id: &CartId, order: &OrderId) -> Result<()> {
        execute!(self.0, DELETE_BOUGHT_LINES, id.as_str(), order.as_str())?;
        Ok(())
    }

    /// Deletes the cart of a guest with its lines. The cart of an account stays.
    pub async fn delete_guest(&mut self, id: &CartId) -> Result<()> {
        execute!(self.0, DELETE_GUEST_LINES, id.as_str())?;
        execute!(self.0, DELETE_GUEST_CART, id.as_str())?;
        Ok(())
    }

    /// Deletes the carts of guests that were last changed before a time; returns how many.
    pub async fn delete_old(&mut self, before: Timestamp) -> Result<u64> {
        execute!(self.0, DELETE_OLD_LINES, before.as_millis())?;
        Ok(execute!(self.0, DELETE_OLD_CARTS, before.as_millis())?)
    }

    /// What the checkout of a cart knows; nothing if it was not begun.
    pub async fn checkout(&mut self, id: &CartId) -> Result<Checkout> {
        let row: Option<CheckoutRow> = fetch_optional!(self.0, FIND_CHECKOUT, id.as_str())?;
        row.map_or_else(|| Ok(Checkout::default()), TryInto::try_into)
    }

    /// Sets the delivery address, which begins a checkout.
    pub async fn set_address(
        &mut self,
        id: &CartId,
        account: &AccountId,
        address: &Address,
        now: Timestamp,
    ) -> Result<()> {
        let text = write_address(address)?;
        execute!(self.0, UPSERT_ADDRESS, id.as_str(), account.as_str(), text, now.as_millis())?;
        Ok(())
    }

    /// Sets the shipping method; `false` before there is an address.
    pub async fn set_shipping(&mut self, id: &CartId, to: &str, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, SET_SHIPPING, id.as_str(), to, now.as_millis())? == 1)
    }

    /// Sets the payment method; `false` before there is a shipping method.
    pub async fn set_method(&mut self, id: &CartId, to: &str, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, SET_PAYMENT_METHOD, id.as_str(), to, now.as_millis())? == 1)
    }

    /// Ends a checkout whose order is paid. The address stays for the next one.
    pub async fn finish_checkout(&mut self, id: &CartId, now: Timestamp) -> Result<()> {
        execute!(self.0, FINISH_CHECKOUT, id.as_str(), now.as_millis())?;
        Ok(())
    }
}

/// An address as JSON, as it is stored.
pub(crate) fn write_address(address: &Address) -> Result<String> {
    serde_json::to_string(address).map_err(|_| Error::corrupt("orders", "address"))
}

/// Reads a stored address.
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
