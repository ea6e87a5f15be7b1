//! Events of messages: `whatsapp.outbound` and `sms.outbound` carry the status of a message,
//! `whatsapp.interaction` says that it was read. Bird does not document the envelope of an
//! event, so a message without an envelope is accepted too.

use domain::DeliveryStatus;
use serde::Deserialize;
use serde_json::Value;

use super::response::{self, Failure};
use crate::{
    DeliveryReport, WebhookError,
    bird::event::{report, text},
};

/// Reads an event; `None` if the shop does not use it.
pub(in crate::bird) fn read(event: &Value) -> Result<Option<DeliveryReport>, WebhookError> {
    let message = event.get("payload").filter(|inside| inside.is_object()).unwrap_or(event);
    let reference = text(message, "/reference");
    if text(event, "/event").is_some_and(|event| event.ends_with(".interaction")) {
        let id = text(message, "/messageId").or_else(|| text(message, "/message/id"));
        let (Some("read"), Some(id)) = (text(message, "/type"), id) else { return Ok(None) };
        return report(id, reference, DeliveryStatus::Read, None).map(Some);
    }
    if text(message, "/direction") == Some("incoming") {
        return Ok(None);
    }
    let (Some(id), Some(status)) = (text(message, "/id"), text(message, "/status")) else {
        return Ok(None);
    };
    let Some(reached) = response::delivery_status(status) else { return Ok(None) };
    let failure = (reached == DeliveryStatus::Failed).then(|| {
        let failure = message.get("failure").and_then(|it| Failure::deserialize(it).ok());
        response::classify_failure(status, failure.as_ref())
    });
    report(id, reference, reached, failure).map(Some)
}
