//! Twilio: WhatsApp and text messages by Programmable Messaging, or codes by Verify v2 if
//! a Verify service is set.
//!
//! *Messaging* sends templates and texts of the shop, and reports their delivery by
//! webhook. *Verify* sends Twilio's own templates with the code of the shop
//! (`CustomCode`). It has no webhook, so its messages stay `accepted`, and the offer of a
//! text message after 30 seconds helps a shopper whose message is lost. Twilio shows the
//! delivery of such a message by `GET /v2/Attempts?VerificationSid=VE…` and in its Event
//! Streams.

mod api;
mod check;
mod response;
mod send;
mod settings;
mod signature;
mod templates;
mod verify;
mod webhook;
mod webhook_keys;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use domain::{Channel, MessageKind};
use futures::future::BoxFuture;
use http::HeaderMap;

use self::{api::Api, settings::Sender, verify::Verify, webhook_keys::WebhookKeys};
use crate::{
    Accepted, CheckResult, MessageProvider, OutgoingMessage, ProviderContext, RateLimits,
    SendError, Templates, VerificationOutcome, WebhookError, WebhookRequest, WebhookResponse,
};

pub use self::settings::open;

/// The name of the provider.
pub const NAME: &str = "twilio";

/// The messages per second of a WhatsApp sender, unless Twilio raised the limit of the
/// account. Text messages above the limit of their sender wait in Twilio's queue.
const MESSAGES_PER_SECOND: u32 = 80;

/// The account of the shop at Twilio.
struct Twilio {
    /// The account and its credentials.
    api: Api,
    /// The addresses of the services.
    hosts: Hosts,
    /// The secrets that may sign webhook calls.
    webhook_keys: WebhookKeys,
    /// The sender of WhatsApp messages.
    from: Option<Sender>,
    /// The sender of text messages.
    sms_from: Option<Sender>,
    /// The Verify services, if Verify sends the codes.
    verify: Option<Verify>,
    /// What every provider is given.
    context: ProviderContext,
}

/// The addresses of Twilio's services. All are settings, so that tests can replace them.
struct Hosts {
    messages: String,
    verify: String,
    content: String,
    messaging: String,
}

impl Twilio {
    /// The sender of this channel, if there is one.
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

    /// Verify sends codes only.
    fn carries(&self, channel: Channel, kind: MessageKind) -> bool {
        let is_code = matches!(kind, MessageKind::Code(_));
        is_code && self.verify.is_some() || self.sender(channel).is_some()
    }

    /// Verify writes its texts itself. They have amount and payee only with a service for
    /// payments (PSD2).
    fn states_payment(&self, channel: Channel) -> bool {
        let has_words = self.verify.as_ref().is_none_or(|verify| verify.payments.is_some());
        channel == Channel::Sms && has_words
    }

    fn rate_limits(&self) -> RateLimits {
        RateLimits { per_second: NonZeroU32::new(MESSAGES_PER_SECOND), per_person: Duration::ZERO }
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(async move {
            crate::template::check(message)?;
            match (&self.verify, &message.code) {
                (Some(verify), Some(code)) => self.send_verification(verify, message, code).await,
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
        outcome: VerificationOutcome,
    ) -> BoxFuture<'a, ()> {
        Box::pin(self.resolve_status(provider_message_id, outcome))
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        webhook::read(request, &self.webhook_keys, self.api.account())
    }

    fn self_test(&self, url: &str) -> Option<(HeaderMap, Vec<u8>)> {
        webhook::self_test(url, &self.webhook_keys, self.api.account())
    }

    /// Verify has its own templates for codes.
    fn needs_template(&self, channel: Channel, kind: MessageKind) -> bool {
        let is_by_verify = self.verify.is_some() && matches!(kind, MessageKind::Code(_));
        channel == Channel::WhatsApp && self.from.is_some() && !is_by_verify
    }

    fn templates(&self) -> Option<&dyn Templates> {
        // Text messages and codes of Verify use no templates of the shop.
        self.from.as_ref().map(|_| self as &dyn Templates)
    }

    fn check(&self) -> BoxFuture<'_, Vec<CheckResult>> {
        Box::pin(self.run_checks())
    }
}

/// Wraps the provider for the list of providers.
fn provider(twilio: Twilio) -> Arc<dyn MessageProvider> {
    Arc::new(twilio)
}
