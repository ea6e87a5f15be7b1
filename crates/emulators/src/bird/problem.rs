//! Errors of Bird's platform: a type, a code, a name and a message.

use serde_json::{Value, json};

use crate::http::ApiResponse;
use crate::json::put;
use crate::outcome::ServiceError;
use crate::state::State;

/// An error of Bird's platform. Only the codes E01004, E01005 and
/// E13020 are documented; the others have the documented format.
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

    pub fn field(parameter: impl Into<String>, message: &str) -> Self {
        Self::named("InvalidRequest", "E01001", parameter, message)
    }

    /// A field that is wrong, with the documented name of the error.
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

/// A failure of Bird's service.
pub(super) fn refused(failure: ServiceError) -> Problem {
    match failure {
        ServiceError::TooMany => Problem::new(429, "rate_limit_error", "E01006", "RateLimited"),
        ServiceError::Internal => Problem::new(500, "internal_error", "E01007", "InternalError"),
        ServiceError::Unavailable => {
            Problem::new(503, "service_unavailable_error", "E01008", "ServiceUnavailable")
        }
    }
}

pub(super) fn answer(state: &State, problem: Problem) -> ApiResponse {
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
    let answer =
        ApiResponse::json(status, &json!({ "error": error })).with_header("x-request-id", request);
    if status == 429 { answer.with_header("retry-after", "1") } else { answer }
}
