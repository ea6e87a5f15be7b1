//! Limits the size of a body and the time that it takes, and checks that forms are forms,
//! before a handler sees them. Every form of the shop fits into a few KiB.

use std::{collections::HashSet, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use text::{Text, message};
use web::{
    routes,
    server::{PAGE_FIELD, PageOfForm},
};

use super::refuse;
use crate::AppState;

/// The size that a form may have.
const MAX_FORM_BYTES: usize = 16 * 1024;
/// The size that a request to the simulator's API may have.
const MAX_SIMULATOR_BYTES: usize = 4 * 1024;
/// How long sending a body may take.
const BODY_READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It is longer than the limit.
    TooLarge,
    /// It took too long to arrive.
    TooSlow,
}

impl BodyError {
    /// The response that says so.
    pub fn refuse(self, text: &Text) -> Response {
        match self {
            Self::TooLarge => {
                refuse(StatusCode::PAYLOAD_TOO_LARGE, message!(text, "outside-too-large"))
            }
            Self::TooSlow => {
                refuse(StatusCode::REQUEST_TIMEOUT, message!(text, "outside-too-slow"))
            }
        }
    }
}

/// Reads the whole body of a form within its limits, and passes it on.
pub async fn limit_body(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let limit = if request.uri().path().starts_with(routes::simulator::API_PREFIX) {
        MAX_SIMULATOR_BYTES
    } else {
        MAX_FORM_BYTES
    };
    let (mut parts, body) = request.into_parts();
    let is_call = parts.uri.path().starts_with(routes::api::PREFIX);
    match read(&parts.headers, body, limit).await {
        Ok(bytes) if is_call && !is_form(&parts.headers, &bytes) => {
            let text = state.text_for(&parts.headers);
            refuse(StatusCode::BAD_REQUEST, message!(text, "outside-not-a-form"))
        }
        Ok(bytes) => {
            if let Some(page) = page_of_form(&bytes).filter(|_| is_call) {
                parts.extensions.insert(page);
            }
            next.run(Request::from_parts(parts, Body::from(bytes))).await
        }
        Err(error) => error.refuse(&state.text_for(&parts.headers)),
    }
}

/// Reads a body of at most `limit` bytes. If `Content-Length` says that it is larger,
/// nothing is read.
async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, BodyError> {
    let declared = headers.get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|bytes| bytes > limit) {
        return Err(BodyError::TooLarge);
    }
    match tokio::time::timeout(BODY_READ_TIMEOUT, to_bytes(body, limit)).await {
        Ok(read) => read.map_err(|_| BodyError::TooLarge),
        Err(_) => Err(BodyError::TooSlow),
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

/// The page that a form says it stands on.
fn page_of_form(body: &[u8]) -> Option<PageOfForm> {
    let page = form_urlencoded::parse(body).find(|(name, _)| name == PAGE_FIELD)?.1;
    Some(PageOfForm(page.into_owned()))
}
