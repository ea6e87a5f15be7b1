//! What Bird calls back with. Which generation a call is of is told by its headers,
//! and it is believed only if that generation's secret is set.

use domain::{DeliveryStatus, MessageId, Secret};
use serde_json::Value;

use super::{
    NAME, channels,
    signature::{self, Secrets},
    v1,
};
use crate::{
    DeliveryReport, SendError, Variables, WebhookError, WebhookEvent, WebhookRequest,
    WebhookResponse, webhook::read_json,
};

pub(super) const WEBHOOK_SECRET: &str = "BIRD_V1_WEBHOOK_SECRET";
pub(super) const SIGNING_KEY: &str = "BIRD_SIGNING_KEY";

/// The longest name of a message that is believed.
const LONGEST_NAME: usize = 128;

/// The secrets by which calls are believed.
pub(super) struct Callbacks {
    /// Of the platform of 2026.
    pub secrets: Option<Secrets>,
    /// Of Channels.
    pub signing_key: Option<Secret<String>>,
}

impl Callbacks {
    /// Reads both secrets; that of the generation which is not used may be missing.
    pub fn open(variables: &mut dyn Variables, is_v1: bool) -> Option<Self> {
        const EXAMPLE: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        let secrets = if is_v1 {
            variables.checked(WEBHOOK_SECRET, EXAMPLE, signature::secrets).map(Some)
        } else {
            variables.checked_if_set(WEBHOOK_SECRET, EXAMPLE, signature::secrets)
        };
        let signing_key = if is_v1 {
            Some(variables.optional(SIGNING_KEY).map(Secret::new))
        } else {
            variables.secret(SIGNING_KEY, "the key the subscription was made with").map(Some)
        };
        Some(Self { secrets: secrets?, signing_key: signing_key? })
    }

    /// Reads a call, after proving that it is Bird's.
    pub fn read(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        if signature::is_standard(request) {
            let secrets = self.secrets.as_ref().ok_or(WebhookError::NotOffered)?;
            let once = signature::verify_standard(secrets, request)?;
            let events = v1::webhook::read(&read_json(request.body)?)?;
            let events = events.map(WebhookEvent::Delivery).into_iter().collect();
            return Ok(WebhookResponse::Events { events, once: Some(once) });
        }
        if !signature::is_channels(request) {
            return Err(WebhookError::NoSignature);
        }
        let key = self.signing_key.as_ref().ok_or(WebhookError::NotOffered)?;
        signature::verify_channels(key, request)?;
        let Some(report) = channels::webhook::read(&read_json(request.body)?)? else {
            return Ok(WebhookResponse::events(Vec::new()));
        };
        // A call has no name there: it is what it says of which message.
        let name = format!("{} {}", report.provider_message_id, report.status.as_str());
        let once = Some((name, signature::RETRIES + signature::WINDOW * 2));
        Ok(WebhookResponse::Events { events: vec![WebhookEvent::Delivery(report)], once })
    }
}

/// A receipt, if the message has a name that can be one.
pub(super) fn report(
    id: &str,
    reference: Option<&str>,
    status: DeliveryStatus,
    failure: Option<SendError>,
) -> Result<DeliveryReport, WebhookError> {
    if id.is_empty() || id.len() > LONGEST_NAME {
        return Err(WebhookError::Malformed);
    }
    Ok(DeliveryReport {
        provider: NAME,
        provider_message_id: id.to_owned(),
        reference: reference.and_then(MessageId::parse),
        status,
        failure,
    })
}

/// The text at a path of a body, if there is one.
pub(super) fn text<'a>(body: &'a Value, path: &str) -> Option<&'a str> {
    body.pointer(path)?.as_str()
}
