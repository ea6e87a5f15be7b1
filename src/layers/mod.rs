//! What every request passes, outside in: headers, trace, host and client,
//! origin, page cache, body, session, visitor, scripts.

pub mod body;
pub mod busy;
pub mod cache;
pub mod client;
pub mod headers;
pub mod host;
pub mod origin;
pub mod session_store;
pub mod still;
pub mod trace;
pub mod visitor;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// A refusal made before any page is reached, in one plain sentence.
pub(crate) fn refuse(status: StatusCode, words: &'static str) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, kind, words).into_response()
}
