//! The orders of all accounts, and what the merchant may do with one.

use domain::{
    Address, Buyer, EmailAddress, Money, OrderEvent, OrderId, OrderStatus, OrderVersion, Outdated,
    PaymentStatus, Quote, Refusal, Timestamp,
};
use store::{Connection, Order, transaction};

use super::{Merchant, PAGE_SIZE, cut};
use crate::{
    consents::Agreement,
    error::{Error, Fault, Result},
    orders::OrderView,
    payments::PAYMENT_LEASE,
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

    /// One order.
    pub async fn order(&self, id: &OrderId) -> Result<MerchantOrder> {
        let mut rows = self.0.db.read().await?;
        let order = found(rows.orders().find(id).await?)?;
        let (customer, email) = customer(&mut rows, &order).await?;
        let version = version(&order);
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
        })
    }

    /// Marks an order as shipped, if it is paid and not being refunded.
    pub async fn ship(&self, id: &OrderId, shown: OrderVersion) -> Result<()> {
        let (id, now) = (id.clone(), self.0.clock.now());
        transaction!(self.0.db, |tx| {
            let order = hold_as_shown(tx, &id, shown, now).await?;
            let payment = tx.payments().find_of_order(&id).await?;
            let is_captured =
                payment.is_some_and(|payment| payment.status == PaymentStatus::Captured);
            let may = is_captured
                && tx.orders().advance(&id, order.status, OrderEvent::Ship, now).await?;
            if may { Ok(()) } else { Err(Refusal::NotPossible.into()) }
        })
        .await
    }

    /// Cancels an order that is not paid.
    pub async fn cancel(&self, id: &OrderId, shown: OrderVersion) -> Result<()> {
        let (id, now) = (id.clone(), self.0.clock.now());
        transaction!(self.0.db, |tx| {
            let order = hold_as_shown(tx, &id, shown, now).await?;
            if tx.orders().advance(&id, order.status, OrderEvent::Cancel, now).await? {
                Ok(())
            } else {
                Err(Refusal::NotPossible.into())
            }
        })
        .await
    }

    /// Refunds the whole amount, once. If the gateway does not answer, the refund goes
    /// on in the background.
    pub async fn refund(&self, id: &OrderId, shown: OrderVersion) -> Result<()> {
        let (id, now) = (id.clone(), self.0.clock.now());
        let payment = transaction!(self.0.db, |tx| {
            let order = hold_as_shown(tx, &id, shown, now).await?;
            let payment = tx.payments().find_of_order(&id).await?;
            let payment = payment.ok_or(Error::Refused(Refusal::NotPossible))?;
            let step = (PaymentStatus::Captured, PaymentStatus::Refunding);
            let lease = Some(now + PAYMENT_LEASE);
            let may = order.status.after(OrderEvent::Refund).is_some()
                && tx.payments().advance(&payment.id, step, None, now, lease).await?;
            if may { Ok(payment) } else { Err(Error::Refused(Refusal::NotPossible)) }
        })
        .await?;
        self.0.payments.refund(payment).await
    }
}

/// Locks an order. Refuses with [`Outdated::Order`] if it is not what the merchant was shown.
async fn hold_as_shown(
    tx: &mut Connection,
    id: &OrderId,
    shown: OrderVersion,
    now: Timestamp,
) -> Result<Order> {
    let order = found(tx.orders().hold(id, now).await?)?;
    let current = version(&order);
    if current == shown {
        return Ok(order);
    }
    Err(Outdated::Order { shown, now: current }.into())
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
