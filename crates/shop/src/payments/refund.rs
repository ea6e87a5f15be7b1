//! Refunds, in whole or in part: recorded, requested from the gateway, and recorded again.

use domain::{
    Actor, Field, HistoryKind, Money, OrderEvent, OrderStatus, PaymentStatus, Problem, RefundId,
    Refusal, Timestamp,
};
use payment::{RefundOutcome, RefundRequest};
use store::{
    Connection, HistoryEntry, Order, Payment, PaymentStep, Refund, repeatable_transaction,
};

use super::{
    PAYMENT_LEASE, Payments,
    begin::restock,
    gateway_calls::{reference, timed},
};
use crate::error::{Error, Fault, Result};

/// A refund that the merchant asks for.
#[derive(Clone)]
pub(crate) struct NewRefund {
    /// Its id, which was made with the form, so that a form that is sent twice refunds once.
    pub id: RefundId,
    /// The amount in minor units; `None` for all that is left.
    pub amount_minor: Option<i64>,
    /// Whether the pieces of the order go back into stock, unless they did before.
    pub restocks: bool,
}

/// Records a refund of an order, which the caller has locked. Returns the payment, which the
/// gateway has to be asked to refund; `None` if the refund is known already.
pub(crate) async fn request_refund(
    tx: &mut Connection,
    order: &Order,
    new: &NewRefund,
    now: Timestamp,
) -> Result<Option<Payment>> {
    let payment = tx.payments().find_of_order(&order.names.id).await?;
    let payment = payment.ok_or(Error::Refused(Refusal::NotPossible))?;
    let left = payment.captured.checked_sub(payment.refunded);
    let left = left.map_err(|_| Error::Failed(Fault::Broken("payments.refunded_minor")))?;
    let minor = new.amount_minor.unwrap_or(left.minor());
    let amount = Money::new(minor, left.currency());
    let refund =
        Refund { id: new.id.clone(), payment: payment.id.clone(), amount, restocks: new.restocks };
    if !payment.status.has_money() || order.status.after(OrderEvent::Refund).is_none() {
        return Err(Refusal::NotPossible.into());
    }
    if !(1..=left.minor()).contains(&minor) {
        return Err(Problem::Line(Field::Amount).into());
    }
    if !tx.refunds().insert(&refund, now).await? {
        return Ok(None);
    }
    let step = PaymentStep {
        check_at: Some(now + PAYMENT_LEASE),
        ..PaymentStep::to(payment.status, PaymentStatus::Refunding)
    };
    match tx.payments().advance(&payment.id, step, now).await? {
        true => Ok(Some(payment)),
        false => Err(Refusal::NotPossible.into()),
    }
}

impl Payments {
    /// Has the gateway refund what was requested; without an answer the payment stays
    /// `refunding`. A refund that the gateway refuses is recorded, and is a refusal here.
    pub(crate) async fn refund(&self, payment: &Payment) -> Result<()> {
        let requested = self.db.read().await?.refunds().find_requested(&payment.id).await?;
        let refund = requested.ok_or(Error::Failed(Fault::Broken("refunds.payment_id")))?;
        let request = RefundRequest {
            refund: refund.id.clone(),
            payment: payment.id.clone(),
            reference: reference(payment),
            amount: refund.amount,
        };
        let asked = self.gateway(payment)?.refund(&request);
        let is_refunded = match timed(payment, asked).await {
            Ok(RefundOutcome::Refunded) => true,
            Ok(RefundOutcome::Refused) => false,
            Err(error) if error.is_refusal() => {
                let payment = self.find(&payment.id).await?;
                return self.back_off(&payment).await;
            }
            Ok(RefundOutcome::Pending) | Err(_) => return Ok(()),
        };
        let (payment, now) = (payment.clone(), self.clock.now());
        repeatable_transaction!(self.db, |tx| match is_refunded {
            true => refunded(tx, &payment, &refund, now).await,
            false => not_refunded(tx, &payment, &refund, now).await,
        })
        .await?;
        if is_refunded { Ok(()) } else { Err(Refusal::NotPossible.into()) }
    }

    /// Records that money went back at the gateway without the shop, such as by the merchant on
    /// the gateway's own pages.
    pub(super) async fn refunded_outside(
        &self,
        payment: &Payment,
        total: Money,
        now: Timestamp,
    ) -> Result<()> {
        let payment = payment.clone();
        repeatable_transaction!(self.db, |tx| {
            tx.orders().hold(&payment.order, now).await?;
            let Some(current) = tx.payments().find(&payment.id).await? else { return Ok(()) };
            let amount = total.checked_sub(current.refunded);
            let amount = amount.map_err(|_| Error::Failed(Fault::Broken("a refunded amount")))?;
            if amount.minor() <= 0 || !current.status.has_money() {
                return Ok(());
            }
            let step = PaymentStep::to(current.status, PaymentStatus::Refunding);
            tx.payments().advance(&current.id, step, now).await?;
            let entry = HistoryEntry::new(HistoryKind::Refunded, Actor::Gateway, now).of(amount);
            record_refunded(tx, &current, amount, &entry, now).await
        })
        .await
    }

    /// Tells the merchant, once, that a refund failed which the gateway had reported as done, such as
    /// because the account of the shopper was closed. `total` is what the gateway says is refunded.
    pub(super) async fn note_failed_refund(
        &self,
        payment: &Payment,
        total: Money,
        now: Timestamp,
    ) -> Result<()> {
        let missing = payment.refunded.minor() - total.minor();
        if missing <= 0 {
            return Ok(());
        }
        let missing = Money::new(missing, payment.refunded.currency());
        tracing::error!(
            event = "payment.refund_failed_late",
            payment_id = %payment.id,
            gateway = payment.gateway,
            "a refund failed that the gateway had reported as done; the merchant has to look into it"
        );
        let order = payment.order.clone();
        let entry = HistoryEntry::new(HistoryKind::RefundRefused, Actor::Gateway, now);
        let entry = entry.because("failed_late").of(missing);
        repeatable_transaction!(self.db, |tx| {
            tx.orders().hold(&order, now).await?;
            let history = tx.order_events().list(&order).await?;
            let is_same =
                |known: &HistoryEntry| *known == HistoryEntry { at: known.at, ..entry.clone() };
            if history.iter().any(is_same) {
                return Ok(());
            }
            Ok::<_, Error>(tx.order_events().add(&order, &entry).await?)
        })
        .await
    }
}

async fn refunded(
    tx: &mut Connection,
    payment: &Payment,
    refund: &Refund,
    now: Timestamp,
) -> Result<()> {
    tx.orders().hold(&payment.order, now).await?;
    if !tx.refunds().end(&refund.id, true, now).await? {
        return Ok(());
    }
    if refund.restocks {
        restock(tx, &payment.order, now).await?;
    }
    let entry = HistoryEntry::new(HistoryKind::Refunded, Actor::Merchant, now).of(refund.amount);
    record_refunded(tx, payment, refund.amount, &entry, now).await
}

/// Adds an amount to what was refunded. When nothing is left, the order is refunded.
async fn record_refunded(
    tx: &mut Connection,
    payment: &Payment,
    amount: Money,
    entry: &HistoryEntry,
    now: Timestamp,
) -> Result<()> {
    if !tx.payments().add_refunded(&payment.id, amount).await? {
        return Err(Error::Failed(Fault::Broken("payments.refunded_minor")));
    }
    let left = payment.captured.minor() - payment.refunded.minor() - amount.minor();
    let to = if left == 0 { PaymentStatus::Refunded } else { PaymentStatus::PartRefunded };
    let step = PaymentStep::to(PaymentStatus::Refunding, to);
    if !tx.payments().advance(&payment.id, step, now).await? {
        return Err(Error::Failed(Fault::Broken("payments.status")));
    }
    if left == 0 {
        let order = tx.orders().find(&payment.order).await?;
        let from = order.map_or(OrderStatus::Paid, |order| order.status);
        if !tx.orders().advance(&payment.order, from, OrderEvent::Refund, now).await? {
            return Err(Error::Failed(Fault::Broken("orders.status")));
        }
    }
    Ok(tx.order_events().add(&payment.order, entry).await?)
}

async fn not_refunded(
    tx: &mut Connection,
    payment: &Payment,
    refund: &Refund,
    now: Timestamp,
) -> Result<()> {
    tx.orders().hold(&payment.order, now).await?;
    if !tx.refunds().end(&refund.id, false, now).await? {
        return Ok(());
    }
    let is_whole = payment.refunded.minor() == 0;
    let to = if is_whole { PaymentStatus::Captured } else { PaymentStatus::PartRefunded };
    let step = PaymentStep {
        failure: Some("the gateway refused the refund"),
        ..PaymentStep::to(PaymentStatus::Refunding, to)
    };
    tx.payments().advance(&payment.id, step, now).await?;
    let entry = HistoryEntry::new(HistoryKind::RefundRefused, Actor::Gateway, now);
    Ok(tx.order_events().add(&payment.order, &entry.of(refund.amount)).await?)
}
