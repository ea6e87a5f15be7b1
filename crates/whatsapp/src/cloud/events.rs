//! What the platform calls back with. A call carries many changes, of many kinds;
//! those that concern nobody here are passed over, whatever they look like.

use domain::{DeliveryStatus, Language, MessageId};
use serde::Deserialize;
use serde_json::Value;

use super::{Blame, errors, response::sanitise, templates};
use crate::{DeliveryReport, TemplateUpdate, WebhookError, WebhookEvent, webhook};

/// The most news in one call; the platform sends far fewer.
const MOST: usize = 1_000;

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

/// A status of a message. Neither the recipient nor the time is needed, and since
/// 2026 the recipient's number may be missing.
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

/// A decision about a template.
#[derive(Deserialize)]
struct Decision {
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

/// Reads a call that was proved to be the provider's.
pub fn read(
    provider: &'static str,
    body: &[u8],
    blame: &Blame,
) -> Result<Vec<WebhookEvent>, WebhookError> {
    let call: Call = webhook::read_json(body)?;
    let changes = call.entry.into_iter().flat_map(|entry| entry.changes);
    let mut events = Vec::new();
    for change in changes {
        match change.field.as_str() {
            "messages" => events.extend(reports(provider, change.value, blame)),
            "message_template_status_update" => events.extend(decision(provider, change.value)),
            _ => {}
        }
        if events.len() > MOST {
            return Err(WebhookError::Malformed);
        }
    }
    Ok(events)
}

fn reports(provider: &'static str, mut value: Value, blame: &Blame) -> Vec<WebhookEvent> {
    let statuses = value.get_mut("statuses").map(Value::take);
    let Some(Value::Array(statuses)) = statuses else { return Vec::new() };
    statuses
        .into_iter()
        .filter_map(|status| serde_json::from_value(status).ok())
        .filter_map(|status| report(provider, status, blame))
        .map(WebhookEvent::Delivery)
        .collect()
}

fn report(provider: &'static str, status: Status, blame: &Blame) -> Option<DeliveryReport> {
    let reached = match status.status.as_str() {
        "sent" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "read" => DeliveryStatus::Read,
        "failed" => DeliveryStatus::Failed,
        _ => return None,
    };
    let code = status.errors.first().map_or(UNTOLD, |failure| failure.code);
    let failure = (reached == DeliveryStatus::Failed).then(|| errors::classify(code, None, blame));
    Some(DeliveryReport {
        provider,
        provider_message_id: status.id,
        reference: status.biz_opaque_callback_data.as_deref().and_then(MessageId::parse),
        status: reached,
        failure,
    })
}

/// "Something went wrong": a failure without a reason.
const UNTOLD: u32 = 131_000;

fn decision(provider: &'static str, value: Value) -> Option<WebhookEvent> {
    let decision: Decision = serde_json::from_value(value).ok()?;
    let reason = [
        decision.reason,
        decision.rejection_info.and_then(|info| info.reason),
        decision.other_info.and_then(|info| info.title),
    ];
    let reasons: Vec<_> = reason.into_iter().flatten().filter(|reason| reason != "NONE").collect();
    Some(WebhookEvent::Template(TemplateUpdate {
        provider,
        name: decision.message_template_name,
        language: Language::parse(&decision.message_template_language)?,
        status: templates::status(&decision.event)?,
        reason: (!reasons.is_empty()).then(|| sanitise(&reasons.join(": "))),
    }))
}
