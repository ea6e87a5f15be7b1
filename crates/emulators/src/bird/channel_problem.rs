//! Errors of the Channels API.

use serde_json::json;

use crate::http::ApiResponse;
use crate::outcome::ServiceError;
use crate::state::State;

/// The HTTP status, an error code and a message.
pub(super) type Problem = (u16, &'static str, String);

pub(super) fn error(state: &State, (status, code, message): Problem) -> ApiResponse {
    state.count(format!("refused_{code}"));
    let answer = ApiResponse::json(status, &json!({ "code": code, "message": message }));
    if status == 429 { answer.with_header("retry-after", "1") } else { answer }
}

pub(super) fn invalid(message: impl Into<String>) -> Problem {
    (422, "InvalidPayload", message.into())
}

pub(super) fn not_found() -> Problem {
    (404, "NotFound", String::from("The requested resource was not found"))
}

/// A failure of Bird's service.
pub(super) fn refuse(state: &State, failure: ServiceError) -> ApiResponse {
    error(state, refused(failure))
}

pub(super) fn refused(failure: ServiceError) -> Problem {
    match failure {
        ServiceError::TooMany => (429, "TooManyRequests", String::from("Too many requests")),
        ServiceError::Internal => (500, "InternalError", String::from("Internal server error")),
        ServiceError::Unavailable => {
            (503, "ServiceUnavailable", String::from("Service unavailable"))
        }
    }
}
