//! Bird's developer platform of 2026: WhatsApp and text messages, with idempotency keys.
//! WhatsApp codes use Bird's own template `bird_otp` with Bird's number, or a template and
//! a number of the shop.

mod check;
pub(super) mod event;
mod response;
mod send;

use std::sync::Arc;

use domain::{Channel, MessageKind, PhoneNumber};
use futures::future::BoxFuture;
use http::{HeaderValue, Method};
use reqwest::RequestBuilder;

use super::common::RATE_LIMITS;
use crate::{
    Accepted, CheckResult, MessageProvider, OutgoingMessage, ProviderContext, RateLimits,
    SendError, SettingsSource,
};

/// The name of the provider.
pub(crate) const NAME: &str = "bird";

/// The setting of the key.
pub(super) const API_KEY: &str = "BIRD_V1_API_KEY";
const BASE_URL: &str = "BIRD_V1_BASE_URL";
const TEMPLATE: &str = "BIRD_V1_TEMPLATE";
const FROM: &str = "BIRD_V1_FROM";
const SMS_FROM: &str = "BIRD_V1_SMS_FROM";

/// The prefix of Bird's own templates, which are sent from a number of Bird.
const MANAGED: &str = "bird_";
/// The prefix of the ids of templates, which may be given in place of a slug.
const TEMPLATE_ID: &str = "wat_";

/// A workspace at the platform.
struct BirdV1 {
    authorization: HeaderValue,
    base_url: String,
    template: String,
    from: Option<String>,
    sms_from: Option<String>,
    context: ProviderContext,
}

/// Creates the provider from its settings; reports every setting that is wrong.
pub(super) fn open(
    settings: &mut dyn SettingsSource,
    context: &ProviderContext,
) -> Option<Arc<dyn MessageProvider>> {
    let key = settings.optional(API_KEY).unwrap_or_default();
    let region = if is_european(&key) { "eu1" } else { "us1" };
    let authorization = settings.credential(API_KEY, "Bearer ", "bk_eu1_…");
    let base_url = settings.base_url(BASE_URL, &format!("https://{region}.platform.bird.com"));
    let template = settings.defaulted(TEMPLATE, "bird_otp", slug);
    let from = number(settings, template.as_deref().unwrap_or(MANAGED));
    let sms_from = settings.checked_if_set(SMS_FROM, "Marigold", sender);
    Some(Arc::new(BirdV1 {
        authorization: authorization?,
        base_url: base_url?,
        template: template?,
        from: from?,
        sms_from: sms_from?,
        context: context.clone(),
    }))
}

/// Whether a key belongs to the European region. Its first part tells the kind of the key, of which
/// there are several, and its second part the region.
fn is_european(key: &str) -> bool {
    key.split('_').nth(1) == Some("eu1")
}

/// Reads the number that sends a template of the shop; a template of Bird has a number
/// already. `None` if template and number do not fit together.
fn number(settings: &mut dyn SettingsSource, template: &str) -> Option<Option<String>> {
    const EXAMPLE: &str = "+447700900100";
    let number = settings.checked_if_set(FROM, EXAMPLE, |text| {
        let number = PhoneNumber::from_e164(text).map(|_| text.to_owned());
        number
            .ok_or_else(|| "must be a phone number such as the example, without spaces".to_owned())
    })?;
    let problem = match (template.starts_with(MANAGED), &number) {
        (true, Some(_)) => "must not be set: Bird's own template has a number already",
        (false, None) => "is missing: a template of your own needs a number of your own",
        _ => return Some(number),
    };
    settings.refuse(FROM, problem, EXAMPLE);
    None
}

/// Parses the slug that identifies a template.
fn slug(text: &str) -> Result<String, String> {
    let is_slug = (1..=63).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    is_slug.then(|| text.to_owned()).ok_or_else(|| {
        "must be 1 to 63 lower-case letters, digits, hyphens and underscores".to_owned()
    })
}

/// Parses a sender of text messages: a number, a short code, or a name of at most eleven
/// characters.
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
    /// An authenticated request.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.context
            .http_client
            .request(method, &format!("{}{path}", self.base_url))
            .header(http::header::AUTHORIZATION, self.authorization.clone())
    }
}

impl MessageProvider for BirdV1 {
    fn name(&self) -> &'static str {
        NAME
    }

    /// The only template is for codes.
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
        Box::pin(self.send_message(message))
    }

    fn check(&self) -> BoxFuture<'_, Vec<CheckResult>> {
        Box::pin(self.run_checks())
    }
}
