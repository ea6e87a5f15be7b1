//! No error comes without words: an answer with an error status and an empty body gets a sentence
//! and, if it is a fault of ours, the reference under which the log has it. Such answers come from
//! libraries, for example when a session cannot be saved because the disk is full.

use axum::{
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use text::message;
use web::server::RequestTrace;

use super::{auth::requested_language, refuse};
use crate::AppState;

/// Headers that speak of the body which is replaced, or of what did not happen.
const OF_THE_BODY: [header::HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::ETAG,
    header::LOCATION,
    header::CACHE_CONTROL,
];

/// Gives words to errors without any.
pub async fn error_words(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_head = request.method() == Method::HEAD;
    let wants_page = accepts_html(request.headers());
    let language = requested_language(request.headers());
    let trace = request.extensions().get::<RequestTrace>().cloned();
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_server_error() || (status.is_client_error() && wants_page);
    if is_head || !is_error || response.body().size_hint().exact() != Some(0) {
        return response;
    }
    let text = state.text(language);
    let words = match status {
        StatusCode::NOT_FOUND => message!(text, "outside-no-file"),
        _ if status.is_client_error() => message!(text, "outside-not-answered"),
        _ => {
            let reference = trace.as_ref().map_or("unknown", |trace| &trace.id);
            if let Some(trace) = &trace {
                trace.note_line(format!("{status} without words"));
            }
            text.fault(reference)
        }
    };
    with_words(response, words)
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The response with these words, and with its other headers.
fn with_words(response: Response, words: String) -> Response {
    let (mut parts, _): (_, Body) = response.into_parts();
    for name in OF_THE_BODY {
        parts.headers.remove(name);
    }
    let mut answer = refuse(parts.status, words);
    answer.headers_mut().extend(parts.headers);
    answer
}
