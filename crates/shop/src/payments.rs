//! Money. Each order is paid once, or not at all and its stock is free again,
//! wherever the power fails:
//!
//! 1. The code is accepted. One transaction consumes the challenge, writes the
//!    authorisation and uses it up, moves the order to paying, takes the stock and
//!    writes the payment, in flight. A crash before its commit: nothing happened,
//!    the code still lives. After it: rows remember that money may move.
//! 2. The gateway is asked, under the payment's id. A crash before, during or
//!    after leaves the payment in flight.
//! 3. The answer is written down: payment, order, stock and basket in one
//!    transaction, and only by whoever moves the payment out of flight.
//!
//! What is in flight and not leased to anybody is settled by [`Payments::reconcile_pending`]:
//! it asks the gateway what became of the id. A charge the gateway never had is
//! made now, which is safe because an id is charged once; or, when the shopper's
//! authorisation has grown old, voided, after which it can never be made. Either
//! way the answer is final and step 3 runs. An answer that never comes changes
//! nothing: the order stays paying, its stock set aside, until one comes.
//!
//! Refunds go the same way: written down as refunding, asked, written down as
//! refunded; asking again is safe.

use std::time::Duration;

use domain::{
    AuthorisationId, OrderEvent, OrderId, OrderStatus, PaymentId, PaymentStatus, Refusal, Timestamp,
};
use payment::{Charge, ChargeOutcome, DeclineReason, GatewayError};
use store::{Authorisation, Connection, NewPayment, Order, Payment};

use crate::{Error, Fault, Result, Shop};

/// How long after the code a charge may still be made (PSD2 RTS Art. 4(3)(d)).
const AUTHORISATION_LIFE: Duration = Duration::from_secs(5 * 60);
/// How long whoever works on a payment has it alone.
pub(crate) const LEASE: Duration = Duration::from_secs(30);
/// How long an answer of the gateway is waited for; well inside the lease.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most payments settled in one go.
const BATCH: usize = 100;

/// Money.
pub struct Payments<'s>(&'s Shop);

impl Shop {
    /// Money.
    pub fn payments(&self) -> Payments<'_> {
        Payments(self)
    }
}

impl Payments<'_> {
    /// Settles what is in flight and nobody is working on. Answers how many
    /// payments it looked at; those without an answer come up again later.
    pub async fn reconcile_pending(&self) -> Result<usize> {
        for settled in 0..BATCH {
            let now = self.0.clock().now();
            let claimed = self
                .0
                .db()
                .write(move |tx| {
                    Box::pin(async move { tx.payments().claim(now, now + LEASE).await })
                })
                .await?;
            let Some(payment) = claimed else { return Ok(settled) };
            // One that cannot be settled must not keep the others waiting.
            if let Err(error) = self.reconcile(payment).await {
                tracing::error!(error = &error as &dyn std::error::Error, "a payment is stuck");
            }
        }
        Ok(BATCH)
    }

    async fn reconcile(&self, payment: Payment) -> Result<()> {
        match payment.status {
            PaymentStatus::InFlight => {
                if let Some(outcome) = self.ask(&payment).await {
                    self.record(payment, outcome).await?;
                }
                Ok(())
            }
            PaymentStatus::Refunding => match self.give_back(payment).await {
                Err(Error::Refused(_)) => Ok(()),
                given => given,
            },
            PaymentStatus::Captured | PaymentStatus::Declined | PaymentStatus::Refunded => Ok(()),
        }
    }

    /// Makes a charge that was just written down; `InFlight` if no answer came.
    pub(crate) async fn charge(&self, id: &PaymentId) -> Result<PaymentStatus> {
        let payment = self.0.db().read().await?.payments().find(id).await?;
        let payment = payment.ok_or(Error::Failed(Fault::Broken("payments.id")))?;
        let charge = charge_of(&payment);
        match final_word(self.0.gateway().charge(&charge)).await {
            Some(outcome) => self.record(payment, outcome).await,
            None => Ok(PaymentStatus::InFlight),
        }
    }

    /// What became of a charge, made now or voided if the gateway never had it.
    async fn ask(&self, payment: &Payment) -> Option<ChargeOutcome> {
        let gateway = self.0.gateway();
        if let Some(outcome) = final_word(gateway.find(&payment.id)).await? {
            return Some(outcome);
        }
        if self.0.clock().now() < payment.authorised_until {
            final_word(gateway.charge(&charge_of(payment))).await
        } else {
            final_word(gateway.void(&payment.id)).await
        }
    }

    /// Writes the gateway's final word down, once: whoever moves the payment out
    /// of flight moves the order, the stock and the basket with it (S-B02).
    async fn record(&self, payment: Payment, outcome: ChargeOutcome) -> Result<PaymentStatus> {
        let now = self.0.clock().now();
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    match outcome {
                        ChargeOutcome::Captured => capture(tx, &payment, now).await,
                        ChargeOutcome::Declined(reason) => decline(tx, &payment, reason, now).await,
                    }
                })
            })
            .await
    }

    /// Gives the money of a payment back; no answer leaves it refunding. Money
    /// the gateway says it never took cannot go back: the payment stays captured.
    pub(crate) async fn give_back(&self, payment: Payment) -> Result<()> {
        let asked = self.0.gateway().refund(&payment.id);
        let is_given = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(())) => true,
            Ok(Err(GatewayError::NotCharged)) => false,
            Ok(Err(GatewayError::Unknown | GatewayError::Unreachable)) | Err(_) => {
                tracing::warn!(payment = %payment.id, "a refund is not through yet");
                return Ok(());
            }
        };
        let now = self.0.clock().now();
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    if is_given {
                        refunded(tx, &payment, now).await
                    } else {
                        not_refunded(tx, &payment, now).await
                    }
                })
            })
            .await?;
        if is_given { Ok(()) } else { Err(Refusal::NotPossible.into()) }
    }
}

fn charge_of(payment: &Payment) -> Charge {
    Charge { id: payment.id.clone(), amount: payment.amount, method: payment.method.clone() }
}

/// The gateway's answer, if it comes in time and says anything final.
async fn final_word<T>(asked: impl Future<Output = Result<T, GatewayError>>) -> Option<T> {
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the gateway gave no final answer");
            None
        }
        Err(_) => {
            tracing::warn!("the gateway did not answer in time");
            None
        }
    }
}

/// The final gate: uses up a right for exactly this version of this order, takes
/// the stock and writes the payment down, leased to the caller. All or nothing.
pub(crate) async fn begin(
    tx: &mut Connection,
    order: &Order,
    right: &Authorisation,
    new: PaymentId,
    now: Timestamp,
) -> Result<()> {
    let id = &order.names.id;
    if !tx.payments().use_up(right, now).await? {
        return Err(Refusal::NotPossible.into());
    }
    if !tx.orders().confirm(id, order.version, now).await? {
        return Err(Refusal::OrderChanged.into());
    }
    take_stock(tx, id).await?;
    let payment = NewPayment {
        id: new,
        order: id.clone(),
        authorisation: right.id.clone(),
        gateway: "demo".to_owned(),
        gateway_reference: None,
        method: order.terms.method.clone(),
        amount: order.terms.total,
    };
    if tx.payments().begin(&payment, now, now + LEASE).await? {
        Ok(())
    } else {
        Err(Refusal::NotPossible.into())
    }
}

/// The right that the code for this version of this order gives.
pub(crate) fn right(
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
        expires_at: now + AUTHORISATION_LIFE,
    }
}

/// Sets every line's pieces aside, in the order of their ids, so that two orders
/// never wait for each other (S-B03).
async fn take_stock(tx: &mut Connection, order: &OrderId) -> Result<()> {
    for line in tx.orders().lines(order).await? {
        if tx.variants().reserve(&line.variant, line.quantity, line.unit).await? {
            continue;
        }
        let left = tx.variants().find_listed(&line.variant).await?;
        return Err(match left {
            Some(variant) if variant.stock >= line.quantity.get() => Refusal::OrderChanged,
            Some(variant) => Refusal::OutOfStock { left: variant.stock },
            None => Refusal::OutOfStock { left: 0 },
        }
        .into());
    }
    Ok(())
}

/// Writes down that the money is here: payment, order and basket move together.
pub(crate) async fn capture(
    tx: &mut Connection,
    payment: &Payment,
    now: Timestamp,
) -> Result<PaymentStatus> {
    let step = (PaymentStatus::InFlight, PaymentStatus::Captured);
    if !tx.payments().advance(&payment.id, step, None, now, None).await? {
        return standing(tx, &payment.id).await;
    }
    advance(tx, &payment.order, OrderStatus::Paying, OrderEvent::Capture, now).await?;
    if let Some(order) = tx.orders().find(&payment.order).await? {
        let cart = &order.terms.cart;
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
    if !tx.payments().advance(&payment.id, step, Some(words(reason)), now, None).await? {
        return standing(tx, &payment.id).await;
    }
    advance(tx, &payment.order, OrderStatus::Paying, OrderEvent::Decline, now).await?;
    for line in tx.orders().lines(&payment.order).await? {
        tx.variants().release(&line.variant, line.quantity).await?;
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
    let why = Some("the gateway knows no such charge");
    tx.payments().advance(&payment.id, step, why, now, None).await?;
    Ok(())
}

/// Moves an order that moves with its payment; if it does not, nothing does.
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

/// Where a payment stands that somebody else has settled.
async fn standing(tx: &mut Connection, id: &PaymentId) -> Result<PaymentStatus> {
    let payment = tx.payments().find(id).await?;
    Ok(payment.ok_or(Error::Failed(Fault::Broken("payments.id")))?.status)
}

/// Why a payment was declined, as rows keep it and the merchant reads it.
const fn words(reason: DeclineReason) -> &'static str {
    match reason {
        DeclineReason::Refused => "refused",
        DeclineReason::InsufficientFunds => "insufficient funds",
        DeclineReason::Voided => "never arrived",
    }
}
