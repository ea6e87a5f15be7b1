//! Ending a payment that nobody wants any more, because its order was changed or cancelled or time
//! passed. The stock is free at once, in the transaction of the caller; then the gateway is asked
//! to release what it holds, until it answers.

use domain::{
    Actor, DeclineReason, HistoryKind, Money, OrderEvent, PaymentStatus, RefundId, Refusal,
    StockStatus, Timestamp,
};
use payment::{CancelOutcome, GatewayError, GatewayStatus, RefundOutcome, RefundRequest};
use store::{
    Connection, HistoryEntry, Order, Payment, PaymentStep, Refund, repeatable_transaction,
};

use super::{
    Payments,
    begin::release_stock,
    gateway_calls::{Found, reference, timed},
};
use crate::error::{Error, Fault, Result};

/// Moves an unpaid order on by `event`, frees its stock, and ends its payment. The caller has
/// locked the order.
pub(crate) async fn give_up(
    tx: &mut Connection,
    order: &Order,
    event: OrderEvent,
    now: Timestamp,
) -> Result<()> {
    give_up_because(tx, order, (event, DeclineReason::Canceled), now).await
}

/// The same with the reason that the shopper is told.
pub(super) async fn give_up_because(
    tx: &mut Connection,
    order: &Order,
    (event, reason): (OrderEvent, DeclineReason),
    now: Timestamp,
) -> Result<()> {
    let id = &order.names.id;
    if !tx.orders().advance(id, order.status, event, now).await? {
        return Err(Refusal::NotPossible.into());
    }
    if order.status.stock() != StockStatus::Reserved {
        return Ok(());
    }
    release_stock(tx, id).await?;
    let payment = tx.payments().find_of_order(id).await?;
    let Some(payment) = payment.filter(|payment| !payment.status.is_over()) else {
        return Ok(());
    };
    let (to, check_at) = match payment.status {
        PaymentStatus::Expected => (PaymentStatus::Cancelled, None),
        _ => (PaymentStatus::Cancelling, Some(now)),
    };
    let failure = Some(reason.as_str());
    let step = PaymentStep { from: payment.status, to, failure, check_at };
    match tx.payments().advance(&payment.id, step, now).await? {
        true => Ok(()),
        false => Err(Refusal::NotPossible.into()),
    }
}

impl Payments {
    /// Has the gateway release what it holds of a payment that was given up. Without an answer the
    /// payment stays `cancelling`. Money that was taken all the same goes back in full.
    pub(super) async fn cancel(&self, payment: &Payment) -> Result<()> {
        match self.request_cancellation(payment).await? {
            Ok(CancelOutcome::Canceled) => self.cancelled(payment, None).await,
            Ok(CancelOutcome::AlreadyCaptured) => match self.give_back(payment).await? {
                Some(amount) => self.cancelled(payment, Some(amount)).await,
                None => Ok(()),
            },
            Err(error) if error.is_refusal() => self.back_off(payment).await,
            Err(_) => Ok(()),
        }
    }

    /// Asks the gateway to cancel.
    pub(super) async fn request_cancellation(
        &self,
        payment: &Payment,
    ) -> Result<Result<CancelOutcome, GatewayError>> {
        let reference = reference(payment);
        let cancel = self.gateway(payment)?.cancel(&payment.id, reference.as_ref());
        Ok(timed(payment, cancel).await)
    }

    /// Refunds what was taken of a payment that was given up; `None` without an answer.
    async fn give_back(&self, payment: &Payment) -> Result<Option<Money>> {
        let Some(Found::State(state)) = self.query(payment).await? else { return Ok(None) };
        if state.status != GatewayStatus::Captured {
            return Ok(None);
        }
        let left = state.captured.checked_sub(state.refunded);
        let left = left.map_err(|_| Error::Failed(Fault::Broken("a captured amount")))?;
        if left.minor() <= 0 {
            return Ok(Some(state.captured));
        }
        let request = RefundRequest {
            refund: refund_of_cancelled(payment)?,
            payment: payment.id.clone(),
            reference: Some(state.reference),
            amount: left,
        };
        let refund = self.gateway(payment)?.refund(&request);
        match timed(payment, refund).await {
            Ok(RefundOutcome::Refunded) => Ok(Some(state.captured)),
            Ok(RefundOutcome::Refused) => self.not_given_back(payment, left).await.map(|()| None),
            Err(error) if error.is_refusal() => {
                self.not_given_back(payment, left).await.map(|()| None)
            }
            Ok(RefundOutcome::Pending) | Err(_) => Ok(None),
        }
    }

    /// The gateway refuses to give money back for an order that was given up. The merchant, who has
    /// to look into it, reads it in the order's history; the gateway is asked again ever less often.
    async fn not_given_back(&self, payment: &Payment, left: Money) -> Result<()> {
        tracing::error!(
            event = "payment.not_given_back",
            payment_id = %payment.id,
            gateway = payment.gateway,
            "the gateway refuses to refund a payment of an order that was given up; the merchant \
             has to look into it"
        );
        let (order, now) = (payment.order.clone(), self.clock.now());
        let (id, payment_id) = (refund_of_cancelled(payment)?, payment.id.clone());
        let row = Refund { id, payment: payment_id, amount: left, restocks: false };
        repeatable_transaction!(self.db, |tx| {
            tx.orders().hold(&order, now).await?;
            if !tx.refunds().insert(&row, now).await? {
                return Ok(());
            }
            let entry = HistoryEntry::new(HistoryKind::RefundRefused, Actor::Gateway, now);
            let entry = entry.because("given_up").of(left);
            Ok::<_, Error>(tx.order_events().add(&order, &entry).await?)
        })
        .await?;
        self.back_off(payment).await
    }

    /// Records that nothing is held any more. `given_back` is what was taken and went back.
    async fn cancelled(&self, payment: &Payment, given_back: Option<Money>) -> Result<()> {
        let (payment, now) = (payment.clone(), self.clock.now());
        let refund = refund_of_cancelled(&payment)?;
        repeatable_transaction!(self.db, |tx| {
            tx.orders().hold(&payment.order, now).await?;
            let step = PaymentStep {
                failure: payment.failure.as_deref().or(Some(DeclineReason::Canceled.as_str())),
                ..PaymentStep::to(PaymentStatus::Cancelling, PaymentStatus::Cancelled)
            };
            if !tx.payments().advance(&payment.id, step, now).await? {
                return Ok(());
            }
            if let Some(amount) = given_back {
                let (id, payment) = (refund.clone(), payment.id.clone());
                let row = Refund { id, payment, amount, restocks: false };
                tx.refunds().insert(&row, now).await?;
                tx.refunds().end(&refund, true, now).await?;
                tx.payments().set_captured(&row.payment, amount).await?;
                tx.payments().add_refunded(&row.payment, amount).await?;
            }
            let entry = HistoryEntry::new(HistoryKind::Released, Actor::Gateway, now);
            Ok(tx.order_events().add(&payment.order, &entry.of(payment.amount)).await?)
        })
        .await
    }
}

/// The only refund of a payment that was given up has the id of the payment.
fn refund_of_cancelled(payment: &Payment) -> Result<RefundId> {
    let id = RefundId::parse(payment.id.as_str());
    id.ok_or(Error::Failed(Fault::Broken("payments.id")))
}
