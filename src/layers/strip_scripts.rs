//! Strips the two `<script>` tags that Leptos appends after `</html>` from pages without
//! islands. They hand data to islands; the policy of those pages is `script-src 'none'`, and
//! browsers would log a violation for each.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};

use text::message;

use super::{auth::requested_language, refuse};
use crate::AppState;

const DOCUMENT_END: &[u8] = b"</html>";

/// Cuts a page without islands at the end of its document.
pub async fn strip_scripts(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let language = requested_language(request.headers());
    let has_islands = pages::has_islands(request.uri().path());
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if has_islands || !is_page {
        return response;
    }
    let (parts, body) = response.into_parts();
    // Leptos renders such a page as a whole before it sends the first byte.
    match to_bytes(body, usize::MAX).await {
        Ok(page) => Response::from_parts(parts, Body::from(document(&page))),
        Err(_) => refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            message!(state.text(language), "outside-page-failed"),
        ),
    }
}

/// The page up to the end of its document.
fn document(page: &Bytes) -> Bytes {
    let end = page.windows(DOCUMENT_END.len()).rposition(|window| window == DOCUMENT_END);
    end.map_or_else(|| page.clone(), |start| page.slice(..start + DOCUMENT_END.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_after_the_document_are_removed() {
        let page = Bytes::from_static(b"<html>&lt;/html&gt;</html><script>a</script>");
        assert_eq!(document(&page), "<html>&lt;/html&gt;</html>");
        assert_eq!(document(&Bytes::from_static(b"no document")), "no document");
    }
}
