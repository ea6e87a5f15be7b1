//! Ends a payment that is not captured: closes its page, and releases what is held.

use domain::{PaymentId, Timestamp};

use super::{
    checkout_session::{self, SessionStatus},
    client::Client,
    errors::StripeError,
    form::Form,
    idempotency::Step,
    lookup::{self, Found},
    payment_intent::{self, IntentStatus, IntentStep, PaymentIntent},
};
use crate::{CancelOutcome, GatewayReference};

/// Ends a payment. If Stripe has nothing of it, nothing can be paid: a page whose address was lost
/// on its way to the shop is known to nobody, and a PaymentIntent whose creation was not answered is
/// never confirmed.
pub(super) async fn cancel(
    client: &Client,
    payment: &PaymentId,
    reference: Option<&GatewayReference>,
    now: Timestamp,
) -> Result<CancelOutcome, StripeError> {
    let Some(found) = lookup::find(client, payment, reference, now).await? else {
        return Ok(CancelOutcome::Canceled);
    };
    let mut found = found.value;
    if let Found::Session(session) = &found
        && session.status == Some(SessionStatus::Open)
    {
        // The shopper may send the page at the same moment, so what is left counts.
        found = Found::Session(checkout_session::expire(client, session, payment).await?.value);
    }
    if let Found::Session(session) = &found
        && session.status == Some(SessionStatus::Expired)
    {
        return Ok(CancelOutcome::Canceled);
    }
    // A session that is complete and does not show its PaymentIntent yet will show it later.
    let intent = found.intent().ok_or(StripeError::NoAnswer)?;
    cancel_intent(client, intent, payment).await
}

async fn cancel_intent(
    client: &Client,
    intent: &PaymentIntent,
    payment: &PaymentId,
) -> Result<CancelOutcome, StripeError> {
    if let Some(outcome) = outcome(intent) {
        return Ok(outcome);
    }
    let step = IntentStep { step: Step::Cancel, action: "cancel", form: Form::new() };
    let canceled = payment_intent::change(client, intent, payment, step).await?;
    outcome(&canceled.value).ok_or(StripeError::NoAnswer)
}

/// What a PaymentIntent has come to; `None` if it can still be cancelled.
const fn outcome(intent: &PaymentIntent) -> Option<CancelOutcome> {
    match intent.status {
        IntentStatus::Canceled => Some(CancelOutcome::Canceled),
        IntentStatus::Succeeded => Some(CancelOutcome::AlreadyCaptured),
        _ => None,
    }
}
