//! The middleware, in the order in which a request passes it: headers, trace, words of errors,
//! draining, host, client's address, origin, deadline, cookies, page cache, language, body limit, session, authentication, overload,
//! scripts.

pub mod auth;
pub mod client_ip;
pub mod cookies;
pub mod deadline;
pub mod drain;
pub mod error_words;
mod etag;
pub mod file_names;
pub mod headers;
pub mod host;
pub mod limit_body;
pub mod origin;
pub mod overload_page;
pub mod page_cache;
pub mod session_store;
pub mod strip_scripts;
pub mod trace;
pub mod vary;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// A response of one sentence of plain text, for requests that reach no page. People get the
/// sentence in their language (`AppState::text_for`). Programs get an English one: providers,
/// the scripts of pages, tests.
pub(crate) fn refuse(status: StatusCode, sentence: impl Into<String>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, kind, sentence.into()).into_response()
}
