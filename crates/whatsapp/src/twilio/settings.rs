//! Twilio's settings, each held against the pattern Twilio publishes for it.

use std::sync::Arc;

use domain::{PhoneNumber, Secret};

use super::{Hosts, Twilio, api::Api, provider, verify::Verify};
use crate::{Common, MessageProvider, Variables};

/// The longest credential taken, in characters.
const LONGEST_SECRET: usize = 128;
/// The longest sender name of a text message, in characters.
const LONGEST_NAME: usize = 11;

/// Who a message comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// A number, short code or name, as `From` takes it.
    Number(String),
    /// A messaging service, which picks one of its senders.
    Service(String),
}

/// Opens the courier from its settings; whatever is wrong with them is noted.
pub fn open(variables: &mut dyn Variables, common: &Common) -> Option<Arc<dyn MessageProvider>> {
    let account = variables.checked("TWILIO_ACCOUNT_SID", example::ACCOUNT, |text| sid("AC", text));
    let token = variables.checked("TWILIO_AUTH_TOKEN", example::SECRET, secret);
    let second = optional(variables, "TWILIO_SECONDARY_AUTH_TOKEN", example::SECRET, secret);
    let key = api_key(variables);
    let from = optional(variables, "TWILIO_FROM", example::FROM, whatsapp_sender);
    let sms_from = optional(variables, "TWILIO_SMS_FROM", example::SMS_FROM, sms_sender);
    let verify = verify_services(variables);
    let hosts = hosts(variables);
    let (from, sms_from, verify) = (from?, sms_from?, verify?);
    if from.is_none() && sms_from.is_none() && verify.is_none() {
        variables.refuse(
            "TWILIO_FROM",
            "is missing: name a sender here, in TWILIO_SMS_FROM, or a service in \
             TWILIO_VERIFY_SERVICE_SID",
            example::FROM,
        );
        return None;
    }
    let token = token?;
    let api = Api::new(common.wire.clone(), account?, token.clone(), key?);
    Some(provider(Twilio {
        api,
        hosts: hosts?,
        tokens: std::iter::once(token).chain(second?).collect(),
        from,
        sms_from,
        verify,
        common: common.clone(),
    }))
}

/// An API key is a name and a secret; one without the other opens nothing.
fn api_key(variables: &mut dyn Variables) -> Option<Option<(String, Secret<String>)>> {
    const NAME: &str = "TWILIO_API_KEY_SID";
    const SECRET: &str = "TWILIO_API_KEY_SECRET";
    let name = optional(variables, NAME, example::KEY, |text| sid("SK", text));
    let password = optional(variables, SECRET, example::SECRET, secret);
    match (name?, password?) {
        (Some(name), Some(password)) => Some(Some((name, password))),
        (None, None) => Some(None),
        (Some(_), None) => {
            variables.refuse(
                SECRET,
                "is missing, though TWILIO_API_KEY_SID is set",
                example::SECRET,
            );
            None
        }
        (None, Some(_)) => {
            variables.refuse(NAME, "is missing, though TWILIO_API_KEY_SECRET is set", example::KEY);
            None
        }
    }
}

fn verify_services(variables: &mut dyn Variables) -> Option<Option<Verify>> {
    const SERVICE: &str = "TWILIO_VERIFY_SERVICE_SID";
    const PAYMENTS: &str = "TWILIO_VERIFY_PAYMENT_SERVICE_SID";
    let service = optional(variables, SERVICE, example::VERIFY, |text| sid("VA", text));
    let payments = optional(variables, PAYMENTS, example::VERIFY, |text| sid("VA", text));
    let (service, payments) = (service?, payments?);
    if service.is_none() && payments.is_some() {
        variables.refuse(
            SERVICE,
            "is missing, though TWILIO_VERIFY_PAYMENT_SERVICE_SID is set",
            example::VERIFY,
        );
        return None;
    }
    Some(service.map(|service| Verify { service, payments }))
}

fn hosts(variables: &mut dyn Variables) -> Option<Hosts> {
    let messages = variables.base_url("TWILIO_BASE_URL", "https://api.twilio.com");
    let verify = variables.base_url("TWILIO_VERIFY_BASE_URL", "https://verify.twilio.com");
    let content = variables.base_url("TWILIO_CONTENT_BASE_URL", "https://content.twilio.com");
    let messaging = variables.base_url("TWILIO_MESSAGING_BASE_URL", "https://messaging.twilio.com");
    Some(Hosts { messages: messages?, verify: verify?, content: content?, messaging: messaging? })
}

/// A variable that may be missing: `Some(None)` if it is, `None` if it is wrong.
fn optional<T>(
    variables: &mut dyn Variables,
    name: &'static str,
    example: &str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Option<Option<T>> {
    match variables.optional(name) {
        None => Some(None),
        Some(_) => variables.checked(name, example, parse).map(Some),
    }
}

/// A Twilio identifier: two letters and 32 hexadecimal digits.
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

/// The value is never part of the problem's text.
fn secret(text: &str) -> Result<Secret<String>, String> {
    let is_word = text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_word && (1..=LONGEST_SECRET).contains(&text.len()) {
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

/// An alphanumeric sender (Twilio, "Alphanumeric sender IDs").
fn is_name(text: &str) -> bool {
    let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || b" +-_&".contains(&byte);
    text.len() <= LONGEST_NAME
        && text.trim() == text
        && text.bytes().all(is_taken)
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// What a good value looks like.
mod example {
    pub(super) const ACCOUNT: &str = "AC00000000000000000000000000000000";
    pub(super) const KEY: &str = "SK00000000000000000000000000000000";
    pub(super) const VERIFY: &str = "VA00000000000000000000000000000000";
    pub(super) const SECRET: &str = "00000000000000000000000000000000";
    pub(super) const FROM: &str = "whatsapp:+447700900001";
    pub(super) const SMS_FROM: &str = "+447700900002";
}
