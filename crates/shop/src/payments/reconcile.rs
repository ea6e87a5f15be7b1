//! Settling payments that no request works on: after a crash, a lost answer, a deadline or a hint
//! of the gateway.

use domain::{
    Actor, DeclineReason, HistoryKind, OrderEvent, OrderStatus, PaymentStatus, Timestamp,
};
use payment::CancelOutcome;
use store::{HistoryEntry, Payment, PaymentStep, repeatable_transaction};

use super::{
    PAYMENT_LEASE, Payments,
    gateway_calls::{Found, answer_of},
    give_up::give_up,
    settle::{Answer, Outcome},
};
use crate::error::{Error, Result};

/// How many payments one run settles at most.
const BATCH_SIZE: usize = 100;

impl Payments {
    /// Settles payments that are due and that no node works on. Returns how many it tried; those
    /// without an answer are tried again later.
    pub async fn reconcile_pending(&self) -> Result<usize> {
        for settled in 0..BATCH_SIZE {
            let now = self.clock.now();
            let claimed = repeatable_transaction!(self.db, |tx| tx
                .payments()
                .claim(now, now + PAYMENT_LEASE)
                .await)
            .await?;
            let Some(payment) = claimed else { return Ok(settled) };
            let payment_id = payment.id.clone();
            // A payment that cannot be settled must not delay the others.
            if let Err(error) = self.reconcile(payment).await {
                tracing::error!(
                    event = "payment.reconcile_failed",
                    %payment_id,
                    error = %domain::Causes(&error),
                    "payment reconciliation failed"
                );
            }
        }
        Ok(BATCH_SIZE)
    }

    /// Asks the gateway what became of a payment whose shopper has come back, and records it.
    pub(crate) async fn refresh(&self, payment: &Payment) -> Result<PaymentStatus> {
        match payment.status {
            PaymentStatus::InFlight => self.resolve(payment).await?,
            PaymentStatus::ActionNeeded => {
                if let Some(Found::State(state)) = self.query(payment).await?
                    && let Some(answer) = answer_of(*state, payment)
                {
                    self.settle_and_capture(payment, answer, self.clock.now()).await?;
                }
            }
            _ => {}
        }
        Ok(self.find(&payment.id).await?.status)
    }

    async fn reconcile(&self, payment: Payment) -> Result<()> {
        match payment.status {
            PaymentStatus::InFlight => self.resolve(&payment).await,
            PaymentStatus::ActionNeeded | PaymentStatus::Authorised => self.watch(&payment).await,
            PaymentStatus::Capturing => self.finish_capture(&payment).await,
            PaymentStatus::Cancelling => self.cancel(&payment).await,
            PaymentStatus::Refunding => match self.refund(&payment).await {
                Err(Error::Refused(_)) => Ok(()),
                refunded => refunded,
            },
            PaymentStatus::Expected => self.expire_expected(&payment).await,
            PaymentStatus::Captured | PaymentStatus::PartRefunded => self.compare(&payment).await,
            PaymentStatus::Declined
            | PaymentStatus::Cancelled
            | PaymentStatus::Expired
            | PaymentStatus::Refunded => self.release_late(&payment).await,
        }
    }

    fn is_late(&self, payment: &Payment) -> bool {
        payment.expires_at.is_some_and(|until| until <= self.clock.now())
    }

    /// A payment whose request has no known answer. If the gateway never received it, it is asked
    /// again, which is safe because an id is used once; or, when it is too late for that, it is
    /// cancelled, after which it can never be made. If the gateway does not even say what it has, a
    /// payment that the shopper had to authorise is given up in time nevertheless.
    async fn resolve(&self, payment: &Payment) -> Result<()> {
        let answer = match self.query(payment).await? {
            None if self.is_late(payment) => return self.give_up_late(payment).await,
            None => return Ok(()),
            Some(Found::State(state)) => answer_of(*state, payment),
            Some(Found::Unknown) if self.is_late(payment) => None,
            Some(Found::Unknown) => match self.request_authorisation(payment).await? {
                None => return Ok(()),
                answer => answer,
            },
        };
        match answer {
            Some(answer) => {
                self.settle_and_capture(payment, answer, self.clock.now()).await.map(drop)
            }
            None if self.is_late(payment) => self.cancel_late(payment).await,
            None => Ok(()),
        }
    }

    /// Cancels a payment whose time is over, and records that it expired. One that was captured in
    /// the meantime is found by the next run.
    async fn cancel_late(&self, payment: &Payment) -> Result<()> {
        if self.request_cancellation(payment).await? == Ok(CancelOutcome::Canceled) {
            let expired = Answer::of(Outcome::Ended(DeclineReason::Expired));
            self.settle(payment, expired, self.clock.now()).await?;
        }
        Ok(())
    }

    /// A payment that waits for the shopper, on the gateway's page or for the code. It is looked
    /// at after a hint, and given up when its time is over, with or without an answer.
    async fn watch(&self, payment: &Payment) -> Result<()> {
        let now = self.clock.now();
        if let Some(Found::State(state)) = self.query(payment).await?
            && let Some(answer) = answer_of(*state, payment)
        {
            self.settle_and_capture(payment, answer, now).await?;
        }
        self.give_up_late(payment).await
    }

    /// Gives a payment up whose time is over, and otherwise looks at it then. Money that the gateway
    /// was asked to take may be taken, so the order of such a payment waits for the answer.
    async fn give_up_late(&self, payment: &Payment) -> Result<()> {
        let (payment, now) = (payment.clone(), self.clock.now());
        repeatable_transaction!(self.db, |tx| {
            let Some(order) = tx.orders().hold(&payment.order, now).await? else { return Ok(()) };
            if order.status == OrderStatus::Paying {
                return Ok(());
            }
            let Some(current) = tx.payments().find(&payment.id).await? else { return Ok(()) };
            if current.status != payment.status {
                return Ok(());
            }
            let until = current.expires_at.unwrap_or(now);
            if until > now {
                return Ok(tx.payments().set_expiry(&current.id, until).await?);
            }
            let entry = HistoryEntry::new(HistoryKind::PaymentExpired, Actor::Shop, now);
            tx.order_events().add(&payment.order, &entry).await?;
            give_up(tx, &order, OrderEvent::Decline, now).await
        })
        .await
    }

    /// A payment whose capture has no known answer. Too long after the code it is not taken any
    /// more.
    async fn finish_capture(&self, payment: &Payment) -> Result<()> {
        if !self.is_late(payment) {
            return self.capture(&payment.id).await.map(drop);
        }
        match self.query(payment).await? {
            None => Ok(()),
            Some(Found::State(state)) => match answer_of(*state, payment) {
                Some(answer) if !answer.outcome.is_open() => {
                    self.settle(payment, answer, self.clock.now()).await.map(drop)
                }
                _ => self.cancel_late(payment).await,
            },
            Some(Found::Unknown) => self.cancel_late(payment).await,
        }
    }

    /// Money that did not come from outside in time: the order is cancelled and its stock free.
    async fn expire_expected(&self, payment: &Payment) -> Result<()> {
        let (payment, now) = (payment.clone(), self.clock.now());
        repeatable_transaction!(self.db, |tx| {
            let Some(order) = tx.orders().hold(&payment.order, now).await? else { return Ok(()) };
            if order.status != OrderStatus::Confirmed {
                return Ok(tx.payments().check_never(&payment.id, payment.status).await?);
            }
            let step = PaymentStep {
                failure: Some(DeclineReason::Expired.as_str()),
                ..PaymentStep::to(PaymentStatus::Expected, PaymentStatus::Expired)
            };
            if !tx.payments().advance(&payment.id, step, now).await? {
                return Ok(());
            }
            give_up(tx, &order, OrderEvent::Cancel, now).await?;
            expired(tx, &payment, now).await
        })
        .await
    }

    /// A captured payment of which the gateway told something: it may have been refunded there.
    async fn compare(&self, payment: &Payment) -> Result<()> {
        if let Some(Found::State(state)) = self.query(payment).await? {
            let now = self.clock.now();
            if state.refunded.minor() > payment.refunded.minor() {
                return self.refunded_outside(payment, state.refunded, now).await;
            }
            self.note_failed_refund(payment, state.refunded, now).await?;
            let payment = payment.clone();
            repeatable_transaction!(self.db, |tx| {
                tx.payments().check_never(&payment.id, payment.status).await
            })
            .await?;
        }
        Ok(())
    }

    /// A payment that is over, of which the gateway told something: what it holds all the same is
    /// released.
    async fn release_late(&self, payment: &Payment) -> Result<()> {
        let found = self.query(payment).await?;
        let Some(found) = found else { return Ok(()) };
        if let Found::State(state) = found {
            let now = self.clock.now();
            self.note_failed_refund(payment, state.refunded, now).await?;
            if let Some(answer) = answer_of(*state, payment)
                && self.settle(payment, answer, now).await? == PaymentStatus::Cancelling
            {
                return Ok(());
            }
        }
        let payment = payment.clone();
        repeatable_transaction!(self.db, |tx| tx
            .payments()
            .check_never(&payment.id, payment.status)
            .await)
        .await?;
        Ok(())
    }
}

async fn expired(tx: &mut store::Connection, payment: &Payment, now: Timestamp) -> Result<()> {
    let entry = HistoryEntry::new(HistoryKind::PaymentExpired, Actor::Shop, now);
    tx.order_events().add(&payment.order, &entry).await?;
    let entry = HistoryEntry::new(HistoryKind::Cancelled, Actor::Shop, now);
    Ok(tx.order_events().add(&payment.order, &entry).await?)
}
