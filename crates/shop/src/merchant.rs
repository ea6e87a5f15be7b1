//! What the merchant does: orders, products and stock, and the messages sent.
//! To everybody else none of it is there.

use domain::{
    Address, Art, Channel, DeliveryStatus, Field, MessageId, MessageKind, Money, OrderEvent,
    OrderId, OrderStatus, PaymentStatus, PhoneNumber, Problem, ProductId, Refusal, Role, Timestamp,
    VariantId,
};
use store::{Message, Order, Product};

pub use crate::catalogue::VariantView as MerchantVariant;
use crate::{
    Error, Fault, Result, Shop, SignedIn, Visitor,
    orders::{OrderLineView, Totals},
    payments::LEASE,
};

/// Orders or messages on a page.
const PAGE: u32 = 50;
/// The highest price, in minor units.
const DEAREST: i64 = 100_000_000;
/// The most pieces of one variant.
const MOST_STOCK: u32 = 1_000_000;

/// What the merchant does.
pub struct Merchant<'s>(&'s Shop);

impl Shop {
    /// What the merchant does; for anybody else there is no such place (S-B09).
    pub fn merchant(&self) -> Merchant<'_> {
        Merchant(self)
    }
}

/// A page of orders.
#[derive(Clone, Debug)]
pub struct MerchantOrders {
    /// The orders, newest first.
    pub orders: Vec<MerchantOrderSummary>,
    /// Where the next page begins; `None` on the last page.
    pub next: Option<String>,
}

/// An order in the merchant's list.
#[derive(Clone, Debug)]
pub struct MerchantOrderSummary {
    /// Its name as a row.
    pub id: OrderId,
    /// Its name for people.
    pub number: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// Who receives it.
    pub customer: String,
    /// What it costs.
    pub total: Money,
    /// How many pieces.
    pub count: u32,
    /// When it was placed.
    pub created_at: Timestamp,
}

/// An order on the merchant's page.
#[derive(Clone, Debug)]
pub struct MerchantOrder {
    /// Its name as a row.
    pub id: OrderId,
    /// Its name for people.
    pub number: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// Where its newest payment stands, if there was one.
    pub payment: Option<PaymentStatus>,
    /// The name of the account that bought.
    pub customer: String,
    /// The e-mail address of that account.
    pub email: String,
    /// What was bought.
    pub lines: Vec<OrderLineView>,
    /// What it cost.
    pub totals: Totals,
    /// How it travels.
    pub shipping: String,
    /// Where it goes.
    pub address: Address,
    /// How it is paid.
    pub method: String,
    /// When it was placed.
    pub created_at: Timestamp,
}

/// A product in the merchant's list.
#[derive(Clone, Debug)]
pub struct MerchantProduct {
    /// Its name as a row.
    pub id: ProductId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The name of its category.
    pub category: String,
    /// What is drawn for it.
    pub art: Art,
    /// Whether shoppers see it.
    pub is_listed: bool,
    /// Its choices, with prices and stock.
    pub variants: Vec<MerchantVariant>,
}

/// A page of messages.
#[derive(Clone, Debug)]
pub struct MerchantMessages {
    /// The messages, newest first.
    pub messages: Vec<MessageView>,
    /// Where the next page begins; `None` on the last page.
    pub next: Option<String>,
}

/// A message in the log, its number masked.
#[derive(Clone, Debug)]
pub struct MessageView {
    /// Its name as a row.
    pub id: MessageId,
    /// What it says.
    pub kind: MessageKind,
    /// How it travels.
    pub channel: Channel,
    /// To whom, with only the last two digits legible.
    pub masked_phone: String,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// Who carried it; empty while nobody has.
    pub provider: String,
    /// Why it failed.
    pub failure: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
}

impl Merchant<'_> {
    /// Everybody's orders, newest first.
    pub async fn orders(&self, visitor: &Visitor, after: Option<&str>) -> Result<MerchantOrders> {
        ensure_merchant(visitor)?;
        let after = after.and_then(OrderId::parse);
        let mut rows = self.0.db().read().await?;
        let orders = rows.orders().page(after.as_ref(), PAGE + 1).await?;
        let (orders, has_more) = cut(orders);
        let next = orders.last().map(|order| order.names.id.to_string());
        Ok(MerchantOrders {
            next: next.filter(|_| has_more),
            orders: orders.into_iter().map(MerchantOrderSummary::of).collect(),
        })
    }

    /// One order.
    pub async fn order(&self, visitor: &Visitor, id: &OrderId) -> Result<MerchantOrder> {
        ensure_merchant(visitor)?;
        let mut rows = self.0.db().read().await?;
        let order = held(rows.orders().find(id).await?)?;
        let account = rows.accounts().find(&order.terms.account).await?;
        let account = account.ok_or(Error::Failed(Fault::Broken("orders.account_id")))?;
        let view = self.0.orders().view(&mut rows, order).await?;
        Ok(MerchantOrder {
            id: id.clone(),
            number: view.number,
            status: view.status,
            payment: view.payment,
            customer: account.name,
            email: account.email.as_str().to_owned(),
            lines: view.lines,
            totals: view.totals,
            shipping: view.shipping,
            address: view.address,
            method: view.method,
            created_at: view.created_at,
        })
    }

    /// Says that the parcel is on its way: only of an order that is paid and is
    /// not being refunded.
    pub async fn ship(&self, visitor: &Visitor, id: &OrderId) -> Result<()> {
        ensure_merchant(visitor)?;
        let (id, now) = (id.clone(), self.0.clock().now());
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let order = held(tx.orders().hold(&id, now).await?)?;
                    let payment = tx.payments().find_of_order(&id).await?;
                    let is_captured =
                        payment.is_some_and(|payment| payment.status == PaymentStatus::Captured);
                    let may = is_captured
                        && tx.orders().advance(&id, order.status, OrderEvent::Ship, now).await?;
                    if may { Ok(()) } else { Err(Refusal::NotPossible.into()) }
                })
            })
            .await
    }

    /// Ends an order that nobody has paid.
    pub async fn cancel(&self, visitor: &Visitor, id: &OrderId) -> Result<()> {
        ensure_merchant(visitor)?;
        let (id, now) = (id.clone(), self.0.clock().now());
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let order = held(tx.orders().hold(&id, now).await?)?;
                    if tx.orders().advance(&id, order.status, OrderEvent::Cancel, now).await? {
                        Ok(())
                    } else {
                        Err(Refusal::NotPossible.into())
                    }
                })
            })
            .await
    }

    /// Gives the whole amount back, once. If the gateway does not answer,
    /// the refund goes on in the background.
    pub async fn refund(&self, visitor: &Visitor, id: &OrderId) -> Result<()> {
        ensure_merchant(visitor)?;
        let (id, now) = (id.clone(), self.0.clock().now());
        let payment = self
            .0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let order = held(tx.orders().hold(&id, now).await?)?;
                    let payment = tx.payments().find_of_order(&id).await?;
                    let payment = payment.ok_or(Error::Refused(Refusal::NotPossible))?;
                    let step = (PaymentStatus::Captured, PaymentStatus::Refunding);
                    let lease = Some(now + LEASE);
                    let may = order.status.after(OrderEvent::Refund).is_some()
                        && tx.payments().advance(&payment.id, step, None, now, lease).await?;
                    if may { Ok(payment) } else { Err(Error::Refused(Refusal::NotPossible)) }
                })
            })
            .await?;
        self.0.payments().give_back(payment).await
    }

    /// Every product with its choices.
    pub async fn products(&self, visitor: &Visitor) -> Result<Vec<MerchantProduct>> {
        ensure_merchant(visitor)?;
        let mut rows = self.0.db().read().await?;
        let mut products = Vec::new();
        for product in rows.products().all().await? {
            let variants = rows.variants().of_product(&product.id).await?;
            products.push(MerchantProduct::of(product, variants));
        }
        Ok(products)
    }

    /// Sets a price, typed as `12`, `12.5` or `12,50`.
    pub async fn set_price(
        &self,
        visitor: &Visitor,
        variant: &VariantId,
        typed: &str,
    ) -> Result<()> {
        ensure_merchant(visitor)?;
        let minor = price(typed).ok_or(Problem::Choice(Field::Price))?;
        let variant = variant.clone();
        let is_set = self
            .0
            .db()
            .write(move |tx| {
                Box::pin(async move { tx.variants().set_price(&variant, minor).await })
            })
            .await?;
        found(is_set)
    }

    /// Sets how many pieces there are.
    pub async fn set_stock(
        &self,
        visitor: &Visitor,
        variant: &VariantId,
        typed: &str,
    ) -> Result<()> {
        ensure_merchant(visitor)?;
        let pieces = stock(typed).ok_or(Problem::Choice(Field::Stock))?;
        let variant = variant.clone();
        let is_set = self
            .0
            .db()
            .write(move |tx| {
                Box::pin(async move { tx.variants().set_stock(&variant, pieces).await })
            })
            .await?;
        found(is_set)
    }

    /// Shows or hides a product.
    pub async fn set_listed(
        &self,
        visitor: &Visitor,
        product: &ProductId,
        is_listed: bool,
    ) -> Result<()> {
        ensure_merchant(visitor)?;
        let product = product.clone();
        let is_set = self
            .0
            .db()
            .write(move |tx| {
                Box::pin(async move { tx.products().set_listed(&product, is_listed).await })
            })
            .await?;
        found(is_set)
    }

    /// The messages sent, newest first, numbers masked. Decoys are left out.
    pub async fn messages(
        &self,
        visitor: &Visitor,
        after: Option<&str>,
    ) -> Result<MerchantMessages> {
        ensure_merchant(visitor)?;
        let mut rows = self.0.db().read().await?;
        let last = match after.and_then(MessageId::parse) {
            Some(id) => rows.messages().find(&id).await?,
            None => None,
        };
        let after = last.as_ref().map(|last| (last.new.created_at, &last.new.id));
        let (messages, has_more) = cut(rows.messages().list(after, PAGE + 1).await?);
        let next = messages.last().map(|message| message.new.id.to_string());
        Ok(MerchantMessages {
            next: next.filter(|_| has_more),
            messages: messages.into_iter().map(MessageView::of).collect(),
        })
    }
}

fn ensure_merchant(visitor: &Visitor) -> Result<()> {
    let is_merchant = |signed_in: &SignedIn| signed_in.role == Role::Merchant;
    if visitor.signed_in.as_ref().is_some_and(is_merchant) {
        Ok(())
    } else {
        Err(Refusal::NotFound.into())
    }
}

fn held(order: Option<Order>) -> Result<Order> {
    order.ok_or(Error::Refused(Refusal::NotFound))
}

fn found(is_found: bool) -> Result<()> {
    if is_found { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

/// Cuts a page out of one row more than fits on it, and says whether there is more.
fn cut<R>(mut rows: Vec<R>) -> (Vec<R>, bool) {
    let has_more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    (rows, has_more)
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
    (minor <= DEAREST).then_some(minor)
}

/// A number of pieces.
fn stock(typed: &str) -> Option<u32> {
    let typed = typed.trim();
    let is_plain = !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| typed.parse().ok()).flatten().filter(|pieces| *pieces <= MOST_STOCK)
}

impl MerchantOrderSummary {
    fn of(order: Order) -> Self {
        Self {
            id: order.names.id,
            number: order.names.number,
            status: order.status,
            customer: order.terms.address.name,
            total: order.terms.total,
            count: order.pieces,
            created_at: order.created_at,
        }
    }
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

impl MessageView {
    fn of(message: Message) -> Self {
        Self {
            masked_phone: message.new.to.phone().map(PhoneNumber::masked).unwrap_or_default(),
            id: message.new.id,
            kind: message.new.kind,
            channel: message.new.channel,
            status: message.status,
            provider: message.provider.unwrap_or_default(),
            failure: message.failure,
            created_at: message.new.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x85_a_price_is_plain_and_within_reason() {
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
