//! Events of messages: `whatsapp.outbound` and `sms.outbound` carry the status of a message,
//! `whatsapp.interaction` says that it was read. Bird does not document the envelope of an
//! event, so a message without an envelope is accepted too.

use domain::DeliveryStatus;

use super::{
    NAME,
    response::{self, Failure},
};
use crate::{DeliveryReport, WebhookError, bird::common::report, json::Json};

/// Reads an event; `None` if the shop does not use it.
pub(in crate::bird) fn read(event: Json<'_>) -> Result<Option<DeliveryReport>, WebhookError> {
    let message = event.get("payload").filter(|inside| inside.is_object()).unwrap_or(event);
    let reference = message.text_at("/reference");
    if event.text_at("/event").is_some_and(|event| event.ends_with(".interaction")) {
        let id = message.text_at("/messageId").or_else(|| message.text_at("/message/id"));
        let (Some("read"), Some(id)) = (message.text_at("/type").as_deref(), id) else {
            return Ok(None);
        };
        return report(NAME, &id, reference, DeliveryStatus::Read, None).map(Some);
    }
    if message.text_at("/direction").as_deref() == Some("incoming") {
        return Ok(None);
    }
    let (Some(id), Some(status)) = (message.text_at("/id"), message.text_at("/status")) else {
        return Ok(None);
    };
    let Some(reached) = response::delivery_status(&status) else { return Ok(None) };
    let failure = (reached == DeliveryStatus::Failed).then(|| {
        response::classify_failure(&status, message.get("failure").map(Failure::read).as_ref())
    });
    report(NAME, &id, reference, reached, failure).map(Some)
}
