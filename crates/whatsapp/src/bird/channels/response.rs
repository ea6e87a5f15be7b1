//! Every status, error and failure code of Channels, and its class. Its texts (`message`,
//! `details`, `reason`) are searched for names of fields only.

use domain::DeliveryStatus;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{ACCESS_KEY, BASE_URL, TEMPLATES, WORKSPACE_ID};
use crate::{
    Accepted, SendError,
    bird::common::ACCOUNT,
    by_status::{self, misconfigured},
    cloud::errors::classify_forwarded,
    http_client::Reply,
    json::Json,
};

#[derive(Deserialize)]
struct SendResponse {
    id: String,
    status: Option<String>,
    failure: Option<Box<RawValue>>,
}

/// The cause of a failed message: Bird's code, who reported it, and the reporter's own code. A
/// value of another form counts as missing.
pub(super) struct Failure {
    code: Option<u32>,
    source: Option<String>,
    source_code: Option<u32>,
}

impl Failure {
    pub(super) fn read(failure: Json<'_>) -> Self {
        Self {
            code: failure.number_at("/code"),
            source: failure.text_at("/source/name"),
            source_code: failure.number_at("/source/code"),
        }
    }
}

/// Reads the reply to a message; `channel` is the setting of the channel that was used.
pub(super) fn read_send_response(
    reply: &Reply,
    channel: &'static str,
) -> Result<Accepted, SendError> {
    if !reply.status.is_success() {
        return Err(classify_error(reply, channel));
    }
    match reply.json::<SendResponse>() {
        Some(SendResponse { id, status, failure }) if !id.is_empty() => {
            let status = status.unwrap_or_default();
            match delivery_status(&status) {
                Some(DeliveryStatus::Failed) => {
                    let failure =
                        failure.as_deref().map(|failure| Failure::read(Json::of(failure)));
                    Err(classify_failure(&status, failure.as_ref()))
                }
                _ => Ok(Accepted { provider_message_id: id }),
            }
        }
        _ => Err(SendError::Unknown),
    }
}

/// Classifies an error reply by its status; an invalid value by the field that held it.
pub(super) fn classify_error(reply: &Reply, channel: &'static str) -> SendError {
    match reply.status.as_u16() {
        403 => {
            misconfigured(ACCESS_KEY, "status 403", "give the key the permission to send messages")
        }
        404 => {
            let what = "status 404, the workspace has no such channel";
            misconfigured(
                channel,
                what,
                &format!("copy it and {WORKSPACE_ID} from the dashboard again"),
            )
        }
        400 | 422 => {
            let body = reply.json::<Value>().unwrap_or_default();
            let fields = body.get("details").map(Value::to_string).unwrap_or_default();
            let what = format!("status {}, a value is invalid", reply.status.as_u16());
            if ["receiver", "contacts", "identifierValue"].iter().any(|it| fields.contains(it)) {
                SendError::Undeliverable { why: format!("{what}: the recipient's number") }
            } else {
                let change = "check that each project is published in this language, and the name of its parameter";
                misconfigured(TEMPLATES, &what, change)
            }
        }
        _ => by_status::classify(reply, ACCESS_KEY, BASE_URL),
    }
}

/// The delivery status for a status of Channels; `None` if it is unknown.
pub(super) fn delivery_status(status: &str) -> Option<DeliveryStatus> {
    Some(match status {
        "accepted" | "processing" => DeliveryStatus::Accepted,
        "sent" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "sending_failed" | "delivery_failed" => DeliveryStatus::Failed,
        _ => return None,
    })
}

/// Classifies the failure of a message by the group of its code: 11 is validation, 12 an
/// error of Bird, 14 one of the customer, and 15 one of the platform behind Bird.
pub(super) fn classify_failure(status: &str, failure: Option<&Failure>) -> SendError {
    let code = failure.and_then(|failure| failure.code);
    let why =
        |title: &str| code.map_or_else(|| title.to_owned(), |code| format!("{code}, {title}"));
    match code.map(|code| code / 1000) {
        Some(11) => misconfigured(
            "the request",
            &why("the request is invalid"),
            "run `marigold check-provider`",
        ),
        Some(12) => {
            SendError::Retry { after_seconds: None, why: why("Bird has an internal error") }
        }
        Some(14) if failure.and_then(|it| it.source.as_deref()) == Some("accounting") => {
            SendError::FailOver { why: why("the balance is too low: add money to the wallet") }
        }
        Some(14) => {
            SendError::FailOver { why: why("the workspace may not send the message: see its log") }
        }
        Some(15) => failure
            .and_then(|failure| classify_forwarded(failure.source_code?, ACCOUNT))
            .unwrap_or_else(|| SendError::Undeliverable {
                why: why("the platform did not deliver it"),
            }),
        _ if status == "delivery_failed" => {
            SendError::Undeliverable { why: why("the message was not delivered") }
        }
        _ => SendError::FailOver { why: why("the message was not sent") },
    }
}
