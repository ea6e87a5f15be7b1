//! MessageBird's older APIs: conversations (`/v1/send`), SMS (`/messages`) and
//! templates (`/v2/platforms/whatsapp/templates`). The emulator serves all three hosts.

mod conversations;
mod sms;
mod templates;
mod webhooks;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::delivery_plan::DeliveryStatus;
use crate::http::{ApiRequest, ApiResponse};
use crate::messages::{Channel, Message};
use crate::outcome::{Outcome, ServiceError};
use crate::protocol::Protocol;
use crate::state::State;
use crate::webhook::{Signing, Webhook};

/// MessageBird, with the webhook that requests set.
#[derive(Debug, Default)]
pub(crate) struct Messagebird {
    webhooks: webhooks::Webhooks,
}

/// An error: the HTTP status, MessageBird's code, a message, and the field that is wrong.
#[derive(Debug, Clone)]
struct Problem {
    status: u16,
    code: u32,
    description: String,
    parameter: Option<String>,
}

impl Problem {
    fn missing(parameter: &str) -> Self {
        Self::field(9, "missing params", parameter)
    }

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

fn error(state: &State, problem: Problem) -> ApiResponse {
    let Problem { status, code, description, parameter } = problem;
    state.count(format!("refused_{code}"));
    let error = json!({ "code": code, "description": description, "parameter": parameter });
    ApiResponse::json(status, &json!({ "errors": [error] }))
}

fn not_found(state: &State) -> ApiResponse {
    error(state, Problem::other(404, 20, "not found"))
}

impl Protocol for Messagebird {
    fn handle(&self, state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
        let key = format!("AccessKey {}", state.config.account.messagebird_access_key);
        if request.header("authorization") != Some(key.as_str()) {
            let why = "Request not allowed (incorrect access_key)";
            let mut problem = Problem::other(401, 2, why);
            problem.parameter = Some(String::from("access_key"));
            return error(state, problem);
        }
        let segments = request.segments();
        // The version of the Conversations API may be part of the configured base address.
        let path = segments.strip_prefix(&["v1"]).unwrap_or(&segments);
        match (request.method.as_str(), path) {
            ("POST", ["send"]) => conversations::send(state, request),
            ("POST", ["conversations", "start"]) => conversations::start(state, request),
            ("POST", ["messages"]) => sms::send(state, request),
            ("GET", ["messages"]) => sms::list(state),
            ("GET", ["messages", id]) => match state.messages.find(id) {
                None => not_found(state),
                Some(message) if message.channel == Channel::Sms => {
                    ApiResponse::json(200, &sms::show(state, &message))
                }
                Some(message) => ApiResponse::json(
                    200,
                    &conversations::show(state, &message, Outcome::for_recipient(&message.to)),
                ),
            },
            (method, ["webhooks", rest @ ..]) => self.webhooks.route(state, method, rest, request),
            (method, ["v2" | "v3", "platforms", "whatsapp", "templates", rest @ ..]) => {
                templates::route(state, request, method, rest)
            }
            _ => not_found(state),
        }
    }

    fn service_error(&self, state: &State, _: &ApiRequest, failure: ServiceError) -> ApiResponse {
        error(state, refused(failure))
    }

    fn status_webhook(
        &self,
        state: &State,
        message: &Message,
        status: DeliveryStatus,
        outcome: Outcome,
    ) -> Option<Webhook> {
        let signing = Signing::MessageBird {
            signing_key: state.config.account.messagebird_signing_key.clone(),
        };
        let base = message.callback.clone().or_else(|| state.config.webhook.clone())?;
        if message.channel == Channel::Sms {
            return sms::report(state, message, status, outcome, &base, signing);
        }
        let body = conversations::report(state, message, status, outcome);
        Some(Webhook::json(base, body.to_string(), signing, state.now()))
    }
}

/// A failure of MessageBird's service.
fn refused(failure: ServiceError) -> Problem {
    match failure {
        ServiceError::TooMany => Problem::other(429, 98, "too many requests"),
        ServiceError::Internal => Problem::other(500, 99, "internal error"),
        ServiceError::Unavailable => Problem::other(503, 99, "service unavailable"),
    }
}

/// The body, which must be a JSON object.
fn object(request: &ApiRequest) -> Result<Value, Problem> {
    request.json().filter(Value::is_object).ok_or_else(|| Problem::other(400, 21, "bad request"))
}

/// `reportUrl`: the address for status webhooks.
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
