//! Every error of the platform and its class. The code, the name and the type tell errors
//! apart, in this order; `message` and `details` are not read, because they may quote the
//! request.

use domain::Channel;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{API_KEY, BASE_URL, FROM, SMS_FROM, TEMPLATE};
use crate::{
    Accepted, SendError,
    bird::common::ACCOUNT,
    by_status::{self, misconfigured},
    cloud::errors::classify_forwarded,
    http_client::Reply,
    json::Json,
};

/// The reply to an accepted message.
#[derive(Deserialize)]
struct SendResponse {
    id: String,
    status: Option<String>,
    last_error: Option<Box<RawValue>>,
}

/// The cause of a failed message, in replies and in events: Bird's code and WhatsApp's. A value
/// of another form counts as missing.
pub(super) struct LastError {
    code: Option<String>,
    meta_error_code: Option<u32>,
}

impl LastError {
    pub(super) fn read(error: Json<'_>) -> Self {
        let meta_error_code = error.number_at("/meta_error_code");
        Self { code: error.text_at("/code"), meta_error_code }
    }
}

#[derive(Deserialize)]
struct ErrorResponse {
    error: ApiError,
}

/// Every field is a word of an open list, and each may be missing.
#[derive(Deserialize)]
struct ApiError {
    r#type: Option<String>,
    code: Option<String>,
    name: Option<String>,
    param: Option<String>,
}

/// Reads the reply to a message.
pub(super) fn read_send_response(reply: &Reply, channel: Channel) -> Result<Accepted, SendError> {
    if !reply.status.is_success() {
        return Err(classify_error(reply, channel));
    }
    match reply.json::<SendResponse>() {
        Some(SendResponse { id, status, last_error }) if !id.is_empty() => {
            match status.as_deref() {
                Some("failed" | "rejected" | "undelivered" | "expired") => {
                    let error = last_error.as_deref().map(|error| LastError::read(Json::of(error)));
                    Err(classify_failure(error.as_ref()))
                }
                _ => Ok(Accepted { provider_message_id: id }),
            }
        }
        _ => Err(SendError::Unknown),
    }
}

/// Classifies an error reply; by its status, if its body is unreadable.
pub(super) fn classify_error(reply: &Reply, channel: Channel) -> SendError {
    let Some(ErrorResponse { error }) = reply.json::<ErrorResponse>() else {
        return by_status::classify(reply, API_KEY, BASE_URL);
    };
    let is_code = |code: &&str| {
        let digits = code.strip_prefix('E').filter(|digits| digits.len() == 5);
        digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
    };
    let code = error.code.as_deref().filter(is_code).unwrap_or("an error without a code");
    by_name(code, error.name.as_deref().unwrap_or_default())
        .unwrap_or_else(|| by_type(code, &error, reply, channel))
}

/// Classifies the errors whose code or name has a meaning of its own.
fn by_name(code: &str, name: &str) -> Option<SendError> {
    let of = |title: &str| format!("{code}, {title}");
    Some(match (code, name) {
        // Bird is processing the same message, or has accepted it with another body: in
        // both cases it may have been sent.
        ("E01004", _) | (_, "request_in_progress") => SendError::Unknown,
        ("E01005", _) | (_, "idempotency_key_reuse") => SendError::Unknown,
        ("E13020", _) | (_, "NoNextChannel" | "NoAvailableChannel") => {
            SendError::FailOver { why: of("no channel is available") }
        }
        (_, "WhatsAppInvalidRecipient" | "SMSInvalidRecipient") => {
            SendError::Undeliverable { why: of("the recipient's number is not routable") }
        }
        (_, "WhatsAppRecipientNotSupportedForTemplate") => {
            SendError::Undeliverable { why: of("the recipient cannot receive codes") }
        }
        (_, "WhatsAppTemplateParameterMismatch") => {
            let change = "set it to a template with the code in its body and one copy-code button";
            misconfigured(TEMPLATE, &of("the template has other parameters"), change)
        }
        (_, "WhatsAppSenderNotAllowed") => misconfigured(
            FROM,
            &of("Bird's templates have a number of their own"),
            "remove this setting",
        ),
        (_, "WhatsAppSenderRequired") => misconfigured(
            FROM,
            &of("the template needs a number"),
            "set it to a number of this workspace",
        ),
        (_, "WhatsAppSenderNotFound") => misconfigured(
            FROM,
            &of("the number does not exist"),
            "set it to a number of this workspace",
        ),
        (_, "WhatsAppSenderWABAMismatch") => {
            let what = of("number and template belong to different WhatsApp accounts");
            misconfigured(FROM, &what, "set it to a number of the template's account")
        }
        (_, "SMSNoEligibleSender") => misconfigured(
            SMS_FROM,
            &of("the sender may not send to this country"),
            "register a sender for it",
        ),
        (_, "WhatsAppContentRequired" | "WhatsAppContentAmbiguous" | "SMSUnsupportedFeature") => {
            invalid_request(&of("the request is invalid"))
        }
        _ => return None,
    })
}

/// Classifies all other errors by their type.
fn by_type(code: &str, error: &ApiError, reply: &Reply, channel: Channel) -> SendError {
    let of = |title: &str| format!("{code}, {title}");
    let retry =
        |title: &str| SendError::Retry { after_seconds: reply.retry_after(), why: of(title) };
    let fail_over = |title: &str| SendError::FailOver { why: of(title) };
    match error.r#type.as_deref().unwrap_or_default() {
        "auth_error" => misconfigured(API_KEY, &of("the key is not accepted"), "create a new one"),
        "permission_error" => misconfigured(
            API_KEY,
            &of("the key may not send"),
            "give it the scope to send, or create a new key",
        ),
        "misdirected_error" => misconfigured(
            BASE_URL,
            &of("the workspace is in another region"),
            "set it to the address of the key's region",
        ),
        "billing_error" => fail_over("the balance is too low: add money to the wallet"),
        "rate_limit_error" => retry("too many requests"),
        "service_unavailable_error" => retry("the service is unavailable"),
        "internal_error" => retry("Bird has an internal error"),
        "too_early_error" => retry("the request came too early"),
        "conflict_error" => fail_over("the request conflicts with another one"),
        "gone_error" => fail_over("the service no longer exists"),
        "not_implemented_error" => fail_over("the service does not offer this"),
        "not_found_error" if channel == Channel::WhatsApp => misconfigured(
            TEMPLATE,
            &of("the template does not exist"),
            "set it to a template of this workspace",
        ),
        "not_found_error" => misconfigured(
            BASE_URL,
            &of("the address does not exist"),
            "set it to the documented address",
        ),
        "validation_error" => classify_parameter(&of("a value is invalid"), error, channel),
        "bad_request_error" | "payload_too_large_error" | "precondition_error" => {
            invalid_request(&of("the request is invalid"))
        }
        _ => by_status::classify(reply, API_KEY, BASE_URL),
    }
}

fn classify_parameter(what: &str, error: &ApiError, channel: Channel) -> SendError {
    let parameter = error.param.as_deref().unwrap_or_default();
    match (parameter.split(['.', '[']).next().unwrap_or_default(), channel) {
        ("to", _) => SendError::Undeliverable { why: format!("{what}: the recipient's number") },
        ("from", Channel::WhatsApp) => {
            misconfigured(FROM, what, "set it to a number of this workspace")
        }
        ("from", Channel::Sms) => {
            misconfigured(SMS_FROM, what, "set it to a sender of this workspace")
        }
        ("template", _) => {
            misconfigured(TEMPLATE, what, "set it to a template that exists in this language")
        }
        _ => invalid_request(what),
    }
}

fn invalid_request(what: &str) -> SendError {
    misconfigured(
        "the request",
        what,
        "run `marigold check-provider`, and report a bug if it finds nothing",
    )
}

/// Classifies the failure of an accepted message. WhatsApp's own code is the most precise.
pub(super) fn classify_failure(error: Option<&LastError>) -> SendError {
    let Some(LastError { code, meta_error_code }) = error else {
        return SendError::FailOver {
            why: "the message failed, and Bird gave no reason".to_owned(),
        };
    };
    let by_whatsapp = meta_error_code.and_then(|code| classify_forwarded(code, ACCOUNT));
    by_whatsapp.unwrap_or_else(|| by_code(code.as_deref().unwrap_or_default()))
}

/// Classifies the failure codes of both services, which may gain more codes at any time.
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
        "landline_unreachable" => undeliverable("a landline cannot receive text messages"),
        "recipient_opted_out" => undeliverable("the recipient has opted out"),
        "insufficient_balance" => fail_over("the balance is too low: add money to the wallet"),
        "price_not_found" => fail_over("no price is set for this destination"),
        "blocked_by_carrier" => fail_over("the carrier filtered the message"),
        "content_rejected" => fail_over("the carrier rejected the text"),
        "internal_error" => retry("Bird has an internal error"),
        "rate_limited" => retry("too many messages"),
        "provider_unavailable" => retry("the carrier was unavailable"),
        "service_window_expired" => {
            misconfigured("template", "service_window_expired", "send codes by a template")
        }
        "sender_unregistered" => misconfigured(
            SMS_FROM,
            "sender_unregistered",
            "register the sender for the destination",
        ),
        // "unknown", and codes of the future.
        _ => fail_over("the message failed for an unknown reason"),
    }
}
