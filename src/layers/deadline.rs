//! The time in which every request is answered. Whatever is stuck below, a visitor is told.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use tokio::time;
use web::{routes, server::RequestTrace};

use super::{auth::requested_language, refuse};
use crate::AppState;

/// How long a page may take.
const PAGE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a form may take, and the page to which the payment gateway leads back. They may wait
/// for the gateway, which has ten seconds.
const FORM_TIMEOUT: Duration = Duration::from_secs(30);
/// After how many seconds it makes sense to try again.
const RETRY_AFTER_SECONDS: u32 = 5;

/// Answers in place of a page or form that takes too long. The reference leads to the log.
pub async fn deadline(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let limit = limit_of(request.method(), request.uri().path());
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

fn limit_of(method: &Method, path: &str) -> Duration {
    let asks_gateway = path.starts_with(routes::CHECKOUT_RETURN_PREFIX);
    if method.is_safe() && !asks_gateway { PAGE_TIMEOUT } else { FORM_TIMEOUT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_the_payment_gateway_has_more_time_than_a_page() {
        for (method, path, limit) in [
            (Method::GET, "/", PAGE_TIMEOUT),
            (Method::HEAD, "/products/sunday-mug", PAGE_TIMEOUT),
            (Method::GET, "/checkout/confirm", PAGE_TIMEOUT),
            (Method::GET, "/account", PAGE_TIMEOUT),
            (Method::GET, "/checkout/return/0123456789abcdef", FORM_TIMEOUT),
            (Method::POST, "/api/login", FORM_TIMEOUT),
            (Method::POST, "/api/checkout/confirm", FORM_TIMEOUT),
            (Method::DELETE, "/", FORM_TIMEOUT),
        ] {
            assert_eq!(limit_of(&method, path), limit, "{method} {path}");
        }
    }
}
