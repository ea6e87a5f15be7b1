//! Webhook calls from Bird. The headers tell the generation of a call, and a call is
//! accepted only if the secret of its generation is set.

use domain::{Secret, Timestamp};
use http::HeaderMap;

use super::{
    channels,
    signature::{self, Secrets},
    v1,
};
use crate::{
    SettingsSource, WebhookError, WebhookEvent, WebhookRequest, WebhookResponse,
    json::{Json, decode},
};

pub(super) const WEBHOOK_SECRET: &str = "BIRD_V1_WEBHOOK_SECRET";
pub(super) const SIGNING_KEY: &str = "BIRD_SIGNING_KEY";

/// A generation of Bird.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Generation {
    /// The developer platform of 2026.
    Platform,
    /// The Channels of a workspace.
    Channels,
}

/// The secrets that verify calls.
pub(super) struct WebhookSecrets {
    /// The secrets of the platform of 2026.
    pub secrets: Option<Secrets>,
    /// The key of Channels.
    pub signing_key: Option<Secret<String>>,
}

impl WebhookSecrets {
    /// Reads both secrets; the secret of the generation that does not send may be missing.
    pub fn open(settings: &mut dyn SettingsSource, generation: Generation) -> Option<Self> {
        const EXAMPLE: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        let is_platform = generation == Generation::Platform;
        let secrets = if is_platform {
            settings.checked(WEBHOOK_SECRET, EXAMPLE, signature::secrets).map(Some)
        } else {
            settings.checked_if_set(WEBHOOK_SECRET, EXAMPLE, signature::secrets)
        };
        const KEY_EXAMPLE: &str = "the key that the subscription was created with";
        let signing_key = if is_platform {
            settings.checked_if_set(SIGNING_KEY, KEY_EXAMPLE, |key| Ok(Secret::new(key.to_owned())))
        } else {
            settings.secret(SIGNING_KEY, KEY_EXAMPLE).map(Some)
        };
        Some(Self { secrets: secrets?, signing_key: signing_key? })
    }

    /// A call without an event, signed as this generation signs.
    pub fn self_test(
        &self,
        generation: Generation,
        url: &str,
        now: Timestamp,
    ) -> Option<(HeaderMap, Vec<u8>)> {
        match generation {
            Generation::Platform => signature::standard_self_test(self.secrets.as_ref()?, now),
            Generation::Channels => {
                signature::channels_self_test(self.signing_key.as_ref()?, url, now)
            }
        }
    }

    /// Verifies and reads a call.
    pub fn read(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        if signature::is_standard(request) {
            let secrets = self.secrets.as_ref().ok_or(WebhookError::NotOffered)?;
            let once = signature::verify_standard(secrets, request)?;
            let events = v1::event::read(Json::parse(&decode(request.body))?)?;
            let events = events.map(WebhookEvent::Delivery).into_iter().collect();
            return Ok(WebhookResponse::Events { events, once: Some(once) });
        }
        if !signature::is_channels(request) {
            return Err(WebhookError::NoSignature);
        }
        let key = self.signing_key.as_ref().ok_or(WebhookError::NotOffered)?;
        signature::verify_channels(key, request)?;
        let report = channels::event::read(Json::parse(&decode(request.body))?)?;
        let Some(report) = report else {
            return Ok(WebhookResponse::events(Vec::new()));
        };
        // A call of Channels has no id, so that message and status identify it.
        let id = format!("{} {}", report.provider_message_id, report.status.as_str());
        let once = Some((id, signature::RETRY_PERIOD + signature::MAX_CLOCK_SKEW * 2));
        Ok(WebhookResponse::Events { events: vec![WebhookEvent::Delivery(report)], once })
    }
}
