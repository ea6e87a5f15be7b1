//! The emulator's own API, for tests and for people.
//!
//! | request | effect |
//! | --- | --- |
//! | `GET /` | the page for people; it reloads itself, `/?paused` does not |
//! | `GET /emulator/messages?to=+447700900111` | the accepted messages, oldest first; all of them without `to` |
//! | `GET /emulator/requests` | the request log: the last requests, webhooks and responses |
//! | `GET /emulator/counts` | how often each event happened, and how often each fault was drawn |
//! | `POST /emulator/faults` | `{"rate": 0.3, "seed": 1, "kinds": ["internal", "reset_after"]}` sets the [`Faults`], all kinds without `kinds`; `null` ends them |
//! | `POST /emulator/scripted-faults` | `[{"kind": "reset_after", "method": "POST", "path": "/capture", "skip": 0, "times": 1}]` makes the next requests to an address fail ([`ScriptedFault`]); `[]` ends them |
//! | `GET`, `POST /emulator/fault-toggles` | `{"has_bad_signatures": true}` sets the [`FaultToggles`]; those left out are off |
//! | `POST /emulator/user-changes` | `{"from": "+447700900111", "to": "+447700900112"}` tells the shop in Meta's format that a person has another number; with `"is_withheld": true` only that the ids changed |
//! | `POST /emulator/templates` | `{"name": "code", "language": "en", "status": "PAUSED"}` decides on a template, in every language without `language` |
//!
//! The emulator of Stripe has more addresses; see the module `stripe::control`.
//!
//! Responses are JSON. A request that is not understood gets 400 or 404, and a `problem`.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::fault_toggles::FaultToggles;
use crate::faults::{Faults, ScriptedFault};
use crate::http::{ApiRequest, ApiResponse};
use crate::page;
use crate::protocol::Protocol;
use crate::state::State;
use crate::templates::ReviewDecision;

/// The response, if the request is for the emulator itself.
pub(crate) fn handle(
    state: &Arc<State>,
    protocol: &dyn Protocol,
    request: &ApiRequest,
) -> Option<ApiResponse> {
    if let Some(response) = protocol.control(state, request) {
        return Some(response);
    }
    let response = match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/") => page::show(state, protocol, request),
        ("GET", "/emulator/messages") => ApiResponse::json(200, &messages(state, request)),
        ("GET", "/emulator/requests") => ApiResponse::json(200, &json!(state.request_log.all())),
        ("GET", "/emulator/counts") => ApiResponse::json(200, &counts(state)),
        ("POST", "/emulator/faults") => apply(request, |faults: Option<Faults>| {
            state.faults.set(faults.filter(|faults| faults.rate > 0.0));
        }),
        ("POST", "/emulator/scripted-faults") => {
            apply(request, |faults: Vec<ScriptedFault>| state.faults.set_scripted(faults))
        }
        ("GET", "/emulator/fault-toggles") => {
            ApiResponse::json(200, &json!(state.fault_toggles.get()))
        }
        ("POST", "/emulator/fault-toggles") => {
            apply(request, |toggles: FaultToggles| state.fault_toggles.set(toggles))
        }
        ("POST", "/emulator/templates") => change_template(state, request),
        ("POST", "/emulator/user-changes") => change_user(state, request),
        (_, path) if path.starts_with("/emulator/") || path == "/emulator" => ApiResponse::json(
            404,
            &json!({ "problem": "no such address; see the documentation of the module `emulators::control`" }),
        ),
        _ => return None,
    };
    Some(response)
}

fn messages(state: &State, request: &ApiRequest) -> Value {
    let to = request.parameter("to").map(|to| crate::json::digits(&to));
    let mut messages = state.messages.all();
    messages.retain(|message| to.as_ref().is_none_or(|to| message.digits() == to));
    json!(messages)
}

fn counts(state: &State) -> Value {
    json!({ "counts": state.counts(), "faults": state.faults.counts() })
}

/// Reads the body and passes it to `change`.
pub(crate) fn apply<T: DeserializeOwned>(
    request: &ApiRequest,
    change: impl FnOnce(T),
) -> ApiResponse {
    match serde_json::from_slice(&request.body) {
        Ok(value) => {
            change(value);
            ApiResponse::json(200, &json!({ "done": true }))
        }
        Err(problem) => ApiResponse::json(400, &json!({ "problem": problem.to_string() })),
    }
}

/// Tells the shop that a person has another number.
fn change_user(state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    let body = request.json().unwrap_or_default();
    let number = |key| body.get(key).and_then(Value::as_str).map(crate::json::digits);
    let (Some(from), Some(to)) = (number("from"), number("to")) else {
        return ApiResponse::json(400, &json!({ "problem": "give `from` and `to`" }));
    };
    let is_withheld = body.get("is_withheld") == Some(&Value::Bool(true));
    crate::meta::tell_user_change(state, &from, &to, is_withheld);
    ApiResponse::json(200, &json!({ "done": true }))
}

/// Approves, rejects, pauses or disables a template.
fn change_template(state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    let body = request.json().unwrap_or_default();
    let text = |key| body.get(key).and_then(Value::as_str);
    let (Some(name), Some(decision)) =
        (text("name"), text("status").and_then(ReviewDecision::from_status))
    else {
        let problem = "give `name`, and `status`: APPROVED, REJECTED, PAUSED or DISABLED";
        return ApiResponse::json(400, &json!({ "problem": problem }));
    };
    let language = text("language");
    let changed = crate::meta::decide(state, name, language, decision);
    ApiResponse::json(200, &json!({ "changed": changed }))
}
