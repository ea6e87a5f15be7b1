//! What every request passes, outside in: headers, trace, host and client,
//! origin, page cache, body, session, visitor, scripts.

pub mod auth;
pub mod client_ip;
pub mod headers;
pub mod host;
pub mod limit_body;
pub mod origin;
pub mod overload_page;
pub mod page_cache;
pub mod session_store;
pub mod strip_scripts;
pub mod trace;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// A refusal made before any page is reached, in one plain sentence.
pub(crate) fn refuse(status: StatusCode, words: &'static str) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, kind, words).into_response()
}
