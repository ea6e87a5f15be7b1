//! Events: what Stripe says has happened, by webhook or in the list of events.
//!
//! An event is a hint. It names a payment, and the shop then reads the payment. Kinds that the shop
//! does not use are ignored, because Stripe adds new ones at any time, and a merchant may have other
//! business at the same account. Source: <https://docs.stripe.com/api/events/types>.

use domain::{Money, PaymentId, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::{
    KeyMode, minor_units,
    payment_intent::{ORDER_METADATA, PAYMENT_METADATA},
};
use crate::{CallbackError, Dispute, DisputeStatus, EventKind, GatewayEvent, GatewayReference};

/// The kinds of events that the shop uses, at most 20, which is what a poll may name.
pub(super) const TYPES: [&str; 17] = [
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "charge.refunded",
    "refund.failed",
    "refund.updated",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_reinstated",
];

/// An event as Stripe writes it. The form of its object depends on the version that the endpoint or
/// the account had then, so only fields that all versions have are read.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    livemode: bool,
    data: Option<Data>,
}

#[derive(Clone, Debug, Deserialize)]
struct Data {
    object: Value,
}

/// Reads the body of a webhook, whose signature was verified.
pub(super) fn read(body: &[u8], mode: KeyMode) -> Result<GatewayEvent, CallbackError> {
    let event: Event = serde_json::from_slice(body).map_err(|_| CallbackError::Malformed)?;
    Ok(event.into_gateway_event(mode))
}

impl Event {
    /// What the event says to the shop.
    pub(super) fn into_gateway_event(self, mode: KeyMode) -> GatewayEvent {
        let is_of_this_mode = self.livemode == (mode == KeyMode::Live);
        let is_used = is_of_this_mode && TYPES.contains(&self.kind.as_str());
        let object = self.data.as_ref().map(|data| &data.object).filter(|_| is_used);
        let read = object.and_then(|object| match object.get("object")?.as_str()? {
            "checkout.session" => of_session(object),
            "payment_intent" => of_intent(object),
            "charge" => of_charge(object),
            "refund" => of_refund(object),
            "dispute" => of_dispute(object),
            _ => None,
        });
        let ignored = GatewayEvent {
            id: String::new(),
            payment: None,
            reference: None,
            amount: None,
            order: None,
            kind: EventKind::Ignored,
        };
        GatewayEvent { id: self.id, ..read.unwrap_or(ignored) }
    }
}

/// A page. It may be of another business of the merchant, which is `None`.
fn of_session(object: &Value) -> Option<GatewayEvent> {
    let is_complete = text(object, "status") == Some("complete");
    let intent = id_in(object, "payment_intent").filter(|_| is_complete);
    let reference = intent.or_else(|| text(object, "id"));
    changed(object, reference, money(object, "amount_total"))
}

fn of_intent(object: &Value) -> Option<GatewayEvent> {
    changed(object, text(object, "id"), money(object, "amount"))
}

/// A charge has the metadata of its PaymentIntent.
fn of_charge(object: &Value) -> Option<GatewayEvent> {
    changed(object, id_in(object, "payment_intent"), money(object, "amount"))
}

/// A refund has metadata of its own, so only the PaymentIntent's id tells the payment.
fn of_refund(object: &Value) -> Option<GatewayEvent> {
    Some(about(id_in(object, "payment_intent")?, EventKind::Changed))
}

/// A dispute, too.
fn of_dispute(object: &Value) -> Option<GatewayEvent> {
    let due_by = object.pointer("/evidence_details/due_by").and_then(Value::as_i64);
    let dispute = Dispute {
        id: text(object, "id")?.to_owned(),
        reason: text(object, "reason").unwrap_or("general").to_owned(),
        amount: money(object, "amount")?,
        status: dispute_status(text(object, "status").unwrap_or_default()),
        // 0 says that no answer is possible.
        respond_by: due_by
            .filter(|seconds| *seconds > 0)
            .map(|seconds| Timestamp::from_millis(seconds.saturating_mul(1000))),
    };
    Some(about(id_in(object, "payment_intent")?, EventKind::Dispute(dispute)))
}

/// Source: <https://docs.stripe.com/api/disputes/object>, `status`.
fn dispute_status(word: &str) -> DisputeStatus {
    match word {
        "needs_response" | "warning_needs_response" | "appeal_needs_response" => {
            DisputeStatus::ResponseNeeded
        }
        "won" | "warning_closed" | "prevented" => DisputeStatus::Won,
        "lost" => DisputeStatus::Lost,
        _ => DisputeStatus::UnderReview,
    }
}

/// An event about a payment of the shop; `None` if the object has no metadata of the shop.
fn changed(object: &Value, reference: Option<&str>, amount: Option<Money>) -> Option<GatewayEvent> {
    let metadata = |entry| object.get("metadata")?.get(entry)?.as_str();
    let payment = PaymentId::parse(metadata(PAYMENT_METADATA)?)?;
    Some(GatewayEvent {
        id: String::new(),
        payment: Some(payment),
        reference: reference.map(GatewayReference::new),
        amount,
        order: metadata(ORDER_METADATA).map(str::to_owned),
        kind: EventKind::Changed,
    })
}

/// An event that names its payment by the PaymentIntent only.
fn about(intent: &str, kind: EventKind) -> GatewayEvent {
    GatewayEvent {
        id: String::new(),
        payment: None,
        reference: Some(GatewayReference::new(intent)),
        amount: None,
        order: None,
        kind,
    }
}

fn text<'v>(object: &'v Value, field: &str) -> Option<&'v str> {
    object.get(field)?.as_str()
}

/// The id in a field that holds an id or a whole object.
fn id_in<'v>(object: &'v Value, field: &str) -> Option<&'v str> {
    let value = object.get(field)?;
    value.as_str().or_else(|| text(value, "id"))
}

fn money(object: &Value, field: &str) -> Option<Money> {
    minor_units::from_stripe(object.get(field)?.as_i64()?, text(object, "currency")?)
}
