//! What tests and people ask of the twin itself.
//!
//! | call | what it does |
//! | --- | --- |
//! | `GET /` | the page for people; `/?still` does not load itself anew |
//! | `GET /twin/messages?to=+447700900111` | the accepted messages, oldest first; without `to` all of them |
//! | `GET /twin/wire` | the last requests, webhooks and answers, word for word |
//! | `GET /twin/counts` | how often each thing happened, and each fault was drawn |
//! | `POST /twin/faults` | `{"rate": 0.3, "seed": 1, "kinds": ["internal", "reset_after"]}` ([`Faults`]; without `kinds` all); `null` ends them |
//! | `GET`, `POST /twin/switches` | `{"has_bad_signatures": true}`: how webhooks misbehave ([`Switches`]); what is left out is off |
//! | `POST /twin/templates` | `{"name": "code", "language": "en", "status": "PAUSED"}`: decides on a template, in every language without one |
//!
//! Answers are JSON; a call that is not understood is answered with 400 or 404 and a `problem`.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::call::{Answer, Call};
use crate::faults::Faults;
use crate::page;
use crate::state::State;
use crate::switches::Switches;
use crate::templates::Verdict;

/// The answer, if the call is for the twin itself.
pub(crate) fn answer(state: &Arc<State>, call: &Call) -> Option<Answer> {
    let answer = match (call.method.as_str(), call.path.as_str()) {
        ("GET", "/") => page::show(state, call),
        ("GET", "/emulator/messages") => Answer::json(200, &messages(state, call)),
        ("GET", "/emulator/wire") => Answer::json(200, &json!(state.wire.all())),
        ("GET", "/emulator/counts") => Answer::json(200, &counts(state)),
        ("POST", "/emulator/faults") => take(call, |faults: Option<Faults>| {
            state.faults.set(faults.filter(|faults| faults.rate > 0.0));
        }),
        ("GET", "/emulator/switches") => Answer::json(200, &json!(state.switches.get())),
        ("POST", "/emulator/switches") => {
            take(call, |switches: Switches| state.switches.set(switches))
        }
        ("POST", "/emulator/templates") => change_template(state, call),
        (_, path) if path.starts_with("/emulator/") || path == "/emulator" => Answer::json(
            404,
            &json!({ "problem": "no such call; see the documentation of `emulator`" }),
        ),
        _ => return None,
    };
    Some(answer)
}

fn messages(state: &State, call: &Call) -> Value {
    let to = call.parameter("to").map(|to| crate::json::digits(&to));
    let mut messages = state.phones.all();
    messages.retain(|message| to.as_ref().is_none_or(|to| message.digits() == to));
    json!(messages)
}

fn counts(state: &State) -> Value {
    json!({ "counts": state.counts(), "faults": state.faults.counts() })
}

/// Hands the body to `change`, or says what is wrong with it.
fn take<T: DeserializeOwned>(call: &Call, change: impl FnOnce(T)) -> Answer {
    match serde_json::from_slice(&call.body) {
        Ok(value) => {
            change(value);
            Answer::json(200, &json!({ "done": true }))
        }
        Err(problem) => Answer::json(400, &json!({ "problem": problem.to_string() })),
    }
}

/// `{"name", "language"?, "status"}`: pauses, disables, rejects or approves a template.
fn change_template(state: &Arc<State>, call: &Call) -> Answer {
    let body = call.json().unwrap_or_default();
    let text = |key| body.get(key).and_then(Value::as_str);
    let (Some(name), Some(verdict)) = (text("name"), text("status").and_then(Verdict::named))
    else {
        let problem = "give `name`, and `status`: APPROVED, REJECTED, PAUSED or DISABLED";
        return Answer::json(400, &json!({ "problem": problem }));
    };
    let language = text("language");
    let changed = crate::meta::decide(state, name, language, verdict);
    Answer::json(200, &json!({ "changed": changed }))
}
