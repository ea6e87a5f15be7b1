//! The time in which every request is answered. Whatever is stuck below, a visitor is told.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use tokio::time;
use web::server::RequestTrace;

use super::{auth::requested_language, refuse};
use crate::AppState;

/// How long a page may take.
const PAGE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a form may take. It may wait for the payment gateway, which has ten seconds.
const FORM_TIMEOUT: Duration = Duration::from_secs(30);
/// After how many seconds it makes sense to try again.
const RETRY_AFTER_SECONDS: u32 = 5;

/// Answers in place of a page or form that takes too long. The reference leads to the log.
pub async fn deadline(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let limit = if request.method().is_safe() { PAGE_TIMEOUT } else { FORM_TIMEOUT };
    let language = requested_language(request.headers());
    let trace = request.extensions().get::<RequestTrace>().cloned();
    if let Ok(response) = time::timeout(limit, next.run(request)).await {
        return response;
    }
    let reference = trace.as_ref().map_or("unknown", |trace| &trace.id);
    if let Some(trace) = &trace {
        trace.note_line(format!("the request was not answered within {} s", limit.as_secs()));
    }
    let words = state.text(language).fault(reference);
    let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, words);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
    response
}
