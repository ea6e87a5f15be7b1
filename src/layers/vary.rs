//! Says that pages depend on `Accept-Language`, if they do: caches between shop and browser keep
//! them apart then. As long as all pages are in one language, nothing needs to be kept apart.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::AppState;

/// Adds `Vary: Accept-Language` where the language of the visitor decides.
pub async fn vary(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if state.pages_differ_by_language() {
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Language"));
    }
    response
}
