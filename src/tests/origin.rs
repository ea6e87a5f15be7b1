//! Changes come from our own pages, or not at all.

use axum::http::{Method, StatusCode};

use super::support::{Browser, House};

/// Every call there is, with its address.
const CALLS: [&str; 10] = [
    "/api/login",
    "/api/login/verify",
    "/api/logout",
    "/api/register",
    "/api/register/verify",
    "/api/reset",
    "/api/reset/password",
    "/api/codes/resend",
    "/api/account/password",
    "/api/account/phone/verify",
];

async fn status(browser: &mut Browser, path: &str, headers: &[(&str, &str)]) -> StatusCode {
    let mut request = browser.request(Method::POST, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.send(request, "code=123456").await.status
}

#[tokio::test]
async fn x100_no_change_is_made_for_another_site() {
    let house = House::new().await;
    let mut browser = house.browser();
    for path in CALLS {
        for headers in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("origin", "http://127.0.0.1:3000.evil.example")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:3000")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
            &[("content-type", "text/plain"), ("origin", "https://evil.example")],
        ] {
            let refused = status(&mut browser, path, headers).await;
            assert_eq!(refused, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
}

#[tokio::test]
async fn x100_our_own_pages_may_and_either_header_is_enough() {
    let house = House::new().await;
    let mut browser = house.browser();
    for headers in [
        &[("origin", "http://127.0.0.1:3000")][..],
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "none")],
    ] {
        let answered = status(&mut browser, "/api/login/verify", headers).await;
        assert_eq!(answered, StatusCode::SEE_OTHER, "{headers:?}");
    }
}

#[tokio::test]
async fn x100_nothing_is_changed_by_getting_it() {
    let house = House::new().await;
    let mut browser = house.browser();
    for path in CALLS {
        let request = browser.request(Method::GET, &format!("{path}?code=123456"));
        let answer = browser.send(request, "").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}

#[tokio::test]
async fn x100_a_refusal_comes_before_the_body_is_read() {
    let house = House::new().await;
    let mut browser = house.browser();
    let endless = "9".repeat(1 << 20);
    let request = browser.request(Method::POST, "/api/login").header("origin", "null");
    assert_eq!(browser.send(request, &endless).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn x99_nobody_is_signed_in_by_another_site() {
    let house = House::new().await;
    let mut browser = house.browser();
    let headers = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    for path in ["/api/login", "/api/login/verify", "/api/register/verify"] {
        assert_eq!(status(&mut browser, path, &headers).await, StatusCode::FORBIDDEN);
    }
    assert!(!browser.cookies.contains_key("marigold"));
}

#[tokio::test]
async fn x103_no_other_host_is_answered_or_ever_repeated() {
    let house = House::production().await;
    let mut browser = house.browser();
    let mut request = browser.request(Method::GET, "/login");
    request.headers_mut().unwrap().insert("host", "evil.example".parse().unwrap());
    assert_eq!(browser.send(request, "").await.status, StatusCode::MISDIRECTED_REQUEST);
    let request =
        browser.request(Method::GET, "/account").header("x-forwarded-host", "evil.example");
    let answer = browser.send(request, "").await;
    assert_eq!(answer.location().as_deref(), Some("/login?next=/account"));
    assert!(!answer.html.contains("evil.example"));
}
