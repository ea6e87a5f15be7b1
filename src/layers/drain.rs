//! While the server drains, each answer closes its connection, so that proxies keep none on which
//! they could send a request when the server closes.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Version, header},
    middleware::Next,
    response::Response,
};

use crate::{AppState, lifecycle::Phase};

/// Adds `Connection: close` to answers of HTTP/1. HTTP/2 says the same by a frame of its own when
/// the server closes, and loses no request then.
pub async fn drain(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let version = request.version();
    let mut response = next.run(request).await;
    if state.lifecycle.phase() != Phase::Serving && version < Version::HTTP_2 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
