//! Bird, the name of MessageBird since 2024. Two of its generations are here, each a provider with
//! a name of its own: the developer platform of 2026 ([`v1`]), and the Channels of a workspace
//! ([`channels`]). The oldest one is [`crate::messagebird`].
//!
//! While a shop migrates, each of the two also accepts the webhook calls of the other one, if
//! their secret is set, and both accept them at `/webhooks/bird`: that address is what a
//! subscription was once made with.

mod channels;
mod common;
mod signature;
mod v1;
mod webhook;

use std::sync::Arc;

use domain::{Channel, MessageKind};
use futures::future::BoxFuture;
use http::HeaderMap;

use self::webhook::{Generation, WebhookSecrets};
use crate::{
    Accepted, CheckResult, MessageProvider, Now, OutgoingMessage, ProviderContext, RateLimits,
    SendError, SettingsSource, WebhookError, WebhookRequest, WebhookResponse,
};

pub(crate) use self::{channels::NAME as CHANNELS_NAME, v1::NAME};

/// A generation that sends, with the webhooks of both.
struct Bird {
    sender: Arc<dyn MessageProvider>,
    generation: Generation,
    webhook_secrets: WebhookSecrets,
    now: Now,
}

/// Creates the provider of the platform of 2026.
pub(crate) fn open_platform(
    settings: &mut dyn SettingsSource,
    context: &ProviderContext,
) -> Option<Arc<dyn MessageProvider>> {
    point_at(settings, v1::API_KEY, channels::ACCESS_KEY, channels::NAME)?;
    let sender = v1::open(settings, context);
    bird(settings, context, Generation::Platform, sender)
}

/// Creates the provider of Channels.
pub(crate) fn open_channels(
    settings: &mut dyn SettingsSource,
    context: &ProviderContext,
) -> Option<Arc<dyn MessageProvider>> {
    point_at(settings, channels::ACCESS_KEY, v1::API_KEY, v1::NAME)?;
    let sender = channels::open(settings, context);
    bird(settings, context, Generation::Channels, sender)
}

/// Both generations were one provider named `bird`. Settings of the other one alone are refused
/// with the name that they belong to now.
fn point_at(
    settings: &mut dyn SettingsSource,
    own: &'static str,
    other: &'static str,
    name: &str,
) -> Option<()> {
    if settings.optional(own).is_some() || settings.optional(other).is_none() {
        return Some(());
    }
    let problem = format!(
        "names a provider whose {own} is missing; {other} and the settings beside it belong to \
         the provider {name}"
    );
    settings.refuse("MARIGOLD_PROVIDERS", &problem, name);
    None
}

fn bird(
    settings: &mut dyn SettingsSource,
    context: &ProviderContext,
    generation: Generation,
    sender: Option<Arc<dyn MessageProvider>>,
) -> Option<Arc<dyn MessageProvider>> {
    let webhook_secrets = WebhookSecrets::open(settings, generation);
    let (sender, webhook_secrets) = (sender?, webhook_secrets?);
    Some(Arc::new(Bird { sender, generation, webhook_secrets, now: context.now.clone() }))
}

impl MessageProvider for Bird {
    fn name(&self) -> &'static str {
        self.sender.name()
    }

    fn is_called_at(&self, name: &str) -> bool {
        [self.name(), NAME].contains(&name)
    }

    fn carries(&self, channel: Channel, kind: MessageKind) -> bool {
        self.sender.carries(channel, kind)
    }

    fn rate_limits(&self) -> RateLimits {
        self.sender.rate_limits()
    }

    fn repeats_safely(&self) -> bool {
        self.sender.repeats_safely()
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        self.sender.send(message)
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        self.webhook_secrets.read(request)
    }

    fn self_test(&self, url: &str) -> Option<(HeaderMap, Vec<u8>)> {
        self.webhook_secrets.self_test(self.generation, url, (self.now)())
    }

    fn check(&self) -> BoxFuture<'_, Vec<CheckResult>> {
        self.sender.check()
    }
}
