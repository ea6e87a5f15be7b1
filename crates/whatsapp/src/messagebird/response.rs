//! Every error and status of the provider, and its class.

use domain::DeliveryStatus;
use http::StatusCode;
use serde::Deserialize;

use super::{ACCESS_KEY, CHANNEL_ID, CONVERSATIONS, REST, SMS_FROM};
use crate::{
    SendError,
    by_status::{self, misconfigured},
    cloud::errors::passed_on,
    wire::Reply,
};

/// A refusal's body. `description` is not read: it may quote the request.
#[derive(Deserialize)]
struct Problems {
    errors: Vec<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    code: u32,
    parameter: Option<String>,
}

/// Classes a refusal by the provider's error code; by its status, if there is none,
/// or if it is that of throttling, for which no code is written down.
/// `address` is the setting of the service that was asked.
pub(super) fn classify(reply: &Reply, address: &'static str) -> SendError {
    let by_status = || by_status::classify(reply, ACCESS_KEY, address);
    if reply.status == StatusCode::TOO_MANY_REQUESTS {
        return by_status();
    }
    let Some(problem) = reply.json::<Problems>().and_then(|body| body.errors.into_iter().next())
    else {
        return by_status();
    };
    let fail_over = |title: &str| SendError::FailOver { why: format!("error {title}") };
    match problem.code {
        2 => misconfigured(ACCESS_KEY, "error 2, request not allowed", "copy the live access key"),
        9 => of_parameter("error 9, a value is missing", &problem, address),
        10 => of_parameter("error 10, a value is not taken", &problem, address),
        20 => of_parameter("error 20, not found", &problem, address),
        21 => of_parameter("error 21, bad request", &problem, address),
        25 => fail_over("25: the balance is too low, add money to the account"),
        98 => misconfigured(address, "error 98, no such service", "take the documented address"),
        99 => SendError::Retry {
            after_seconds: reply.retry_after(),
            why: "error 99, internal error".to_owned(),
        },
        _ => by_status(),
    }
}

/// Classes a refused value by the parameter that held it.
fn of_parameter(what: &str, problem: &Problem, address: &'static str) -> SendError {
    let sender = if address == CONVERSATIONS { CHANNEL_ID } else { SMS_FROM };
    let parameter = problem.parameter.as_deref().unwrap_or_default();
    let name = parameter.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match name.as_str() {
        "to" | "recipient" | "recipients" | "msisdn" => {
            SendError::Undeliverable { why: format!("{what}: the recipient") }
        }
        "from" | "channelid" | "originator" => {
            misconfigured(sender, what, "it is not a sender of this account")
        }
        "templatename" | "namespace" | "language" | "components" | "params" | "hsm" => {
            misconfigured("template", what, "submit the template, and wait for its approval")
        }
        "reporturl" => {
            misconfigured("MARIGOLD_PUBLIC_URL", what, "callbacks need a public https address")
        }
        // Conversations knows channels, and nothing else that could be missing.
        _ if problem.code == 20 && address == CONVERSATIONS => {
            misconfigured(CHANNEL_ID, what, "copy the channel's id again")
        }
        _ if problem.code == 20 => misconfigured(REST, what, "take the documented address"),
        // No (correct) recipients found: said without a parameter in older answers.
        "" if problem.code == 9 && address == REST => {
            SendError::Undeliverable { why: format!("{what}: no correct recipient") }
        }
        _ => misconfigured("the request", what, "this shop and the provider differ: tell us"),
    }
}

/// How far a message of this status has come; `None` for what concerns nobody.
pub(super) fn standing(status: &str) -> Option<DeliveryStatus> {
    Some(match status {
        "accepted" | "pending" | "scheduled" | "delayed" => DeliveryStatus::Accepted,
        "sent" | "transmitted" | "buffered" | "dispatched" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "read" | "opened" | "clicked" => DeliveryStatus::Read,
        "rejected" | "failed" | "delivery_failed" | "expired" | "bounce" | "unsupported"
        | "out_of_bounded" => DeliveryStatus::Failed,
        // received, deleted, unknown, spam_complaint, list_unsubscribe, and new ones.
        _ => return None,
    })
}

/// Why a message of this status failed; `None` if it did not. `code` is the
/// provider's number, where it gives one.
pub(super) fn failure(status: &str, code: Option<u32>) -> Option<SendError> {
    if standing(status) != Some(DeliveryStatus::Failed) {
        return None;
    }
    if let Some(error) =
        code.and_then(|code| passed_on(code, "WhatsApp in MessageBird's dashboard"))
    {
        return Some(error);
    }
    let number = code.filter(|code| *code != 0).map(|code| format!(", error {code}"));
    let why = |title: &str| format!("{title}{}", number.unwrap_or_default());
    Some(match status {
        "expired" => SendError::Undeliverable { why: why("not delivered within its life") },
        "delivery_failed" | "bounce" => SendError::Undeliverable { why: why("not delivered") },
        "unsupported" => {
            SendError::Undeliverable { why: why("the phone does not support such a message") }
        }
        "out_of_bounded" => SendError::FailOver { why: why("out of bounds") },
        "rejected" => SendError::FailOver { why: why("rejected") },
        "failed" => SendError::FailOver { why: why("failed") },
        _ => return None,
    })
}
