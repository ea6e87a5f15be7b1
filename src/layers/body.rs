//! Bodies: small, and soon. Every form of the shop fits into a few KiB; what is
//! larger or slower is refused before anything looks at it.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{Method, StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::refuse;

/// The most a form may hold.
const FORM: usize = 16 * 1024;
/// The most the simulator's API may be told.
const SIMULATOR: usize = 4 * 1024;
/// How long sending a body may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads the whole body within its limits, and passes it on.
pub async fn body(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let limit = if request.uri().path().starts_with("/simulator/api/") { SIMULATOR } else { FORM };
    let declared = request.headers().get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|bytes| bytes > limit) {
        return too_large();
    }
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(PATIENCE, to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Ok(Err(_)) => too_large(),
        Err(_) => refuse(StatusCode::REQUEST_TIMEOUT, "The form took too long to arrive."),
    }
}

fn too_large() -> Response {
    refuse(StatusCode::PAYLOAD_TOO_LARGE, "That is more than any of our forms can hold.")
}
