//! PaymentIntents: one for each payment. Its status is what counts, whatever a page, a redirect or a
//! Checkout Session says. Source: <https://docs.stripe.com/payments/paymentintents/lifecycle>.

use std::collections::HashMap;

use domain::{DeclineReason, PaymentId, Timestamp};
use serde::{Deserialize, Deserializer};

use super::{
    client::{Client, Reply},
    declines,
    errors::{StripeError, UNEXPECTED_STATE},
    form::Form,
    idempotency::{Failures, IdempotencyKey, MAX_KEYS, Step},
};
use crate::Url;

/// The address of all PaymentIntents.
pub(super) const PATH: &str = "/v1/payment_intents";
/// The beginning of their ids.
pub(super) const ID_PREFIX: &str = "pi_";
/// The entry of the metadata with the payment's id. Stripe copies the metadata to the charge.
pub(super) const PAYMENT_METADATA: &str = "marigold_payment";
/// The entry of the metadata with the order's id.
pub(super) const ORDER_METADATA: &str = "marigold_order";

/// The status of a PaymentIntent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum IntentStatus {
    /// No means of payment, or the last one was declined.
    RequiresPaymentMethod,
    /// It was created and not confirmed.
    RequiresConfirmation,
    /// The shopper has to pass a check of the issuer.
    RequiresAction,
    /// The issuer has not decided yet.
    Processing,
    /// The money is held.
    RequiresCapture,
    /// Nothing is held, and nothing will be taken.
    Canceled,
    /// The money was taken.
    Succeeded,
    /// A status that this version does not know.
    #[serde(other)]
    Other,
}

/// A PaymentIntent, as far as the shop reads it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct PaymentIntent {
    pub(super) id: String,
    pub(super) status: IntentStatus,
    pub(super) amount: i64,
    pub(super) currency: String,
    #[serde(default)]
    pub(super) amount_capturable: i64,
    #[serde(default)]
    pub(super) amount_received: i64,
    #[serde(default)]
    pub(super) metadata: HashMap<String, String>,
    pub(super) next_action: Option<NextAction>,
    pub(super) last_payment_error: Option<PaymentError>,
    pub(super) latest_charge: Option<Expandable<Charge>>,
    pub(super) cancellation_reason: Option<String>,
}

/// What the shopper has to do. Only a redirect works without a script of Stripe's.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct NextAction {
    pub(super) redirect_to_url: Option<RedirectToUrl>,
}

/// The page of the issuer.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct RedirectToUrl {
    #[serde(default, deserialize_with = "url")]
    pub(super) url: Option<Url>,
}

/// Why the last attempt to pay failed.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct PaymentError {
    pub(super) code: Option<String>,
    pub(super) decline_code: Option<String>,
}

/// The charge of a PaymentIntent: what was held, taken and given back.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Charge {
    pub(super) amount: i64,
    pub(super) amount_captured: i64,
    pub(super) amount_refunded: i64,
    pub(super) payment_method_details: Option<MethodDetails>,
}

/// The means of payment of a charge.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct MethodDetails {
    pub(super) card: Option<CardDetails>,
}

/// The card of a charge.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct CardDetails {
    /// Until when the hold can be captured, in seconds since 1970.
    pub(super) capture_before: Option<i64>,
}

/// An object, or only its id where the request did not ask for the object.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Expandable<T> {
    /// The whole object.
    Object(Box<T>),
    /// Its id.
    Id(String),
}

/// Reads an address; `None` if there is none.
pub(super) fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| Url::parse(&text).ok()))
}

impl<T> Expandable<T> {
    pub(super) fn object(&self) -> Option<&T> {
        match self {
            Self::Object(object) => Some(object),
            Self::Id(_) => None,
        }
    }

    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Self::Object(_) => None,
            Self::Id(id) => Some(id),
        }
    }
}

impl PaymentIntent {
    /// The page on which the shopper has to act.
    pub(super) fn action_url(&self) -> Option<&Url> {
        self.next_action.as_ref()?.redirect_to_url.as_ref()?.url.as_ref()
    }

    /// Why the last attempt was declined; `None` if there was no attempt.
    pub(super) fn decline_reason(&self) -> Option<DeclineReason> {
        let error = self.last_payment_error.as_ref()?;
        Some(declines::reason(error.decline_code.as_deref(), error.code.as_deref()))
    }

    /// Until when the hold can be captured, if the charge was read with the PaymentIntent.
    /// Source: <https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>.
    pub(super) fn capture_before(&self) -> Option<Timestamp> {
        let details = self.charge()?.payment_method_details.as_ref()?;
        let seconds = details.card.as_ref()?.capture_before?;
        Some(Timestamp::from_millis(seconds.saturating_mul(1000)))
    }

    /// How much of the captured money was given back, if the charge was read with the PaymentIntent.
    ///
    /// Stripe counts what was held and not captured as refunded, too
    /// (<https://docs.stripe.com/api/payment_intents/capture>).
    pub(super) fn amount_refunded(&self) -> i64 {
        let refunded = |charge: &Charge| {
            let released = charge.amount.saturating_sub(charge.amount_captured);
            charge.amount_refunded.saturating_sub(released).max(0)
        };
        self.charge().map_or(0, refunded)
    }

    /// Whether Stripe cancelled it because the time to capture it, or to act, was over.
    pub(super) fn has_expired(&self) -> bool {
        matches!(self.cancellation_reason.as_deref(), Some("automatic" | "expired"))
    }

    /// Whether it belongs to this payment of the shop.
    pub(super) fn is_of(&self, payment: &PaymentId) -> bool {
        self.metadata.get(PAYMENT_METADATA).is_some_and(|id| id == payment.as_str())
    }

    fn charge(&self) -> Option<&Charge> {
        self.latest_charge.as_ref()?.object()
    }
}

/// Reads a PaymentIntent with its charge.
pub(super) async fn retrieve(
    client: &Client,
    id: &str,
) -> Result<Reply<PaymentIntent>, StripeError> {
    client.get(&format!("{PATH}/{id}"), &with_charge()).await
}

/// Confirms, captures or cancels a PaymentIntent, and returns it afterwards.
///
/// If Stripe failed, or says that the PaymentIntent has moved on, it is read: the step may have
/// happened, here or on another node. If it has not, the step is repeated with a new key, because
/// the failure is stored under the old one.
pub(super) async fn change(
    client: &Client,
    intent: &PaymentIntent,
    payment: &PaymentId,
    step: IntentStep<'_>,
) -> Result<Reply<PaymentIntent>, StripeError> {
    let path = format!("{PATH}/{}/{}", intent.id, step.action);
    let mut failures = Failures::default();
    for number in 1..=MAX_KEYS {
        let key = IdempotencyKey::of_step(payment, step.step, number);
        let error = match client.post(&path, &step.form, &key).await {
            Ok(reply) => return Ok(reply),
            Err(error) => error,
        };
        let has_moved = error.has_code(UNEXPECTED_STATE);
        if !error.is_server_failure() && !has_moved {
            return Err(error);
        }
        let now = retrieve(client, &intent.id).await?;
        if now.value.status != intent.status {
            return Ok(now);
        }
        if has_moved || !failures.allow_another_key(&error) {
            return Err(error);
        }
    }
    Err(StripeError::NoAnswer)
}

/// A change of a PaymentIntent.
pub(super) struct IntentStep<'a> {
    pub(super) step: Step,
    /// The last part of the address.
    pub(super) action: &'a str,
    pub(super) form: Form,
}

/// Asks for the charge within the PaymentIntent.
pub(super) fn with_charge() -> Form {
    Form::new().with("expand[]", "latest_charge")
}
