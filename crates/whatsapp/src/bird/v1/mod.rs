//! Bird's developer platform of 2026: WhatsApp and text messages, with keys that
//! make repeating safe. Codes go out by Bird's own template `bird_otp` and number,
//! or by a template of the shop's and its number.

mod check;
mod response;
mod send;
pub(super) mod webhook;

use std::sync::Arc;

use domain::{Channel, MessageKind, PhoneNumber};
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Method};
use reqwest::RequestBuilder;

use super::{NAME, RATE_LIMITS, signature, webhook::Callbacks};
use crate::{
    Accepted, CheckResult, Common, MessageProvider, OutgoingMessage, RateLimits, SendError,
    Variables, WebhookError, WebhookRequest, WebhookResponse,
};

/// The setting that chooses this generation.
pub(super) const API_KEY: &str = "BIRD_V1_API_KEY";
const BASE_URL: &str = "BIRD_V1_BASE_URL";
const TEMPLATE: &str = "BIRD_V1_TEMPLATE";
const FROM: &str = "BIRD_V1_FROM";
const SMS_FROM: &str = "BIRD_V1_SMS_FROM";

/// What the slugs of Bird's own templates begin with: they choose their own number.
const MANAGED: &str = "bird_";

/// A workspace at the platform.
struct BirdV1 {
    authorization: HeaderValue,
    base_url: String,
    template: String,
    from: Option<String>,
    sms_from: Option<String>,
    callbacks: Callbacks,
    common: Common,
}

/// Reads the settings.
pub(super) fn open(
    variables: &mut dyn Variables,
    common: &Common,
) -> Option<Arc<dyn MessageProvider>> {
    let is_european = variables.optional(API_KEY).is_some_and(|key| key.starts_with("bk_eu1_"));
    let region = if is_european { "eu1" } else { "us1" };
    let authorization = variables.credential(API_KEY, "Bearer ", "bk_eu1_…");
    let base_url = variables.base_url(BASE_URL, &format!("https://{region}.platform.bird.com"));
    let template = variables.defaulted(TEMPLATE, "bird_otp", slug);
    let from = number(variables, template.as_deref().unwrap_or(MANAGED));
    let sms_from = variables.checked_if_set(SMS_FROM, "Marigold", sender);
    let callbacks = Callbacks::open(variables, true);
    Some(Arc::new(BirdV1 {
        authorization: authorization?,
        base_url: base_url?,
        template: template?,
        from: from?,
        sms_from: sms_from?,
        callbacks: callbacks?,
        common: common.clone(),
    }))
}

/// The number that a template of the shop's own goes out from; one of Bird's has a
/// number already. `None` if the two do not go together.
fn number(variables: &mut dyn Variables, template: &str) -> Option<Option<String>> {
    const EXAMPLE: &str = "+447700900100";
    let number = variables.checked_if_set(FROM, EXAMPLE, |text| {
        let number = PhoneNumber::from_e164(text).map(|_| text.to_owned());
        number.ok_or_else(|| "must be a number such as the example, without gaps".to_owned())
    })?;
    let problem = match (template.starts_with(MANAGED), &number) {
        (true, Some(_)) => "must not be set: Bird's own template has a number already",
        (false, None) => "is missing: a template of one's own needs one's own number",
        _ => return Some(number),
    };
    variables.refuse(FROM, problem, EXAMPLE);
    None
}

/// What a template is sent by.
fn slug(text: &str) -> Result<String, String> {
    let is_slug = (1..=63).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    is_slug.then(|| text.to_owned()).ok_or_else(|| {
        "must be 1 to 63 lower-case letters, digits, hyphens and underscores".to_owned()
    })
}

/// A number, a short code, or a name of at most eleven characters.
fn sender(text: &str) -> Result<String, String> {
    let is_code = matches!(text.len(), 5 | 6) && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = text.len() <= 11
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'-' | b'_'));
    let is_sender = is_code || is_name || PhoneNumber::from_e164(text).is_some();
    is_sender.then(|| text.to_owned()).ok_or_else(|| {
        "must be a number such as +447700900100, a short code, or a name of at most 11 characters"
            .to_owned()
    })
}

impl BirdV1 {
    /// A request with the workspace's key.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.common
            .wire
            .request(method, &format!("{}{path}", self.base_url))
            .header(http::header::AUTHORIZATION, self.authorization.clone())
    }
}

impl MessageProvider for BirdV1 {
    fn name(&self) -> &'static str {
        NAME
    }

    /// There is one template, and it is for codes.
    fn carries(&self, channel: Channel, kind: MessageKind) -> bool {
        match channel {
            Channel::WhatsApp => matches!(kind, MessageKind::Code(_)),
            Channel::Sms => self.sms_from.is_some(),
        }
    }

    fn rate_limits(&self) -> RateLimits {
        RATE_LIMITS
    }

    fn repeats_safely(&self) -> bool {
        true
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.hand_over(message))
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        self.callbacks.read(request)
    }

    fn self_test(&self, _url: &str) -> Option<(HeaderMap, Vec<u8>)> {
        signature::standard_self_test(self.callbacks.secrets.as_ref()?, (self.common.now)())
    }

    fn check(&self) -> BoxFuture<'_, Vec<CheckResult>> {
        Box::pin(self.findings())
    }
}
