//! What the events of both generations share.

use domain::{DeliveryStatus, MessageId};

use super::NAME;
use crate::{DeliveryReport, SendError, WebhookError};

/// The longest id of a message that is accepted.
const MAX_MESSAGE_ID_LEN: usize = 128;

/// A delivery report; an id that is empty or too long is an error.
pub(super) fn report(
    id: &str,
    reference: Option<String>,
    status: DeliveryStatus,
    failure: Option<SendError>,
) -> Result<DeliveryReport, WebhookError> {
    if id.is_empty() || id.len() > MAX_MESSAGE_ID_LEN {
        return Err(WebhookError::Malformed);
    }
    Ok(DeliveryReport {
        provider: NAME,
        provider_message_id: id.to_owned(),
        reference: reference.as_deref().and_then(MessageId::parse),
        status,
        failure,
    })
}
