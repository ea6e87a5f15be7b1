//! Recording an answer of the gateway: payment, order, stock, cart and history change in one
//! transaction.

use domain::{
    Actor, DeclineReason, HistoryKind, OrderEvent, OrderStatus, PaymentStatus, StockStatus,
    Timestamp,
};
use payment::{GatewayReference, Url};
use store::{Connection, HistoryEntry, Order, Payment, PaymentStep, repeatable_transaction};

use super::{
    HOLD_TTL, Payments,
    begin::{begin_capture, release_stock},
    give_up::give_up_because,
};
use crate::error::{Error, Fault, Result};

/// What a gateway has decided.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// The shopper has to complete a page.
    ActionNeeded { url: Url, until: Option<Timestamp> },
    /// The shop does not go on with what the gateway has, if it has anything, for this reason.
    Unusable(DeclineReason),
    /// The money is held.
    Held { until: Option<Timestamp> },
    /// The money was taken.
    Taken,
    /// Nothing is held or was taken, and nothing will be.
    Ended(DeclineReason),
}

impl Outcome {
    /// Whether the money is not taken yet, and can be.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self, Self::ActionNeeded { .. } | Self::Held { .. })
    }
}

/// A decision of the gateway with its names for it.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub outcome: Outcome,
    /// The gateway's id of the payment, if it told one.
    pub reference: Option<GatewayReference>,
    /// The gateway's id of the answer.
    pub request_id: Option<String>,
}

impl Answer {
    /// An answer without names.
    pub const fn of(outcome: Outcome) -> Self {
        Self { outcome, reference: None, request_id: None }
    }
}

impl Payments {
    /// Records an answer, and returns the status that the payment has then.
    pub(super) async fn settle(
        &self,
        payment: &Payment,
        answer: Answer,
        now: Timestamp,
    ) -> Result<PaymentStatus> {
        let origins = self.gateway(payment)?.page_origins();
        let answer = refuse_foreign_page(payment, answer, &origins);
        let payment = payment.clone();
        repeatable_transaction!(self.db, |tx| {
            let order = tx.orders().hold(&payment.order, now).await?;
            let order = order.ok_or(Error::Failed(Fault::Broken("payments.order_id")))?;
            let payment = tx.payments().find(&payment.id).await?;
            let payment = payment.ok_or(Error::Failed(Fault::Broken("payments.id")))?;
            if let Some(reference) = &answer.reference {
                tx.payments().set_reference(&payment.id, reference.as_str()).await?;
            }
            Settling { order, payment, now, request_id: answer.request_id }
                .record(tx, answer.outcome)
                .await
        })
        .await
    }
}

/// A page is only followed to an origin that the gateway has named before: the content security
/// policy of the shop names it, and an answer cannot send shoppers anywhere else.
fn refuse_foreign_page(payment: &Payment, answer: Answer, origins: &[String]) -> Answer {
    match &answer.outcome {
        Outcome::ActionNeeded { url, .. }
            if !origins.contains(&url.origin().ascii_serialization()) =>
        {
            tracing::error!(
                event = "payment.foreign_page",
                payment_id = %payment.id,
                gateway = payment.gateway,
                "the gateway named a page of an origin that it does not list; the payment is cancelled"
            );
            Answer { outcome: Outcome::Unusable(DeclineReason::Unavailable), ..answer }
        }
        _ => answer,
    }
}

/// A payment whose order is locked, and what is known of the answer.
struct Settling {
    order: Order,
    payment: Payment,
    now: Timestamp,
    request_id: Option<String>,
}

impl Settling {
    async fn record(self, tx: &mut Connection, outcome: Outcome) -> Result<PaymentStatus> {
        use PaymentStatus as Is;
        let is_authorising = self.order.status == OrderStatus::AwaitingAuthorisation;
        let is_paying = self.order.status == OrderStatus::Paying;
        match (self.payment.status, outcome) {
            (Is::InFlight | Is::ActionNeeded, Outcome::ActionNeeded { url, until })
                if is_authorising =>
            {
                self.action_needed(tx, &url, until).await
            }
            (Is::InFlight | Is::ActionNeeded, Outcome::Held { until }) if is_authorising => {
                self.held(tx, until).await
            }
            (Is::InFlight | Is::ActionNeeded, Outcome::Taken) if is_authorising => {
                // It was asked to hold the money only. The code still confirms the order, and a
                // payment that is given up is refunded.
                self.warn("payment.taken_early", "the gateway took money that it was to hold");
                self.held(tx, None).await
            }
            (Is::InFlight, Outcome::Held { .. }) if is_paying => self.capture_next(tx).await,
            (Is::InFlight | Is::Capturing, Outcome::Taken) if is_paying => self.taken(tx).await,
            (
                Is::InFlight | Is::ActionNeeded | Is::Authorised | Is::Capturing,
                Outcome::Ended(reason),
            ) => self.ended(tx, reason).await,
            (Is::InFlight | Is::ActionNeeded | Is::Capturing, Outcome::Unusable(reason)) => {
                let why = (OrderEvent::Decline, reason);
                give_up_because(tx, &self.order, why, self.now).await?;
                self.note(tx, HistoryKind::Declined, Some(reason.as_str())).await?;
                Ok(Is::Cancelling)
            }
            (
                Is::Declined | Is::Cancelled | Is::Expired,
                Outcome::ActionNeeded { .. }
                | Outcome::Unusable(_)
                | Outcome::Held { .. }
                | Outcome::Taken,
            ) => {
                self.warn("payment.late_answer", "an answer arrived late, and is cancelled");
                self.step(tx, Is::Cancelling, None, Some(self.now)).await
            }
            (status, _) => Ok(status),
        }
    }

    async fn action_needed(
        self,
        tx: &mut Connection,
        url: &Url,
        until: Option<Timestamp>,
    ) -> Result<PaymentStatus> {
        let latest = self.payment.expires_at.unwrap_or(self.now);
        let until = until.map_or(latest, |until| until.min(latest));
        if self.payment.status == PaymentStatus::InFlight {
            self.step(tx, PaymentStatus::ActionNeeded, None, None).await?;
        }
        tx.payments().set_page(&self.payment.id, url.as_str(), until).await?;
        Ok(PaymentStatus::ActionNeeded)
    }

    /// The money is held: the code is asked for, or the money is taken at once if none is needed.
    async fn held(self, tx: &mut Connection, until: Option<Timestamp>) -> Result<PaymentStatus> {
        self.step(tx, PaymentStatus::Authorised, None, None).await?;
        let latest = self.now + HOLD_TTL;
        let until = until.map_or(latest, |until| until.min(latest));
        tx.payments().set_expiry(&self.payment.id, until).await?;
        self.advance_order(tx, OrderEvent::Authorise).await?;
        self.note(tx, HistoryKind::Authorised, None).await?;
        if self.payment.needs_code {
            return Ok(PaymentStatus::Authorised);
        }
        begin_capture(tx, &self.order, &self.payment, None, self.now).await?;
        Ok(PaymentStatus::Capturing)
    }

    /// A gateway that was to take the money holds it: it is taken next.
    async fn capture_next(self, tx: &mut Connection) -> Result<PaymentStatus> {
        self.step(tx, PaymentStatus::Authorised, None, None).await?;
        let step = PaymentStep {
            check_at: Some(self.now),
            ..PaymentStep::to(PaymentStatus::Authorised, PaymentStatus::Capturing)
        };
        tx.payments().advance(&self.payment.id, step, self.now).await?;
        Ok(PaymentStatus::Capturing)
    }

    /// The order is paid (S-B02).
    async fn taken(self, tx: &mut Connection) -> Result<PaymentStatus> {
        self.step(tx, PaymentStatus::Captured, None, None).await?;
        tx.payments().set_captured(&self.payment.id, self.payment.amount).await?;
        self.advance_order(tx, OrderEvent::Capture).await?;
        let cart = &self.order.header.cart;
        tx.carts().lock(cart, self.now).await?;
        tx.carts().remove_bought(cart, &self.payment.order).await?;
        tx.carts().finish_checkout(cart, self.now).await?;
        self.note(tx, HistoryKind::Paid, None).await?;
        Ok(PaymentStatus::Captured)
    }

    /// The payment is over: the stock is free, and the order can be placed again.
    async fn ended(self, tx: &mut Connection, reason: DeclineReason) -> Result<PaymentStatus> {
        let (status, kind) = match reason {
            DeclineReason::Expired => (PaymentStatus::Expired, HistoryKind::PaymentExpired),
            DeclineReason::Canceled => (PaymentStatus::Cancelled, HistoryKind::Declined),
            _ => (PaymentStatus::Declined, HistoryKind::Declined),
        };
        self.step(tx, status, Some(reason), None).await?;
        if self.order.status.stock() == StockStatus::Reserved {
            self.advance_order(tx, OrderEvent::Decline).await?;
            release_stock(tx, &self.payment.order).await?;
        }
        self.note(tx, kind, Some(reason.as_str())).await?;
        Ok(status)
    }

    /// Moves the payment on. The order is locked, so nothing can be in the way.
    async fn step(
        &self,
        tx: &mut Connection,
        to: PaymentStatus,
        failure: Option<DeclineReason>,
        check_at: Option<Timestamp>,
    ) -> Result<PaymentStatus> {
        let from = self.payment.status;
        let failure = failure.map(DeclineReason::as_str);
        let step = PaymentStep { from, to, failure, check_at };
        match tx.payments().advance(&self.payment.id, step, self.now).await? {
            true => Ok(to),
            false => Err(Error::Failed(Fault::Broken("payments.status"))),
        }
    }

    async fn advance_order(&self, tx: &mut Connection, event: OrderEvent) -> Result<()> {
        let (order, from) = (&self.payment.order, self.order.status);
        match tx.orders().advance(order, from, event, self.now).await? {
            true => Ok(()),
            false => Err(Error::Failed(Fault::Broken("orders.status"))),
        }
    }

    async fn note(
        &self,
        tx: &mut Connection,
        kind: HistoryKind,
        reason: Option<&str>,
    ) -> Result<()> {
        let entry = HistoryEntry {
            reason: reason.map(ToOwned::to_owned),
            request_id: self.request_id.clone(),
            ..HistoryEntry::new(kind, Actor::Gateway, self.now).of(self.payment.amount)
        };
        Ok(tx.order_events().add(&self.payment.order, &entry).await?)
    }

    fn warn(&self, event: &'static str, what: &'static str) {
        tracing::warn!(event, payment_id = %self.payment.id, gateway = self.payment.gateway, "{what}");
    }
}
