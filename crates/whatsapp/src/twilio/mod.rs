//! Twilio: WhatsApp and text messages by Programmable Messaging, or codes by
//! Verify v2 where a Verify service is named.
//!
//! *Messaging* sends the shop's own templates and texts, and calls back with what
//! became of each. *Verify* sends Twilio's own, with the shop's code in them
//! (`CustomCode`); it never calls back, so its messages stay `accepted` and the
//! offer of a text message after 30 seconds is what helps a shopper whose message
//! is lost. The delivery of such a message can be read at Twilio by
//! `GET /v2/Attempts?VerificationSid=VE…`, or streamed by its Event Streams.

mod api;
mod check;
mod response;
mod send;
mod settings;
mod signature;
mod templates;
mod verify;
mod webhook;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use domain::{Channel, MessageKind, Secret};
use futures::future::BoxFuture;
use http::HeaderMap;

use self::{api::Api, settings::Sender, verify::Verify};
use crate::{
    Accepted, CheckResult, Common, MessageProvider, OutgoingMessage, RateLimits, SendError,
    Templates, VerificationOutcome, WebhookError, WebhookRequest, WebhookResponse,
};

pub use self::settings::open;

/// The provider's name.
pub const NAME: &str = "twilio";

/// Messages a second a WhatsApp sender may send, unless Twilio raised it for the
/// account. What is too fast for a sender of text messages waits in Twilio's queue.
const PER_SECOND: u32 = 80;

/// The shop's account at Twilio.
struct Twilio {
    /// The account, and how to speak to it.
    api: Api,
    /// Twilio's addresses.
    hosts: Hosts,
    /// The tokens calls back may be signed with: the account's, and the next one
    /// while they are being changed.
    tokens: Vec<Secret<String>>,
    /// Who sends on WhatsApp.
    from: Option<Sender>,
    /// Who sends text messages.
    sms_from: Option<Sender>,
    /// The services that send codes, if Twilio's Verify is to do that.
    verify: Option<Verify>,
    /// What the shop is like.
    common: Common,
}

/// Where Twilio's services are; all settings, so that a test can stand in.
struct Hosts {
    messages: String,
    verify: String,
    content: String,
    messaging: String,
}

impl Twilio {
    /// Who sends by this channel, if anybody does.
    const fn sender(&self, channel: Channel) -> Option<&Sender> {
        match channel {
            Channel::WhatsApp => self.from.as_ref(),
            Channel::Sms => self.sms_from.as_ref(),
        }
    }
}

impl MessageProvider for Twilio {
    fn name(&self) -> &'static str {
        NAME
    }

    /// Verify carries codes and nothing else.
    fn carries(&self, channel: Channel, kind: MessageKind) -> bool {
        let is_code = matches!(kind, MessageKind::Code(_));
        is_code && self.verify.is_some() || self.sender(channel).is_some()
    }

    fn rate_limits(&self) -> RateLimits {
        RateLimits { per_second: NonZeroU32::new(PER_SECOND), per_person: Duration::ZERO }
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(async move {
            crate::template::check(message)?;
            match (&self.verify, &message.code) {
                (Some(verify), Some(code)) => self.start(verify, message, code).await,
                _ => self.post_message(message).await,
            }
        })
    }

    fn tracks_verifications(&self) -> bool {
        self.verify.is_some()
    }

    fn report_outcome<'a>(
        &'a self,
        provider_message_id: &'a str,
        end: VerificationOutcome,
    ) -> BoxFuture<'a, ()> {
        Box::pin(self.resolve_status(provider_message_id, end))
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        webhook::read(request, &self.tokens, self.api.account())
    }

    fn self_test(&self, url: &str) -> Option<(HeaderMap, Vec<u8>)> {
        webhook::example(url, self.tokens.first()?, self.api.account())
    }

    /// Verify has templates of its own for its codes.
    fn needs_template(&self, channel: Channel, kind: MessageKind) -> bool {
        let is_by_verify = self.verify.is_some() && matches!(kind, MessageKind::Code(_));
        channel == Channel::WhatsApp && self.from.is_some() && !is_by_verify
    }

    fn templates(&self) -> Option<&dyn Templates> {
        // Text messages and Verify's codes have no templates of the shop's.
        self.from.as_ref().map(|_| self as &dyn Templates)
    }

    fn check(&self) -> BoxFuture<'_, Vec<CheckResult>> {
        Box::pin(self.findings())
    }
}

/// The courier, as the list of providers takes it.
fn provider(twilio: Twilio) -> Arc<dyn MessageProvider> {
    Arc::new(twilio)
}
