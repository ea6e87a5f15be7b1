//! Twilio: messages (`/2010-04-01`), the Content API (`/v1/Content…`) and
//! Verify (`/v2/Services…`), three hosts in one.

mod callback;
mod content;
mod messages;
mod verify;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::call::{Answer, Call};
use crate::outcome::Outcome;
use crate::phones::Message;
use crate::plan::Status;
use crate::protocol::{Protocol, Refusal};
use crate::state::State;
use crate::webhook::Report;

/// Twilio's words, and the verifications that are under way.
#[derive(Debug, Default)]
pub(crate) struct Twilio {
    verifications: verify::Verifications,
}

/// An error: Twilio's code, the HTTP status and a sentence.
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

/// The answer that an error makes: the same four keys in every API of Twilio.
fn error(state: &State, problem: Problem) -> Answer {
    let Problem { code, status, message } = problem;
    state.count(format!("refused_{code}"));
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    let body = json!({ "code": code, "message": message, "more_info": more, "status": status });
    let answer = Answer::json(status, &body).with("twilio-request-id", state.identifiers.sid("RQ"));
    match status {
        401 => answer.with("www-authenticate", "Basic realm=\"Twilio API\""),
        429 => answer.with("retry-after", "1"),
        _ => answer,
    }
}

fn not_found(state: &State, path: &str) -> Answer {
    let message = format!("The requested resource {path} was not found");
    error(state, Problem::new(20_404, 404, message))
}

/// A form's fields.
struct Form(Vec<(String, String)>);

impl Form {
    /// The form of a call; of another type than a form nothing is read.
    fn of(call: &Call) -> Self {
        let is_form = call.is_of_type("application/x-www-form-urlencoded");
        Self(if is_form { call.form() } else { Vec::new() })
    }

    /// The first value of that name that is not empty.
    fn find(&self, name: &str) -> Option<&str> {
        self.find_any(name).filter(|value| !value.is_empty())
    }

    /// The first value of that name.
    fn find_any(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }
}

impl Protocol for Twilio {
    fn answer(&self, state: &Arc<State>, call: &Call) -> Answer {
        if !is_authentic(state, call) {
            return error(state, Problem::new(20_003, 401, "Authenticate"));
        }
        let account = state.config.account.twilio_account_sid.as_str();
        let segments = call.segments();
        match segments.as_slice() {
            ["2010-04-01", "Accounts", rest @ ..] => match rest {
                [sid] if sid.trim_end_matches(".json") == account => messages::account(state),
                [sid, rest @ ..] if *sid == account => messages::route(state, call, rest),
                _ => not_found(state, &call.path),
            },
            [version @ ("v1" | "v2"), first, rest @ ..] if first.starts_with("Content") => {
                content::route(state, call, version, first, rest)
            }
            ["v2", "Services", service, rest @ ..]
                if *service == state.config.account.twilio_verify_service_sid =>
            {
                self.verifications.route(state, call, rest)
            }
            ["v2", "Attempts"] => verify::attempts(state, call),
            ["v2", "Channels", "Senders"] => senders(state),
            _ => not_found(state, &call.path),
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
        callback::report(state, message, status, outcome)
    }
}

/// The senders on WhatsApp: the account has one.
fn senders(state: &State) -> Answer {
    let sender = json!({
        "sid": "XE88888888888888888888888888888888",
        "sender_id": state.config.account.twilio_from,
        "status": "ONLINE",
    });
    Answer::json(200, &json!({ "senders": [sender] }))
}

/// Twilio's refusal for no fault of the caller.
fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::TooMany => Problem::new(20_429, 429, "Too Many Requests"),
        Refusal::Internal => Problem::new(20_500, 500, "Internal Server Error"),
        Refusal::Unavailable => Problem::new(20_503, 503, "Service is unavailable"),
    }
}

/// HTTP Basic with the account and its token.
fn is_authentic(state: &State, call: &Call) -> bool {
    let account = &state.config.account;
    let expected = format!("{}:{}", account.twilio_account_sid, account.twilio_auth_token);
    call.header("authorization").and_then(|value| value.strip_prefix("Basic "))
        == Some(STANDARD.encode(expected).as_str())
}

/// Whether a text is an object's identifier: its letters and 32 hexadecimal digits.
fn is_sid(text: &str, letters: &str) -> bool {
    text.strip_prefix(letters)
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a text is a phone number in E.164 with its plus sign.
fn is_e164(text: &str) -> bool {
    text.starts_with('+') && crate::json::is_phone_number(text)
}
