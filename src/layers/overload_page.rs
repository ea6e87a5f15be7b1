//! The response to plain forms when the shop is overloaded: 503 with `Retry-After` and one
//! sentence, without rendering a page or writing a session. Islands read the sentence
//! from JSON instead.

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};

use text::message;

use super::{auth::requested_language, refuse};
use crate::AppState;

/// Replaces the JSON of an overload response by text, for plain forms.
pub async fn overload_page(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let language = requested_language(request.headers());
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let is_form = accept.is_some_and(|accept| accept.contains("text/html"));
    let response = next.run(request).await;
    let wait = response.headers().get(header::RETRY_AFTER).cloned();
    match wait {
        Some(wait) if is_form && response.status() == StatusCode::SERVICE_UNAVAILABLE => {
            let sentence = message!(state.text(language), "outside-busy");
            let mut answer = refuse(StatusCode::SERVICE_UNAVAILABLE, sentence);
            answer.headers_mut().insert(header::RETRY_AFTER, wait);
            answer
        }
        _ => response,
    }
}
