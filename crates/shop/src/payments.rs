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
    AuthorisationId, Buyer, DeclineReason, EmailAddress, Language, OrderEvent, OrderId,
    OrderStatus, PaymentId, PaymentStatus, Quantity, RefundId, Refusal, Timestamp,
};
use payment::{
    Authorization, AuthorizeRequest, CancelOutcome, Gateway, GatewayError, GatewayName,
    GatewayReference, GatewayStatus, Gateways, OrderReference, PaymentLine, RefundOutcome,
    RefundRequest,
};
use store::{Authorisation, Connection, Db, NewPayment, Order, Payment, transaction};

use crate::{
    clock::Clock,
    error::{Error, Fault, Result},
    limits::may_hold,
};

/// How long after the code a charge may still be made (PSD2 RTS Art. 4(3)(d)).
const AUTHORISATION_TTL: Duration = Duration::from_secs(5 * 60);
/// How long a claimed payment is left to the node that claimed it.
pub(crate) const PAYMENT_LEASE: Duration = Duration::from_secs(30);
/// How long a call of the gateway may take; well inside the lease.
const GATEWAY_TIMEOUT: Duration = Duration::from_secs(10);
/// How many payments one run settles at most.
const RECONCILE_BATCH_SIZE: usize = 100;

/// Charges and refunds at the payment gateways.
#[derive(Clone)]
pub struct Payments {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) gateways: Gateways,
}

/// The final outcome of a charge.
enum Outcome {
    Captured(GatewayReference),
    Declined(DeclineReason),
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
                    error = %domain::Causes(&error),
                    "payment reconciliation failed"
                );
            }
        }
        Ok(RECONCILE_BATCH_SIZE)
    }

    async fn reconcile(&self, payment: Payment) -> Result<()> {
        match payment.status {
            PaymentStatus::InFlight => {
                if let Some(outcome) = self.outcome(&payment).await? {
                    self.record(payment, outcome, self.clock.now()).await?;
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
        self.charge_at(id, self.clock.now()).await
    }

    /// The same, with the outcome recorded as of a time; the seed makes past orders with it.
    pub(crate) async fn charge_at(&self, id: &PaymentId, at: Timestamp) -> Result<PaymentStatus> {
        let payment = self.db.read().await?.payments().find(id).await?;
        let payment = payment.ok_or(Error::Failed(Fault::Broken("payments.id")))?;
        match self.authorize(&payment).await? {
            Some(outcome) => self.record(payment, outcome, at).await,
            None => Ok(PaymentStatus::InFlight),
        }
    }

    /// Asks the gateway to charge; `None` without a final answer.
    async fn authorize(&self, payment: &Payment) -> Result<Option<Outcome>> {
        let (gateway, request) = (self.gateway(payment)?, self.request(payment).await?);
        let answer = answer(&payment.id, gateway.authorize(&request)).await;
        Ok(match answer {
            Some(Authorization::Captured { reference }) => Some(Outcome::Captured(reference)),
            Some(Authorization::Declined { reason, .. }) => Some(Outcome::Declined(reason)),
            Some(_) | None => None,
        })
    }

    /// The gateway of a payment. It may have been removed from the settings while the payment was
    /// in flight.
    fn gateway(&self, payment: &Payment) -> Result<&Arc<dyn Gateway>> {
        let gateway = self.gateways.by_name(&payment.gateway);
        gateway.ok_or(Error::Failed(Fault::Broken("payments.gateway is not in MARIGOLD_GATEWAYS")))
    }

    async fn request(&self, payment: &Payment) -> Result<AuthorizeRequest> {
        let mut rows = self.db.read().await?;
        let order = rows.orders().find(&payment.order).await?;
        let order = order.ok_or(Error::Failed(Fault::Broken("payments.order_id")))?;
        let (email, locale) = buyer(&mut rows, &order).await?;
        let return_url = self.gateways.return_url(&order.names.token);
        Ok(AuthorizeRequest {
            payment: payment.id.clone(),
            lines: payment_lines(&mut rows, &order).await?,
            order: OrderReference { id: order.names.id, number: order.names.number },
            amount: payment.amount,
            method: payment.method.clone(),
            email: Some(email),
            locale,
            cancel_url: return_url.clone(),
            return_url,
            save_for: None,
            saved_method: None,
            expires_at: payment.authorised_until,
        })
    }

    /// The outcome of a charge; if the gateway never received it, it is made now or cancelled.
    async fn outcome(&self, payment: &Payment) -> Result<Option<Outcome>> {
        let gateway = self.gateway(payment)?;
        let reference = payment.gateway_reference.clone().map(GatewayReference::new);
        let found = answer(&payment.id, gateway.find(&payment.id, reference.as_ref())).await;
        let Some(found) = found else { return Ok(None) };
        if let Some(state) = found {
            return Ok(match state.status {
                GatewayStatus::Captured => Some(Outcome::Captured(state.reference)),
                GatewayStatus::Declined(reason) => Some(Outcome::Declined(reason)),
                GatewayStatus::Canceled => Some(Outcome::Declined(DeclineReason::Canceled)),
                GatewayStatus::Expired => Some(Outcome::Declined(DeclineReason::Expired)),
                GatewayStatus::Pending
                | GatewayStatus::Authorized { .. }
                | GatewayStatus::ActionNeeded { .. } => None,
            });
        }
        if self.clock.now() < payment.authorised_until {
            return self.authorize(payment).await;
        }
        let canceled = answer(&payment.id, gateway.cancel(&payment.id, reference.as_ref())).await;
        // A payment that was captured in the meantime is found by the next run.
        let is_canceled = canceled == Some(CancelOutcome::Canceled);
        Ok(is_canceled.then_some(Outcome::Declined(DeclineReason::Expired)))
    }

    /// Records the gateway's final answer once: the transaction that moves the payment out
    /// of `in_flight` moves the order, the stock and the cart with it (S-B02).
    async fn record(
        &self,
        payment: Payment,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<PaymentStatus> {
        transaction!(self.db, |tx| {
            match outcome {
                Outcome::Captured(reference) => {
                    capture(tx, &payment, Some(reference.as_str()), now).await
                }
                Outcome::Declined(reason) => decline(tx, &payment, reason, now).await,
            }
        })
        .await
    }

    /// Refunds a payment; without an answer it stays `refunding`. A payment that the gateway
    /// does not know as charged cannot be refunded and becomes `captured` again.
    pub(crate) async fn refund(&self, payment: Payment) -> Result<()> {
        let refund = RefundId::parse(payment.id.as_str());
        let request = RefundRequest {
            refund: refund.ok_or(Error::Failed(Fault::Broken("payments.id")))?,
            payment: payment.id.clone(),
            reference: payment.gateway_reference.clone().map(GatewayReference::new),
            amount: payment.amount,
        };
        let asked = self.gateway(&payment)?.refund(&request);
        let is_refunded = match answer(&payment.id, asked).await {
            Some(RefundOutcome::Refunded) => true,
            Some(RefundOutcome::Refused) => false,
            Some(RefundOutcome::Pending) | None => return Ok(()),
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

/// The e-mail address and the language of a buyer.
async fn buyer(rows: &mut Connection, order: &Order) -> Result<(EmailAddress, Language)> {
    match &order.header.buyer {
        Buyer::Account(id) => {
            let account = rows.accounts().find(id).await?;
            let account = account.ok_or(Error::Failed(Fault::Broken("orders.account_id")))?;
            Ok((account.email, account.language))
        }
        Buyer::Guest { email, .. } => Ok((email.clone(), Language::default())),
    }
}

/// The lines of an order as the gateway's page shows them, with shipping as the last one.
async fn payment_lines(rows: &mut Connection, order: &Order) -> Result<Vec<PaymentLine>> {
    let lines = rows.orders().lines(&order.names.id).await?.into_iter().map(|line| PaymentLine {
        name: line.product.name,
        quantity: line.quantity,
        unit: line.unit,
    });
    let shipping = PaymentLine {
        name: order.header.shipping.clone(),
        quantity: Quantity::ONE,
        unit: order.header.shipping_price,
    };
    let has_shipping_price = shipping.unit.minor() != 0;
    Ok(lines.chain(has_shipping_price.then_some(shipping)).collect())
}

/// The gateway's answer, if it comes in time.
async fn answer<T>(
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
                "the payment gateway gave no answer"
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
    (gateway, new): (GatewayName, PaymentId),
    now: Timestamp,
) -> Result<()> {
    let id = &order.names.id;
    if !tx.payments().consume_authorisation(authorisation, now).await? {
        return Err(Refusal::NotPossible.into());
    }
    if !tx.orders().confirm(id, order.version, now).await? {
        return Err(Refusal::OrderChanged.into());
    }
    may_hold(tx, id, now).await?;
    reserve_stock(tx, id).await?;
    let payment = NewPayment {
        id: new,
        order: id.clone(),
        authorisation: authorisation.id.clone(),
        gateway: gateway.as_str().to_owned(),
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
async fn capture(
    tx: &mut Connection,
    payment: &Payment,
    reference: Option<&str>,
    now: Timestamp,
) -> Result<PaymentStatus> {
    let step = (PaymentStatus::InFlight, PaymentStatus::Captured);
    if !tx.payments().advance(&payment.id, step, None, now, None).await? {
        return current_status(tx, &payment.id).await;
    }
    if let Some(reference) = reference {
        tx.payments().set_reference(&payment.id, reference).await?;
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
    if !tx.payments().advance(&payment.id, step, Some(reason.as_str()), now, None).await? {
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
