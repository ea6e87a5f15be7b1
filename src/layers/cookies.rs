//! Removes the shop's own cookies from requests that have one of them twice.
//!
//! A browser sends two cookies of one name if another page of the same host, or a sibling domain
//! over plain http, has set one beside ours. Which of the two comes first is up to whoever set it
//! (RFC 6265, 5.4), so neither is believed: the browser is a new one until it gets cookies of its
//! own again.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use shop::warnings;
use web::server::Cookies;

use crate::AppState;

/// Passes on a request without cookies that occur twice.
pub async fn unique_cookies(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    remove_repeated(request.headers_mut(), state.site.cookies());
    next.run(request).await
}

fn remove_repeated(headers: &mut HeaderMap, cookies: Cookies) {
    let lines = headers.get_all(header::COOKIE).iter();
    // A line that is no text holds none of ours, and is left out with the repeated ones.
    let lines: Vec<_> = lines.filter_map(|line| line.to_str().ok()).collect();
    let pairs = || lines.iter().flat_map(|line| line.split(';')).map(str::trim);
    let count = |name: &str| pairs().filter(|pair| name_of(pair) == name).count();
    let ours = [cookies.session(), cookies.browser(), cookies.device()];
    let repeated: Vec<_> = ours.into_iter().filter(|name| count(name) > 1).collect();
    let is_bad = |pair: &&str| repeated.contains(&name_of(pair)) || name_of(pair).contains('%');
    if !pairs().any(|pair| is_bad(&pair)) {
        return;
    }
    warnings::count("cookie.refused", "cookie", "repeated");
    let kept: Vec<_> = pairs().filter(|pair| !is_bad(pair)).collect();
    let kept = HeaderValue::from_str(&kept.join("; "));
    headers.remove(header::COOKIE);
    if let Ok(kept) = kept {
        headers.insert(header::COOKIE, kept);
    }
}

/// The name of a cookie. No name of ours has a percent sign, which some readers decode, so that
/// an encoded name would be a second spelling of ours; such cookies are removed.
fn name_of(pair: &str) -> &str {
    pair.split_once('=').map_or(pair, |(name, _)| name).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x94_a_cookie_of_ours_that_occurs_twice_is_removed() {
        for (sent, left) in [
            (&["marigold=a; marigold-browser=b"][..], "marigold=a; marigold-browser=b"),
            (&["marigold=a; marigold=b"], ""),
            (&["marigold=a; marigold=a"], ""),
            (&["marigold=a", "marigold=b; marigold-browser=c"], "marigold-browser=c"),
            (&["marigold-browser=a; x=1; marigold-browser=b; marigold=c"], "x=1; marigold=c"),
            (&["marigold-device=a; marigold-device=b; marigold=c"], "marigold=c"),
            (&["marigold=a; marigold =b"], ""),
            (&["marigold=a; %6Darigold=b"], "marigold=a"),
            (&["marigold=a;marigold=b;theme=dark"], "theme=dark"),
            (&["theme=dark; theme=light; marigold=a"], "theme=dark; theme=light; marigold=a"),
            (&["Marigold=a; marigold=b"], "Marigold=a; marigold=b"),
            (&["marigold=a=b; marigold-browser="], "marigold=a=b; marigold-browser="),
        ] {
            let mut headers = HeaderMap::new();
            for line in sent {
                headers.append(header::COOKIE, line.parse().unwrap());
            }
            remove_repeated(&mut headers, Cookies { is_secure: false });
            let lines = headers.get_all(header::COOKIE).iter();
            let lines: Vec<_> = lines.map(|line| line.to_str().unwrap()).collect();
            assert_eq!(lines.join("; "), left, "{sent:?}");
        }
    }
}
