//! Twilio's settings. Each is checked against the pattern that Twilio publishes for it.

use std::sync::Arc;

use domain::{PhoneNumber, Secret};

use super::{
    Hosts, Twilio,
    api::Api,
    provider,
    verify::Verify,
    webhook_keys::{SHARED_KEY, WebhookKeys},
};
use crate::{MessageProvider, ProviderContext, SettingsSource};

/// The longest credential that is accepted.
const MAX_SECRET_LEN: usize = 128;
/// The longest name of a sender of text messages.
const MAX_SENDER_NAME_LEN: usize = 11;

/// The sender of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// A number, a short code or a name: the value of `From`.
    Number(String),
    /// A messaging service, which selects one of its senders.
    Service(String),
}

/// Creates the provider from its settings; reports every setting that is wrong.
pub fn open(
    settings: &mut dyn SettingsSource,
    context: &ProviderContext,
) -> Option<Arc<dyn MessageProvider>> {
    let account = settings.checked("TWILIO_ACCOUNT_SID", example::ACCOUNT, |text| sid("AC", text));
    let token = settings.checked("TWILIO_AUTH_TOKEN", example::SECRET, secret);
    let second = settings.checked_if_set("TWILIO_SECONDARY_AUTH_TOKEN", example::SECRET, secret);
    let shared = shared_keys(settings, &[&token, &second.clone().flatten()]);
    let key = api_key(settings);
    let from = settings.checked_if_set("TWILIO_FROM", example::FROM, whatsapp_sender);
    let sms_from = settings.checked_if_set("TWILIO_SMS_FROM", example::SMS_FROM, sms_sender);
    let verify = verify_services(settings);
    let hosts = hosts(settings);
    let (from, sms_from, verify) = (from?, sms_from?, verify?);
    if from.is_none() && sms_from.is_none() && verify.is_none() {
        settings.refuse(
            "TWILIO_FROM",
            "is missing: set a sender here or in TWILIO_SMS_FROM, or a service in \
             TWILIO_VERIFY_SERVICE_SID",
            example::FROM,
        );
        return None;
    }
    let token = token?;
    let api = Api::new(context.http_client.clone(), account?, token.clone(), key?);
    Some(provider(Twilio {
        api,
        hosts: hosts?,
        webhook_keys: WebhookKeys::new(std::iter::once(token).chain(second?).collect(), shared?),
        from,
        sms_from,
        verify,
        context: context.clone(),
    }))
}

/// Reads the secrets of shared keys, which are separated by commas. A token may not be one of
/// them, because the header of a call would then choose the hash that the token is used with.
fn shared_keys(
    settings: &mut dyn SettingsSource,
    tokens: &[&Option<Secret<String>>],
) -> Option<Vec<Secret<String>>> {
    let is_token = |key: &Secret<String>| {
        tokens.iter().copied().flatten().any(|token| token.expose() == key.expose())
    };
    let keys = settings.checked_if_set(SHARED_KEY, example::SHARED_KEY, |text| {
        let keys = text.split(',').map(|key| secret(key.trim())).collect::<Result<Vec<_>, _>>()?;
        if keys.iter().any(is_token) {
            return Err("is the auth token: set it to the secret of the shared key".to_owned());
        }
        Ok(keys)
    })?;
    Some(keys.unwrap_or_default())
}

/// Reads the API key. It consists of an id and a secret, and both must be set or missing.
fn api_key(settings: &mut dyn SettingsSource) -> Option<Option<(String, Secret<String>)>> {
    const NAME: &str = "TWILIO_API_KEY_SID";
    const SECRET: &str = "TWILIO_API_KEY_SECRET";
    let name = settings.checked_if_set(NAME, example::KEY, |text| sid("SK", text));
    let password = settings.checked_if_set(SECRET, example::SECRET, secret);
    match (name?, password?) {
        (Some(name), Some(password)) => Some(Some((name, password))),
        (None, None) => Some(None),
        (Some(_), None) => {
            settings.refuse(
                SECRET,
                "is missing, though TWILIO_API_KEY_SID is set",
                example::SECRET,
            );
            None
        }
        (None, Some(_)) => {
            settings.refuse(NAME, "is missing, though TWILIO_API_KEY_SECRET is set", example::KEY);
            None
        }
    }
}

fn verify_services(settings: &mut dyn SettingsSource) -> Option<Option<Verify>> {
    const SERVICE: &str = "TWILIO_VERIFY_SERVICE_SID";
    const PAYMENTS: &str = "TWILIO_VERIFY_PAYMENT_SERVICE_SID";
    let service = settings.checked_if_set(SERVICE, example::VERIFY, |text| sid("VA", text));
    let payments = settings.checked_if_set(PAYMENTS, example::VERIFY, |text| sid("VA", text));
    let (service, payments) = (service?, payments?);
    if service.is_none() && payments.is_some() {
        settings.refuse(
            SERVICE,
            "is missing, though TWILIO_VERIFY_PAYMENT_SERVICE_SID is set",
            example::VERIFY,
        );
        return None;
    }
    Some(service.map(|service| Verify { service, payments }))
}

fn hosts(settings: &mut dyn SettingsSource) -> Option<Hosts> {
    let messages = settings.base_url("TWILIO_BASE_URL", "https://api.twilio.com");
    let verify = settings.base_url("TWILIO_VERIFY_BASE_URL", "https://verify.twilio.com");
    let content = settings.base_url("TWILIO_CONTENT_BASE_URL", "https://content.twilio.com");
    let messaging = settings.base_url("TWILIO_MESSAGING_BASE_URL", "https://messaging.twilio.com");
    Some(Hosts { messages: messages?, verify: verify?, content: content?, messaging: messaging? })
}

/// Whether a text is an id of Twilio: two letters and 32 hexadecimal digits.
pub(super) fn is_sid(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn sid(prefix: &str, text: &str) -> Result<String, String> {
    if is_sid(prefix, text) {
        Ok(text.to_owned())
    } else {
        Err(format!("must be {prefix} and 32 hexadecimal digits, as the Twilio console shows it"))
    }
}

/// Parses a secret. The text of the error never contains the value.
fn secret(text: &str) -> Result<Secret<String>, String> {
    let is_word = text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_word && (1..=MAX_SECRET_LEN).contains(&text.len()) {
        Ok(Secret::new(text.to_owned()))
    } else {
        Err("must be one word without spaces, as the Twilio console shows it".to_owned())
    }
}

fn whatsapp_sender(text: &str) -> Result<Sender, String> {
    if is_sid("MG", text) {
        return Ok(Sender::Service(text.to_owned()));
    }
    let number = text.strip_prefix("whatsapp:").and_then(PhoneNumber::from_e164);
    number.map(|_| Sender::Number(text.to_owned())).ok_or_else(|| {
        "must be whatsapp: and the sender's number with its + and country code, or the MG… of a \
         messaging service"
            .to_owned()
    })
}

fn sms_sender(text: &str) -> Result<Sender, String> {
    if is_sid("MG", text) {
        return Ok(Sender::Service(text.to_owned()));
    }
    if text.starts_with("whatsapp:") {
        return Err("is a WhatsApp sender, which belongs in TWILIO_FROM".to_owned());
    }
    if PhoneNumber::from_e164(text).is_some() || is_short_code(text) || is_name(text) {
        return Ok(Sender::Number(text.to_owned()));
    }
    Err("must be a number with its + and country code, a short code of 3 to 8 digits, a name of \
         at most 11 letters, digits and spaces with a letter in it, or the MG… of a messaging \
         service"
        .to_owned())
}

fn is_short_code(text: &str) -> bool {
    (3..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is an alphanumeric sender (Twilio, "Alphanumeric sender IDs").
fn is_name(text: &str) -> bool {
    let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || b" +-_&".contains(&byte);
    text.len() <= MAX_SENDER_NAME_LEN
        && text.trim() == text
        && text.bytes().all(is_taken)
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Examples of valid values.
mod example {
    pub(super) const ACCOUNT: &str = "AC and 32 hexadecimal digits";
    pub(super) const KEY: &str = "SK and 32 hexadecimal digits";
    pub(super) const VERIFY: &str = "VA and 32 hexadecimal digits";
    pub(super) const SECRET: &str = "32 hexadecimal digits";
    pub(super) const SHARED_KEY: &str = "the secret that Twilio showed when the key was made";
    pub(super) const FROM: &str = "whatsapp:+447700900001";
    pub(super) const SMS_FROM: &str = "+447700900002";
}
