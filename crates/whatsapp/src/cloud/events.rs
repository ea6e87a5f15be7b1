//! The platform's webhook events. One call carries many changes of many kinds; kinds
//! that the shop does not use are ignored, whatever they contain.

use domain::{DeliveryStatus, Language, MessageId};

use super::{ConfigHint, errors, names::is_name, response::sanitise, templates, users};
use crate::{
    DeliveryReport, TemplateUpdate, WebhookError, WebhookEvent,
    json::{Json, decode},
};

/// The most events that one call may carry: the platform documents 1,000 statuses.
const MAX_EVENTS: usize = 1_000;

/// Reads the body of a call whose signature was verified. An item that cannot be read is left
/// out, and its neighbours are read.
pub fn read(
    provider: &'static str,
    body: &[u8],
    hint: &ConfigHint,
) -> Result<Vec<WebhookEvent>, WebhookError> {
    let text = decode(body);
    let call = Json::parse(&text)?;
    if !call.is_object() {
        return Err(WebhookError::Malformed);
    }
    let changes = call.items_of("entry").flat_map(|entry| entry.items_of("changes"));
    let mut events = Vec::new();
    for change in changes {
        let Some(value) = change.get("value") else { continue };
        match change.text_at("/field").as_deref() {
            Some("messages") => {
                let reports = value.items_of("statuses");
                let reports = reports.filter_map(|status| report(provider, status, hint));
                events.extend(reports.map(WebhookEvent::Delivery));
                let changes = value.items_of("messages");
                let changes = changes.filter_map(|message| users::change(provider, message));
                events.extend(changes.map(WebhookEvent::UserChange));
            }
            Some("message_template_status_update") => events.extend(review(provider, value)),
            _ => {}
        }
        if events.len() > MAX_EVENTS {
            return Err(WebhookError::Malformed);
        }
    }
    Ok(events)
}

/// Reads the status of a message. Only its id and the status must be there: since 2026 the
/// recipient's number may be missing, and the cause of a failure may have no code.
fn report(provider: &'static str, status: Json<'_>, hint: &ConfigHint) -> Option<DeliveryReport> {
    let reached = match status.text_at("/status")?.as_str() {
        "sent" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "read" => DeliveryStatus::Read,
        "failed" => DeliveryStatus::Failed,
        _ => return None,
    };
    let cause = status.items_of("errors").find_map(|error| error.number_at("/code"));
    let failure = (reached == DeliveryStatus::Failed)
        .then(|| errors::classify(cause.unwrap_or(UNKNOWN_FAILURE), None, hint));
    let reference = status.text_at("/biz_opaque_callback_data");
    Some(DeliveryReport {
        provider,
        provider_message_id: status.text_at("/id").filter(|id| is_name(id))?,
        reference: reference.as_deref().and_then(MessageId::parse),
        status: reached,
        failure,
        recipient: users::ids(status, "/recipient_user_id", "/recipient_parent_user_id"),
    })
}

/// The code "Something went wrong", for a failure without a code.
const UNKNOWN_FAILURE: u32 = 131_000;

/// Reads the result of the review of a template.
fn review(provider: &'static str, value: Json<'_>) -> Option<WebhookEvent> {
    let reasons = ["/reason", "/rejection_info/reason", "/other_info/title"];
    let reasons = reasons.into_iter().filter_map(|pointer| value.text_at(pointer));
    let reasons: Vec<_> = reasons.filter(|reason| reason != "NONE").collect();
    Some(WebhookEvent::Template(TemplateUpdate {
        provider,
        name: value.text_at("/message_template_name").filter(|name| is_name(name))?,
        language: Language::parse(&value.text_at("/message_template_language")?)?,
        status: templates::status(&value.text_at("/event")?)?,
        reason: (!reasons.is_empty()).then(|| sanitise(&reasons.join(": "))),
    }))
}
