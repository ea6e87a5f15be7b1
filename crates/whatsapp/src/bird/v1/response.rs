//! Every error of the platform, and its class. They are told apart by code, then
//! name, then type; `message` and `details` are not read, they may quote the request.

use domain::Channel;
use serde::Deserialize;

use super::{API_KEY, BASE_URL, FROM, SMS_FROM, TEMPLATE};
use crate::{
    Accepted, SendError,
    bird::ACCOUNT,
    by_status::{self, misconfigured},
    cloud::errors::passed_on,
    wire::Reply,
};

/// A message that was taken.
#[derive(Deserialize)]
struct Taken {
    id: String,
    status: Option<String>,
    last_error: Option<LastError>,
}

/// Why a message failed, in answers and in calls back.
#[derive(Deserialize)]
pub(super) struct LastError {
    pub code: String,
    pub meta_error_code: Option<String>,
}

#[derive(Deserialize)]
struct Envelope {
    error: Problem,
}

#[derive(Deserialize)]
struct Problem {
    r#type: String,
    code: String,
    name: String,
    param: Option<String>,
}

/// Reads the answer to a send.
pub(super) fn read(reply: &Reply, channel: Channel) -> Result<Accepted, SendError> {
    if !reply.status.is_success() {
        return Err(refusal(reply, channel));
    }
    match reply.json::<Taken>() {
        Some(Taken { id, status, last_error }) if !id.is_empty() => match status.as_deref() {
            Some("failed" | "rejected") => Err(failure(last_error.as_ref())),
            _ => Ok(Accepted { provider_message_id: id }),
        },
        _ => Err(SendError::Unknown),
    }
}

/// Classes a refusal; by its status, if its body cannot be read.
pub(super) fn refusal(reply: &Reply, channel: Channel) -> SendError {
    let Some(Envelope { error }) = reply.json::<Envelope>() else {
        return by_status::classify(reply, API_KEY, BASE_URL);
    };
    let is_code = error.code.len() == 6
        && error.code.strip_prefix('E').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    let code = if is_code { error.code.as_str() } else { "an error without a code" };
    by_name(code, &error.name).unwrap_or_else(|| by_type(code, &error, reply, channel))
}

/// The errors that have a meaning of their own.
fn by_name(code: &str, name: &str) -> Option<SendError> {
    let of = |title: &str| format!("{code}, {title}");
    Some(match (code, name) {
        // The same message is being taken at this moment, or was taken with other
        // words: either way it may have been sent.
        ("E01004", _) | (_, "request_in_progress") => SendError::Unknown,
        ("E01005", _) | (_, "idempotency_key_reuse") => SendError::Unknown,
        ("E13020", _) | (_, "NoNextChannel" | "NoAvailableChannel") => {
            SendError::FailOver { why: of("no channel is left") }
        }
        (_, "WhatsAppInvalidRecipient" | "SMSInvalidRecipient") => {
            SendError::Undeliverable { why: of("the number cannot be routed") }
        }
        (_, "WhatsAppRecipientNotSupportedForTemplate") => {
            SendError::Undeliverable { why: of("the recipient takes no codes") }
        }
        (_, "WhatsAppTemplateParameterMismatch") => {
            let change = "name a template with the code in its body and one copy-code button";
            misconfigured(TEMPLATE, &of("other parameters"), change)
        }
        (_, "WhatsAppSenderNotAllowed") => {
            misconfigured(FROM, &of("Bird's templates have their own number"), "do not set it")
        }
        (_, "WhatsAppSenderRequired") => {
            misconfigured(FROM, &of("the template needs a number"), "set it")
        }
        (_, "WhatsAppSenderNotFound") => {
            misconfigured(FROM, &of("no such number"), "name a number of this workspace")
        }
        (_, "WhatsAppSenderWABAMismatch") => {
            let what = of("number and template belong to different WhatsApp accounts");
            misconfigured(FROM, &what, "name a number of the template's account")
        }
        (_, "SMSNoEligibleSender") => {
            misconfigured(SMS_FROM, &of("no sender for this country"), "register one for it")
        }
        (_, "WhatsAppContentRequired" | "WhatsAppContentAmbiguous" | "SMSUnsupportedFeature") => {
            our_fault(&of("the request is not taken"))
        }
        _ => return None,
    })
}

/// All others, by the type that each has.
fn by_type(code: &str, error: &Problem, reply: &Reply, channel: Channel) -> SendError {
    let of = |title: &str| format!("{code}, {title}");
    let retry =
        |title: &str| SendError::Retry { after_seconds: reply.retry_after(), why: of(title) };
    let fail_over = |title: &str| SendError::FailOver { why: of(title) };
    match error.r#type.as_str() {
        "auth_error" => misconfigured(API_KEY, &of("the key is not taken"), "make a new one"),
        "permission_error" => {
            misconfigured(API_KEY, &of("the key may not send"), "give it the scope, or a new one")
        }
        "misdirected_error" => misconfigured(
            BASE_URL,
            &of("the workspace is in another region"),
            "take the address of the key's region",
        ),
        "billing_error" => fail_over("the balance is too low: add money to the wallet"),
        "rate_limit_error" => retry("too many requests"),
        "service_unavailable_error" => retry("the service is unavailable"),
        "internal_error" => retry("internal error"),
        "too_early_error" => retry("too early"),
        "conflict_error" => fail_over("a conflict"),
        "gone_error" => fail_over("the service is gone"),
        "not_implemented_error" => fail_over("not offered"),
        "not_found_error" if channel == Channel::WhatsApp => {
            misconfigured(TEMPLATE, &of("not found"), "name a template of this workspace")
        }
        "not_found_error" => misconfigured(BASE_URL, &of("not found"), "take the documented one"),
        "validation_error" => of_parameter(&of("a value is not taken"), error, channel),
        "bad_request_error" | "payload_too_large_error" | "precondition_error" => {
            our_fault(&of("the request is not taken"))
        }
        _ => by_status::classify(reply, API_KEY, BASE_URL),
    }
}

fn of_parameter(what: &str, error: &Problem, channel: Channel) -> SendError {
    let parameter = error.param.as_deref().unwrap_or_default();
    match (parameter.split(['.', '[']).next().unwrap_or_default(), channel) {
        ("to", _) => SendError::Undeliverable { why: format!("{what}: the recipient") },
        ("from", Channel::WhatsApp) => misconfigured(FROM, what, "name a number of this workspace"),
        ("from", Channel::Sms) => misconfigured(SMS_FROM, what, "name a sender of this workspace"),
        ("template", _) => misconfigured(TEMPLATE, what, "name a template in this language"),
        _ => our_fault(what),
    }
}

fn our_fault(what: &str) -> SendError {
    misconfigured(
        "the request",
        what,
        "run `marigold check-provider`, and report it if all is well",
    )
}

/// Why a message that was taken failed later. WhatsApp's own number says most.
pub(super) fn failure(error: Option<&LastError>) -> SendError {
    let Some(LastError { code, meta_error_code }) = error else {
        return SendError::FailOver { why: "failed without a reason".to_owned() };
    };
    let by_whatsapp =
        meta_error_code.as_deref().and_then(|code| passed_on(code.parse().ok()?, ACCOUNT));
    by_whatsapp.unwrap_or_else(|| by_code(code))
}

/// The failure codes of both services, which are open enumerations.
fn by_code(code: &str) -> SendError {
    let undeliverable = |why: &str| SendError::Undeliverable { why: why.to_owned() };
    let fail_over = |why: &str| SendError::FailOver { why: why.to_owned() };
    let retry = |why: &str| SendError::Retry { after_seconds: None, why: why.to_owned() };
    match code {
        "undeliverable" => undeliverable("the recipient could not be reached"),
        "recipient_suppressed" => undeliverable("the recipient is on the suppression list"),
        "invalid_destination" => undeliverable("the number is not assigned"),
        "unreachable" => undeliverable("the phone is off or out of coverage"),
        "blocked_by_recipient" => undeliverable("the phone blocks the sender"),
        "landline_unreachable" => undeliverable("a landline takes no text messages"),
        "recipient_opted_out" => undeliverable("the recipient has opted out"),
        "insufficient_balance" => fail_over("the balance is too low: add money to the wallet"),
        "price_not_found" => fail_over("no price is set for this destination"),
        "blocked_by_carrier" => fail_over("the carrier filtered the message"),
        "content_rejected" => fail_over("the carrier rejected the words"),
        "internal_error" => retry("internal error"),
        "rate_limited" => retry("throttled"),
        "provider_unavailable" => retry("the carrier was unavailable"),
        "service_window_expired" => {
            misconfigured("template", "service_window_expired", "codes need a template")
        }
        "sender_unregistered" => {
            misconfigured(SMS_FROM, "sender_unregistered", "register it for the destination")
        }
        // "unknown", and what will be added.
        _ => fail_over("failed for a reason that is not known"),
    }
}
