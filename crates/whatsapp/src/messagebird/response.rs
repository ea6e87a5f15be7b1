//! Every error and status of the provider, and its class.

use domain::DeliveryStatus;
use http::StatusCode;
use serde::Deserialize;

use super::{ACCESS_KEY, CHANNEL_ID, CONVERSATIONS, REST, SMS_FROM};
use crate::{
    SendError,
    by_status::{self, misconfigured},
    cloud::errors::classify_forwarded,
    http_client::Reply,
};

/// The body of an error reply. `description` is not read, because it may quote the
/// request.
#[derive(Deserialize)]
struct ErrorResponse {
    errors: Vec<ErrorItem>,
}

#[derive(Deserialize)]
struct ErrorItem {
    code: u32,
    parameter: Option<String>,
}

/// Classifies an error reply by its code; by its status, if there is no code, or if the
/// status is that of throttling, which has no documented code. `address` is the setting
/// of the service that was used.
pub(super) fn classify_error(reply: &Reply, address: &'static str) -> SendError {
    let by_status = || by_status::classify(reply, ACCESS_KEY, address);
    if reply.status == StatusCode::TOO_MANY_REQUESTS {
        return by_status();
    }
    let Some(error) = reply.json::<ErrorResponse>().and_then(|body| body.errors.into_iter().next())
    else {
        return by_status();
    };
    let fail_over = |title: &str| SendError::FailOver { why: format!("error {title}") };
    match error.code {
        2 => misconfigured(
            ACCESS_KEY,
            "error 2, the request is not allowed",
            "copy the live access key",
        ),
        9 => classify_parameter("error 9, a value is missing", &error, address),
        10 => classify_parameter("error 10, a value is invalid", &error, address),
        20 => classify_parameter("error 20, an object does not exist", &error, address),
        21 => classify_parameter("error 21, the request is invalid", &error, address),
        25 => fail_over("25: the balance is too low, add money to the account"),
        98 => misconfigured(
            address,
            "error 98, the service does not exist",
            "set it to the documented address",
        ),
        99 => SendError::Retry {
            after_seconds: reply.retry_after(),
            why: "error 99, MessageBird has an internal error".to_owned(),
        },
        _ => by_status(),
    }
}

/// Classifies an invalid value by the parameter that held it.
fn classify_parameter(what: &str, error: &ErrorItem, address: &'static str) -> SendError {
    let sender = if address == CONVERSATIONS { CHANNEL_ID } else { SMS_FROM };
    let parameter = error.parameter.as_deref().unwrap_or_default();
    let name = parameter.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match name.as_str() {
        "to" | "recipient" | "recipients" | "msisdn" => {
            SendError::Undeliverable { why: format!("{what}: the recipient's number") }
        }
        "from" | "channelid" | "originator" => {
            misconfigured(sender, what, "set it to a sender of this account")
        }
        "templatename" | "namespace" | "language" | "components" | "params" | "hsm" => {
            misconfigured("template", what, "submit the template and wait for its approval")
        }
        "reporturl" => {
            misconfigured("MARIGOLD_PUBLIC_URL", what, "webhooks need a public https address")
        }
        // Conversations has no other objects than channels that could be missing.
        _ if error.code == 20 && address == CONVERSATIONS => {
            misconfigured(CHANNEL_ID, what, "copy the channel's id again")
        }
        _ if error.code == 20 => misconfigured(REST, what, "set it to the documented address"),
        // "No (correct) recipients found"; older replies name no parameter.
        "" if error.code == 9 && address == REST => {
            SendError::Undeliverable { why: format!("{what}: the recipient's number is invalid") }
        }
        _ => misconfigured(
            "the request",
            what,
            "run `marigold check-provider`, and report a bug if it finds nothing",
        ),
    }
}

/// The delivery status for a status of the provider; `None` if the shop does not use it.
pub(super) fn delivery_status(status: &str) -> Option<DeliveryStatus> {
    Some(match status {
        "accepted" | "pending" | "scheduled" | "delayed" => DeliveryStatus::Accepted,
        "sent" | "transmitted" | "buffered" | "dispatched" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "read" | "opened" | "clicked" => DeliveryStatus::Read,
        "rejected" | "failed" | "delivery_failed" | "expired" | "bounce" | "unsupported"
        | "out_of_bounded" => DeliveryStatus::Failed,
        // "received", "deleted", "unknown", "spam_complaint", "list_unsubscribe", and
        // statuses of the future.
        _ => return None,
    })
}

/// Classifies the failure of a message; `None` if the status is no failure. `code` is the
/// provider's error code, if there is one.
pub(super) fn classify_failure(status: &str, code: Option<u32>) -> Option<SendError> {
    if delivery_status(status) != Some(DeliveryStatus::Failed) {
        return None;
    }
    if let Some(error) =
        code.and_then(|code| classify_forwarded(code, "WhatsApp in MessageBird's dashboard"))
    {
        return Some(error);
    }
    let number = code.filter(|code| *code != 0).map(|code| format!(", error {code}"));
    let why = |title: &str| format!("{title}{}", number.unwrap_or_default());
    Some(match status {
        "expired" => {
            SendError::Undeliverable { why: why("the message expired before it was delivered") }
        }
        "delivery_failed" | "bounce" => {
            SendError::Undeliverable { why: why("the message was not delivered") }
        }
        "unsupported" => {
            SendError::Undeliverable { why: why("the phone does not support this kind of message") }
        }
        "out_of_bounded" => SendError::FailOver { why: why("the message is out of bounds") },
        "rejected" => SendError::FailOver { why: why("the message was rejected") },
        "failed" => SendError::FailOver { why: why("the message failed") },
        _ => return None,
    })
}
