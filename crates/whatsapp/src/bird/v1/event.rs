//! Events of messages, such as `whatsapp.delivered` and `sms.failed`.

use domain::DeliveryStatus;

use super::{
    NAME,
    response::{self, LastError},
};
use crate::{DeliveryReport, WebhookError, bird::common::report, json::Json};

/// Reads an event; `None` if the shop does not use it.
pub(in crate::bird) fn read(event: Json<'_>) -> Result<Option<DeliveryReport>, WebhookError> {
    let name = event.text_at("/type").ok_or(WebhookError::Malformed)?;
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
    let failure = (status == DeliveryStatus::Failed)
        .then(|| response::classify_failure(event.at("/data/error").map(LastError::read).as_ref()));
    let id = event.text_at(id_pointer).ok_or(WebhookError::Malformed)?;
    report(NAME, &id, event.text_at("/data/metadata/ref"), status, failure).map(Some)
}
