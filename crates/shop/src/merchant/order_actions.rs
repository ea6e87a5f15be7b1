//! What the merchant may do with one order. Each action names the order as the page showed it, and
//! stands in the order's history.

use domain::{
    Actor, DeclineReason, Field, HistoryKind, OrderEvent, OrderId, OrderStatus, OrderVersion,
    Outdated, PaymentStatus, Problem, RefundId, Refusal, Timestamp,
};
use store::{Connection, HistoryEntry, Order, Payment, PaymentStep, repeatable_transaction};

use super::{Merchant, products::price};
use crate::{
    error::{Error, Result},
    payments::{
        begin::restock,
        give_up::give_up,
        refund::{NewRefund, request_refund},
    },
};

impl Merchant<'_> {
    /// Marks an order as shipped, if it is paid and not being refunded, or is paid on delivery.
    pub async fn ship(&self, id: &OrderId, shown: OrderVersion) -> Result<()> {
        let (id, now, entry) = self.act(id, HistoryKind::Shipped);
        repeatable_transaction!(self.0.db, |tx| {
            let order = hold_as_shown(tx, &id, shown, now).await?;
            let payment = tx.payments().find_of_order(&id).await?;
            let may = payment.is_some_and(|payment| may_ship(&payment))
                && tx.orders().advance(&id, order.status, OrderEvent::Ship, now).await?;
            if !may {
                return Err(Refusal::NotPossible.into());
            }
            Ok(tx.order_events().add(&id, &entry).await?)
        })
        .await
    }

    /// Cancels an order that is not paid. What the gateway holds is released.
    pub async fn cancel(&self, id: &OrderId, shown: OrderVersion) -> Result<()> {
        let (id, now, entry) = self.act(id, HistoryKind::Cancelled);
        repeatable_transaction!(self.0.db, |tx| {
            let order = hold_as_shown(tx, &id, shown, now).await?;
            give_up(tx, &order, OrderEvent::Cancel, now).await?;
            Ok(tx.order_events().add(&id, &entry).await?)
        })
        .await
    }

    /// Records that the money of an order came that is paid outside of the shop.
    pub async fn mark_received(&self, id: &OrderId, shown: OrderVersion) -> Result<()> {
        let (id, now, entry) = self.act(id, HistoryKind::Paid);
        repeatable_transaction!(self.0.db, |tx| {
            let order = hold_as_shown(tx, &id, shown, now).await?;
            let payment = expected(tx, &id).await?;
            let step = PaymentStep::to(PaymentStatus::Expected, PaymentStatus::Captured);
            if !tx.payments().advance(&payment.id, step, now).await? {
                return Err(Refusal::NotPossible.into());
            }
            tx.payments().set_captured(&payment.id, payment.amount).await?;
            match order.status {
                OrderStatus::Shipped => tx.orders().set_paid(&id, now).await?,
                status => {
                    if !tx.orders().advance(&id, status, OrderEvent::Capture, now).await? {
                        return Err(Refusal::NotPossible.into());
                    }
                }
            }
            Ok(tx.order_events().add(&id, &entry.of(payment.amount)).await?)
        })
        .await
    }

    /// Records that the recipient refused a parcel that is paid on delivery. The pieces go back
    /// into stock if they came back.
    pub async fn mark_parcel_refused(
        &self,
        id: &OrderId,
        shown: OrderVersion,
        restocks: bool,
    ) -> Result<()> {
        let (id, now, entry) = self.act(id, HistoryKind::ParcelRefused);
        repeatable_transaction!(self.0.db, |tx| {
            let order = hold_as_shown(tx, &id, shown, now).await?;
            let payment = expected(tx, &id).await?;
            let step = PaymentStep {
                failure: Some(DeclineReason::ParcelRefused.as_str()),
                ..PaymentStep::to(PaymentStatus::Expected, PaymentStatus::Declined)
            };
            let may = tx.orders().advance(&id, order.status, OrderEvent::Refuse, now).await?
                && tx.payments().advance(&payment.id, step, now).await?;
            if !may {
                return Err(Refusal::NotPossible.into());
            }
            if restocks {
                restock(tx, &id, now).await?;
            }
            Ok(tx.order_events().add(&id, &entry).await?)
        })
        .await
    }

    /// Refunds all that is left of the amount, once. If the gateway does not answer, the
    /// refund goes on in the background.
    pub async fn refund(&self, id: &OrderId, shown: OrderVersion) -> Result<()> {
        let refund = RefundId::from_bits(self.0.entropy.bits()?);
        self.begin_refund(id, shown, NewRefund { id: refund, amount_minor: None, restocks: false })
            .await
    }

    /// Refunds a part of the amount, typed as `12`, `12.5` or `12,50`, or all that is left. The id was made with the form, so that a
    /// form that is sent twice refunds once. With `restocks`, the pieces of the order go back into
    /// stock, unless an earlier refund put them back.
    pub async fn refund_part(
        &self,
        id: &OrderId,
        shown: OrderVersion,
        refund: &RefundId,
        typed: &str,
        restocks: bool,
    ) -> Result<()> {
        let minor = price(typed).filter(|minor| *minor > 0);
        let minor = minor.ok_or(Problem::Line(Field::Amount))?;
        let new = NewRefund { id: refund.clone(), amount_minor: Some(minor), restocks };
        self.begin_refund(id, shown, new).await
    }

    async fn begin_refund(&self, id: &OrderId, shown: OrderVersion, new: NewRefund) -> Result<()> {
        let (id, now) = (id.clone(), self.0.clock.now());
        let payment = repeatable_transaction!(self.0.db, |tx| {
            let order = hold_as_shown(tx, &id, shown, now).await?;
            request_refund(tx, &order, &new, now).await
        })
        .await?;
        match payment {
            Some(payment) => self.0.payments.refund(&payment).await,
            None => Ok(()),
        }
    }

    /// What an action needs: the order, the time, and its entry in the history.
    fn act(&self, id: &OrderId, kind: HistoryKind) -> (OrderId, Timestamp, HistoryEntry) {
        let now = self.0.clock.now();
        let entry = HistoryEntry::new(kind, Actor::Merchant, now).by(self.own_account());
        (id.clone(), now, entry)
    }
}

/// Whether a parcel may be sent: its money was taken, or comes on delivery. Money that is waited
/// for with a limit has to come first.
pub(super) const fn may_ship(payment: &Payment) -> bool {
    let is_on_delivery =
        matches!(payment.status, PaymentStatus::Expected) && payment.expires_at.is_none();
    payment.status.has_money() || is_on_delivery
}

/// The payment of an order whose money is expected from outside.
async fn expected(tx: &mut Connection, order: &OrderId) -> Result<Payment> {
    let payment = tx.payments().find_of_order(order).await?;
    let payment = payment.filter(|payment| payment.status == PaymentStatus::Expected);
    payment.ok_or(Error::Refused(Refusal::NotPossible))
}

/// Locks an order. Refuses with [`Outdated::Order`] if it is not what the merchant was shown.
async fn hold_as_shown(
    tx: &mut Connection,
    id: &OrderId,
    shown: OrderVersion,
    now: Timestamp,
) -> Result<Order> {
    let order = tx.orders().hold(id, now).await?.ok_or(Error::Refused(Refusal::NotFound))?;
    let current = OrderVersion { status: order.status, number: order.version };
    if current == shown {
        return Ok(order);
    }
    Err(Outdated::Order { shown, now: current }.into())
}
