//! The cache of home, catalogue and product pages, for visitors without a session.
//!
//! Such a page is the same for all visitors. It is rendered from a sanitised request, which
//! has nothing of the visitor's but address, host and encoding, so a cached page cannot
//! contain personal data. It is stored compressed, and rendered once for parallel requests. Its
//! validator (`ETag`) is made once, too; a browser that has the page gets a 304.
//!
//! Pages are kept until the catalogue changes. A change by this process shows in the next
//! response, and a change by another process after [`CACHE_TTL`]. A browser with a session never
//! gets a cached page, and one with a flash message does not until it was shown. Signed-in
//! visitors and visitors with a cart have a session.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use text::{PageLanguage, Text, message};
use tokio::sync::OnceCell;
use web::server;

use super::{auth::requested_language, etag, refuse};
use crate::AppState;

/// How long a page is kept if this process changes nothing.
const CACHE_TTL: Duration = Duration::from_secs(1);
/// How many pages are kept at the same time.
const MAX_CACHED_PAGES: usize = 256;
/// The size that a page may have; ours have a few ten thousand bytes.
const MAX_PAGE_BYTES: usize = 512 * 1024;

/// The pages that were rendered from the current state of the catalogue.
#[derive(Default)]
pub struct PageCache(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    validity: Validity,
    entries: HashMap<Key, Arc<OnceCell<Page>>>,
}

/// Until when a page is valid: until either number changes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Validity {
    /// The version of the catalogue in this process.
    catalogue_version: u64,
    /// The number of the current span of [`CACHE_TTL`].
    span: i64,
}

/// What a page is rendered from, besides the catalogue.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    address: String,
    encoding: &'static str,
    language: PageLanguage,
}

/// A page as it goes out.
#[derive(Clone)]
struct Page {
    headers: HeaderMap,
    etag: HeaderValue,
    body: Bytes,
}

/// Answers requests for public pages from the cache.
pub async fn serve_cached(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(key) = Key::of(&state, &request) else { return next.run(request).await };
    // Read before the page is rendered: a change meanwhile ends its validity.
    let validity = Validity::now(&state);
    let Some(entry) = state.cache.entry(validity, &key) else { return next.run(request).await };
    let method = request.method().clone();
    let asked = request.headers().clone();
    let text = state.text_for(&asked);
    match entry.get_or_try_init(|| render(&key, &text, request, next)).await {
        Ok(page) => page.respond(&method, &asked),
        Err(other) => other,
    }
}

/// Renders a page from a sanitised request. A response other than 200, or one that sets a
/// cookie, is an error here: it is returned to this visitor and not cached.
async fn render(key: &Key, text: &Text, request: Request, next: Next) -> Result<Page, Response> {
    let unreadable =
        || refuse(StatusCode::INTERNAL_SERVER_ERROR, message!(text, "outside-page-failed"));

    let (mut parts, _) = request.into_parts();
    parts.uri = key.address.parse().map_err(|_| unreadable())?;
    let host = parts.headers.remove(header::HOST);
    parts.method = Method::GET;
    // Every visitor with the page language of the key asks for this or for one that is the same.
    let language = HeaderValue::from_static(requested_language(&parts.headers).as_str());
    parts.headers.clear();
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
    parts.headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(key.encoding));
    parts.headers.insert(header::ACCEPT_LANGUAGE, language);
    if let Some(host) = host {
        parts.headers.insert(header::HOST, host);
    }
    let response = next.run(Request::from_parts(parts, Body::empty())).await;
    if response.status() != StatusCode::OK || response.headers().contains_key(header::SET_COOKIE) {
        return Err(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MAX_PAGE_BYTES).await.map_err(|_| unreadable())?;
    Ok(Page { headers: parts.headers, etag: etag::of(&body), body })
}

impl Page {
    /// The page, or a 304 if the browser has it already.
    fn respond(&self, method: &Method, asked: &HeaderMap) -> Response {
        let is_known = etag::is_known(asked, &self.etag);
        let body =
            if is_known || method == Method::HEAD { Bytes::new() } else { self.body.clone() };
        let mut response = Response::new(Body::from(body));
        let headers = response.headers_mut();
        headers.clone_from(&self.headers);
        headers.insert(header::ETAG, self.etag.clone());
        if is_known {
            // What describes the body is not sent without it (RFC 9110, 15.4.5).
            for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LENGTH] {
                headers.remove(name);
            }
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        }
        response
    }
}

impl PageCache {
    /// The entry of a page; `None` if the cache is full.
    fn entry(&self, validity: Validity, key: &Key) -> Option<Arc<OnceCell<Page>>> {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.validity != validity {
            *pages = Pages { validity, entries: HashMap::new() };
        }
        if let Some(entry) = pages.entries.get(key) {
            return Some(Arc::clone(entry));
        }
        let has_room = pages.entries.len() < MAX_CACHED_PAGES;
        has_room.then(|| Arc::clone(pages.entries.entry(key.clone()).or_default()))
    }

    /// How many pages are kept.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entries.len()
    }
}

impl Validity {
    fn now(state: &AppState) -> Self {
        let ttl = i64::try_from(CACHE_TTL.as_millis()).unwrap_or(i64::MAX);
        Self {
            catalogue_version: state.shop.catalogue().version(),
            span: state.shop.clock().now().as_millis().div_euclid(ttl),
        }
    }
}

impl Key {
    /// `None` if this visitor or this page gets nothing from the cache. Under `make watch`
    /// a page has a script of its own that reloads it.
    fn of(state: &AppState, request: &Request) -> Option<Self> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) || state.site.is_watched {
            return None;
        }
        let address = pages::public_address(request.uri())?;
        let cookies = state.site.cookies();
        let is_personal = [cookies.session(), cookies.flash()]
            .into_iter()
            .any(|name| server::cookie_of(request.headers(), name).is_some());
        (!is_personal).then(|| Self {
            address,
            encoding: encoding(request.headers()),
            language: (state.page_language)(requested_language(request.headers())),
        })
    }
}

/// The smaller of the server's encodings that the browser takes (RFC 9110, 12.5.3). Of the
/// weights only zero counts, because every browser that takes both is content with either.
fn encoding(headers: &HeaderMap) -> &'static str {
    let takes = |encoding: &str| {
        let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
        lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).any(|choice| {
            let (name, weight) = choice.split_once(';').unwrap_or((choice, "q=1"));
            let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok());
            name.trim().eq_ignore_ascii_case(encoding) && weight.unwrap_or(0.0_f32) > 0.0
        })
    };
    ["br", "gzip"].into_iter().find(|encoding| takes(encoding)).unwrap_or("identity")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_accepted_encoding_is_sent() {
        for (said, chosen) in [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip;q=1.0, BR;q=0.5", "br"),
            ("br;q=0, gzip", "gzip"),
            ("deflate", "identity"),
            ("br;q=x", "identity"),
            ("", "identity"),
        ] {
            let line = (header::ACCEPT_ENCODING, HeaderValue::from_static(said));
            assert_eq!(encoding(&HeaderMap::from_iter([line])), chosen, "{said}");
        }
    }
}
