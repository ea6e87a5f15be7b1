//! The Channels API, which sends templates through a workspace's channel.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::delivery_plan::DeliveryStatus;
use crate::format::iso;
use crate::http::{ApiRequest, ApiResponse};
use crate::json::{put, text, unknown_key};
use crate::messages::{Channel, Message};
use crate::outcome::Outcome;
use crate::outcome::ServiceError;
use crate::rate_limits::RateLimitExceeded;
use crate::state::State;
use crate::templates::{ReviewDecision, Template};
use crate::webhook::{Signing, Webhook};

/// The keys that a message may have at its top level.
const KNOWN_FIELDS: [&str; 7] =
    ["receiver", "template", "body", "reference", "sender", "meta", "scheduledFor"];

/// The HTTP status, an error code and a message.
type Problem = (u16, &'static str, String);

fn error(state: &State, (status, code, message): Problem) -> ApiResponse {
    state.count(format!("refused_{code}"));
    let answer = ApiResponse::json(status, &json!({ "code": code, "message": message }));
    if status == 429 { answer.with_header("retry-after", "1") } else { answer }
}

fn invalid(message: impl Into<String>) -> Problem {
    (422, "InvalidPayload", message.into())
}

fn not_found() -> Problem {
    (404, "NotFound", String::from("The requested resource was not found"))
}

/// A failure of Bird's service.
pub(super) fn refuse(state: &State, failure: ServiceError) -> ApiResponse {
    error(state, refused(failure))
}

fn refused(failure: ServiceError) -> Problem {
    match failure {
        ServiceError::TooMany => (429, "TooManyRequests", String::from("Too many requests")),
        ServiceError::Internal => (500, "InternalError", String::from("Internal server error")),
        ServiceError::Unavailable => {
            (503, "ServiceUnavailable", String::from("Service unavailable"))
        }
    }
}

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
            in_channel(state, request, method, rest)
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
) -> Result<ApiResponse, Problem> {
    match (method, path) {
        ("GET", []) => {
            let id = &state.config.account.bird_channel_id;
            let body = json!({ "id": id, "name": "WhatsApp", "platformId": "whatsapp",
                "status": "active" });
            Ok(ApiResponse::json(200, &body))
        }
        ("POST", ["messages"]) => {
            let (message, outcome) = check(state, request)?;
            let shown = show(state, &message, outcome);
            Ok(ApiResponse::json(202, &shown).accepting(message, outcome))
        }
        ("GET", ["messages", id]) => read_back(state, id),
        _ => Err(not_found()),
    }
}

fn read_back(state: &State, id: &str) -> Result<ApiResponse, Problem> {
    let message = state.messages.find(id).ok_or_else(not_found)?;
    Ok(ApiResponse::json(200, &show(state, &message, Outcome::for_recipient(&message.to))))
}

/// Whether a text is a UUID.
fn is_uuid(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn check(state: &State, request: &ApiRequest) -> Result<(Message, Outcome), Problem> {
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
    let mut message = Message::new(state.identifiers.uuid(), to, Channel::Whatsapp, state.now());
    let mut outcome = Outcome::for_recipient(to);
    match (body.get("template"), body.get("body")) {
        (Some(template), None) => {
            if let Some(failure) = fill(state, template, &mut message)? {
                outcome = failure;
            }
        }
        (None, Some(_)) => {
            message.text = text(&body, "/body/text/text").map(String::from);
            outcome = Outcome::OutsideWindow;
        }
        _ => return Err(invalid("exactly one of template and body is required")),
    }
    if let Some(failure) = outcome.service_error() {
        return Err(refused(failure));
    }
    match state.rate_limiter.try_send(message.digits(), Instant::now()) {
        Ok(()) => {}
        Err(RateLimitExceeded::Throughput) => return Err(refused(ServiceError::TooMany)),
        Err(RateLimitExceeded::Pair) => outcome = Outcome::FailsWith("131056"),
    }
    message.reference = text(&body, "/reference").map(String::from);
    message.details = json!({ "template": body.get("template"), "body": body.get("body") });
    Ok((message, outcome))
}

/// Sets the template of the message. Returns the outcome if the message will fail.
fn fill(
    state: &State,
    template: &Value,
    message: &mut Message,
) -> Result<Option<Outcome>, Problem> {
    let known = ["projectId", "version", "locale", "parameters", "variables"];
    if let Some(key) = unknown_key(template, &known) {
        return Err(invalid(format!("unknown field template.{key}")));
    }
    let project = text(template, "/projectId").filter(|id| is_uuid(id));
    let project = project.ok_or_else(|| invalid("template.projectId must be a UUID"))?;
    let version =
        text(template, "/version").filter(|version| *version == "latest" || is_uuid(version));
    version.ok_or_else(|| invalid("template.version must be latest or a UUID"))?;
    let locale = text(template, "/locale").filter(|locale| !locale.is_empty());
    let locale = locale.ok_or_else(|| invalid("template.locale is required"))?;
    let code = match (template.get("parameters"), template.get("variables")) {
        (Some(parameters), None) => parameter(parameters)?,
        (None, Some(variables)) => {
            let values = variables.as_object().and_then(|object| object.values().next()?.as_str());
            values.map(String::from)
        }
        (None, None) => None,
        _ => return Err(invalid("template has both parameters and variables")),
    };
    message.text = code.as_ref().map(|code| format!("*{code}* is your verification code."));
    message.code = code.as_deref().and_then(crate::code::extract);
    message.template = Some(String::from(project));
    message.language = Some(String::from(locale));
    let found = state.templates.select(|each| each.name == project);
    let is_unusable = !found.is_empty()
        && !found.iter().any(|each| {
            each.decision() == Some(ReviewDecision::Approved)
                && (each.language == locale || each.language == "*")
        });
    let is_too_long = code.is_some_and(|code| code.chars().count() > 60);
    Ok((is_unusable || is_too_long).then_some(Outcome::FailsWith("132001")))
}

/// The code: the parameter with the key `code`, or else the first. All must be strings with a key.
fn parameter(parameters: &Value) -> Result<Option<String>, Problem> {
    let list =
        parameters.as_array().ok_or_else(|| invalid("template.parameters must be a list"))?;
    let mut values = Vec::new();
    for each in list {
        let value = match (text(each, "/type"), text(each, "/key"), text(each, "/value")) {
            (Some("string"), Some(key), Some(value)) if !value.is_empty() => (key, value),
            _ => {
                return Err(invalid(
                    "template.parameters: type string, key and value are required",
                ));
            }
        };
        values.push(value);
    }
    let code = values.iter().find(|(key, _)| *key == "code").or_else(|| values.first());
    Ok(code.map(|(_, value)| String::from(*value)))
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
        "channelId": account.bird_channel_id,
        "sender": { "connector": { "id": account.bird_channel_id, "identifierValue": "+15550001111",
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
        let (code, why) = failure(outcome);
        put(&mut shown, "reason", format!("details: {why}; code: {code}"));
        put(&mut shown, "details", why);
        let source = json!({ "name": "whatsapp", "code": code });
        put(&mut shown, "failure", json!({ "code": 15_005, "source": source }));
    }
    shown
}

fn failure(outcome: Outcome) -> (&'static str, &'static str) {
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
            "channelId": state.config.account.bird_channel_id, "createdAt": iso(state.now()) });
        ("whatsapp.interaction", payload)
    } else {
        let mut told = message.clone();
        told.status = String::from(status.as_str());
        ("whatsapp.outbound", show(state, &told, outcome))
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

/// A project's templates. Bird documents too little of their bodies to check them, so any body is
/// accepted, and the template is active after its review.
fn project_templates(
    state: &State,
    request: &ApiRequest,
    method: &str,
    project: &str,
    path: &[&str],
) -> Result<ApiResponse, Problem> {
    let show = |template: &Template| {
        let status = match template.status() {
            "APPROVED" => "active",
            "PENDING" => "pending",
            "REJECTED" => "rejected",
            _ => "inactive",
        };
        let mut shown = template.components.clone();
        put(&mut shown, "id", template.id.clone());
        put(&mut shown, "projectId", project);
        put(&mut shown, "status", status);
        shown
    };
    let found = |id: &str| {
        let all = state.templates.select(|each| each.name == project && each.id == id);
        all.into_iter().next().ok_or_else(not_found)
    };
    match (method, path) {
        ("POST", []) if is_uuid(project) => {
            let body = request.json().filter(Value::is_object);
            let body = body.ok_or_else(|| invalid("the body is not JSON"))?;
            let template = Template {
                id: state.identifiers.uuid(),
                name: String::from(project),
                language: text(&body, "/defaultLocale").unwrap_or("*").into(),
                category: String::from("AUTHENTICATION"),
                components: body,
                time_to_live: None,
                created_at: state.now(),
                reviewed_at: Instant::now() + state.config.review,
                decision: ReviewDecision::Approved,
            };
            let shown = show(&template);
            state.templates.insert(template);
            Ok(ApiResponse::json(201, &shown))
        }
        ("GET", []) => {
            let all = state.templates.select(|each| each.name == project);
            let results: Vec<Value> = all.iter().map(show).collect();
            Ok(ApiResponse::json(200, &json!({ "results": results })))
        }
        ("GET", [id]) => Ok(ApiResponse::json(200, &show(&found(id)?))),
        ("PUT" | "POST", [id, "activate"]) => Ok(ApiResponse::json(200, &show(&found(id)?))),
        _ => Err(not_found()),
    }
}
