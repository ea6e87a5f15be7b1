//! Errors of Bird's platform: a type, a code, a name and a sentence.

use serde_json::{Value, json};

use crate::call::Answer;
use crate::json::put;
use crate::protocol::Refusal;
use crate::state::State;

/// An error before it is written down. Of the codes only E01004, E01005 and
/// E13020 are documented; the others have the documented shape.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub status: u16,
    pub kind: &'static str,
    pub code: &'static str,
    pub name: &'static str,
    pub message: String,
    pub parameter: Option<String>,
}

impl Problem {
    pub fn new(status: u16, kind: &'static str, code: &'static str, name: &'static str) -> Self {
        Self { status, kind, code, name, message: String::from(name), parameter: None }
    }

    /// A field that is wrong.
    pub fn field(parameter: impl Into<String>, message: &str) -> Self {
        Self::named("InvalidRequest", "E01001", parameter, message)
    }

    /// A field that is wrong, by the name that the documentation gives to it.
    pub fn named(
        name: &'static str,
        code: &'static str,
        parameter: impl Into<String>,
        message: &str,
    ) -> Self {
        let mut problem = Self::new(422, "validation_error", code, name);
        problem.message = String::from(message);
        problem.parameter = Some(parameter.into());
        problem
    }

    pub fn not_found() -> Self {
        Self::new(404, "not_found_error", "E01003", "NotFound")
    }
}

/// Bird's refusal for no fault of the caller.
pub(super) fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::TooMany => Problem::new(429, "rate_limit_error", "E01006", "RateLimited"),
        Refusal::Internal => Problem::new(500, "internal_error", "E01007", "InternalError"),
        Refusal::Unavailable => {
            Problem::new(503, "service_unavailable_error", "E01008", "ServiceUnavailable")
        }
    }
}

/// The answer that an error makes.
pub(super) fn answer(state: &State, problem: Problem) -> Answer {
    let Problem { status, kind, code, name, message, parameter } = problem;
    state.count(format!("refused_{code}"));
    let request = state.identifiers.crockford("req");
    let mut error = json!({
        "type": kind,
        "code": code,
        "name": name,
        "message": message,
        "doc_url": format!("https://bird.com/docs/errors/{code}"),
        "request_id": request,
    });
    if let Some(parameter) = parameter {
        put(&mut error, "param", parameter.clone());
        let details: Value = json!([{ "param": parameter, "message": message }]);
        put(&mut error, "details", details);
    }
    let answer = Answer::json(status, &json!({ "error": error })).with("x-request-id", request);
    if status == 429 { answer.with("retry-after", "1") } else { answer }
}
