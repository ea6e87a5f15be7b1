//! Takes the money that is held for a payment.
//! Source: <https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>.

use domain::{DeclineReason, Timestamp};

use super::{
    checkout_session::SessionStatus,
    client::Client,
    errors::StripeError,
    form::Form,
    idempotency::Step,
    lookup::{self, Found},
    minor_units,
    payment_intent::{self, IntentStatus, IntentStep, PaymentIntent},
};
use crate::{CaptureOutcome, CaptureRequest};

/// Captures a payment once, and never more than is held. It is read first, so that a payment which
/// was captured before is not captured again, however old the idempotency key is.
pub(super) async fn capture(
    client: &Client,
    request: &CaptureRequest,
    now: Timestamp,
) -> Result<CaptureOutcome, StripeError> {
    let found = lookup::find(client, &request.payment, Some(&request.reference), now).await?;
    let found = found.ok_or(StripeError::Missing)?.value;
    if let Found::Session(session) = &found
        && session.status == Some(SessionStatus::Expired)
    {
        return Ok(CaptureOutcome::Declined(DeclineReason::Expired));
    }
    let intent = found.intent().ok_or(StripeError::NotAuthorized)?;
    let amount = minor_units::to_stripe(request.amount)?;
    let is_same_currency = minor_units::code(request.amount.currency()) == intent.currency;
    if is_same_currency && intent.status != IntentStatus::RequiresCapture {
        return outcome(intent, amount);
    }
    if !is_same_currency || amount > intent.amount_capturable {
        return Err(StripeError::NotAuthorized);
    }
    let form = Form::new().with("amount_to_capture", amount);
    let step = IntentStep { step: Step::Capture, action: "capture", form };
    let captured = payment_intent::change(client, intent, &request.payment, step).await?;
    outcome(&captured.value, amount)
}

/// What became of a capture of this amount. Another amount may have been captured before, such as by
/// the merchant in Stripe's Dashboard.
fn outcome(intent: &PaymentIntent, amount: i64) -> Result<CaptureOutcome, StripeError> {
    match intent.status {
        IntentStatus::Succeeded if intent.amount_received == amount => Ok(CaptureOutcome::Captured),
        IntentStatus::Canceled if intent.has_expired() => {
            Ok(CaptureOutcome::Declined(DeclineReason::Expired))
        }
        IntentStatus::Canceled => Ok(CaptureOutcome::Declined(DeclineReason::Canceled)),
        IntentStatus::Processing => Ok(CaptureOutcome::Pending),
        IntentStatus::Succeeded
        | IntentStatus::RequiresPaymentMethod
        | IntentStatus::RequiresConfirmation
        | IntentStatus::RequiresAction
        | IntentStatus::RequiresCapture
        | IntentStatus::Other => Err(StripeError::NotAuthorized),
    }
}
