//! The response to plain forms when the shop is overloaded: 503 with `Retry-After` and one
//! sentence, without rendering a page or writing a session. Islands read the sentence
//! from JSON instead.

use axum::{
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::refuse;

const OVERLOAD_MESSAGE: &str = "The shop is very busy just now, and nothing was done. \
                     Please go back and try again in a few seconds.";

/// Replaces the JSON of an overload response by text, for plain forms.
pub async fn overload_page(request: Request, next: Next) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let is_form = accept.is_some_and(|accept| accept.contains("text/html"));
    let response = next.run(request).await;
    let wait = response.headers().get(header::RETRY_AFTER).cloned();
    match wait {
        Some(wait) if is_form && response.status() == StatusCode::SERVICE_UNAVAILABLE => {
            let mut answer = refuse(StatusCode::SERVICE_UNAVAILABLE, OVERLOAD_MESSAGE);
            answer.headers_mut().insert(header::RETRY_AFTER, wait);
            answer
        }
        _ => response,
    }
}
