//! Gives each request an id, counts it, and logs what broke, once. It logs the
//! method and the path without long numbers, never the query, a header or a body.

use std::{any::Any, panic::AssertUnwindSafe};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::Response,
};
use futures::FutureExt;
use text::Text;
use tracing::Instrument;
use web::server::RequestTrace;

use super::refuse;
use crate::AppState;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Outside of it are only the headers, which even a panic is answered with.
pub async fn trace(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = state.entropy.bits().map_or_else(|_| "none".into(), |bits| format!("{bits:032x}"));
    let id = id.get(..16).unwrap_or(&id).to_owned();
    let trace = RequestTrace::new(&id);
    request.extensions_mut().insert(trace.clone());
    let method = request.method().clone();
    let path = without_numbers(request.uri().path());
    let span = tracing::info_span!("request", %id);
    let started = state.shop.clock().now();

    let answered = AssertUnwindSafe(next.run(request).instrument(span)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|panic| after_panic(&trace, panic.as_ref()));

    for fault in trace.take_faults() {
        tracing::error!(request = %id, ?fault, "a fault");
    }
    let status = response.status();
    let millis = state.shop.clock().now().since(started).as_millis();
    tracing::debug!(request = %id, %method, ?path, status = status.as_u16(), millis, "answered");
    state.metrics.count_request(status);
    for refusal in trace.take_refusals() {
        state.metrics.count_refusal(refusal);
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The path with every long number left out: it may be somebody's phone.
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

/// A panic is a fault of ours: one line in the log, one reference for the visitor.
fn after_panic(trace: &RequestTrace, panic: &(dyn Any + Send)) -> Response {
    let words = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no words");
    tracing::error!(request = %trace.id, panic = ?words, "a panic");
    let mut response = refuse(StatusCode::INTERNAL_SERVER_ERROR, "");
    *response.body_mut() = Text::default().fault(&trace.id).into();
    response
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
