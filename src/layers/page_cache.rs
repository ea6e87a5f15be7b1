//! Home, catalogue and product pages, kept for visitors without a session.
//!
//! Such a page is the same for everybody, and it is made for nobody: the request
//! it is made from has an address and an encoding, and nothing else of the one who
//! asked. So nothing of a person can get into a page that others are shown. It is
//! kept as it goes out, compressed, and made once however many ask at the same
//! time.
//!
//! It is kept until the catalogue changes: what this process changes is seen by
//! the next request, what another process changes within [`LIFE`]. A browser
//! with a session, and that is everybody who signed in, put something into a
//! basket or is to be told something, always gets a page of its own.

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
use tokio::sync::OnceCell;
use web::server;

use super::refuse;
use crate::AppState;

/// How long a page is kept if this process changes nothing.
const LIFE: Duration = Duration::from_secs(1);
/// The most pages kept at the same time.
const MOST: usize = 256;
/// The most bytes of a page; ours have a few ten thousand.
const LARGEST: usize = 512 * 1024;

/// The pages of the current edition.
#[derive(Default)]
pub struct PageCache(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    edition: Edition,
    places: HashMap<Key, Arc<OnceCell<Page>>>,
}

/// Pages of one edition were made of the same catalogue.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Edition {
    version: u64,
    life: i64,
}

/// What a page is made of, besides the catalogue.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    address: String,
    encoding: &'static str,
}

/// A page as it goes out.
#[derive(Clone)]
struct Page {
    headers: HeaderMap,
    body: Bytes,
}

/// Answers from the cache what may be answered from it.
pub async fn serve_cached(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(key) = Key::of(&state, &request) else { return next.run(request).await };
    // Before the page is made: a change meanwhile makes it one of a past edition.
    let edition = Edition::now(&state);
    let Some(place) = state.cache.place(edition, &key) else { return next.run(request).await };
    match place.get_or_try_init(|| make(&key, request, next)).await {
        Ok(page) => page.clone().into(),
        Err(other) => other,
    }
}

/// Makes a page for nobody. What is no page to keep is only answered.
async fn make(key: &Key, request: Request, next: Next) -> Result<Page, Response> {
    let (mut parts, _) = request.into_parts();
    parts.uri = key.address.parse().map_err(|_| unreadable())?;
    let host = parts.headers.remove(header::HOST);
    parts.headers.clear();
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
    parts.headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(key.encoding));
    if let Some(host) = host {
        parts.headers.insert(header::HOST, host);
    }
    let response = next.run(Request::from_parts(parts, Body::empty())).await;
    if response.status() != StatusCode::OK || response.headers().contains_key(header::SET_COOKIE) {
        return Err(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, LARGEST).await.map_err(|_| unreadable())?;
    Ok(Page { headers: parts.headers, body })
}

fn unreadable() -> Response {
    refuse(StatusCode::INTERNAL_SERVER_ERROR, "The page could not be made.")
}

impl PageCache {
    /// The place of a page; `None` if no more are kept.
    fn place(&self, edition: Edition, key: &Key) -> Option<Arc<OnceCell<Page>>> {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.edition != edition {
            *pages = Pages { edition, places: HashMap::new() };
        }
        if let Some(place) = pages.places.get(key) {
            return Some(Arc::clone(place));
        }
        let is_room = pages.places.len() < MOST;
        is_room.then(|| Arc::clone(pages.places.entry(key.clone()).or_default()))
    }

    /// How many pages are kept.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).places.len()
    }
}

impl Edition {
    fn now(state: &AppState) -> Self {
        let life = i64::try_from(LIFE.as_millis()).unwrap_or(i64::MAX);
        Self {
            version: state.shop.catalogue().version(),
            life: state.shop.clock().now().as_millis().div_euclid(life),
        }
    }
}

impl Key {
    /// `None` if this visitor or this page is to have nothing from the cache. A
    /// watched page reloads itself by a script, which is never the same.
    fn of(state: &AppState, request: &Request) -> Option<Self> {
        if request.method() != Method::GET || state.site.is_watched {
            return None;
        }
        let address = pages::public_address(request.uri())?;
        let session = state.site.cookies().session();
        let has_session = server::cookie_of(request.headers(), session).is_some();
        (!has_session).then(|| Self { address, encoding: encoding(request.headers()) })
    }
}

/// The best encoding that the browser takes, of those the server has (RFC 9110,
/// 12.5.3). A weight other than zero says nothing here: both are for everybody.
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

impl From<Page> for Response {
    fn from(page: Page) -> Self {
        let mut response = Self::new(Body::from(page.body));
        *response.headers_mut() = page.headers;
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_encoding_that_is_taken_is_sent() {
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
