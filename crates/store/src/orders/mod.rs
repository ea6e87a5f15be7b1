//! Orders and their lines, as they were when the order was placed.
//!
//! Every change of status is one statement with the previous status as its condition. The
//! state machine in `domain::order` says which status follows.

mod lists;
mod rows;

use domain::{
    AccountId, Address, Buyer, CartId, LineItem, Money, OrderEvent, OrderId, OrderStatus,
    OrderToken, PhoneNumber, Timestamp,
};

use crate::{
    Error, Result,
    carts::write_address,
    connection::{execute, with_connection},
};
use rows::{KnownRow, LineRow, OrderRow};

repository! {
    /// Orders and their lines.
    orders: Orders
}

/// What the shopper agrees to when the order is placed, except its lines.
#[derive(Clone, Debug)]
pub struct OrderHeader {
    pub buyer: Buyer,
    pub cart: CartId,
    /// The sum of the lines.
    pub subtotal: Money,
    pub shipping_price: Money,
    pub total: Money,
    /// The name of the shipping method.
    pub shipping: String,
    pub address: Address,
    /// The name of the payment method.
    pub method: String,
    /// The name of the shop, as the payment code names it.
    pub payee: String,
}

/// What identifies an order.
#[derive(Clone, Debug)]
pub struct OrderNames {
    pub id: OrderId,
    /// What identifies it in the addresses of pages. It cannot be guessed.
    pub token: OrderToken,
    /// The number that people see.
    pub number: String,
}

#[derive(Clone, Debug)]
pub struct Order {
    pub names: OrderNames,
    pub header: OrderHeader,
    /// Grows when anything may have changed that the payment code is bound to.
    pub version: u32,
    pub status: OrderStatus,
    /// How many pieces its lines have together.
    pub pieces: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub shipped_at: Option<Timestamp>,
    /// When its pieces went back into stock after they were sold.
    pub restocked_at: Option<Timestamp>,
}

/// What of a purchase is known from earlier paid orders of the same account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KnownPurchase {
    pub browser: bool,
    pub address: bool,
    pub method: bool,
}

macro_rules! select_orders {
    ($tail:literal) => {
        concat!(
            "select o.id, o.token, o.number, o.account_id, o.buyer_email, o.buyer_phone, o.cart_id,
                o.version, o.status, o.currency, o.subtotal_minor, o.shipping_minor,
                o.total_minor, o.shipping_method, o.address, o.payment_method, o.payee,
                o.created_at, o.updated_at, o.paid_at, o.shipped_at, o.restocked_at, (select cast(coalesce(sum(l.quantity), 0) as bigint)
                    from order_lines l where l.order_id = o.id) as pieces
            from orders o ",
            $tail
        )
    };
}

use select_orders;

const REVISE: &str = "update orders set version = version + 1, currency = $3, subtotal_minor = $4,
        shipping_minor = $5, total_minor = $6, shipping_method = $7, address = $8,
        payment_method = $9, payee = $10, updated_at = $11, buyer_email = $12, buyer_phone = $13
    where cart_id = $1 and account_id is not distinct from $2 and status = 'awaiting_code'
    returning id";
/// Not while a payment of the same cart is being authorised or taken.
const INSERT: &str = "insert into orders (id, token, number, account_id, cart_id, version, status,
        currency, subtotal_minor, shipping_minor, total_minor, shipping_method, address,
        payment_method, payee, created_at, updated_at, buyer_email, buyer_phone)
    select $1, $2, $3, $4, $5, 1, 'awaiting_code', $6, $7, $8, $9, $10, $11, $12, $13, $14, $14,
        $15, $16
    where not exists (select 1 from orders where cart_id = $5
        and status in ('awaiting_authorisation', 'authorised', 'paying'))
    on conflict do nothing";
const DELETE_LINES: &str = "delete from order_lines where order_id = $1";
const INSERT_LINE: &str = "insert into order_lines (order_id, variant_id, product_name, slug,
        colour, size, quantity, unit_minor, art)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const FIND: &str = select_orders!("where o.id = $1");
const FIND_BY_TOKEN: &str = select_orders!("where o.token = $1 and o.account_id = $2");
const FIND_AUTHORISING: &str = select_orders!(
    "where o.cart_id = $1 and o.status in ('awaiting_authorisation', 'authorised') limit 1"
);
const SET_PAID: &str = "update orders set paid_at = $2 where id = $1 and paid_at is null";
const MARK_RESTOCKED: &str =
    "update orders set restocked_at = $2 where id = $1 and restocked_at is null";
const COUNT_REFUSED_PARCELS: &str = "select count(*)
    from payments p join orders o on o.id = p.order_id left join accounts a on a.id = o.account_id
    where p.failure = 'parcel_refused' and (a.phone = $1 or o.buyer_phone = $1)";
const SET_BROWSER: &str = "update orders set browser_digest = $2 where id = $1";
const FIND_KNOWN: &str = "select
        count(case when browser_digest = $2 then 1 end) as browsers,
        count(case when address = $3 then 1 end) as addresses,
        count(case when payment_method = $4 then 1 end) as methods
    from orders where account_id = $1 and paid_at is not null";
const LIST_LINES: &str =
    "select l.variant_id, l.product_name, l.slug, l.colour, l.size, l.quantity,
        l.unit_minor, o.currency, l.art
    from order_lines l join orders o on o.id = l.order_id
    where l.order_id = $1 order by l.variant_id";
const LOCK: &str = "update orders set updated_at = $2 where id = $1";
const CONFIRM: &str = "update orders set status = $4, updated_at = $5
    where id = $1 and version = $2 and status = $3";
const SET_STATUS: &str = "update orders set status = $3, updated_at = $4, version = version + $5,
        paid_at = case when $3 = 'paid' then $4 else paid_at end,
        shipped_at = case when $3 = 'shipped' then $4 else shipped_at end
    where id = $1 and status = $2";
const CANCEL_WAITING: &str = "update orders set status = 'cancelled', updated_at = $1
    where status = 'awaiting_code' and updated_at < $2";

impl Orders<'_> {
    /// Places an order, or revises the order of the same cart that waits for its code. `None`
    /// while a payment of that cart is under way.
    pub async fn place(
        &mut self,
        names: &OrderNames,
        header: &OrderHeader,
        lines: &[LineItem],
        now: Timestamp,
    ) -> Result<Option<Order>> {
        let id = match self.revise(header, now).await? {
            Some(id) => id,
            None if self.insert(names, header, now).await? => names.id.clone(),
            None => return Ok(None),
        };
        execute!(self.0, DELETE_LINES, id.as_str())?;
        for line in lines {
            execute!(
                self.0,
                INSERT_LINE,
                id.as_str(),
                line.variant.id.as_str(),
                line.product.name.as_str(),
                line.product.slug.as_str(),
                line.variant.colour.as_str(),
                line.variant.size.as_str(),
                i64::from(line.quantity.get()),
                line.unit.minor(),
                line.product.art.to_string(),
            )?;
        }
        self.find(&id).await
    }

    async fn revise(&mut self, header: &OrderHeader, now: Timestamp) -> Result<Option<OrderId>> {
        let address = write_address(&header.address)?;
        let (account, email, phone) = buyer_columns(&header.buyer);
        let id: Option<String> = with_connection!(self.0, c => {
            sqlx::query_scalar(REVISE)
                .bind(header.cart.as_str())
                .bind(account)
                .bind(header.total.currency().code())
                .bind(header.subtotal.minor())
                .bind(header.shipping_price.minor())
                .bind(header.total.minor())
                .bind(header.shipping.as_str())
                .bind(address)
                .bind(header.method.as_str())
                .bind(header.payee.as_str())
                .bind(now.as_millis())
                .bind(email)
                .bind(phone)
                .fetch_optional(c)
                .await
        })?;
        id.map(|id| OrderId::parse(&id).ok_or_else(|| Error::corrupt("orders", "id"))).transpose()
    }

    async fn insert(
        &mut self,
        names: &OrderNames,
        header: &OrderHeader,
        now: Timestamp,
    ) -> Result<bool> {
        let address = write_address(&header.address)?;
        let (account, email, phone) = buyer_columns(&header.buyer);
        let touched = execute!(
            self.0,
            INSERT,
            names.id.as_str(),
            names.token.as_str(),
            names.number.as_str(),
            account,
            header.cart.as_str(),
            header.total.currency().code(),
            header.subtotal.minor(),
            header.shipping_price.minor(),
            header.total.minor(),
            header.shipping.as_str(),
            address,
            header.method.as_str(),
            header.payee.as_str(),
            now.as_millis(),
            email,
            phone,
        )?;
        Ok(touched == 1)
    }

    /// The order with this id, whichever account it belongs to.
    pub async fn find(&mut self, id: &OrderId) -> Result<Option<Order>> {
        let row: Option<OrderRow> = with_connection!(self.0, c => sqlx::query_as(FIND).bind(id.as_str()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Like [`Orders::find`]; the order is locked until the transaction ends.
    pub async fn hold(&mut self, id: &OrderId, now: Timestamp) -> Result<Option<Order>> {
        execute!(self.0, LOCK, id.as_str(), now.as_millis())?;
        self.find(id).await
    }

    /// The order with this token, if it belongs to the account.
    pub async fn find_by_token(
        &mut self,
        token: &OrderToken,
        account: &AccountId,
    ) -> Result<Option<Order>> {
        let row: Option<OrderRow> = with_connection!(self.0, c => {
            sqlx::query_as(FIND_BY_TOKEN)
                .bind(token.as_str())
                .bind(account.as_str())
                .fetch_optional(c)
                .await
        })?;
        row.map(TryInto::try_into).transpose()
    }

    /// The lines of an order, by variant id: the order in which stock is reserved.
    pub async fn lines(&mut self, id: &OrderId) -> Result<Vec<LineItem>> {
        let rows: Vec<LineRow> = with_connection!(self.0, c => sqlx::query_as(LIST_LINES).bind(id.as_str()).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The order of a cart whose payment is being authorised, or is and waits for its code.
    pub async fn find_authorising(&mut self, cart: &CartId) -> Result<Option<Order>> {
        let row: Option<OrderRow> = with_connection!(self.0, c => {
            sqlx::query_as(FIND_AUTHORISING).bind(cart.as_str()).fetch_optional(c).await
        })?;
        row.map(TryInto::try_into).transpose()
    }

    /// Changes the status of exactly this version of an order by an event, like
    /// [`Orders::advance`].
    pub async fn confirm(
        &mut self,
        id: &OrderId,
        version: u32,
        (from, event): (OrderStatus, OrderEvent),
        now: Timestamp,
    ) -> Result<bool> {
        let Some(to) = from.after(event) else { return Ok(false) };
        let touched = execute!(
            self.0,
            CONFIRM,
            id.as_str(),
            i64::from(version),
            from.as_str(),
            to.as_str(),
            now.as_millis(),
        )?;
        Ok(touched == 1)
    }

    /// Keeps which browser placed an order.
    pub async fn set_browser(&mut self, id: &OrderId, browser_digest: &str) -> Result<()> {
        execute!(self.0, SET_BROWSER, id.as_str(), browser_digest)?;
        Ok(())
    }

    /// What of a purchase is known from earlier paid orders of an account.
    pub async fn find_known(
        &mut self,
        account: &AccountId,
        browser_digest: &str,
        address: &Address,
        method: &str,
    ) -> Result<KnownPurchase> {
        let address = write_address(address)?;
        let row: KnownRow = with_connection!(self.0, c => {
            sqlx::query_as(FIND_KNOWN)
                .bind(account.as_str())
                .bind(browser_digest)
                .bind(address)
                .bind(method)
                .fetch_one(c)
                .await
        })?;
        let (browser, address, method) = (row.browsers > 0, row.addresses > 0, row.methods > 0);
        Ok(KnownPurchase { browser, address, method })
    }

    /// How many parcels that were to be paid on delivery the owner of a phone number refused.
    pub async fn count_refused_parcels(&mut self, phone: &PhoneNumber) -> Result<u32> {
        let count: i64 = with_connection!(self.0, c => {
            sqlx::query_scalar(COUNT_REFUSED_PARCELS).bind(phone.expose()).fetch_one(c).await
        })?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Records when the money of an order came that was shipped before, such as on delivery.
    pub async fn set_paid(&mut self, id: &OrderId, now: Timestamp) -> Result<()> {
        execute!(self.0, SET_PAID, id.as_str(), now.as_millis())?;
        Ok(())
    }

    /// Records that the pieces of a sold order go back into stock; `false` if they did before. The
    /// caller that gets `true` puts them back in the same transaction.
    pub async fn mark_restocked(&mut self, id: &OrderId, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, MARK_RESTOCKED, id.as_str(), now.as_millis())? == 1)
    }

    /// Changes the status of an order by an event; `false` if it does not have the status
    /// `from`, or the event cannot happen there. Returning to `awaiting_code` makes a new
    /// version, so that no earlier code or authorisation fits any more.
    pub async fn advance(
        &mut self,
        id: &OrderId,
        from: OrderStatus,
        event: OrderEvent,
        now: Timestamp,
    ) -> Result<bool> {
        let Some(to) = from.after(event) else { return Ok(false) };
        let newer = i64::from(to == OrderStatus::AwaitingCode);
        let touched = execute!(
            self.0,
            SET_STATUS,
            id.as_str(),
            from.as_str(),
            to.as_str(),
            now.as_millis(),
            newer
        )?;
        Ok(touched == 1)
    }

    /// Cancels the orders that have waited for their code since before a time.
    pub async fn cancel_waiting(&mut self, before: Timestamp, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, CANCEL_WAITING, now.as_millis(), before.as_millis())?)
    }
}

/// A buyer as rows keep one: the account, or the guest's e-mail address and phone.
fn buyer_columns(buyer: &Buyer) -> (Option<&str>, Option<&str>, Option<&str>) {
    match buyer {
        Buyer::Account(account) => (Some(account.as_str()), None, None),
        Buyer::Guest { email, phone } => (None, Some(email.as_str()), Some(phone.expose())),
    }
}
