//! Every status, error and failure code of Channels, and its class. Of its words
//! (`message`, `details`, `reason`) only the names of fields are looked for.

use domain::DeliveryStatus;
use serde::Deserialize;
use serde_json::Value;

use super::{ACCESS_KEY, BASE_URL, TEMPLATES, WORKSPACE_ID};
use crate::{
    Accepted, SendError,
    bird::ACCOUNT,
    by_status::{self, misconfigured},
    cloud::errors::passed_on,
    wire::Reply,
};

#[derive(Deserialize)]
struct Taken {
    id: String,
    status: Option<String>,
    failure: Option<Failure>,
}

/// Why a message failed.
#[derive(Default, Deserialize)]
pub(super) struct Failure {
    code: Option<u32>,
    source: Option<Source>,
}

/// Who says so, and its own code: text, or a number.
#[derive(Deserialize)]
struct Source {
    name: Option<String>,
    code: Option<Value>,
}

/// Reads the answer to a send; `channel` is the setting of the channel asked.
pub(super) fn read(reply: &Reply, channel: &'static str) -> Result<Accepted, SendError> {
    if !reply.status.is_success() {
        return Err(refusal(reply, channel));
    }
    match reply.json::<Taken>() {
        Some(Taken { id, status, failure }) if !id.is_empty() => {
            let status = status.unwrap_or_default();
            match standing(&status) {
                Some(DeliveryStatus::Failed) => Err(classify(&status, failure.as_ref())),
                _ => Ok(Accepted { provider_message_id: id }),
            }
        }
        _ => Err(SendError::Unknown),
    }
}

/// Classes a refusal by its status; a refused value by the field that held it.
pub(super) fn refusal(reply: &Reply, channel: &'static str) -> SendError {
    match reply.status.as_u16() {
        403 => misconfigured(ACCESS_KEY, "403", "give the key the permission to send messages"),
        404 => {
            let what = "404, there is no such channel in the workspace";
            misconfigured(channel, what, &format!("copy it and {WORKSPACE_ID} again"))
        }
        400 | 422 => {
            let body = reply.json::<Value>().unwrap_or_default();
            let fields = body.get("details").map(Value::to_string).unwrap_or_default();
            let what = format!("{}, a value is not taken", reply.status.as_u16());
            if ["receiver", "contacts", "identifierValue"].iter().any(|it| fields.contains(it)) {
                SendError::Undeliverable { why: format!("{what}: the recipient") }
            } else {
                let change =
                    "see that each project is published in this language, and its parameter";
                misconfigured(TEMPLATES, &what, change)
            }
        }
        _ => by_status::classify(reply, ACCESS_KEY, BASE_URL),
    }
}

/// How far a message of this status has come; `None` for one that is not known.
pub(super) fn standing(status: &str) -> Option<DeliveryStatus> {
    Some(match status {
        "accepted" | "processing" => DeliveryStatus::Accepted,
        "sent" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "sending_failed" | "delivery_failed" => DeliveryStatus::Failed,
        _ => return None,
    })
}

/// Why a message failed, by the group of its code: 11 validation, 12 Bird's own
/// trouble, 14 the customer's, 15 the platform's behind it.
pub(super) fn classify(status: &str, failure: Option<&Failure>) -> SendError {
    let code = failure.and_then(|failure| failure.code);
    let why =
        |title: &str| code.map_or_else(|| title.to_owned(), |code| format!("{code}, {title}"));
    match code.map(|code| code / 1000) {
        Some(11) => {
            misconfigured("the request", &why("not valid"), "run `marigold check-provider`")
        }
        Some(12) => SendError::Retry { after_seconds: None, why: why("Bird's own trouble") },
        Some(14) if failure.is_some_and(|failure| failure.is_of("accounting")) => {
            SendError::FailOver { why: why("the balance is too low: add money to the wallet") }
        }
        Some(14) => SendError::FailOver { why: why("the workspace may not send it: see its log") },
        Some(15) => failure
            .and_then(|failure| passed_on(failure.platform_code()?, ACCOUNT))
            .unwrap_or_else(|| SendError::Undeliverable { why: why("the platform gave it up") }),
        _ if status == "delivery_failed" => SendError::Undeliverable { why: why("not delivered") },
        _ => SendError::FailOver { why: why("not sent") },
    }
}

impl Failure {
    fn is_of(&self, source: &str) -> bool {
        self.source.as_ref().and_then(|it| it.name.as_deref()) == Some(source)
    }

    /// The platform's own code, where it is a number.
    fn platform_code(&self) -> Option<u32> {
        match self.source.as_ref()?.code.as_ref()? {
            Value::String(code) => code.parse().ok(),
            code => u32::try_from(code.as_u64()?).ok(),
        }
    }
}
