//! Twilio: messages (`/2010-04-01`), the Content API (`/v1/Content…`) and
//! Verify (`/v2/Services…`). The emulator serves all three hosts.

mod callback;
mod content;
mod messages;
mod verify;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::delivery_plan::DeliveryStatus;
use crate::http::{ApiRequest, ApiResponse};
use crate::messages::Message;
use crate::outcome::{Outcome, ServiceError};
use crate::protocol::Protocol;
use crate::state::State;
use crate::webhook::Webhook;

/// Twilio, with its pending verifications.
#[derive(Debug, Default)]
pub(crate) struct Twilio {
    verifications: verify::Verifications,
}

/// An error: Twilio's code, the HTTP status and a message.
#[derive(Debug, Clone)]
struct Problem {
    code: u32,
    status: u16,
    message: String,
}

impl Problem {
    fn new(code: u32, status: u16, message: impl Into<String>) -> Self {
        Self { code, status, message: message.into() }
    }
}

/// The response for an error, which has the same four keys in every API of Twilio.
fn error(state: &State, problem: Problem) -> ApiResponse {
    let Problem { code, status, message } = problem;
    state.count(format!("refused_{code}"));
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    let body = json!({ "code": code, "message": message, "more_info": more, "status": status });
    let answer = ApiResponse::json(status, &body)
        .with_header("twilio-request-id", state.identifiers.sid("RQ"));
    match status {
        401 => answer.with_header("www-authenticate", "Basic realm=\"Twilio API\""),
        429 => answer.with_header("retry-after", "1"),
        _ => answer,
    }
}

fn not_found(state: &State, path: &str) -> ApiResponse {
    let message = format!("The requested resource {path} was not found");
    error(state, Problem::new(20_404, 404, message))
}

/// A form's fields.
struct Form(Vec<(String, String)>);

impl Form {
    /// The form fields of a request; none if its body is not a form.
    fn of(request: &ApiRequest) -> Self {
        let is_form = request.has_content_type("application/x-www-form-urlencoded");
        Self(if is_form { request.form() } else { Vec::new() })
    }

    /// The first value of that name, unless it is empty.
    fn find(&self, name: &str) -> Option<&str> {
        self.find_any(name).filter(|value| !value.is_empty())
    }

    /// The first value of that name.
    fn find_any(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }
}

impl Protocol for Twilio {
    fn handle(&self, state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
        if !is_authentic(state, request) {
            return error(state, Problem::new(20_003, 401, "Authenticate"));
        }
        let account = state.config.account.twilio_account_sid.as_str();
        let segments = request.segments();
        match segments.as_slice() {
            ["2010-04-01", "Accounts", rest @ ..] => match rest {
                [sid] if sid.trim_end_matches(".json") == account => messages::account(state),
                [sid, rest @ ..] if *sid == account => messages::route(state, request, rest),
                _ => not_found(state, &request.path),
            },
            [version @ ("v1" | "v2"), first, rest @ ..] if first.starts_with("Content") => {
                content::route(state, request, version, first, rest)
            }
            ["v2", "Services", service, rest @ ..]
                if *service == state.config.account.twilio_verify_service_sid =>
            {
                self.verifications.route(state, request, rest)
            }
            ["v2", "Attempts"] => verify::attempts(state, request),
            ["v2", "Channels", "Senders"] => senders(state),
            _ => not_found(state, &request.path),
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
        callback::report(state, message, status, outcome)
    }

    fn failure(&self, _: &State, message: &Message, outcome: Outcome) -> Value {
        let (status, code) = callback::failure(message.channel, outcome);
        json!({ "status": status, "error_code": code.parse::<u32>().ok() })
    }
}

/// The account's senders on WhatsApp, of which there is one.
fn senders(state: &State) -> ApiResponse {
    let sender = json!({
        "sid": "XE88888888888888888888888888888888",
        "sender_id": state.config.account.twilio_from,
        "status": "ONLINE",
    });
    ApiResponse::json(200, &json!({ "senders": [sender] }))
}

/// A failure of Twilio's service.
fn refused(failure: ServiceError) -> Problem {
    match failure {
        ServiceError::TooMany => Problem::new(20_429, 429, "Too Many Requests"),
        ServiceError::Internal => Problem::new(20_500, 500, "Internal Server Error"),
        ServiceError::Unavailable => Problem::new(20_503, 503, "Service is unavailable"),
    }
}

/// Checks the Basic authentication with the account and its token.
fn is_authentic(state: &State, request: &ApiRequest) -> bool {
    let account = &state.config.account;
    let expected = format!("{}:{}", account.twilio_account_sid, account.twilio_auth_token);
    request.header("authorization").and_then(|value| value.strip_prefix("Basic "))
        == Some(STANDARD.encode(expected).as_str())
}

/// Whether a text is an object's identifier: these letters and 32 hexadecimal digits.
fn is_sid(text: &str, letters: &str) -> bool {
    text.strip_prefix(letters)
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a text is a phone number in E.164 with its plus sign.
fn is_e164(text: &str) -> bool {
    text.starts_with('+') && crate::json::is_phone_number(text)
}
