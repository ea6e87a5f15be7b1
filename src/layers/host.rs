//! In production, refuses requests whose `Host` is not the public address, so that no other
//! name gets into a link, a cache or a cookie. `X-Forwarded-Host` is never read.

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};
use text::message;

use super::refuse;
use crate::AppState;

/// Refuses requests for other hosts.
pub async fn host(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let asked = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    let ours = state.site.public_url.authority().map(|authority| authority.as_str());
    if state.site.is_production && asked != ours {
        let text = state.text_for(request.headers());
        return refuse(StatusCode::MISDIRECTED_REQUEST, message!(text, "outside-unknown-host"));
    }
    next.run(request).await
}
