//! `POST /v1/sms/messages`.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::fields::{labels, refuse_unknown};
use super::problem::{Problem, refused};
use crate::format::iso;
use crate::json::{is_phone_number, put, text};
use crate::messages::{Channel, Message};
use crate::outcome::Outcome;
use crate::outcome::ServiceError;
use crate::state::State;

/// The keys that a message may have at its top level.
const KNOWN_FIELDS: [&str; 17] = [
    "to",
    "from",
    "text",
    "category",
    "validity_period",
    "tags",
    "metadata",
    "options",
    "media_urls",
    "messaging_profile_id",
    "scheduled_at",
    "template",
    "broadcast_id",
    "campaign_id",
    "audience_id",
    "contact_id",
    "topic_id",
];

pub(super) fn check(state: &State, body: &Value) -> Result<(Message, Outcome), Problem> {
    refuse_unknown(body, "", &KNOWN_FIELDS)?;
    let to = text(body, "/to").ok_or_else(|| Problem::field("to", "is required"))?;
    if !to.starts_with('+') || !is_phone_number(to) {
        let (name, why) = ("SMSInvalidRecipient", "must be a number in E.164");
        return Err(Problem::named(name, "E15001", "to", why));
    }
    // Only a stored template selects its sender.
    let Some(from) = body.get("from") else {
        let (name, why) = ("SMSNoEligibleSender", "is required beside a text");
        return Err(Problem::named(name, "E15002", "from", why));
    };
    let is_sender = |from: &str| {
        is_phone_number(from)
            || ((1..=11).contains(&from.len())
                && from.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' '))
    };
    if !from.as_str().is_some_and(is_sender) {
        let (name, why) = ("SMSNoEligibleSender", "is not a number or at most 11 letters");
        return Err(Problem::named(name, "E15002", "from", why));
    }
    let content = text(body, "/text").filter(|text| !text.is_empty());
    let content = content.ok_or_else(|| Problem::field("text", "is required"))?;
    let categories = ["transactional", "marketing", "authentication", "service"];
    if !text(body, "/category").is_some_and(|category| categories.contains(&category)) {
        return Err(Problem::field("category", "is required beside a text"));
    }
    let is_validity = |value: &Value| value.as_i64().is_some_and(|it| (60..=172_800).contains(&it));
    if body.get("validity_period").is_some_and(|value| !is_validity(value)) {
        return Err(Problem::field("validity_period", "must be 60 to 172800 seconds"));
    }
    if let Some(options) = body.get("options") {
        let known = ["smart_encoding", "track_clicks", "max_price_per_segment"];
        refuse_unknown(options, "options", &known)?;
    }
    labels(body)?;
    let outcome = Outcome::on(Channel::Sms, to);
    if let Some(failure) = outcome.service_error() {
        return Err(refused(failure));
    }
    if state.rate_limiter.try_send(&format!("sms:{to}"), Instant::now()).is_err() {
        return Err(refused(ServiceError::TooMany));
    }
    let mut message =
        Message::new(state.identifiers.crockford("sms"), to, Channel::Sms, state.now());
    message.code = crate::code::extract(content);
    message.text = Some(String::from(content));
    message.time_to_live = body.get("validity_period").and_then(Value::as_i64);
    message.reference = text(body, "/metadata/ref").map(String::from);
    message.details = json!({
        "from": text(body, "/from").unwrap_or("+15550002222"),
        "category": body.get("category"),
        "tags": body.get("tags"),
        "metadata": body.get("metadata"),
    });
    Ok((message, outcome))
}

/// A message in the schema `SMSMessage`.
pub(super) fn show(message: &Message) -> Value {
    let at = iso(message.accepted_at);
    let when = |statuses: &[&str]| statuses.contains(&message.status.as_str()).then(|| at.clone());
    let content = message.text.as_deref().unwrap_or_default();
    // The platform does not keep a text with a code.
    let is_code = message.details.get("category") == Some(&json!("authentication"));
    let text = if is_code { "**REDACTED**" } else { content };
    let status = if message.status == "failed" { "undelivered" } else { &message.status };
    let encoding = if content.is_ascii() { "GSM_7BIT" } else { "UCS2" };
    let mut shown = json!({
        "id": message.id,
        "direction": "outbound",
        "status": status,
        "to": message.to,
        "from": message.details.get("from"),
        "text": text,
        "requested_language": null,
        "resolved_language": null,
        "template_id": null,
        "template_version_id": null,
        "template_content_hash": null,
        "category": message.details.get("category"),
        "segments": { "count": 1, "encoding": encoding, "characters": content.chars().count() },
        "cost": null,
        "last_error": message.failure,
        "created_at": at,
        "sent_at": when(&["sent", "delivered"]),
        "delivered_at": when(&["delivered"]),
    });
    if let Some(seconds) = message.time_to_live {
        put(&mut shown, "validity_period", seconds);
    }
    for key in ["tags", "metadata"] {
        if let Some(value) = message.details.get(key).filter(|value| !value.is_null()) {
            put(&mut shown, key, value.clone());
        }
    }
    shown
}
