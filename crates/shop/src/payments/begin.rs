//! The beginning of a payment, in the transaction of the caller: all of it happens or nothing.

use std::time::Duration;

use domain::{
    Actor, AuthorisationId, HistoryKind, OrderEvent, OrderId, OrderStatus, PaymentId,
    PaymentStatus, Refusal, Timestamp,
};
use payment::{GatewayName, Timing};
use store::{Authorisation, Connection, HistoryEntry, NewPayment, Order, Payment, PaymentStep};

use super::{AUTHORISATION_TTL, PAGE_TTL, PAYMENT_LEASE};
use crate::{
    error::Result,
    limits::{may_hold, may_pay_later},
};

/// A payment to begin.
pub(crate) struct NewPaymentOf<'a> {
    /// The order, as it is before.
    pub order: &'a Order,
    /// The id of the payment.
    pub id: PaymentId,
    /// The gateway.
    pub gateway: GatewayName,
    /// How long money that comes from outside is waited for; `None` without a limit.
    pub payment_term: Option<Duration>,
    /// What the code granted; `None` if the policy asks for none, or the code comes later.
    pub authorisation: Option<&'a Authorisation>,
    /// Whether no money may move before a right code.
    pub needs_code: bool,
}

/// What has to be done at the gateway after the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The gateway has to be asked for the payment.
    Authorise(PaymentId),
    /// The money that the gateway holds has to be taken.
    Capture(PaymentId),
    /// Nothing.
    Nothing,
}

/// Begins a payment of a method with this timing. The order waits for its code, or needs none.
pub(crate) async fn begin(
    tx: &mut Connection,
    new: NewPaymentOf<'_>,
    timing: Timing,
    now: Timestamp,
) -> Result<Next> {
    let (event, status, expires_at) = match timing {
        Timing::AuthorizeFirst => {
            (OrderEvent::BeginAuthorisation, PaymentStatus::InFlight, Some(now + PAGE_TTL))
        }
        Timing::ChargeAfterCode => {
            (OrderEvent::Confirm, PaymentStatus::InFlight, Some(now + AUTHORISATION_TTL))
        }
        Timing::Later => {
            (OrderEvent::Accept, PaymentStatus::Expected, new.payment_term.map(|time| now + time))
        }
    };
    consume(tx, new.authorisation, now).await?;
    let order = new.order;
    let id = &order.names.id;
    if !tx.orders().confirm(id, order.version, (OrderStatus::AwaitingCode, event), now).await? {
        return Err(Refusal::OrderChanged.into());
    }
    may_hold(tx, id, now).await?;
    if timing == Timing::Later {
        may_pay_later(tx, id, now).await?;
    }
    reserve_stock(tx, id).await?;
    let is_in_flight = status == PaymentStatus::InFlight;
    let payment = NewPayment {
        id: new.id.clone(),
        order: id.clone(),
        version: order.version,
        authorisation: new.authorisation.map(|right| right.id.clone()),
        needs_code: new.needs_code,
        gateway: new.gateway.as_str().to_owned(),
        method: order.header.method.clone(),
        amount: order.header.total,
        status,
        expires_at,
        // The caller asks the gateway now, and the reconciler if the caller dies.
        check_at: if is_in_flight { Some(now + PAYMENT_LEASE) } else { expires_at },
    };
    if !tx.payments().begin(&payment, now).await? {
        return Err(Refusal::NotPossible.into());
    }
    if is_in_flight {
        return Ok(Next::Authorise(new.id));
    }
    let cart = &order.header.cart;
    tx.carts().lock(cart, now).await?;
    tx.carts().remove_bought(cart, id).await?;
    tx.carts().finish_checkout(cart, now).await?;
    Ok(Next::Nothing)
}

/// Begins to take the money that the gateway holds, after the right code or without one.
pub(crate) async fn begin_capture(
    tx: &mut Connection,
    order: &Order,
    payment: &Payment,
    authorisation: Option<&Authorisation>,
    now: Timestamp,
) -> Result<Next> {
    consume(tx, authorisation, now).await?;
    let id = &order.names.id;
    let step = (OrderStatus::Authorised, OrderEvent::Confirm);
    if !tx.orders().confirm(id, order.version, step, now).await? {
        return Err(Refusal::OrderChanged.into());
    }
    if let Some(right) = authorisation {
        tx.payments().set_authorisation(&payment.id, &right.id).await?;
    }
    tx.payments().set_expiry(&payment.id, now + AUTHORISATION_TTL).await?;
    let step = PaymentStep {
        check_at: Some(now + PAYMENT_LEASE),
        ..PaymentStep::to(PaymentStatus::Authorised, PaymentStatus::Capturing)
    };
    if tx.payments().advance(&payment.id, step, now).await? {
        Ok(Next::Capture(payment.id.clone()))
    } else {
        Err(Refusal::NotPossible.into())
    }
}

/// Uses up the authorisation for exactly this version of this order.
async fn consume(
    tx: &mut Connection,
    authorisation: Option<&Authorisation>,
    now: Timestamp,
) -> Result<()> {
    let Some(right) = authorisation else { return Ok(()) };
    if !tx.payments().consume_authorisation(right, now).await? {
        return Err(Refusal::NotPossible.into());
    }
    let entry = HistoryEntry::new(HistoryKind::CodeAccepted, Actor::Shopper, now);
    tx.order_events().add(&right.order, &entry).await?;
    Ok(())
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

/// Puts the pieces of a sold order back into stock, unless they went back before.
pub(crate) async fn restock(tx: &mut Connection, order: &OrderId, now: Timestamp) -> Result<()> {
    if tx.orders().mark_restocked(order, now).await? {
        release_stock(tx, order).await?;
    }
    Ok(())
}

/// Puts the stock of every line back.
pub(crate) async fn release_stock(tx: &mut Connection, order: &OrderId) -> Result<()> {
    for line in tx.orders().lines(order).await? {
        tx.variants().release(&line.variant.id, line.quantity).await?;
    }
    Ok(())
}
