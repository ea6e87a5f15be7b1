//! Gives each request an id, measures it, and logs each fault once. It logs the method and
//! the path without long numbers, never the query, a header or a body.

use std::{any::Any, panic::AssertUnwindSafe};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::Response,
};
use futures::FutureExt;
use text::Text;
use tokio::time::Instant;
use tracing::Instrument;
use web::{routes, server::RequestTrace};

use super::{auth::requested_language, refuse};
use crate::{AppState, jobs::supervisor::panic_message, metrics};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The layer. Only the layer of the headers is outside of it, so that even the response to
/// a panic has them.
pub async fn trace(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = state.entropy.bits().map_or_else(|_| "none".into(), |bits| format!("{bits:032x}"));
    let id = id.get(..16).unwrap_or(&id).to_owned();
    let trace = RequestTrace::new(&id);
    request.extensions_mut().insert(trace.clone());
    let language = requested_language(request.headers());
    let method = request.method().clone();
    let path = without_numbers(request.uri().path());
    let route = route(&request);
    let span = tracing::info_span!("request", %id);
    let started = Instant::now();

    let answered = AssertUnwindSafe(next.run(request).instrument(span)).catch_unwind().await;
    let mut response =
        answered.unwrap_or_else(|panic| after_panic(&trace, &state.text(language), panic.as_ref()));

    for fault in trace.take_faults() {
        tracing::error!(event = "request.failed", request_id = %id, error = %fault, "internal error");
    }
    let (status, duration) = (response.status(), started.elapsed());
    tracing::debug!(
        event = "request.answered",
        request_id = %id,
        %method,
        ?path,
        status = status.as_u16(),
        millis = duration.as_millis(),
        "request answered"
    );
    metrics::record_request(&method, &route, status, duration);
    trace.take_refusals().into_iter().for_each(metrics::count_refusal);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The route as a label of metrics: the pattern of the router, the folder of a file, or
/// `none` for a path that the router does not know.
fn route(request: &Request) -> String {
    use routes::files::{FONTS_PREFIX, ICONS_PREFIX, IMAGES_PREFIX, PKG_PREFIX};
    let path = request.uri().path();
    let folders = [PKG_PREFIX, FONTS_PREFIX, IMAGES_PREFIX, ICONS_PREFIX];
    let folder = || folders.into_iter().find(|folder| path.starts_with(folder));
    match request.extensions().get::<MatchedPath>() {
        Some(pattern) => pattern.as_str().to_owned(),
        None => folder().unwrap_or("none").to_owned(),
    }
}

/// The path without long numbers, which may be phone numbers.
fn without_numbers(path: &str) -> String {
    let parts = path.split_inclusive(|letter: char| !letter.is_ascii_digit());
    let kept = parts.map(|part| {
        let digits = part.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        match digits.len() {
            0..=5 => part.to_owned(),
            long => format!("…{}", part.get(long..).unwrap_or_default()),
        }
    });
    kept.collect()
}

/// Logs a panic once, and gives the visitor its reference.
fn after_panic(trace: &RequestTrace, text: &Text, panic: &(dyn Any + Send)) -> Response {
    tracing::error!(
        event = "request.panicked",
        request_id = %trace.id,
        error = ?panic_message(panic),
        "a request panicked"
    );
    refuse(StatusCode::INTERNAL_SERVER_ERROR, text.fault(&trace.id))
}

#[cfg(test)]
mod tests {
    use super::without_numbers;

    #[test]
    fn x114_a_path_is_logged_without_phone_numbers() {
        assert_eq!(without_numbers("/simulator/%2B447700900300/events"), "/simulator/%2B…/events");
        assert_eq!(without_numbers("/simulator/+447700900300"), "/simulator/+…");
        assert_eq!(without_numbers("/products/mug-2"), "/products/mug-2");
        assert_eq!(without_numbers("/"), "/");
    }
}
