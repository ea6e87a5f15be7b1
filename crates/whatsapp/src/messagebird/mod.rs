//! MessageBird's older services: WhatsApp by Conversations, text messages by its
//! REST service, templates by Integrations. Accounts made since 2024 have Bird
//! instead, which is [`crate::bird`].

mod check;
mod response;
mod send;
mod signature;
mod templates;
mod webhook;

use std::{sync::Arc, time::Duration};

use domain::{Channel, MessageKind, Secret};
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Method};
use reqwest::RequestBuilder;

use crate::{
    Accepted, CheckResult, Common, MessageProvider, OutgoingMessage, RateLimits, SendError,
    Templates, Variables, WebhookError, WebhookRequest, WebhookResponse,
};

/// The provider's name.
pub(crate) const NAME: &str = "messagebird";

const ACCESS_KEY: &str = "MESSAGEBIRD_ACCESS_KEY";
const SIGNING_KEY: &str = "MESSAGEBIRD_SIGNING_KEY";
const CHANNEL_ID: &str = "MESSAGEBIRD_CHANNEL_ID";
const NAMESPACE: &str = "MESSAGEBIRD_NAMESPACE";
const SMS_FROM: &str = "MESSAGEBIRD_SMS_FROM";
const WABA_ID: &str = "MESSAGEBIRD_WABA_ID";
const CONVERSATIONS: &str = "MESSAGEBIRD_CONVERSATIONS_BASE_URL";
const REST: &str = "MESSAGEBIRD_REST_BASE_URL";
const INTEGRATIONS: &str = "MESSAGEBIRD_INTEGRATIONS_BASE_URL";

/// The least time between two messages to one person: WhatsApp's own rule, which
/// holds behind every provider.
const PER_PERSON: Duration = Duration::from_secs(6);

/// An account at MessageBird.
struct MessageBird {
    authorization: HeaderValue,
    signing_key: Secret<String>,
    whatsapp: Option<Sender>,
    sms_from: Option<String>,
    waba_id: Option<String>,
    conversations: String,
    rest: String,
    integrations: String,
    common: Common,
}

/// The shop's WhatsApp number there.
struct Sender {
    channel_id: String,
    namespace: String,
}

/// Reads the settings: a WhatsApp channel, or a sender of text messages, or both.
pub(crate) fn open(
    variables: &mut dyn Variables,
    common: &Common,
) -> Option<Arc<dyn MessageProvider>> {
    let authorization = variables.credential(ACCESS_KEY, "AccessKey ", "live_R8s0n2l9…");
    let signing_key = variables.secret(SIGNING_KEY, "the key under Developers, API settings");
    let sms_from = variables.checked_if_set(SMS_FROM, "Marigold", originator);
    let waba_id = variables.optional(WABA_ID);
    let conversations =
        variables.base_url(CONVERSATIONS, "https://conversations.messagebird.com/v1");
    let rest = variables.base_url(REST, "https://rest.messagebird.com");
    let integrations = variables.base_url(INTEGRATIONS, "https://integrations.messagebird.com");
    let is_sms_alone =
        matches!(sms_from, Some(Some(_))) && variables.optional(CHANNEL_ID).is_none();
    let whatsapp = if is_sms_alone { Some(None) } else { sender(variables).map(Some) };
    Some(Arc::new(MessageBird {
        authorization: authorization?,
        signing_key: signing_key?,
        whatsapp: whatsapp?,
        sms_from: sms_from?,
        waba_id,
        conversations: conversations?,
        rest: rest?,
        integrations: integrations?,
        common: common.clone(),
    }))
}

fn sender(variables: &mut dyn Variables) -> Option<Sender> {
    let channel_id = variables.checked(CHANNEL_ID, "619747f69cf940a98fb443140ce9aed2", |id| {
        let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then(|| id.to_owned()).ok_or_else(|| "must be 32 hexadecimal digits".to_owned())
    });
    let namespace = variables.required(NAMESPACE, "20332cd4_f095_b080_d255_35677159aaff");
    Some(Sender { channel_id: channel_id?, namespace: namespace? })
}

/// A number, or at most eleven letters and digits.
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
    /// A request with the account's key.
    fn request(&self, method: Method, url: &str) -> RequestBuilder {
        self.common
            .wire
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
        RateLimits { per_second: None, per_person: PER_PERSON }
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.hand_over(message))
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        webhook::read(self.signing_key.expose().as_bytes(), request)
    }

    fn self_test(&self, url: &str) -> Option<(HeaderMap, Vec<u8>)> {
        signature::self_test(self.signing_key.expose().as_bytes(), url, (self.common.now)())
    }

    fn templates(&self) -> Option<&dyn Templates> {
        self.whatsapp.as_ref().map(|_| self as &dyn Templates)
    }

    fn check(&self) -> BoxFuture<'_, Vec<CheckResult>> {
        Box::pin(self.findings())
    }
}
