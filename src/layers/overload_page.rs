//! A shop too busy to do something safely says so at once, with 503 and the time
//! to wait, and does not burden itself with a page or a session. Islands
//! read the words from JSON; a plain form gets them here.

use axum::{
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::refuse;

const WORDS: &str = "The shop is very busy just now, and nothing was done. \
                     Please go back and try again in a few seconds.";

/// Answers plain forms in words when the shop is too busy.
pub async fn overload_page(request: Request, next: Next) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let is_form = accept.is_some_and(|accept| accept.contains("text/html"));
    let response = next.run(request).await;
    let wait = response.headers().get(header::RETRY_AFTER).cloned();
    match wait {
        Some(wait) if is_form && response.status() == StatusCode::SERVICE_UNAVAILABLE => {
            let mut answer = refuse(StatusCode::SERVICE_UNAVAILABLE, WORDS);
            answer.headers_mut().insert(header::RETRY_AFTER, wait);
            answer
        }
        _ => response,
    }
}
