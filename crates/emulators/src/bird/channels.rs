//! The Channels API, which sends templates through a workspace's channel.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::channel_problem::{Problem, error, invalid, not_found, refused};
use super::projects::{fill, project_templates};
use crate::delivery_plan::DeliveryStatus;
use crate::format::iso;
use crate::http::{ApiRequest, ApiResponse};
use crate::json::{put, text, unknown_key};
use crate::messages::{Channel, Message};
use crate::outcome::Outcome;
use crate::outcome::ServiceError;
use crate::rate_limits::RateLimitExceeded;
use crate::state::State;
use crate::webhook::{Signing, Webhook};

/// The keys that a message may have at its top level.
const KNOWN_FIELDS: [&str; 7] =
    ["receiver", "template", "body", "reference", "sender", "meta", "scheduledFor"];

/// The addresses outside `/v1`.
pub(super) fn answer(state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    let account = &state.config.account;
    let key = format!("AccessKey {}", account.bird_access_key);
    if request.header("authorization") != Some(key.as_str()) {
        let message = String::from("Unauthorized: the access key is missing or unknown");
        return error(state, (401, "Unauthorized", message));
    }
    let segments = request.segments();
    let path = match segments.as_slice() {
        ["workspaces", workspace, rest @ ..] if *workspace == account.bird_workspace_id => rest,
        ["organizations", _, "workspaces", workspace, "webhook-subscriptions"]
            if *workspace == account.bird_workspace_id =>
        {
            return subscriptions(state, request);
        }
        ["workspaces", ..] => {
            let message = String::from("Forbidden: the key does not reach this workspace");
            return error(state, (403, "Forbidden", message));
        }
        _ => return error(state, not_found()),
    };
    let result = match (request.method.as_str(), path) {
        ("GET", []) => Ok(ApiResponse::json(
            200,
            &json!({ "id": account.bird_workspace_id, "name": "Emulator" }),
        )),
        (method, ["channels", channel, rest @ ..]) if *channel == account.bird_channel_id => {
            in_channel(state, request, method, rest, Channel::Whatsapp)
        }
        (method, ["channels", channel, rest @ ..]) if *channel == account.bird_sms_channel_id => {
            in_channel(state, request, method, rest, Channel::Sms)
        }
        ("GET", ["messages", id]) => read_back(state, id),
        (method, ["projects", project, "channel-templates", rest @ ..]) => {
            project_templates(state, request, method, project, rest)
        }
        _ => Err(not_found()),
    };
    result.unwrap_or_else(|problem| error(state, problem))
}

fn in_channel(
    state: &Arc<State>,
    request: &ApiRequest,
    method: &str,
    path: &[&str],
    channel: Channel,
) -> Result<ApiResponse, Problem> {
    match (method, path) {
        ("GET", []) => {
            let platform = platform(channel);
            let body = json!({ "id": channel_id(state, channel), "name": platform,
                "platformId": platform, "status": "active" });
            Ok(ApiResponse::json(200, &body))
        }
        ("GET", ["messages"]) => {
            let mut all = state.messages.all();
            all.retain(|message| message.channel == channel);
            let all: Vec<Value> = all
                .iter()
                .rev()
                .map(|message| show(state, message, Outcome::on(channel, &message.to)))
                .collect();
            Ok(ApiResponse::json(200, &json!({ "results": all })))
        }
        ("POST", ["messages"]) => {
            let (message, outcome) = check(state, request, channel)?;
            let shown = show(state, &message, outcome);
            Ok(ApiResponse::json(202, &shown).accepting(message, outcome))
        }
        ("GET", ["messages", id]) => read_back(state, id),
        _ => Err(not_found()),
    }
}

/// The name of the platform behind a channel.
fn platform(channel: Channel) -> &'static str {
    match channel {
        Channel::Whatsapp => "whatsapp",
        Channel::Sms => "sms",
    }
}

fn channel_id(state: &State, channel: Channel) -> &str {
    match channel {
        Channel::Whatsapp => &state.config.account.bird_channel_id,
        Channel::Sms => &state.config.account.bird_sms_channel_id,
    }
}

fn read_back(state: &State, id: &str) -> Result<ApiResponse, Problem> {
    let message = state.messages.find(id).ok_or_else(not_found)?;
    let outcome = Outcome::on(message.channel, &message.to);
    Ok(ApiResponse::json(200, &show(state, &message, outcome)))
}

fn check(
    state: &State,
    request: &ApiRequest,
    channel: Channel,
) -> Result<(Message, Outcome), Problem> {
    let body =
        request.json().filter(Value::is_object).ok_or_else(|| invalid("the body is not JSON"))?;
    if let Some(key) = unknown_key(&body, &KNOWN_FIELDS) {
        return Err(invalid(format!("unknown field {key}")));
    }
    let contacts = body.pointer("/receiver/contacts").and_then(Value::as_array).map(Vec::as_slice);
    let Some([contact]) = contacts else {
        return Err(invalid("receiver.contacts must have one contact"));
    };
    if text(contact, "/identifierKey").is_some_and(|key| key != "phonenumber") {
        return Err(invalid("receiver.contacts[0].identifierKey must be phonenumber"));
    }
    let to = text(contact, "/identifierValue").unwrap_or_default();
    if !to.starts_with('+') || !crate::json::is_phone_number(to) {
        return Err(invalid("receiver.contacts[0].identifierValue must be a number in E.164"));
    }
    if body.get("reference").is_some_and(|reference| !reference.is_string()) {
        return Err(invalid("reference must be a string"));
    }
    let mut message = Message::new(state.identifiers.uuid(), to, channel, state.now());
    let mut outcome = Outcome::on(channel, to);
    match (body.get("template"), body.get("body")) {
        (Some(template), None) => {
            if let Some(failure) = fill(state, template, &mut message)? {
                outcome = failure;
            }
        }
        (None, Some(_)) => {
            message.text = text(&body, "/body/text/text").map(String::from);
            if channel == Channel::Sms {
                message.code = message.text.as_deref().and_then(crate::code::extract);
            } else {
                outcome = Outcome::OutsideWindow;
            }
        }
        _ => return Err(invalid("exactly one of template and body is required")),
    }
    if let Some(failure) = outcome.service_error() {
        return Err(refused(failure));
    }
    let person = format!("{}:{}", platform(channel), message.digits());
    match state.rate_limiter.try_send(&person, Instant::now()) {
        Ok(()) => {}
        Err(RateLimitExceeded::Throughput) => return Err(refused(ServiceError::TooMany)),
        Err(RateLimitExceeded::Pair) => outcome = Outcome::FailsWith("131056"),
    }
    message.reference = text(&body, "/reference").map(String::from);
    message.details = json!({ "template": body.get("template"), "body": body.get("body") });
    Ok((message, outcome))
}

/// A status as the Channels API names it.
fn word(status: &str) -> &str {
    match status {
        "failed" => "delivery_failed",
        "read" => "delivered",
        other => other,
    }
}

fn show(state: &State, message: &Message, outcome: Outcome) -> Value {
    let account = &state.config.account;
    let at = iso(message.accepted_at);
    let status = word(&message.status);
    let contact = json!({ "id": account.bird_workspace_id, "identifierKey": "phonenumber",
        "identifierValue": message.to });
    let mut shown = json!({
        "id": message.id,
        "channelId": channel_id(state, message.channel),
        "sender": { "connector": { "id": channel_id(state, message.channel), "identifierValue": "+15550001111",
            "annotations": { "name": "Emulator" } } },
        "receiver": { "contacts": [contact] },
        "reference": message.reference,
        "parts": [{ "platformReference": format!("wamid.{}", message.id) }],
        "status": status,
        "reason": "",
        "direction": "outgoing",
        "lastStatusAt": iso(state.now()),
        "createdAt": at,
        "updatedAt": at,
        "details": "",
    });
    // Bird's response repeats the template, which contains the code.
    for key in ["template", "body"] {
        if let Some(content) = message.details.get(key).filter(|content| !content.is_null()) {
            put(&mut shown, key, content.clone());
        }
    }
    if status == "delivery_failed" {
        let (code, why) = failure(message.channel, outcome);
        put(&mut shown, "reason", format!("details: {why}; code: {code}"));
        put(&mut shown, "details", why);
        let source = json!({ "name": source_name(message.channel), "code": code });
        put(&mut shown, "failure", json!({ "code": 15_005, "source": source }));
    }
    shown
}

/// The platform that reports a failure.
fn source_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Whatsapp => "whatsapp",
        Channel::Sms => "sms-messagebird",
    }
}

fn failure(channel: Channel, outcome: Outcome) -> (&'static str, &'static str) {
    if channel == Channel::Sms {
        return ("1", "unknown_subscriber");
    }
    match outcome {
        Outcome::Experiment => ("130472", "user_in_experiment"),
        Outcome::HeldBack => ("131049", "healthy_ecosystem"),
        Outcome::OutsideWindow => ("131047", "re_engagement"),
        Outcome::FailsWith(code) => (code, "platform_refused"),
        Outcome::Unexplained => ("131000", "unknown_error"),
        _ => ("131026", "unknown_subscriber"),
    }
}

/// The webhook for a message's new status. Bird reports reading as an interaction.
pub(super) fn report(
    state: &State,
    message: &Message,
    status: DeliveryStatus,
    outcome: Outcome,
) -> Option<Webhook> {
    let url = state.config.webhook.clone()?;
    let (event, payload) = if status == DeliveryStatus::Read {
        let payload = json!({ "id": state.identifiers.uuid(), "messageId": message.id, "type": "read",
            "channelId": channel_id(state, message.channel), "createdAt": iso(state.now()) });
        (String::from("whatsapp.interaction"), payload)
    } else {
        let mut told = message.clone();
        told.status = String::from(status.as_str());
        (format!("{}.outbound", platform(message.channel)), show(state, &told, outcome))
    };
    let body = json!({ "service": "channels", "event": event, "payload": payload });
    let signing =
        Signing::BirdChannels { signing_key: state.config.account.bird_signing_key.clone() };
    Some(Webhook::json(url, body.to_string(), signing, state.now()))
}

/// Returns what the request subscribes to, but the emulator's configuration decides.
fn subscriptions(state: &State, request: &ApiRequest) -> ApiResponse {
    if request.method == "GET" {
        let urls = state.config.webhook.iter();
        let results: Vec<Value> = urls
            .map(|url| json!({ "service": "channels", "event": "whatsapp.outbound", "url": url }))
            .collect();
        return ApiResponse::json(200, &json!({ "results": results }));
    }
    let mut body = request.json().unwrap_or_default();
    for field in ["service", "event", "url"] {
        if body.get(field).and_then(Value::as_str).is_none() {
            return error(state, invalid(format!("{field} is required")));
        }
    }
    put(&mut body, "id", state.identifiers.uuid());
    ApiResponse::json(201, &body)
}
