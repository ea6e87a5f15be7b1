//! Answers 404 for names that no file of the shop has, before the file system is asked: it would
//! refuse some of them with an error, and an error is neither the visitor's nor the operator's.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::Response,
};
use text::message;

use super::refuse;
use crate::AppState;

/// The longest address of a file. Ours have less than a hundred bytes, and file systems take 255
/// for one name.
const MAX_FILE_PATH_BYTES: usize = 200;

/// Lets requests pass whose path could be that of a file. What is not found has a sentence.
pub async fn file_names(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let text = state.text_for(request.headers());
    if is_file_path(request.uri().path()) {
        let response = next.run(request).await;
        if response.status() != StatusCode::NOT_FOUND {
            return response;
        }
    }
    refuse(StatusCode::NOT_FOUND, message!(text, "outside-no-file"))
}

/// Whether all characters are such as the build gives to its files, with no encoded ones.
fn is_file_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    path.len() <= MAX_FILE_PATH_BYTES && path.bytes().all(is_plain)
}
