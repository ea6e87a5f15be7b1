//! The orders of all accounts, as the merchant sees them.

use domain::{
    Actor, Address, Buyer, Currency, EmailAddress, HistoryKind, Money, OrderEvent, OrderId,
    OrderStatus, OrderVersion, PaymentStatus, Quote, RefundId, Refusal, Timestamp,
};
use store::{Connection, HistoryEntry, Order, Payment, StoredDispute};

use super::{Merchant, PAGE_SIZE, cut, order_actions::may_ship};
use crate::{
    consents::Agreement,
    error::{Error, Fault, Result},
    orders::OrderView,
};

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
    /// Its id.
    pub id: OrderId,
    /// The number that people see.
    pub number: String,
    /// Its status.
    pub status: OrderStatus,
    /// The name in the delivery address.
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
    /// Its id.
    pub id: OrderId,
    /// The number that people see.
    pub number: String,
    /// Its status.
    pub status: OrderStatus,
    /// What a form about it has to carry.
    pub version: OrderVersion,
    /// The status of its newest payment, if there was one.
    pub payment: Option<PaymentStatus>,
    /// The buyer's name: the account's, or a guest's from the delivery address.
    pub customer: String,
    /// The buyer's e-mail address.
    pub email: String,
    /// What was bought and what it cost.
    pub quote: Quote,
    /// The shipping method, by its word.
    pub shipping: String,
    /// The delivery address.
    pub address: Address,
    /// The payment method, by the gateway's id.
    pub method: String,
    /// When it was placed.
    pub created_at: Timestamp,
    /// What the shopper agreed to.
    pub agreement: Option<Agreement>,
    /// How much was taken, if anything was.
    pub captured: Option<Money>,
    /// How much of that went back, if anything did.
    pub refunded: Option<Money>,
    /// Whether the gateway was asked and has not answered.
    pub is_waiting_for_gateway: bool,
    /// What the merchant may do now.
    pub may: OrderActions,
    /// The id of the next refund, which is new with each page.
    pub next_refund: RefundId,
    /// Disputes of its payments, newest first.
    pub disputes: Vec<DisputeView>,
    /// What happened to it, oldest first.
    pub history: Vec<HistoryView>,
}

/// What the merchant may do with an order now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderActions {
    /// Mark it as shipped.
    pub ship: bool,
    /// Cancel it.
    pub cancel: bool,
    /// Refund what is left.
    pub refund: bool,
    /// Record that its money came.
    pub receive: bool,
    /// Record that its parcel was refused.
    pub refuse: bool,
    /// Have its pieces go back into stock with a refund or a refused parcel.
    pub restock: bool,
}

/// A dispute as the gateway tells it.
#[derive(Clone, Debug)]
pub struct DisputeView {
    /// The gateway's word for the reason.
    pub reason: String,
    /// The disputed amount.
    pub amount: Money,
    /// Where it stands, as a word.
    pub status: String,
    /// Until when the merchant can answer it.
    pub respond_by: Option<Timestamp>,
}

/// An entry of the history of an order.
#[derive(Clone, Debug)]
pub struct HistoryView {
    /// What happened.
    pub kind: HistoryKind,
    /// Who did it.
    pub actor: Actor,
    /// A word that says why or how.
    pub reason: Option<String>,
    /// The amount that it is about.
    pub amount: Option<Money>,
    /// The gateway's id of the request.
    pub request_id: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl Merchant<'_> {
    /// The orders of all accounts, newest first.
    pub async fn orders(&self, after: Option<&str>) -> Result<MerchantOrders> {
        let after = after.and_then(OrderId::parse);
        let mut rows = self.0.db.read().await?;
        let orders = rows.orders().page(after.as_ref(), PAGE_SIZE + 1).await?;
        let (orders, has_more) = cut(orders);
        let next = orders.last().map(|order| order.names.id.to_string());
        Ok(MerchantOrders {
            next: next.filter(|_| has_more),
            orders: orders.into_iter().map(MerchantOrderSummary::of).collect(),
        })
    }

    /// How many orders wait for their parcel to be sent.
    pub async fn orders_to_ship(&self) -> Result<u64> {
        Ok(self.0.db.read().await?.orders().count_to_ship().await?)
    }

    /// One order.
    pub async fn order(&self, id: &OrderId) -> Result<MerchantOrder> {
        let mut rows = self.0.db.read().await?;
        let order = found(rows.orders().find(id).await?)?;
        let (customer, email) = customer(&mut rows, &order).await?;
        let version = version(&order);
        let payment = rows.payments().find_of_order(id).await?;
        let disputes = rows.gateway_events().disputes(id).await?;
        let history = rows.order_events().list(id).await?;
        let currency = order.header.total.currency();
        let may = actions(&order, payment.as_ref());
        let sum =
            |of: fn(&Payment) -> Money| payment.as_ref().map(of).filter(|sum| sum.minor() > 0);
        let (captured, refunded) = (sum(|one| one.captured), sum(|one| one.refunded));
        let is_waiting_for_gateway =
            payment.as_ref().is_some_and(|payment| payment.status.is_unknown());
        let view = self.0.orders.view(&mut rows, order).await?;
        let OrderView { number, status, payment, quote, shipping, address, method, .. } = view;
        Ok(MerchantOrder {
            id: id.clone(),
            number,
            status,
            version,
            payment,
            customer,
            email: email.as_str().to_owned(),
            quote,
            shipping,
            address,
            method,
            created_at: view.created_at,
            agreement: view.agreement,
            captured,
            refunded,
            is_waiting_for_gateway,
            may,
            next_refund: RefundId::from_bits(self.0.entropy.bits()?),
            disputes: disputes.into_iter().map(DisputeView::of).collect(),
            history: history.into_iter().map(|entry| HistoryView::of(entry, currency)).collect(),
        })
    }
}

/// What the merchant may do with an order and its payment.
fn actions(order: &Order, payment: Option<&Payment>) -> OrderActions {
    let may = |event| order.status.after(event).is_some();
    let has_money = payment.is_some_and(|payment| payment.status.has_money());
    let is_expected = payment.is_some_and(|one| one.status == PaymentStatus::Expected);
    OrderActions {
        ship: may(OrderEvent::Ship) && payment.is_some_and(may_ship),
        cancel: may(OrderEvent::Cancel),
        refund: may(OrderEvent::Refund) && has_money,
        receive: is_expected,
        refuse: may(OrderEvent::Refuse) && is_expected,
        restock: order.restocked_at.is_none(),
    }
}

impl DisputeView {
    fn of(row: StoredDispute) -> Self {
        let StoredDispute { reason, amount, status, respond_by, .. } = row;
        Self { reason, amount, status, respond_by }
    }
}

impl HistoryView {
    fn of(entry: HistoryEntry, currency: Currency) -> Self {
        Self {
            kind: entry.kind,
            actor: entry.actor,
            reason: entry.reason,
            amount: entry.amount_minor.map(|minor| Money::new(minor, currency)),
            request_id: entry.request_id,
            at: entry.at,
        }
    }
}

const fn version(order: &Order) -> OrderVersion {
    OrderVersion { status: order.status, number: order.version }
}

fn found(order: Option<Order>) -> Result<Order> {
    order.ok_or(Error::Refused(Refusal::NotFound))
}

/// The name and the e-mail address of the buyer.
async fn customer(rows: &mut Connection, order: &Order) -> Result<(String, EmailAddress)> {
    match &order.header.buyer {
        Buyer::Account(id) => {
            let account = rows.accounts().find(id).await?;
            let account = account.ok_or(Error::Failed(Fault::Broken("orders.account_id")))?;
            Ok((account.name, account.email))
        }
        Buyer::Guest { email, .. } => Ok((order.header.address.name.clone(), email.clone())),
    }
}

impl MerchantOrderSummary {
    fn of(order: Order) -> Self {
        Self {
            id: order.names.id,
            number: order.names.number,
            status: order.status,
            customer: order.header.address.name,
            total: order.header.total,
            count: order.pieces,
            created_at: order.created_at,
        }
    }
}
