//! The security headers of every response, and `Cache-Control` where the handler sets none.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use leptos::nonce::Nonce;
use web::routes;

use crate::{AppState, site::Site};

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The part of the content security policy that all pages share, up to where forms may lead.
macro_rules! policy {
    () => {
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    };
}

/// The outermost layer. Adds the headers, and makes the nonce of the page's scripts.
pub async fn headers(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let has_scripts = pages::has_islands(request.uri().path()) || state.site.is_watched;
    let nonce = has_scripts.then(Nonce::new);
    if let Some(nonce) = &nonce {
        request.extensions_mut().insert(nonce.clone());
    }
    let cache = cache_rule(request.uri().path(), state.site.options.hash_files);
    let form_targets = match leads_to_gateway(request.uri().path()) {
        true => state.shop.payments().page_origins(),
        false => Vec::new(),
    };
    let mut response = next.run(request).await;
    let is_served = response.status().is_success() || response.status().is_redirection();
    let headers = response.headers_mut();
    secure(headers, &state.site);
    let policy = content_policy(&state.site, nonce.as_ref(), &form_targets);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    if !headers.contains_key(header::CACHE_CONTROL) {
        let rule = if is_served { cache } else { "no-store" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(rule));
    }
    if cache.starts_with("private") {
        headers.append(header::VARY, HeaderValue::from_static("Cookie"));
    }
    // The services of precompressed files do not add `Vary` themselves.
    if headers.contains_key(header::CONTENT_ENCODING) && !headers.contains_key(header::VARY) {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

fn secure(headers: &mut HeaderMap, site: &Site) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Under `no-referrer`, browsers send plain forms with `Origin: null`, which says less.
        (header::REFERRER_POLICY, "same-origin"),
        (PERMISSIONS_POLICY, "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
        (OPENER_POLICY, "same-origin"),
        (RESOURCE_POLICY, "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if site.is_production {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
}

/// Whether a form of this page may be redirected to the page of a payment gateway. Browsers apply
/// `form-action` to the redirect that follows a form, too.
fn leads_to_gateway(path: &str) -> bool {
    path == routes::CHECKOUT
}

/// The content security policy. A page without islands runs no script at all, not even an
/// injected one. Forms may lead to `form_targets` besides the shop itself.
fn content_policy(site: &Site, nonce: Option<&Nonce>, form_targets: &[String]) -> HeaderValue {
    const NO_SCRIPTS: HeaderValue =
        HeaderValue::from_static(concat!("script-src 'none'; ", policy!()));
    let targets: String = form_targets.iter().map(|origin| format!(" {origin}")).collect();
    let Some(nonce) = nonce else {
        let policy = format!(concat!("script-src 'none'; ", policy!(), "{}"), targets);
        return HeaderValue::from_str(&policy).unwrap_or(NO_SCRIPTS);
    };
    // Only the reload socket of `make watch` is ever another origin.
    let reload = match site.is_watched {
        true => format!(" ws://127.0.0.1:{}", site.options.reload_port),
        false => String::new(),
    };
    let with_scripts = format!(
        "script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; connect-src 'self'{reload}; {}{targets}",
        policy!()
    );
    HeaderValue::from_str(&with_scripts).unwrap_or(NO_SCRIPTS)
}

/// `Cache-Control` for responses whose handler sets none.
fn cache_rule(path: &str, is_hashed: bool) -> &'static str {
    match path {
        _ if path.starts_with(routes::files::PKG_PREFIX) && is_hashed => {
            "public, max-age=31536000, immutable"
        }
        _ if path.starts_with(routes::files::PKG_PREFIX) => "no-cache",
        _ if path.starts_with(routes::files::STYLE_PREFIX) => "public, max-age=31536000, immutable",
        _ if path.starts_with(routes::files::FONTS_PREFIX) => "public, max-age=31536000, immutable",
        _ if path.starts_with(routes::files::IMAGES_PREFIX) => "public, max-age=604800",
        routes::files::FAVICON_SVG | routes::files::FAVICON_ICO | routes::files::ROBOTS_TXT => {
            "public, max-age=86400"
        }
        routes::HOME | routes::PRODUCTS => "private, no-cache",
        _ if path.starts_with(routes::PRODUCT_PREFIX) => "private, no-cache",
        _ => "no-store",
    }
}
