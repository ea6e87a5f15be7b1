//! SMS: `POST /messages`, and status reports by `GET`.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Problem, error, object, refused, report_url};
use crate::delivery_plan::DeliveryStatus;
use crate::format::iso;
use crate::http::{ApiRequest, ApiResponse};
use crate::json::{is_phone_number, text};
use crate::messages::{Channel, Message};
use crate::outcome::Outcome;
use crate::outcome::ServiceError;
use crate::state::State;
use crate::webhook::{Signing, Webhook};

/// `POST /messages`.
pub(super) fn send(state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    match object(request).and_then(|body| check(state, &body)) {
        Ok((message, outcome)) => {
            ApiResponse::json(201, &show(state, &message)).accepting(message, outcome)
        }
        Err(problem) => error(state, problem),
    }
}

fn check(state: &State, body: &Value) -> Result<(Message, Outcome), Problem> {
    let originator = text(body, "/originator").ok_or_else(|| Problem::missing("originator"))?;
    if !is_originator(originator) {
        let why = "originator is a number, or at most 11 letters and digits";
        return Err(Problem::invalid("originator", why));
    }
    let to = recipient(body)?;
    let content = text(body, "/body").filter(|body| !body.is_empty());
    let content = content.ok_or_else(|| Problem::missing("body"))?;
    for (name, allowed) in
        [("datacoding", ["plain", "unicode", "auto"]), ("type", ["sms", "binary", "flash"])]
    {
        let is_allowed = |value: &Value| value.as_str().is_some_and(|text| allowed.contains(&text));
        if body.get(name).is_some_and(|value| !is_allowed(value)) {
            return Err(Problem::invalid(name, "unknown value"));
        }
    }
    let validity = body.get("validity").map(|seconds| {
        let seconds = seconds.as_i64().filter(|seconds| *seconds > 0);
        seconds.ok_or_else(|| Problem::invalid("validity", "validity is in whole seconds"))
    });
    let reference = body.get("reference").map(|reference| {
        reference.as_str().ok_or_else(|| Problem::invalid("reference", "reference is a text"))
    });
    let outcome = Outcome::on(Channel::Sms, &to);
    if let Some(failure) = outcome.service_error() {
        return Err(refused(failure));
    }
    if state.rate_limiter.try_send(&format!("sms:{to}"), Instant::now()).is_err() {
        return Err(refused(ServiceError::TooMany));
    }
    let mut message = Message::new(state.identifiers.hex(), &to, Channel::Sms, state.now());
    message.code = crate::code::extract(content);
    message.text = Some(String::from(content));
    message.time_to_live = validity.transpose()?;
    message.reference = reference.transpose()?.map(String::from);
    message.callback = report_url(body)?;
    message.details = json!({ "originator": originator });
    Ok((message, outcome))
}

/// Whether a text is a phone number, or up to eleven letters and digits.
fn is_originator(text: &str) -> bool {
    let is_word = (1..=11).contains(&text.chars().count())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == ' ');
    is_phone_number(text) || is_word
}

/// The recipient: digits without a plus sign, as a text or a number, in a list or, as the library
/// for Python sends it, alone. The emulator accepts only one.
fn recipient(body: &Value) -> Result<String, Problem> {
    let wrong = || {
        let mut problem = Problem::missing("recipients");
        problem.description = String::from("no (correct) recipients found");
        problem
    };
    let recipient = match body.get("recipients") {
        Some(Value::Array(list)) if list.len() == 1 => list.first(),
        Some(Value::Array(_)) => None,
        recipient => recipient,
    };
    let recipient = recipient.ok_or_else(wrong)?;
    let digits =
        recipient.as_str().map(String::from).or_else(|| Some(recipient.as_u64()?.to_string()));
    digits.filter(|digits| is_phone_number(digits) && !digits.starts_with('+')).ok_or_else(wrong)
}

/// A status as the SMS API names it.
fn word(status: &str) -> &str {
    match status {
        "accepted" => "sent",
        "failed" => "delivery_failed",
        other => other,
    }
}

/// `GET /messages`: all messages, on one page.
pub(super) fn list(state: &State) -> ApiResponse {
    let all = state.messages.all();
    let sms = all.iter().filter(|message| message.channel == Channel::Sms);
    let items: Vec<Value> = sms.map(|message| show(state, message)).collect();
    let count = items.len();
    ApiResponse::json(
        200,
        &json!({ "offset": 0, "limit": 20, "count": count, "totalCount": count, "items": items }),
    )
}

/// A message as MessageBird shows it: the recipient is a number.
pub(super) fn show(state: &State, message: &Message) -> Value {
    let created = offset(&iso(message.accepted_at));
    let status = word(&message.status);
    let is = |wanted: &str| u8::from(status == wanted);
    json!({
        "id": message.id,
        "href": format!("https://rest.messagebird.com/messages/{}", message.id),
        "direction": "mt",
        "type": "sms",
        "originator": message.details.get("originator"),
        "body": message.text,
        "reference": message.reference,
        "validity": message.time_to_live,
        "gateway": 10,
        "typeDetails": {},
        "datacoding": "plain",
        "mclass": 1,
        "scheduledDatetime": null,
        "createdDatetime": created,
        "recipients": {
            "totalCount": 1,
            "totalSentCount": 1,
            "totalDeliveredCount": is("delivered"),
            "totalDeliveryFailedCount": is("delivery_failed"),
            "items": [{
                "recipient": message.digits().parse::<u64>().unwrap_or_default(),
                "status": status,
                "statusDatetime": offset(&iso(state.now())),
                "messagePartCount": 1,
            }],
        },
    })
}

/// `…Z` written as `…+00:00`.
fn offset(time: &str) -> String {
    time.replace('Z', "+00:00")
}

/// The status report: a `GET` whose query has the data. Without a reference there is none.
pub(super) fn report(
    state: &State,
    message: &Message,
    status: DeliveryStatus,
    outcome: Outcome,
    base: &str,
    signing: Signing,
) -> Option<Webhook> {
    let reference = message.reference.as_deref()?;
    let (code, reason) = match (status, outcome) {
        (DeliveryStatus::Failed, Outcome::Unreachable) => ("1", "unknown subscriber"),
        (DeliveryStatus::Failed, _) => ("2", "carrier rejected"),
        (DeliveryStatus::Sent, _) => ("0", ""),
        _ => ("0", "successfully delivered"),
    };
    let length = message.text.as_deref().unwrap_or_default().chars().count().to_string();
    let at = offset(&iso(state.now()));
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("id", &message.id)
        .append_pair("mccmnc", "23410")
        .append_pair("ported", "0")
        .append_pair("recipient", message.digits())
        .append_pair("reference", reference)
        .append_pair("status", word(status.as_str()))
        .append_pair("statusDatetime", &at)
        .append_pair("statusErrorCode", code)
        .append_pair("statusReason", reason)
        .append_pair("messageLength", &length)
        .append_pair("messagePartCount", "1")
        .append_pair("price[amount]", "0.07")
        .append_pair("price[currency]", "EUR")
        .finish();
    let joint = if base.contains('?') { '&' } else { '?' };
    let mut report =
        Webhook::json(format!("{base}{joint}{query}"), String::new(), signing, state.now());
    report.is_get = true;
    Some(report)
}
