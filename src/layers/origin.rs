//! Protection against cross-site request forgery: refuses every change that another site
//! asked for, before its body is read.
//!
//! Browsers send the origin of a request in `Sec-Fetch-Site` and `Origin`. Together with
//! `SameSite=Lax` cookies that needs no token, and works for plain forms and islands.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use shop::audit::Event;
use text::message;
use web::routes;

use super::refuse;
use crate::{AppState, site::Site};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets reads pass, and changes only if they come from our own pages.
pub async fn origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let may_pass = is_read
        || is_ours(&state.site, request.headers())
        || is_test_harness(&state.site, &request);
    if !may_pass {
        state.shop.audit().note(Event::ForeignRequest, None, "");
        let text = state.text_for(request.headers());
        return refuse(StatusCode::FORBIDDEN, message!(text, "outside-foreign"));
    }
    next.run(request).await
}

/// Programs call the simulator's JSON API without either header. A request that has one comes
/// from a browser, and is checked. The API exists in the demo only, changes nothing but the
/// simulator, and reads no cookie.
fn is_test_harness(site: &Site, request: &Request) -> bool {
    let says_something =
        [FETCH_SITE, header::ORIGIN].iter().any(|name| request.headers().contains_key(name));
    !site.is_production
        && !says_something
        && request.uri().path().starts_with(routes::simulator::API_PREFIX)
}

/// Each of the two headers that is there must name our origin, and one must be there.
fn is_ours(site: &Site, headers: &HeaderMap) -> bool {
    let said = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("null"));
    let site_is_ours = said(FETCH_SITE).map(|value| matches!(value, "same-origin" | "none"));
    let origin_is_ours = said(header::ORIGIN).map(|value| is_our_origin(site, headers, value));
    match (site_is_ours, origin_is_ours) {
        (None, None) => false,
        (one, other) => one.unwrap_or(true) && other.unwrap_or(true),
    }
}

fn is_our_origin(site: &Site, headers: &HeaderMap, origin: &str) -> bool {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    // The demo accepts every name of its machine.
    let is_same_host = !site.is_production
        && host.is_some()
        && origin.split_once("://").map(|(_, authority)| authority) == host;
    origin == site.origin() || is_same_host
}
