//! MessageBird's older APIs: conversations (`/v1/send`), SMS (`/messages`) and
//! templates (`/v2/platforms/whatsapp/templates`), three hosts in one.

mod conversations;
mod sms;
mod templates;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::call::{Answer, Call};
use crate::outcome::Outcome;
use crate::phones::{Channel, Message};
use crate::plan::Status;
use crate::protocol::{Protocol, Refusal};
use crate::state::State;
use crate::webhook::{Report, Signing};

/// MessageBird's words.
pub(crate) struct Messagebird;

/// An error: the HTTP status, MessageBird's code, a sentence, and the field that is wrong.
#[derive(Debug, Clone)]
struct Problem {
    status: u16,
    code: u32,
    description: String,
    parameter: Option<String>,
}

impl Problem {
    /// A field that is missing.
    fn missing(parameter: &str) -> Self {
        Self::field(9, "missing params", parameter)
    }

    /// A field that is wrong.
    fn invalid(parameter: &str, why: &str) -> Self {
        Self::field(10, why, parameter)
    }

    fn field(code: u32, why: &str, parameter: &str) -> Self {
        let parameter = Some(String::from(parameter));
        Self { status: 422, code, description: String::from(why), parameter }
    }

    fn other(status: u16, code: u32, description: &str) -> Self {
        Self { status, code, description: String::from(description), parameter: None }
    }
}

/// The answer that an error makes.
fn error(state: &State, problem: Problem) -> Answer {
    let Problem { status, code, description, parameter } = problem;
    state.count(format!("refused_{code}"));
    let error = json!({ "code": code, "description": description, "parameter": parameter });
    Answer::json(status, &json!({ "errors": [error] }))
}

fn not_found(state: &State) -> Answer {
    error(state, Problem::other(404, 20, "not found"))
}

impl Protocol for Messagebird {
    fn answer(&self, state: &Arc<State>, call: &Call) -> Answer {
        let key = format!("AccessKey {}", state.config.account.messagebird_access_key);
        if call.header("authorization") != Some(key.as_str()) {
            let why = "Request not allowed (incorrect access_key)";
            let mut problem = Problem::other(401, 2, why);
            problem.parameter = Some(String::from("access_key"));
            return error(state, problem);
        }
        let segments = call.segments();
        // The version of the conversations may be part of the shop's base address.
        let path = segments.strip_prefix(&["v1"]).unwrap_or(&segments);
        match (call.method.as_str(), path) {
            ("POST", ["send"]) => conversations::send(state, call),
            ("POST", ["conversations", "start"]) => conversations::start(state, call),
            ("POST", ["messages"]) => sms::send(state, call),
            ("GET", ["messages"]) => sms::list(state),
            ("GET", ["messages", id]) => match state.phones.find(id) {
                None => not_found(state),
                Some(message) if message.channel == Channel::Sms => {
                    Answer::json(200, &sms::show(state, &message))
                }
                Some(message) => Answer::json(
                    200,
                    &conversations::show(state, &message, Outcome::of(&message.to)),
                ),
            },
            (method, ["webhooks", rest @ ..]) => conversations::webhooks(state, method, rest, call),
            (method, ["v2" | "v3", "platforms", "whatsapp", "templates", rest @ ..]) => {
                templates::route(state, call, method, rest)
            }
            _ => not_found(state),
        }
    }

    fn refuse(&self, state: &State, _: &Call, refusal: Refusal) -> Answer {
        error(state, refused(refusal))
    }

    fn report(
        &self,
        state: &State,
        message: &Message,
        status: Status,
        outcome: Outcome,
    ) -> Option<Report> {
        let signing = Signing::MessageBird {
            signing_key: state.config.account.messagebird_signing_key.clone(),
        };
        let base = message.callback.clone().or_else(|| state.config.webhook.clone())?;
        if message.channel == Channel::Sms {
            return sms::report(state, message, status, outcome, &base, signing);
        }
        let body = conversations::report(state, message, status, outcome);
        Some(Report::json(base, body.to_string(), signing, state.now()))
    }
}

/// MessageBird's refusal for no fault of the caller.
fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::TooMany => Problem::other(429, 98, "too many requests"),
        Refusal::Internal => Problem::other(500, 99, "internal error"),
        Refusal::Unavailable => Problem::other(503, 99, "service unavailable"),
    }
}

/// The body, if it is JSON and an object.
fn object(call: &Call) -> Result<Value, Problem> {
    call.json().filter(Value::is_object).ok_or_else(|| Problem::other(400, 21, "bad request"))
}

/// The field that says where reports go.
fn report_url(body: &Value) -> Result<Option<String>, Problem> {
    match body.get("reportUrl") {
        None | Some(Value::Null) => Ok(None),
        Some(url) => {
            let url = url.as_str().filter(|url| url.starts_with("http"));
            url.map(|url| Some(String::from(url)))
                .ok_or_else(|| Problem::invalid("reportUrl", "reportUrl is not an address"))
        }
    }
}
