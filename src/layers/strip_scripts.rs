//! Takes the scripts off pages that have no use for them.
//!
//! After the end of every page leptos writes two scripts, which hand data to
//! islands. Without islands nobody reads them, and the policy of such a page lets
//! no script run, so browsers would complain of each.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::refuse;

const END: &[u8] = b"</html>";

/// Ends a page without living parts where its document ends.
pub async fn strip_scripts(request: Request, next: Next) -> Response {
    let has_islands = pages::has_islands(request.uri().path());
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if has_islands || !is_page {
        return response;
    }
    let (parts, body) = response.into_parts();
    // Such a page is in memory as a whole before its first byte is sent.
    match to_bytes(body, usize::MAX).await {
        Ok(page) => Response::from_parts(parts, Body::from(document(&page))),
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "The page could not be made."),
    }
}

/// The page up to the end of its document.
fn document(page: &Bytes) -> Bytes {
    let end = page.windows(END.len()).rposition(|window| window == END);
    end.map_or_else(|| page.clone(), |start| page.slice(..start + END.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_document_is_left_out() {
        let page = Bytes::from_static(b"<html>&lt;/html&gt;</html><script>a</script>");
        assert_eq!(document(&page), "<html>&lt;/html&gt;</html>");
        assert_eq!(document(&Bytes::from_static(b"no document")), "no document");
    }
}
