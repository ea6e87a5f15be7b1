//! Payments. Each order is paid exactly once, or it is not paid and its stock is free
//! again, wherever the process or the machine fails:
//!
//! 1. The code is accepted. One transaction consumes the challenge, inserts the
//!    authorisation and uses it up, moves the order to `paying`, reserves the stock and
//!    inserts the payment as `in_flight`. After a crash before the commit nothing has
//!    happened and the code is still valid. After the commit the rows say that money may
//!    move.
//! 2. The gateway is called with the payment's id. A crash before, during or after the call
//!    leaves the payment `in_flight`.
//! 3. The outcome is recorded: payment, order, stock and cart change in one transaction, and
//!    only the transaction that moves the payment out of `in_flight` changes the others.
//!
//! [`Payments::reconcile_pending`] settles what is in flight and not leased: it asks the
//! gateway what became of the id. A charge that the gateway never received is made now,
//! which is safe because an id is charged once; or, when the shopper's authorisation has
//! expired, it is voided, after which it can never be made. Either way the outcome is final
//! and step 3 runs. Without an answer nothing changes: the order stays `paying` and its
//! stock reserved.
//!
//! Refunds work the same way: recorded as `refunding`, requested, recorded as `refunded`;
//! requesting again is safe.

use std::{sync::Arc, time::Duration};

use domain::{
    AuthorisationId, OrderEvent, OrderId, OrderStatus, PaymentId, PaymentStatus, Refusal, Timestamp,
};
use payment::{Charge, ChargeOutcome, DeclineReason, Gateway, GatewayError};
use store::{Authorisation, Connection, Db, NewPayment, Order, Payment, transaction};

use crate::{
    clock::Clock,
    error::{Error, Fault, Result},
};

/// How long after the code a charge may still be made (PSD2 RTS Art. 4(3)(d)).
const AUTHORISATION_TTL: Duration = Duration::from_secs(5 * 60);
/// How long a claimed payment is left to the node that claimed it.
pub(crate) const PAYMENT_LEASE: Duration = Duration::from_secs(30);
/// How long a call of the gateway may take; well inside the lease.
const GATEWAY_TIMEOUT: Duration = Duration::from_secs(10);
/// How many payments one run settles at most.
const RECONCILE_BATCH_SIZE: usize = 100;

/// Charges and refunds at the payment gateway.
#[derive(Clone)]
pub struct Payments {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) gateway: Arc<dyn Gateway>,
}

impl Payments {
    /// Settles payments whose outcome is unknown and which no node works on. Returns how
    /// many it tried; those without an answer are tried again later.
    pub async fn reconcile_pending(&self) -> Result<usize> {
        for settled in 0..RECONCILE_BATCH_SIZE {
            let now = self.clock.now();
            let claimed =
                transaction!(self.db, |tx| tx.payments().claim(now, now + PAYMENT_LEASE).await)
                    .await?;
            let Some(payment) = claimed else { return Ok(settled) };
            let payment_id = payment.id.clone();
            // A payment that cannot be settled must not delay the others.
            if let Err(error) = self.reconcile(payment).await {
                tracing::error!(
                    event = "payment.reconcile_failed",
                    %payment_id,
                    error = &error as &dyn std::error::Error,
                    "payment reconciliation failed"
                );
            }
        }
        Ok(RECONCILE_BATCH_SIZE)
    }

    async fn reconcile(&self, payment: Payment) -> Result<()> {
        match payment.status {
            PaymentStatus::InFlight => {
                if let Some(outcome) = self.outcome(&payment).await {
                    self.record(payment, outcome).await?;
                }
                Ok(())
            }
            PaymentStatus::Refunding => match self.refund(payment).await {
                Err(Error::Refused(_)) => Ok(()),
                refunded => refunded,
            },
            PaymentStatus::Captured | PaymentStatus::Declined | PaymentStatus::Refunded => Ok(()),
        }
    }

    /// Makes the charge of a payment that was just recorded; `InFlight` without an answer.
    pub(crate) async fn charge(&self, id: &PaymentId) -> Result<PaymentStatus> {
        let payment = self.db.read().await?.payments().find(id).await?;
        let payment = payment.ok_or(Error::Failed(Fault::Broken("payments.id")))?;
        let charge = charge_of(&payment);
        match final_answer(&payment.id, self.gateway.charge(&charge)).await {
            Some(outcome) => self.record(payment, outcome).await,
            None => Ok(PaymentStatus::InFlight),
        }
    }

    /// The outcome of a charge; if the gateway never received it, it is made now or voided.
    async fn outcome(&self, payment: &Payment) -> Option<ChargeOutcome> {
        let gateway = &self.gateway;
        if let Some(outcome) = final_answer(&payment.id, gateway.find(&payment.id)).await? {
            return Some(outcome);
        }
        if self.clock.now() < payment.authorised_until {
            final_answer(&payment.id, gateway.charge(&charge_of(payment))).await
        } else {
            final_answer(&payment.id, gateway.void(&payment.id)).await
        }
    }

    /// Records the gateway's final answer once: the transaction that moves the payment out
    /// of `in_flight` moves the order, the stock and the cart with it (S-B02).
    async fn record(&self, payment: Payment, outcome: ChargeOutcome) -> Result<PaymentStatus> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            match outcome {
                ChargeOutcome::Captured => capture(tx, &payment, now).await,
                ChargeOutcome::Declined(reason) => decline(tx, &payment, reason, now).await,
            }
        })
        .await
    }

    /// Refunds a payment; without an answer it stays `refunding`. A payment that the gateway
    /// does not know as charged cannot be refunded and becomes `captured` again.
    pub(crate) async fn refund(&self, payment: Payment) -> Result<()> {
        let refund = self.gateway.refund(&payment.id);
        let is_refunded = match tokio::time::timeout(GATEWAY_TIMEOUT, refund).await {
            Ok(Ok(())) => true,
            Ok(Err(GatewayError::NotCharged)) => false,
            Ok(Err(_)) | Err(_) => {
                tracing::warn!(
                    event = "payment.refund_pending",
                    payment_id = %payment.id,
                    "refund pending, will retry"
                );
                return Ok(());
            }
        };
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            if is_refunded {
                refunded(tx, &payment, now).await
            } else {
                not_refunded(tx, &payment, now).await
            }
        })
        .await?;
        if is_refunded { Ok(()) } else { Err(Refusal::NotPossible.into()) }
    }
}

/// Whether the gateway offers this payment method.
pub(crate) fn offers_method(gateway: &dyn Gateway, id: &str) -> bool {
    gateway.methods().iter().any(|method| method.id == id)
}

fn charge_of(payment: &Payment) -> Charge {
    Charge { id: payment.id.clone(), amount: payment.amount, method: payment.method.clone() }
}

/// The gateway's answer, if it comes in time and is final.
async fn final_answer<T>(
    payment_id: &PaymentId,
    call: impl Future<Output = Result<T, GatewayError>>,
) -> Option<T> {
    match tokio::time::timeout(GATEWAY_TIMEOUT, call).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(error)) => {
            tracing::warn!(
                event = "payment.gateway_failed",
                %payment_id,
                %error,
                "the payment gateway gave no final answer"
            );
            None
        }
        Err(_) => {
            tracing::warn!(
                event = "payment.gateway_timeout",
                %payment_id,
                "the payment gateway did not answer in time"
            );
            None
        }
    }
}

/// Uses up the authorisation for exactly this version of this order, reserves the stock and
/// inserts the payment, leased to the caller; all of it or nothing.
pub(crate) async fn begin(
    tx: &mut Connection,
    order: &Order,
    authorisation: &Authorisation,
    new: PaymentId,
    now: Timestamp,
) -> Result<()> {
    let id = &order.names.id;
    if !tx.payments().consume_authorisation(authorisation, now).await? {
        return Err(Refusal::NotPossible.into());
    }
    if !tx.orders().confirm(id, order.version, now).await? {
        return Err(Refusal::OrderChanged.into());
    }
    reserve_stock(tx, id).await?;
    let payment = NewPayment {
        id: new,
        order: id.clone(),
        authorisation: authorisation.id.clone(),
        gateway: "demo".to_owned(),
        gateway_reference: None,
        method: order.header.method.clone(),
        amount: order.header.total,
    };
    if tx.payments().begin(&payment, now, now + PAYMENT_LEASE).await? {
        Ok(())
    } else {
        Err(Refusal::NotPossible.into())
    }
}

/// The authorisation that the code for this version of this order grants.
pub(crate) fn authorisation(
    id: AuthorisationId,
    order: &Order,
    binding_digest: &str,
    now: Timestamp,
) -> Authorisation {
    Authorisation {
        id,
        order: order.names.id.clone(),
        version: order.version,
        binding_digest: binding_digest.to_owned(),
        granted_at: now,
        expires_at: now + AUTHORISATION_TTL,
    }
}

/// Reserves the stock of every line in the order of the variants' ids, so that two orders
/// cannot deadlock (S-B03).
async fn reserve_stock(tx: &mut Connection, order: &OrderId) -> Result<()> {
    for line in tx.orders().lines(order).await? {
        if tx.variants().reserve(&line.variant.id, line.quantity, line.unit).await? {
            continue;
        }
        let left = tx.variants().find_listed(&line.variant.id).await?;
        return Err(match left {
            Some(variant) if variant.stock >= line.quantity.get() => Refusal::OrderChanged,
            Some(variant) => Refusal::OutOfStock { left: variant.stock },
            None => Refusal::OutOfStock { left: 0 },
        }
        .into());
    }
    Ok(())
}

/// Records that the charge succeeded: payment, order and cart move together.
pub(crate) async fn capture(
    tx: &mut Connection,
    payment: &Payment,
    now: Timestamp,
) -> Result<PaymentStatus> {
    let step = (PaymentStatus::InFlight, PaymentStatus::Captured);
    if !tx.payments().advance(&payment.id, step, None, now, None).await? {
        return current_status(tx, &payment.id).await;
    }
    advance(tx, &payment.order, OrderStatus::Paying, OrderEvent::Capture, now).await?;
    if let Some(order) = tx.orders().find(&payment.order).await? {
        let cart = &order.header.cart;
        tx.carts().lock(cart, now).await?;
        tx.carts().remove_bought(cart, &payment.order).await?;
        tx.carts().finish_checkout(cart, now).await?;
    }
    Ok(PaymentStatus::Captured)
}

async fn decline(
    tx: &mut Connection,
    payment: &Payment,
    reason: DeclineReason,
    now: Timestamp,
) -> Result<PaymentStatus> {
    let step = (PaymentStatus::InFlight, PaymentStatus::Declined);
    if !tx.payments().advance(&payment.id, step, Some(decline_reason(reason)), now, None).await? {
        return current_status(tx, &payment.id).await;
    }
    advance(tx, &payment.order, OrderStatus::Paying, OrderEvent::Decline, now).await?;
    for line in tx.orders().lines(&payment.order).await? {
        tx.variants().release(&line.variant.id, line.quantity).await?;
    }
    Ok(PaymentStatus::Declined)
}

async fn refunded(tx: &mut Connection, payment: &Payment, now: Timestamp) -> Result<()> {
    let step = (PaymentStatus::Refunding, PaymentStatus::Refunded);
    if !tx.payments().advance(&payment.id, step, None, now, None).await? {
        return Ok(());
    }
    let order = tx.orders().find(&payment.order).await?;
    let from = order.map_or(OrderStatus::Paid, |order| order.status);
    advance(tx, &payment.order, from, OrderEvent::Refund, now).await
}

async fn not_refunded(tx: &mut Connection, payment: &Payment, now: Timestamp) -> Result<()> {
    let step = (PaymentStatus::Refunding, PaymentStatus::Captured);
    let failure = Some("the gateway knows no such charge");
    tx.payments().advance(&payment.id, step, failure, now, None).await?;
    Ok(())
}

/// Moves the order of a payment; if that is impossible, the transaction fails.
async fn advance(
    tx: &mut Connection,
    order: &OrderId,
    from: OrderStatus,
    event: OrderEvent,
    now: Timestamp,
) -> Result<()> {
    if tx.orders().advance(order, from, event, now).await? {
        Ok(())
    } else {
        Err(Error::Failed(Fault::Broken("orders.status")))
    }
}

/// The status of a payment that another task has settled.
async fn current_status(tx: &mut Connection, id: &PaymentId) -> Result<PaymentStatus> {
    let payment = tx.payments().find(id).await?;
    Ok(payment.ok_or(Error::Failed(Fault::Broken("payments.id")))?.status)
}

/// Why a payment was declined, as rows keep it and the merchant reads it.
const fn decline_reason(reason: DeclineReason) -> &'static str {
    match reason {
        DeclineReason::Refused => "refused",
        DeclineReason::InsufficientFunds => "insufficient funds",
        DeclineReason::Voided => "never arrived",
    }
}
