//! Refunds, whole or in part. Source: <https://docs.stripe.com/api/refunds>.

use std::collections::HashMap;

use serde::Deserialize;

use super::{
    client::Client,
    errors::StripeError,
    form::Form,
    idempotency::{IdempotencyKey, MAX_KEYS},
    minor_units,
    payment_intent::{IntentStatus, PaymentIntent},
};
use crate::{RefundOutcome, RefundRequest};

/// The address of all refunds.
const PATH: &str = "/v1/refunds";
/// The entry of the metadata with the refund's id.
const REFUND_METADATA: &str = "marigold_refund";
/// The most refunds of one payment that are read.
const PAGE_LEN: u32 = 100;

/// The status of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RefundStatus {
    Succeeded,
    Pending,
    /// The shopper has to do something to get the money.
    RequiresAction,
    Failed,
    Canceled,
    #[serde(other)]
    Other,
}

#[derive(Clone, Debug, Deserialize)]
struct Refund {
    status: Option<RefundStatus>,
    #[serde(default)]
    metadata: HashMap<String, String>,
}

#[derive(Deserialize)]
struct Refunds {
    data: Vec<Refund>,
}

impl Refund {
    fn outcome(&self) -> RefundOutcome {
        match self.status {
            Some(RefundStatus::Succeeded) => RefundOutcome::Refunded,
            Some(RefundStatus::Failed | RefundStatus::Canceled) => RefundOutcome::Refused,
            Some(RefundStatus::Pending | RefundStatus::RequiresAction | RefundStatus::Other)
            | None => RefundOutcome::Pending,
        }
    }
}

/// Gives money back, once for each id of a refund.
///
/// Two partial refunds of one payment are both possible, so nothing at Stripe but the key prevents
/// that one is made twice, and keys may be forgotten after a day. So the refunds of the payment are
/// read first. A new key is used only for a failure that was stored by an earlier request: the
/// refund of a request that failed just now might still appear.
pub(super) async fn create(
    client: &Client,
    intent: &PaymentIntent,
    request: &RefundRequest,
) -> Result<RefundOutcome, StripeError> {
    if intent.status != IntentStatus::Succeeded {
        return Ok(RefundOutcome::Refused);
    }
    let form = Form::new()
        .with("payment_intent", &intent.id)
        .with("amount", minor_units::to_stripe(request.amount)?)
        .with(format!("metadata[{REFUND_METADATA}]"), &request.refund);
    for number in 1..=MAX_KEYS {
        if let Some(refund) = find(client, intent, request).await? {
            return Ok(refund.outcome());
        }
        let key = IdempotencyKey::of_refund(request.refund.as_str(), number);
        match client.post::<Refund>(PATH, &form, &key).await {
            Ok(reply) => return Ok(reply.value.outcome()),
            Err(error) if error.is_stored_failure() => {}
            Err(error) if is_refused(&error) => return Ok(RefundOutcome::Refused),
            Err(error) => return Err(error),
        }
    }
    Err(StripeError::NoAnswer)
}

/// The refund with this id among those of the payment.
async fn find(
    client: &Client,
    intent: &PaymentIntent,
    request: &RefundRequest,
) -> Result<Option<Refund>, StripeError> {
    let query = Form::new().with("payment_intent", &intent.id).with("limit", PAGE_LEN);
    let refunds = client.get::<Refunds>(PATH, &query).await?.value.data;
    let is_this = |refund: &Refund| {
        refund.metadata.get(REFUND_METADATA).is_some_and(|id| id == request.refund.as_str())
    };
    Ok(refunds.into_iter().find(is_this))
}

/// Whether Stripe refuses the refund for good: the payment is refunded already, less of it is left,
/// or a dispute has taken the money. Source: <https://docs.stripe.com/error-codes>.
fn is_refused(error: &StripeError) -> bool {
    let of_amount = error.refused().is_some_and(|error| {
        error.status == http::StatusCode::BAD_REQUEST
            && error.details.param.as_deref() == Some("amount")
    });
    of_amount
        || ["charge_already_refunded", "charge_disputed", "refund_disputed_payment"]
            .iter()
            .any(|code| error.has_code(code))
}
