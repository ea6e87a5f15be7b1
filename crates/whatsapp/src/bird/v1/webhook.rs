//! Events of messages, such as `whatsapp.delivered` and `sms.failed`.

use domain::DeliveryStatus;
use serde::Deserialize;
use serde_json::Value;

use super::response::{self, LastError};
use crate::{
    DeliveryReport, WebhookError,
    bird::event::{report, text},
};

/// Reads an event; `None` if the shop does not use it.
pub(in crate::bird) fn read(event: &Value) -> Result<Option<DeliveryReport>, WebhookError> {
    let name = text(event, "/type").ok_or(WebhookError::Malformed)?;
    let (id_pointer, what) = match name.split_once('.') {
        Some(("whatsapp", what)) => ("/data/whatsapp_id", what),
        Some(("sms", what)) => ("/data/sms_id", what),
        _ => return Ok(None),
    };
    let status = match what {
        "accepted" => DeliveryStatus::Accepted,
        "sent" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "read" => DeliveryStatus::Read,
        "failed" | "rejected" | "undelivered" | "expired" => DeliveryStatus::Failed,
        // "received", and events of the future.
        _ => return Ok(None),
    };
    let failure = (status == DeliveryStatus::Failed).then(|| {
        let error = event.pointer("/data/error").and_then(|it| LastError::deserialize(it).ok());
        response::classify_failure(error.as_ref())
    });
    let id = text(event, id_pointer).ok_or(WebhookError::Malformed)?;
    report(id, text(event, "/data/metadata/ref"), status, failure).map(Some)
}
