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
use crate::{AppState, authority::Authority, site::Site};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets reads pass, and changes only if they come from our own pages.
pub async fn origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let may_pass =
        is_read || is_ours(&state.site, &request) || is_test_harness(&state.site, &request);
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

/// `Sec-Fetch-Site` decides where it is there: only a browser sets it, no page and no proxy can
/// forge it, and it says the truth where `Origin` is `null` for reasons of privacy, such as under
/// a `Referrer-Policy` that a proxy added. Without it, `Origin` decides. A request with neither is
/// refused, and so is one with either header twice.
fn is_ours(site: &Site, request: &Request) -> bool {
    let headers = request.headers();
    match (only(headers, FETCH_SITE), only(headers, header::ORIGIN)) {
        (Some(value), _) => matches!(value, "same-origin" | "none"),
        (None, Some(origin)) => is_our_origin(site, request, origin),
        (None, None) => false,
    }
}

/// The value of a header that must not occur twice. A value that cannot be read is empty, which
/// names no site.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().unwrap_or_default();
    Some(if values.next().is_none() { first } else { "" })
}

fn is_our_origin(site: &Site, request: &Request, origin: &str) -> bool {
    let Some((authority, scheme)) = Authority::of_origin(origin) else { return false };
    let asked = Authority::of_request(request.version(), request.uri(), request.headers(), &scheme);
    // The demo accepts every name of its machine.
    let is_same_host = !site.is_production && asked.as_ref() == Some(&authority);
    is_same_host || (scheme == site.scheme() && site.authority() == Some(authority))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site_files;

    /// Whether a change with these headers is taken by a shop in production at
    /// `https://shop.example`.
    fn is_taken(sent: &[(&str, &str)]) -> bool {
        let site = Site {
            time_zone: text::Zone::UTC,
            options: site_files::options("", 3001),
            stylesheet: String::new(),
            public_url: "https://shop.example".parse().unwrap(),
            trusted_proxies: Vec::new(),
            is_production: true,
            shared_files: None,
            is_watched: false,
            message_prices: Vec::new(),
        };
        let mut request = Request::post("/api/login").header(header::HOST, "shop.example");
        for (name, value) in sent {
            request = request.header(*name, *value);
        }
        is_ours(&site, &request.body(axum::body::Body::empty()).unwrap())
    }

    #[test]
    fn x100_sec_fetch_site_decides_where_it_is_and_origin_elsewhere() {
        const SITE: &str = "sec-fetch-site";
        const ORIGIN: &str = "origin";
        for (sent, expected) in [
            (&[(SITE, "same-origin")][..], true),
            (&[(SITE, "none")], true),
            (&[(SITE, "same-origin"), (ORIGIN, "null")], true),
            (&[(SITE, "same-origin"), (ORIGIN, "https://shop.example")], true),
            // A proxy in front may change the scheme or the port that the shop knows.
            (&[(SITE, "same-origin"), (ORIGIN, "http://shop.example:8080")], true),
            (&[(SITE, "none"), (ORIGIN, "null")], true),
            (&[(ORIGIN, "https://shop.example")], true),
            (&[(ORIGIN, "https://SHOP.example:443")], true),
            (&[(SITE, "cross-site"), (ORIGIN, "https://shop.example")], false),
            (&[(SITE, "same-site"), (ORIGIN, "https://shop.example")], false),
            (&[(SITE, "cross-site"), (ORIGIN, "null")], false),
            (&[(SITE, "cross-site"), (ORIGIN, "https://evil.example")], false),
            (&[(SITE, ""), (ORIGIN, "https://shop.example")], false),
            (&[(SITE, "same-origin, cross-site")], false),
            (&[(SITE, "same-origin"), (SITE, "cross-site")], false),
            (&[(ORIGIN, "https://shop.example"), (ORIGIN, "https://evil.example")], false),
            (&[(ORIGIN, "null")], false),
            (&[(ORIGIN, "http://shop.example")], false),
            (&[(ORIGIN, "https://shop.example.evil.example")], false),
            (&[(ORIGIN, "")], false),
            (&[], false),
        ] {
            assert_eq!(is_taken(sent), expected, "{sent:?}");
        }
    }
}
