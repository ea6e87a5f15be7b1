//! MessageBird's older services: WhatsApp by Conversations, text messages by the REST
//! service, templates by Integrations. Accounts created since 2024 use
//! [`crate::bird`].

mod check;
mod response;
mod send;
mod signature;
mod templates;
mod webhook;

use std::sync::Arc;

use domain::{Channel, MessageKind, Secret};
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Method};
use reqwest::RequestBuilder;

use crate::{
    Accepted, CheckResult, MessageProvider, OutgoingMessage, ProviderContext, RateLimits,
    SendError, SettingsSource, Templates, WebhookError, WebhookRequest, WebhookResponse,
    cloud::PAIR_RATE_INTERVAL,
};

/// The name of the provider.
pub(crate) const NAME: &str = "messagebird";

const ACCESS_KEY: &str = "MESSAGEBIRD_ACCESS_KEY";
/// An example of the key.
const LIVE_KEY: &str = "live_R8s0n2l9…";
const SIGNING_KEY: &str = "MESSAGEBIRD_SIGNING_KEY";
const CHANNEL_ID: &str = "MESSAGEBIRD_CHANNEL_ID";
const NAMESPACE: &str = "MESSAGEBIRD_NAMESPACE";
const SMS_FROM: &str = "MESSAGEBIRD_SMS_FROM";
const WABA_ID: &str = "MESSAGEBIRD_WABA_ID";
const CONVERSATIONS: &str = "MESSAGEBIRD_CONVERSATIONS_BASE_URL";
const REST: &str = "MESSAGEBIRD_REST_BASE_URL";
const INTEGRATIONS: &str = "MESSAGEBIRD_INTEGRATIONS_BASE_URL";

/// The credentials, senders and addresses of an account at MessageBird.
struct MessageBird {
    authorization: HeaderValue,
    signing_key: Secret<String>,
    whatsapp: Option<Sender>,
    sms_from: Option<String>,
    waba_id: Option<String>,
    conversations: String,
    rest: String,
    integrations: String,
    context: ProviderContext,
}

/// The WhatsApp number of the shop.
struct Sender {
    channel_id: String,
    namespace: String,
}

/// Creates the provider from its settings: a WhatsApp channel, or a sender of text
/// messages, or both.
pub(crate) fn open(
    settings: &mut dyn SettingsSource,
    context: &ProviderContext,
) -> Option<Arc<dyn MessageProvider>> {
    refuse_test_key(settings)?;
    let authorization = settings.credential(ACCESS_KEY, "AccessKey ", LIVE_KEY);
    let signing_key = settings.secret(SIGNING_KEY, "the key under Developers, API settings");
    let sms_from = settings.checked_if_set(SMS_FROM, "Marigold", originator);
    let waba_id = settings.checked_if_set(WABA_ID, "102290129340398", |id| Ok(id.to_owned()));
    let conversations =
        settings.base_url(CONVERSATIONS, "https://conversations.messagebird.com/v1");
    let rest = settings.base_url(REST, "https://rest.messagebird.com");
    let integrations = settings.base_url(INTEGRATIONS, "https://integrations.messagebird.com");
    let is_sms_alone = matches!(sms_from, Some(Some(_))) && settings.optional(CHANNEL_ID).is_none();
    let whatsapp = if is_sms_alone { Some(None) } else { sender(settings).map(Some) };
    Some(Arc::new(MessageBird {
        authorization: authorization?,
        signing_key: signing_key?,
        whatsapp: whatsapp?,
        sms_from: sms_from?,
        waba_id: waba_id?,
        conversations: conversations?,
        rest: rest?,
        integrations: integrations?,
        context: context.clone(),
    }))
}

/// Messages with a test key are accepted and never sent, which production must not do.
fn refuse_test_key(settings: &mut dyn SettingsSource) -> Option<()> {
    let key = settings.optional(ACCESS_KEY).unwrap_or_default();
    if settings.is_production() && key.starts_with("test_") {
        settings.refuse(ACCESS_KEY, "is a test key, with which nothing is sent", LIVE_KEY);
        return None;
    }
    Some(())
}

fn sender(settings: &mut dyn SettingsSource) -> Option<Sender> {
    let channel_id = settings.checked(CHANNEL_ID, "619747f69cf940a98fb443140ce9aed2", |id| {
        let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then(|| id.to_owned()).ok_or_else(|| "must be 32 hexadecimal digits".to_owned())
    });
    let namespace = settings.required(NAMESPACE, "20332cd4_f095_b080_d255_35677159aaff");
    Some(Sender { channel_id: channel_id?, namespace: namespace? })
}

/// Parses a sender of text messages: a number, or at most eleven letters and digits.
fn originator(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_number = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = text.len() <= 11
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ')
        && text.trim() == text;
    match digits {
        "" => Err("is empty".to_owned()),
        _ if is_number => Ok(digits.to_owned()),
        _ if is_name => Ok(text.to_owned()),
        _ => Err("must be a number, or 1 to 11 letters and digits".to_owned()),
    }
}

impl MessageBird {
    /// An authenticated request.
    fn request(&self, method: Method, url: &str) -> RequestBuilder {
        self.context
            .http_client
            .request(method, url)
            .header(http::header::AUTHORIZATION, self.authorization.clone())
    }
}

impl MessageProvider for MessageBird {
    fn name(&self) -> &'static str {
        NAME
    }

    fn carries(&self, channel: Channel, _kind: MessageKind) -> bool {
        match channel {
            Channel::WhatsApp => self.whatsapp.is_some(),
            Channel::Sms => self.sms_from.is_some(),
        }
    }

    fn rate_limits(&self) -> RateLimits {
        RateLimits { per_second: None, per_person: PAIR_RATE_INTERVAL }
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.send_message(message))
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        webhook::read(self.signing_key.expose().as_bytes(), request)
    }

    fn self_test(&self, url: &str) -> Option<(HeaderMap, Vec<u8>)> {
        signature::self_test(self.signing_key.expose().as_bytes(), url, (self.context.now)())
    }

    fn templates(&self) -> Option<&dyn Templates> {
        self.whatsapp.as_ref().map(|_| self as &dyn Templates)
    }

    fn check(&self) -> BoxFuture<'_, Vec<CheckResult>> {
        Box::pin(self.run_checks())
    }
}
