//! What both generations share.

use domain::{DeliveryStatus, MessageId};

use crate::{DeliveryReport, RateLimits, SendError, WebhookError, cloud::PAIR_RATE_INTERVAL};

/// The place to look at when WhatsApp refuses Bird itself.
pub(super) const ACCOUNT: &str = "WhatsApp in Bird's dashboard";

/// WhatsApp's own limit, which applies behind every provider.
pub(super) const RATE_LIMITS: RateLimits =
    RateLimits { per_second: None, per_person: PAIR_RATE_INTERVAL };

/// The longest id of a message that is accepted.
const MAX_MESSAGE_ID_LEN: usize = 128;

/// A delivery report; an id that is empty or too long is an error.
pub(super) fn report(
    provider: &'static str,
    id: &str,
    reference: Option<String>,
    status: DeliveryStatus,
    failure: Option<SendError>,
) -> Result<DeliveryReport, WebhookError> {
    if id.is_empty() || id.len() > MAX_MESSAGE_ID_LEN {
        return Err(WebhookError::Malformed);
    }
    Ok(DeliveryReport {
        provider,
        provider_message_id: id.to_owned(),
        reference: reference.as_deref().and_then(MessageId::parse),
        status,
        failure,
        recipient: None,
    })
}
