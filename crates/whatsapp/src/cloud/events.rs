//! The platform's webhook events. One call carries many changes of many kinds; kinds
//! that the shop does not use are ignored, whatever they contain.

use domain::{DeliveryStatus, Language, MessageId};
use serde::Deserialize;
use serde_json::Value;

use super::{ConfigHint, errors, response::sanitise, templates};
use crate::{DeliveryReport, TemplateUpdate, WebhookError, WebhookEvent, webhook};

/// The most events that one call may carry; the platform sends far fewer.
const MAX_EVENTS: usize = 1_000;

#[derive(Deserialize)]
struct Call {
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    field: String,
    #[serde(default)]
    value: Value,
}

/// The status of a message. Since 2026 the recipient's number may be missing, and the
/// shop needs neither it nor the time.
#[derive(Deserialize)]
struct Status {
    id: String,
    status: String,
    biz_opaque_callback_data: Option<String>,
    #[serde(default)]
    errors: Vec<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    code: u32,
}

/// The result of the review of a template.
#[derive(Deserialize)]
struct Review {
    event: String,
    message_template_name: String,
    message_template_language: String,
    reason: Option<String>,
    rejection_info: Option<Rejection>,
    other_info: Option<Other>,
}

#[derive(Deserialize)]
struct Rejection {
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Other {
    title: Option<String>,
}

/// Reads the body of a call whose signature was verified.
pub fn read(
    provider: &'static str,
    body: &[u8],
    hint: &ConfigHint,
) -> Result<Vec<WebhookEvent>, WebhookError> {
    let call: Call = webhook::read_json(body)?;
    let changes = call.entry.into_iter().flat_map(|entry| entry.changes);
    let mut events = Vec::new();
    for change in changes {
        match change.field.as_str() {
            "messages" => events.extend(reports(provider, change.value, hint)),
            "message_template_status_update" => events.extend(review(provider, change.value)),
            _ => {}
        }
        if events.len() > MAX_EVENTS {
            return Err(WebhookError::Malformed);
        }
    }
    Ok(events)
}

fn reports(provider: &'static str, mut value: Value, hint: &ConfigHint) -> Vec<WebhookEvent> {
    let statuses = value.get_mut("statuses").map(Value::take);
    let Some(Value::Array(statuses)) = statuses else { return Vec::new() };
    statuses
        .into_iter()
        .filter_map(|status| serde_json::from_value(status).ok())
        .filter_map(|status| report(provider, status, hint))
        .map(WebhookEvent::Delivery)
        .collect()
}

fn report(provider: &'static str, status: Status, hint: &ConfigHint) -> Option<DeliveryReport> {
    let reached = match status.status.as_str() {
        "sent" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "read" => DeliveryStatus::Read,
        "failed" => DeliveryStatus::Failed,
        _ => return None,
    };
    let code = status.errors.first().map_or(UNKNOWN_FAILURE, |failure| failure.code);
    let failure = (reached == DeliveryStatus::Failed).then(|| errors::classify(code, None, hint));
    Some(DeliveryReport {
        provider,
        provider_message_id: status.id,
        reference: status.biz_opaque_callback_data.as_deref().and_then(MessageId::parse),
        status: reached,
        failure,
    })
}

/// The code "Something went wrong", for a failure without a code.
const UNKNOWN_FAILURE: u32 = 131_000;

fn review(provider: &'static str, value: Value) -> Option<WebhookEvent> {
    let review: Review = serde_json::from_value(value).ok()?;
    let reason = [
        review.reason,
        review.rejection_info.and_then(|info| info.reason),
        review.other_info.and_then(|info| info.title),
    ];
    let reasons: Vec<_> = reason.into_iter().flatten().filter(|reason| reason != "NONE").collect();
    Some(WebhookEvent::Template(TemplateUpdate {
        provider,
        name: review.message_template_name,
        language: Language::parse(&review.message_template_language)?,
        status: templates::status(&review.event)?,
        reason: (!reasons.is_empty()).then(|| sanitise(&reasons.join(": "))),
    }))
}
