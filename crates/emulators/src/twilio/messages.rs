//! `…/Messages.json`: sends by WhatsApp and SMS, and reads messages.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::{Form, Problem, error, is_e164, is_sid, not_found, refused};
use crate::format::rfc2822;
use crate::http::{ApiRequest, ApiResponse};
use crate::messages::{Channel, Message};
use crate::outcome::Outcome;
use crate::outcome::ServiceError;
use crate::rate_limits::RateLimitExceeded;
use crate::state::State;
use crate::templates::{ReviewDecision, Template};

/// In characters (Twilio, `Body`).
const MAX_BODY_LEN: usize = 1_600;

/// `GET /2010-04-01/Accounts/{sid}.json`.
pub(super) fn account(state: &State) -> ApiResponse {
    let sid = &state.config.account.twilio_account_sid;
    let body = json!({
        "sid": sid,
        "friendly_name": "Emulator",
        "status": "active",
        "type": "Full",
        "uri": format!("/2010-04-01/Accounts/{sid}.json"),
    });
    ApiResponse::json(200, &body)
}

/// The addresses below an account.
pub(super) fn route(state: &Arc<State>, request: &ApiRequest, path: &[&str]) -> ApiResponse {
    match (request.method.as_str(), path) {
        ("POST", ["Messages.json"]) => match check(state, &Form::of(request)) {
            Ok(checked) => accept(state, checked),
            Err(problem) => error(state, problem),
        },
        ("GET", ["IncomingPhoneNumbers.json"]) => {
            let number = &state.config.account.twilio_sms_from;
            let found = json!({ "phone_number": number, "capabilities": { "sms": true } });
            ApiResponse::json(200, &json!({ "incoming_phone_numbers": [found], "page": 0 }))
        }
        (method, ["Messages", file]) => {
            let sid = file.trim_end_matches(".json");
            match (method, state.messages.find(sid)) {
                ("GET", Some(message)) => ApiResponse::json(200, &show(state, &message)),
                ("POST", Some(message)) => change(state, request, &message),
                ("DELETE", Some(_)) => ApiResponse::empty(204),
                _ => not_found(state, &request.path),
            }
        }
        _ => not_found(state, &request.path),
    }
}

/// Cancels a queued message, or redacts its text.
fn change(state: &State, request: &ApiRequest, message: &Message) -> ApiResponse {
    let form = Form::of(request);
    let mut shown = show(state, message);
    match (form.find_any("Status"), form.find_any("Body")) {
        (Some("canceled"), _) if message.status == "accepted" => {
            state.messages.set_status(&message.id, "canceled");
            crate::json::put(&mut shown, "status", "canceled");
        }
        (_, Some("")) => crate::json::put(&mut shown, "body", ""),
        _ => return error(state, Problem::new(20_422, 400, "Invalid Parameter")),
    }
    ApiResponse::json(200, &shown)
}

/// A message that has passed every check.
struct Checked {
    message: Message,
    outcome: Outcome,
}

fn check(state: &State, form: &Form) -> Result<Checked, Problem> {
    let to = form
        .find("To")
        .ok_or_else(|| Problem::new(21_604, 400, "A 'To' phone number is required."))?;
    let (to_whatsapp, to_number) = split(to);
    if !is_e164(to_number) {
        let message = format!("The 'To' number {to} is not a valid phone number.");
        return Err(Problem::new(21_211, 400, message));
    }
    let from = sender(state, form, to_whatsapp)?;
    if from == Some(to) {
        return Err(Problem::new(63_031, 400, "Message cannot have the same From and To"));
    }
    options(form)?;
    let channel = if to_whatsapp { Channel::Whatsapp } else { Channel::Sms };
    let mut message = Message::new(state.identifiers.sid("SM"), to_number, channel, state.now());
    let mut outcome = Outcome::on(channel, to_number);
    if let Some(failure) = content(state, form, &mut message)? {
        outcome = failure;
    }
    if let Some(failure) = outcome.service_error() {
        return Err(refused(failure));
    }
    match state.rate_limiter.try_send(message.digits(), Instant::now()) {
        Err(RateLimitExceeded::Throughput) => return Err(refused(ServiceError::TooMany)),
        Err(RateLimitExceeded::Pair) if to_whatsapp => outcome = Outcome::FailsWith("63018"),
        _ => {}
    }
    message.callback = form.find("StatusCallback").map(String::from);
    message.time_to_live = form.find("ValidityPeriod").and_then(|value| value.parse().ok());
    message.details = json!({
        "from": from,
        "service": form.find("MessagingServiceSid"),
        "is_template": form.find("ContentSid").is_some(),
    });
    Ok(Checked { message, outcome })
}

/// Splits an address: whether it is on WhatsApp, and its number.
fn split(address: &str) -> (bool, &str) {
    address.strip_prefix("whatsapp:").map_or((false, address), |number| (true, number))
}

/// The sender; none if a Messaging Service chooses it.
fn sender<'a>(
    state: &State,
    form: &'a Form,
    to_whatsapp: bool,
) -> Result<Option<&'a str>, Problem> {
    let account = &state.config.account;
    let Some(from) = form.find("From") else {
        let service = form.find("MessagingServiceSid").ok_or_else(|| {
            let message = "A 'From' phone number or 'MessagingServiceSid' is required.";
            Problem::new(21_603, 400, message)
        })?;
        let is_service = is_sid(service, "MG");
        return if is_service {
            Ok(None)
        } else {
            Err(Problem::new(21_705, 400, "The Messaging Service Sid is invalid."))
        };
    };
    let (from_whatsapp, number) = split(from);
    let is_word = !from_whatsapp
        && (1..=11).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ');
    if !is_e164(number) && !is_word {
        let message = format!("The 'From' number {from} is not a valid phone number.");
        return Err(Problem::new(21_212, 400, message));
    }
    if from_whatsapp != to_whatsapp {
        let message = "Invalid From and To pair. From and To should be of the same channel";
        return Err(Problem::new(21_910, 400, message));
    }
    if from_whatsapp && from != account.twilio_from {
        let message = "Twilio could not find a Channel with the specified From address";
        return Err(Problem::new(63_007, 400, message));
    }
    if !from_whatsapp && from != account.twilio_sms_from {
        let message = format!("The From phone number {from} is not a valid, SMS-capable number.");
        return Err(Problem::new(21_606, 400, message));
    }
    Ok(Some(from))
}

/// Checks the optional fields of a message.
fn options(form: &Form) -> Result<(), Problem> {
    let callback = form.find("StatusCallback");
    if callback.is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
        return Err(Problem::new(21_609, 400, "The 'StatusCallback' URL is not a valid URL."));
    }
    let is_validity = |text: &str| text.parse().is_ok_and(|it: u32| (1..=36_000).contains(&it));
    if form.find("ValidityPeriod").is_some_and(|text| !is_validity(text)) {
        return Err(Problem::new(21_624, 400, "The validity period is invalid."));
    }
    for (name, allowed) in [
        ("RiskCheck", ["enable", "disable"]),
        ("ContentRetention", ["retain", "discard"]),
        ("AddressRetention", ["retain", "obfuscate"]),
        ("SmartEncoded", ["true", "false"]),
        ("ProvideFeedback", ["true", "false"]),
    ] {
        if form.find(name).is_some_and(|value| !allowed.contains(&value)) {
            return Err(Problem::new(20_422, 400, format!("Invalid Parameter: {name}")));
        }
    }
    Ok(())
}

/// Sets the template or the text of the message. Returns the outcome if the message will fail.
fn content(state: &State, form: &Form, message: &mut Message) -> Result<Option<Outcome>, Problem> {
    let Some(sid) = form.find("ContentSid") else {
        if form.find("ContentVariables").is_some() {
            let message = "ContentSid is required when ContentVariables are provided";
            return Err(Problem::new(21_654, 400, message));
        }
        let body = form
            .find("Body")
            .ok_or_else(|| Problem::new(21_602, 400, "Message body is required."))?;
        if body.chars().count() > MAX_BODY_LEN {
            let message = "The concatenated message body exceeds the 1600 character limit.";
            return Err(Problem::new(21_617, 400, message));
        }
        message.code = crate::code::extract(body);
        message.text = Some(String::from(body));
        // WhatsApp accepts a free text only within a day after the recipient has written.
        let is_whatsapp = message.channel == Channel::Whatsapp;
        return Ok(is_whatsapp.then_some(Outcome::FailsWith("63016")));
    };
    let template = is_sid(sid, "HX").then(|| state.templates.find_by_id(sid)).flatten();
    let template =
        template.ok_or_else(|| Problem::new(21_655, 400, "The ContentSid is invalid."))?;
    let variables = variables(form.find("ContentVariables"))?;
    if is_authentication(&template) && !(variables.len() == 1 && variables.contains_key("1")) {
        let message = "Authentication content takes exactly one variable, \"1\".";
        return Err(Problem::new(21_656, 400, message));
    }
    fill(&template, &variables, message);
    Ok(unusable(&template, &variables, message.channel))
}

/// Reads `ContentVariables`: a JSON object in a string, whose values are strings.
fn variables(given: Option<&str>) -> Result<Map<String, Value>, Problem> {
    let invalid = || Problem::new(21_656, 400, "The ContentVariables Parameter is invalid.");
    let Some(given) = given else { return Ok(Map::new()) };
    let variables: Map<String, Value> = serde_json::from_str(given).map_err(|_| invalid())?;
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    if variables.values().all(is_text) { Ok(variables) } else { Err(invalid()) }
}

fn fill(template: &Template, variables: &Map<String, Value>, message: &mut Message) {
    let mut text = template
        .components
        .pointer("/types/twilio~1text/body")
        .and_then(Value::as_str)
        .map_or_else(|| String::from("{{1}} is your verification code."), String::from);
    for (name, value) in variables {
        text = text.replace(&format!("{{{{{name}}}}}"), value.as_str().unwrap_or_default());
    }
    let is_code = is_authentication(template);
    let first = variables.get("1").and_then(Value::as_str).map(String::from);
    message.code = if is_code { first } else { None };
    message.text = Some(text);
    message.template = Some(template.name.clone());
    message.language = Some(template.language.clone());
}

fn is_authentication(template: &Template) -> bool {
    template.components.pointer("/types/whatsapp~1authentication").is_some()
}

/// The outcome if a message of this template will fail.
fn unusable(
    template: &Template,
    variables: &Map<String, Value>,
    channel: Channel,
) -> Option<Outcome> {
    if channel == Channel::Sms {
        return is_authentication(template).then_some(Outcome::FailsWith("63005"));
    }
    let code = match template.decision() {
        Some(ReviewDecision::Approved) => {
            let expected: Vec<String> = super::content::placeholders(template);
            let is_complete = variables.len() == expected.len()
                && expected.iter().all(|name| variables.contains_key(name));
            let code = variables.get("1").and_then(Value::as_str).unwrap_or_default();
            if !is_complete {
                "63028"
            } else if is_authentication(template) && code.chars().count() > 15 {
                "63005"
            } else {
                return None;
            }
        }
        Some(ReviewDecision::Rejected(_)) => "63040",
        Some(ReviewDecision::Paused) => "63041",
        Some(ReviewDecision::Disabled) => "63042",
        None => "63016",
    };
    Some(Outcome::FailsWith(code))
}

fn accept(state: &State, checked: Checked) -> ApiResponse {
    let shown = show(state, &checked.message);
    ApiResponse::json(201, &shown).accepting(checked.message, checked.outcome)
}

/// A message as Twilio shows it: numbers are strings, and times are in RFC 2822.
fn show(state: &State, message: &Message) -> Value {
    let account = &state.config.account.twilio_account_sid;
    let uri = format!("/2010-04-01/Accounts/{account}/Messages/{}", message.id);
    let created = rfc2822(message.accepted_at);
    let service = message.details.get("service").cloned().unwrap_or_default();
    let prefix = if message.channel == Channel::Whatsapp { "whatsapp:" } else { "" };
    let status = match message.status.as_str() {
        "accepted" if service.is_null() => "queued",
        "failed" => message.failure.get("status").and_then(Value::as_str).unwrap_or("failed"),
        other => other,
    };
    let is_sent = !["accepted", "queued", "canceled"].contains(&status);
    json!({
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": message.text,
        "date_created": created,
        "date_sent": is_sent.then(|| created.clone()),
        "date_updated": created,
        "direction": "outbound-api",
        "error_code": message.failure.get("error_code"),
        "error_message": message.failure.get("error_code").map(|_| "The message was not delivered"),
        "from": message.details.get("from"),
        "messaging_service_sid": service,
        "num_media": "0",
        "num_segments": "1",
        "price": null,
        "price_unit": null,
        "sid": message.id,
        "status": status,
        "subresource_uris": { "media": format!("{uri}/Media.json") },
        "to": format!("{prefix}{}", message.to),
        "uri": format!("{uri}.json"),
    })
}
