//! Everybody's orders, and what may be done with one.

use domain::{Address, Money, OrderEvent, OrderId, OrderStatus, PaymentStatus, Refusal, Timestamp};
use store::Order;

use super::{Merchant, PAGE, cut, ensure_merchant};
use crate::{
    Error, Fault, Result, Visitor,
    orders::{OrderLineView, Totals},
    payments::LEASE,
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

impl Merchant<'_> {
    /// Everybody's orders, newest first.
    pub async fn orders(&self, visitor: &Visitor, after: Option<&str>) -> Result<MerchantOrders> {
        ensure_merchant(self.0, visitor)?;
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
        ensure_merchant(self.0, visitor)?;
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
        ensure_merchant(self.0, visitor)?;
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
        ensure_merchant(self.0, visitor)?;
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
        ensure_merchant(self.0, visitor)?;
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
}

fn held(order: Option<Order>) -> Result<Order> {
    order.ok_or(Error::Refused(Refusal::NotFound))
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
