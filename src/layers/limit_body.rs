//! Limits the size of a body and the time that it takes, and checks that forms are forms,
//! before a handler sees them. Every form of the shop fits into a few KiB.

use std::{collections::HashSet, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use web::routes;

use super::refuse;

/// The size that a form may have.
const MAX_FORM_BYTES: usize = 16 * 1024;
/// The size that a request to the simulator's API may have.
const MAX_SIMULATOR_BYTES: usize = 4 * 1024;
/// How long sending a body may take.
const BODY_READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the whole body of a form within its limits, and passes it on.
pub async fn limit_body(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let limit = if request.uri().path().starts_with(routes::simulator::API_PREFIX) {
        MAX_SIMULATOR_BYTES
    } else {
        MAX_FORM_BYTES
    };
    let (parts, body) = request.into_parts();
    let is_call = parts.uri.path().starts_with(routes::api::PREFIX);
    match read(&parts.headers, body, limit).await {
        Ok(bytes) if is_call && !is_form(&parts.headers, &bytes) => {
            refuse(StatusCode::BAD_REQUEST, "That is not one of our forms.")
        }
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(answer) => answer,
    }
}

/// Reads a body of at most `limit` bytes. If `Content-Length` says that it is larger,
/// nothing is read.
pub async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Response> {
    let declared = headers.get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|bytes| bytes > limit) {
        return Err(too_large());
    }
    match tokio::time::timeout(BODY_READ_TIMEOUT, to_bytes(body, limit)).await {
        Ok(read) => read.map_err(|_| too_large()),
        Err(_) => Err(refuse(StatusCode::REQUEST_TIMEOUT, "That took too long to arrive.")),
    }
}

/// Whether the body is a form as our pages send it: plain names, each once, values of text.
fn is_form(headers: &HeaderMap, body: &[u8]) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_declared = kind.is_none_or(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let mut names = HashSet::new();
    is_declared
        && form_urlencoded::parse(body).all(|(name, value)| {
            // Bytes that are no UTF-8 were decoded as U+FFFD. PostgreSQL refuses NUL.
            let is_text = !value.contains(['\u{fffd}', '\0']);
            name.bytes().all(is_name) && is_text && names.insert(name)
        })
}

fn too_large() -> Response {
    refuse(StatusCode::PAYLOAD_TOO_LARGE, "That is more than is ever needed here.")
}
