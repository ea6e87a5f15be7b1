//! The Conversations API, which sends templates by WhatsApp (`hsm`).

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Problem, error, object, refused, report_url};
use crate::delivery_plan::DeliveryStatus;
use crate::format::iso;
use crate::http::{ApiRequest, ApiResponse};
use crate::json::{digits, is_phone_number, put, text};
use crate::messages::{Channel, Message};
use crate::outcome::Outcome;
use crate::outcome::ServiceError;
use crate::state::State;
use crate::templates::{ReviewDecision, Template};

/// `POST /v1/send`.
pub(super) fn send(state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    let read = object(request).and_then(|body| {
        let read = check(state, &body, "from")?;
        Ok((read, body.get("fallback").is_some()))
    });
    let ((message, outcome), has_fallback) = match read {
        Ok(read) => read,
        Err(problem) => return error(state, problem),
    };
    let mut body = json!({ "id": message.id, "status": "accepted" });
    if has_fallback {
        put(&mut body, "fallback", json!({ "id": state.identifiers.hex() }));
    }
    ApiResponse::json(202, &body).accepting(message, outcome)
}

/// `POST /v1/conversations/start`: like `send`, but it returns the conversation.
pub(super) fn start(state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    let read = object(request).and_then(|body| check(state, &body, "channelId"));
    let (message, outcome) = match read {
        Ok(read) => read,
        Err(problem) => return error(state, problem),
    };
    let now = iso(state.now());
    let channel = &state.config.account.messagebird_channel_id;
    let (conversation, contact) = (state.identifiers.hex(), state.identifiers.hex());
    let href =
        format!("https://conversations.messagebird.com/v1/conversations/{conversation}/messages");
    let body = json!({
        "id": conversation,
        "contactId": contact,
        "contact": { "id": contact, "msisdn": message.digits().parse::<u64>().unwrap_or_default() },
        "channels": [{ "id": channel, "name": "WhatsApp", "platformId": "whatsapp",
            "status": "active", "createdDatetime": now, "updatedDatetime": null }],
        "status": "active",
        "createdDatetime": now,
        "updatedDatetime": now,
        "lastReceivedDatetime": now,
        "lastUsedChannelId": channel,
        "messages": { "totalCount": 1, "href": href, "lastMessageId": message.id },
    });
    ApiResponse::json(201, &body).accepting(message, outcome)
}

/// Checks a message. `channel_field` is the name of the field with the channel's identifier.
fn check(state: &State, body: &Value, channel_field: &str) -> Result<(Message, Outcome), Problem> {
    let to = text(body, "/to").ok_or_else(|| Problem::missing("to"))?;
    if !is_phone_number(to) {
        return Err(Problem::invalid("to", "to is not a phone number"));
    }
    let channel = body.get(channel_field).and_then(Value::as_str);
    let channel = channel.ok_or_else(|| Problem::missing(channel_field))?;
    if channel != state.config.account.messagebird_channel_id {
        return Err(Problem::other(404, 20, "channel not found"));
    }
    let kind = text(body, "/type").ok_or_else(|| Problem::missing("type"))?;
    let content = body.get("content").filter(|content| content.is_object());
    let content = content.ok_or_else(|| Problem::missing("content"))?;
    options(body)?;
    let mut message = Message::new(state.identifiers.hex(), to, Channel::Whatsapp, state.now());
    let mut outcome = Outcome::for_recipient(to);
    match kind {
        "hsm" => {
            let hsm = content.get("hsm").ok_or_else(|| Problem::missing("content.hsm"))?;
            if let Some(failure) = fill(state, hsm, &mut message)? {
                outcome = failure;
            }
        }
        "text" => {
            message.text = text(content, "/text").map(String::from);
            outcome = Outcome::OutsideWindow;
        }
        _ => return Err(Problem::invalid("type", "type is not supported")),
    }
    if let Some(failure) = outcome.service_error() {
        return Err(refused(failure));
    }
    match state.rate_limiter.try_send(&digits(to), Instant::now()) {
        Ok(()) => {}
        Err(crate::rate_limits::RateLimitExceeded::Throughput) => {
            return Err(refused(ServiceError::TooMany));
        }
        Err(crate::rate_limits::RateLimitExceeded::Pair) => outcome = Outcome::FailsWith("131056"),
    }
    message.callback = report_url(body)?;
    message.reference =
        text(body, "/trackId").or_else(|| text(body, "/source/ref")).map(String::from);
    message.details = json!({ "source": body.get("source"), "trackId": body.get("trackId") });
    Ok((message, outcome))
}

/// Checks the optional fields of a message.
fn options(body: &Value) -> Result<(), Problem> {
    let is_duration = |text: &str| {
        let digits = text.strip_suffix(['s', 'm', 'h']);
        digits.is_some_and(|digits| digits.parse::<u32>().is_ok_and(|number| number > 0))
    };
    if let Some(ttl) = body.get("ttl") {
        ttl.as_str()
            .filter(|ttl| is_duration(ttl))
            .ok_or_else(|| Problem::invalid("ttl", "ttl is not a duration such as 300s"))?;
    }
    if let Some(fallback) = body.get("fallback") {
        text(fallback, "/from").ok_or_else(|| Problem::missing("fallback.from"))?;
        if fallback.get("after").is_some_and(|after| !after.as_str().is_some_and(is_duration)) {
            return Err(Problem::invalid("fallback.after", "after is not a duration such as 1m"));
        }
    }
    if body.get("source").is_some_and(|source| !source.is_object()) {
        return Err(Problem::invalid("source", "source is not an object"));
    }
    Ok(())
}

/// Sets the template of the message. Returns the outcome if the message will fail.
fn fill(state: &State, hsm: &Value, message: &mut Message) -> Result<Option<Outcome>, Problem> {
    let field =
        |pointer: &str, name: &str| text(hsm, pointer).ok_or_else(|| Problem::missing(name));
    let namespace = field("/namespace", "content.hsm.namespace")?;
    let name = field("/templateName", "content.hsm.templateName")?;
    let policy = field("/language/policy", "content.hsm.language.policy")?;
    let language = field("/language/code", "content.hsm.language.code")?;
    if !["deterministic", "fallback"].contains(&policy) {
        return Err(Problem::invalid("content.hsm.language.policy", "unknown policy"));
    }
    message.template = Some(String::from(name));
    message.language = Some(String::from(language));
    let template = state.templates.find(name, language);
    let usable = template.filter(|each| each.decision() == Some(ReviewDecision::Approved));
    let is_namespace = namespace == state.config.account.messagebird_namespace;
    let Some(template) = usable.filter(|_| is_namespace) else {
        return Ok(Some(Outcome::FailsWith("132001")));
    };
    let components = match hsm.get("params") {
        Some(params) => older(params, &template)?,
        None => hsm.get("components").cloned().unwrap_or_else(|| json!([])),
    };
    match crate::meta::send::fill(&template, Some(&components)) {
        Ok(values) => {
            message.text = template.text(&values);
            let is_code = template.category == "AUTHENTICATION";
            message.code = values.into_iter().next().filter(|_| is_code);
            Ok(None)
        }
        // MessageBird accepts the message, and reports WhatsApp's rejection later.
        Err(_) => Ok(Some(Outcome::FailsWith("132000"))),
    }
}

/// Converts the older form `[{"default": "123456"}]` to components.
fn older(params: &Value, template: &Template) -> Result<Value, Problem> {
    let params = params
        .as_array()
        .ok_or_else(|| Problem::invalid("content.hsm.params", "params is not a list"))?;
    let values: Option<Vec<Value>> = params
        .iter()
        .map(|each| text(each, "/default").map(|text| json!({ "type": "text", "text": text })))
        .collect();
    let values = values.ok_or_else(|| Problem::missing("content.hsm.params.default"))?;
    let mut components = vec![json!({ "type": "body", "parameters": values })];
    if template.has_code_button() {
        components
            .push(json!({ "type": "button", "sub_type": "url", "index": 0, "parameters": values }));
    }
    Ok(Value::from(components))
}

/// A message as the API shows it.
pub(super) fn show(state: &State, message: &Message, outcome: Outcome) -> Value {
    let mut shown = json!({
        "id": message.id,
        "conversationId": conversation(message),
        "channelId": state.config.account.messagebird_channel_id,
        "platform": "whatsapp",
        "to": message.to,
        "from": crate::meta::SENDER,
        "direction": "sent",
        "status": message.status,
        "type": "hsm",
        "content": { "hsm": {} },
        "createdDatetime": iso(message.accepted_at),
        "updatedDatetime": iso(state.now()),
        "source": message.details.get("source"),
    });
    if message.status == "failed" {
        put(&mut shown, "error", failure(outcome));
    }
    shown
}

/// The identifier of the recipient's conversation.
fn conversation(message: &Message) -> String {
    format!("{:0>32}", message.digits())
}

fn failure(outcome: Outcome) -> Value {
    let (code, description) = match outcome {
        Outcome::Experiment => (130_472, "User's number is part of an experiment"),
        Outcome::HeldBack => (131_049, "Not delivered to maintain healthy ecosystem engagement"),
        Outcome::OutsideWindow => (131_047, "Re-engagement message"),
        Outcome::FailsWith(code) => (code.parse().unwrap_or_default(), "Refused by WhatsApp"),
        Outcome::Unexplained => (131_000, "Something went wrong"),
        _ => (131_026, "Message undeliverable"),
    };
    json!({ "code": code, "description": description })
}

/// The webhook for a message's new status.
pub(super) fn report(
    state: &State,
    message: &Message,
    status: DeliveryStatus,
    outcome: Outcome,
) -> Value {
    let mut told = message.clone();
    told.status = String::from(status.as_str());
    let conversation = conversation(message);
    let contact = format!("{:0>32}", message.digits().chars().rev().collect::<String>());
    json!({
        "type": "message.updated",
        "contact": { "id": contact, "msisdn": message.digits().parse::<u64>().unwrap_or_default() },
        "conversation": {
            "id": conversation,
            "contactId": contact,
            "status": "active",
            "lastUsedChannelId": state.config.account.messagebird_channel_id,
        },
        "message": show(state, &told, outcome),
    })
}
