//! Bird's platform of 2026: routes, keys, and reading of messages.

use std::sync::Arc;

use serde_json::{Value, json};

use super::idempotency::Answers;
use super::problem::{self, Problem};
use super::{sms, whatsapp};
use crate::format::iso;
use crate::http::{ApiRequest, ApiResponse};
use crate::messages::Message;
use crate::state::State;

/// The addresses below `/v1`.
pub(super) fn answer(state: &Arc<State>, request: &ApiRequest, answers: &Answers) -> ApiResponse {
    let key = format!("Bearer {}", state.config.account.bird_v1_api_key);
    if request.header("authorization") != Some(key.as_str()) {
        let problem = Problem::new(401, "auth_error", "E01002", "InvalidApiKey");
        return problem::answer(state, problem);
    }
    match answers.find(request, state.now()) {
        Ok(Some(earlier)) => {
            return earlier.with_header("x-request-id", state.identifiers.crockford("req"));
        }
        Ok(None) => {}
        Err(problem) => return problem::answer(state, problem),
    }
    match route(state, request) {
        Ok(answer) => {
            if request.method == "POST" {
                answers.remember(request, &answer, state.now());
            }
            answer.with_header("x-request-id", state.identifiers.crockford("req"))
        }
        Err(problem) => problem::answer(state, problem),
    }
}

fn route(state: &State, request: &ApiRequest) -> Result<ApiResponse, Problem> {
    let segments = request.segments();
    let path = segments.get(1..).unwrap_or_default();
    match (request.method.as_str(), path) {
        ("POST", ["whatsapp", "messages"]) => {
            let (message, outcome) = whatsapp::check(state, &object(request)?)?;
            let shown = whatsapp::show(&message);
            Ok(ApiResponse::json(202, &shown).accepting(message, outcome))
        }
        ("POST", ["sms", "messages"]) => {
            let (message, outcome) = sms::check(state, &object(request)?)?;
            let shown = sms::show(&message);
            Ok(ApiResponse::json(202, &shown).accepting(message, outcome))
        }
        ("GET", [kind @ ("whatsapp" | "sms"), "messages"]) => Ok(list(state, kind)),
        ("GET", [_, "messages", id]) => {
            let message = state.messages.find(id).ok_or_else(Problem::not_found)?;
            Ok(ApiResponse::json(200, &show(&message)))
        }
        ("GET", ["webhooks"]) => Ok(webhooks(state)),
        _ => Err(Problem::not_found()),
    }
}

fn object(request: &ApiRequest) -> Result<Value, Problem> {
    request.json().filter(Value::is_object).ok_or_else(|| {
        let mut problem = Problem::new(400, "bad_request_error", "E01000", "MalformedBody");
        problem.message = String::from("The body is not a JSON object.");
        problem
    })
}

fn show(message: &Message) -> Value {
    if message.id.starts_with("sms_") { sms::show(message) } else { whatsapp::show(message) }
}

/// The latest messages, newest first.
fn list(state: &State, kind: &str) -> ApiResponse {
    let prefix = if kind == "sms" { "sms_" } else { "wam_" };
    let all = state.messages.all();
    let data: Vec<Value> =
        all.iter().rev().filter(|each| each.id.starts_with(prefix)).take(25).map(show).collect();
    let body =
        json!({ "data": data, "next_cursor": null, "prev_cursor": null, "refresh_cursor": null });
    ApiResponse::json(200, &body)
}

fn webhooks(state: &State) -> ApiResponse {
    let now = iso(state.now());
    let events = [
        "whatsapp.sent",
        "whatsapp.delivered",
        "whatsapp.read",
        "whatsapp.failed",
        "sms.sent",
        "sms.delivered",
        "sms.undelivered",
        "sms.failed",
    ];
    let urls = state.config.webhook.iter();
    let data: Vec<Value> = urls
        .map(|url| {
            json!({ "id": "whk_01hzx3v9k2m4n6p8q0r2s4t6v8", "url": url, "events": events,
                "status": "active", "created_at": now, "updated_at": now })
        })
        .collect();
    let body = json!({ "data": data, "total": data.len(), "next_cursor": null,
        "prev_cursor": null, "refresh_cursor": null });
    ApiResponse::json(200, &body)
}
