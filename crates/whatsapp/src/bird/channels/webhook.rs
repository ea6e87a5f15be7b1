//! Events of messages: `whatsapp.outbound` and its like with a message's status,
//! `whatsapp.interaction` when it was read. The envelope is read with tolerance:
//! its keys are not written down anywhere, so the message may stand alone.

use domain::DeliveryStatus;
use serde::Deserialize;
use serde_json::Value;

use super::response::{self, Failure};
use crate::{
    DeliveryReport, WebhookError,
    bird::webhook::{report, text},
};

/// Reads an event; `None` for those of others.
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
    let Some(standing) = response::standing(status) else { return Ok(None) };
    let failure = (standing == DeliveryStatus::Failed).then(|| {
        let failure = message.get("failure").and_then(|it| Failure::deserialize(it).ok());
        response::classify(status, failure.as_ref())
    });
    report(id, reference, standing, failure).map(Some)
}
