//! What the shop is told about a payment, from what Stripe has of it.

use domain::DeclineReason;

use super::{
    checkout_session::{CheckoutSession, SessionStatus},
    client::Reply,
    errors::StripeError,
    lookup::Found,
    minor_units,
    payment_intent::{Expandable, IntentStatus, ORDER_METADATA, PaymentIntent},
};
use crate::{Authorization, GatewayReference, GatewayStatus, PaymentState};

/// The state of a payment.
pub(super) fn of(found: Reply<Found>) -> Result<PaymentState, StripeError> {
    let request_id = found.request_id;
    let state = match &found.value {
        Found::Session(session) => of_session(session)?,
        Found::Intent(intent) => of_intent(intent)?,
    };
    Ok(PaymentState { request_id, ..state })
}

/// A complete session has ended in its PaymentIntent, whose id is the reference from then on:
/// refunds, disputes and the Dashboard name that one only.
fn of_session(session: &CheckoutSession) -> Result<PaymentState, StripeError> {
    if let (Some(SessionStatus::Complete), Some(intent)) = (session.status, session.intent()) {
        return of_intent(intent);
    }
    let amount = session.amount_total.zip(session.currency.as_deref());
    let amount = amount.and_then(|(amount, currency)| minor_units::from_stripe(amount, currency));
    let amount = amount.ok_or(StripeError::Unreadable)?;
    let nothing = domain::Money::zero(amount.currency());
    let intent = session.payment_intent.as_ref().and_then(Expandable::id);
    let intent = intent.filter(|_| session.status == Some(SessionStatus::Complete));
    Ok(PaymentState {
        reference: GatewayReference::new(intent.unwrap_or(&session.id)),
        order: session.metadata.get(ORDER_METADATA).cloned(),
        status: match session.status {
            Some(SessionStatus::Open) => GatewayStatus::ActionNeeded { url: session.url.clone() },
            Some(SessionStatus::Expired) => GatewayStatus::Expired,
            Some(SessionStatus::Complete | SessionStatus::Other) | None => GatewayStatus::Pending,
        },
        amount,
        captured: nothing,
        refunded: nothing,
        request_id: None,
    })
}

fn of_intent(intent: &PaymentIntent) -> Result<PaymentState, StripeError> {
    let money =
        |amount| minor_units::from_stripe(amount, &intent.currency).ok_or(StripeError::Unreadable);
    Ok(PaymentState {
        reference: GatewayReference::new(&intent.id),
        order: intent.metadata.get(ORDER_METADATA).cloned(),
        status: status(intent),
        amount: money(intent.amount)?,
        captured: money(intent.amount_received)?,
        refunded: money(intent.amount_refunded())?,
        request_id: None,
    })
}

/// The status of a payment with a saved card, or of a complete session.
pub(super) fn status(intent: &PaymentIntent) -> GatewayStatus {
    match intent.status {
        IntentStatus::RequiresPaymentMethod => {
            GatewayStatus::Declined(intent.decline_reason().unwrap_or(DeclineReason::Refused))
        }
        IntentStatus::RequiresAction => {
            GatewayStatus::ActionNeeded { url: intent.action_url().cloned() }
        }
        // It was created, and the answer to the confirmation was lost or has yet to come.
        IntentStatus::RequiresConfirmation | IntentStatus::Processing | IntentStatus::Other => {
            GatewayStatus::Pending
        }
        IntentStatus::RequiresCapture => {
            GatewayStatus::Authorized { until: intent.capture_before() }
        }
        IntentStatus::Succeeded => GatewayStatus::Captured,
        IntentStatus::Canceled if intent.has_expired() => GatewayStatus::Expired,
        IntentStatus::Canceled => GatewayStatus::Canceled,
    }
}

/// What a PaymentIntent means right after it was confirmed. `until` is when the shopper must have
/// passed the issuer's check.
pub(super) fn authorization(intent: &PaymentIntent, until: domain::Timestamp) -> Authorization {
    let reference = GatewayReference::new(&intent.id);
    match status(intent) {
        GatewayStatus::ActionNeeded { url: Some(url) } => {
            Authorization::ActionNeeded { reference, url, until }
        }
        // The issuer wants a check that only a script of Stripe's can show.
        GatewayStatus::ActionNeeded { url: None } => Authorization::Declined {
            reason: DeclineReason::NotAuthenticated,
            reference: Some(reference),
        },
        GatewayStatus::Pending => Authorization::Pending { reference: Some(reference) },
        GatewayStatus::Authorized { until } => Authorization::Authorized { reference, until },
        GatewayStatus::Captured => Authorization::Captured { reference },
        GatewayStatus::Declined(reason) => {
            Authorization::Declined { reason, reference: Some(reference) }
        }
        GatewayStatus::Canceled | GatewayStatus::Expired => {
            Authorization::Declined { reason: DeclineReason::Canceled, reference: Some(reference) }
        }
    }
}
