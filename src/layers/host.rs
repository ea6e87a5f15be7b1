//! In production, refuses requests for another authority than that of the public address, so
//! that no other name gets into a link, a cache or a cookie. `X-Forwarded-Host` is never
//! read.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::Response,
};
use text::message;

use super::refuse;
use crate::{AppState, authority::Authority};

/// Refuses requests for other hosts.
pub async fn host(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let ours = state.site.authority();
    let scheme = state.site.scheme();
    let asked = Authority::of_request(request.version(), request.uri(), request.headers(), scheme);
    if state.site.is_production && (asked.is_none() || asked != ours) {
        let text = state.text_for(request.headers());
        return refuse(StatusCode::MISDIRECTED_REQUEST, message!(text, "outside-unknown-host"));
    }
    next.run(request).await
}
