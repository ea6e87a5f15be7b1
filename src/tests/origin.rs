//! Only pages of the shop can request changes.

use axum::http::{Method, StatusCode, Version};

use super::support::{Browser, TestApp, routes_by_hand};

/// The addresses of webhooks, which are signed instead, because programs have no origin.
const SIGNED: [&str; 2] = ["/webhooks/{provider}", "/webhooks/{provider}/"];

/// Every address that accepts changes: the registered server functions, and the routes that `src`
/// makes by hand.
fn calls() -> Vec<String> {
    let functions = leptos::server_fn::axum::server_fn_paths();
    let functions = functions.filter(|(_, method)| !method.is_safe()).map(|(path, _)| path);
    let mut calls: Vec<String> = functions.map(str::to_owned).collect();
    assert!(calls.len() > 30, "no server functions are registered: {calls:?}");
    let by_hand = routes_by_hand().into_iter().filter(|route| route.takes_changes);
    calls.extend(by_hand.map(|route| route.path).filter(|path| !SIGNED.contains(&&**path)));
    for known in ["/api/cart/add", "/api/merchant/orders/refund", "/simulator/faults"] {
        assert!(calls.iter().any(|path| path == known), "{known} is not in {calls:?}");
    }
    calls
}

async fn status(browser: &mut Browser, path: &str, headers: &[(&str, &str)]) -> StatusCode {
    let mut request = browser.request(Method::POST, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.send(request, "code=123456").await.status
}

#[tokio::test]
async fn x100_a_change_requested_by_another_site_is_refused() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for path in &calls() {
        // Programs without either header may use the simulator only.
        let may_say_nothing = path.starts_with("/simulator/api/");
        for headers in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("origin", "http://127.0.0.1:3000.evil.example")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:3000")],
            &[("sec-fetch-site", "cross-site"), ("origin", "null")],
            &[("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:3000")],
            &[("content-type", "text/plain"), ("origin", "https://evil.example")],
        ] {
            if headers.is_empty() && may_say_nothing {
                continue;
            }
            let refused = status(&mut browser, path, headers).await;
            assert_eq!(refused, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
}

#[tokio::test]
async fn x100_changes_from_our_pages_pass_with_either_header() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for headers in [
        &[("origin", "http://127.0.0.1:3000")][..],
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "none")],
        // Under the referrer policy that a proxy added, browsers send no other origin.
        &[("sec-fetch-site", "same-origin"), ("origin", "null")],
        &[("origin", "HTTP://127.0.0.1:3000")],
    ] {
        let answered = status(&mut browser, "/api/login/verify", headers).await;
        assert_eq!(answered, StatusCode::SEE_OTHER, "{headers:?}");
    }
}

#[tokio::test]
async fn x100_production_refuses_changes_without_an_origin() {
    let app = TestApp::production().await;
    let mut browser = app.browser();
    for path in &calls() {
        let refused = status(&mut browser, path, &[]).await;
        assert_eq!(refused, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn x100_get_requests_change_nothing() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for path in &calls() {
        let request = browser.request(Method::GET, &format!("{path}?code=123456"));
        let answer = browser.send(request, "").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}

#[tokio::test]
async fn x100_a_refusal_comes_before_the_body_is_read() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let endless = "9".repeat(1 << 20);
    let request = browser.request(Method::POST, "/api/login").header("origin", "null");
    assert_eq!(browser.send(request, &endless).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn x99_another_site_cannot_sign_a_visitor_in() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let headers = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    for path in ["/api/login", "/api/login/verify", "/api/register/verify"] {
        assert_eq!(status(&mut browser, path, &headers).await, StatusCode::FORBIDDEN);
    }
    assert!(!browser.cookies.contains_key("marigold"));
}

#[tokio::test]
async fn x103_every_spelling_of_our_host_is_answered() {
    let app = TestApp::production().await;
    let mut browser = app.browser();
    for (host, expected) in [
        ("shop.example", StatusCode::OK),
        ("shop.example:443", StatusCode::OK),
        ("SHOP.Example", StatusCode::OK),
        ("shop.example.", StatusCode::OK),
        ("Shop.example.:443", StatusCode::OK),
        ("shop.example:80", StatusCode::MISDIRECTED_REQUEST),
        ("shop.example:4430", StatusCode::MISDIRECTED_REQUEST),
        ("www.shop.example", StatusCode::MISDIRECTED_REQUEST),
        ("shop.example@evil.example", StatusCode::MISDIRECTED_REQUEST),
    ] {
        let mut request = browser.request(Method::GET, "/login");
        request.headers_mut().unwrap().insert("host", host.parse().unwrap());
        assert_eq!(browser.send(request, "").await.status, expected, "{host}");
    }
}

#[tokio::test]
async fn x103_a_proxy_that_speaks_http_2_without_tls_is_answered() {
    let app = TestApp::production().await;
    let mut browser = app.browser();
    for (address, expected) in [
        ("http://shop.example/login", StatusCode::OK),
        ("http://SHOP.example:443/login", StatusCode::OK),
        ("http://evil.example/login", StatusCode::MISDIRECTED_REQUEST),
    ] {
        let mut request = browser.request(Method::GET, address).version(Version::HTTP_2);
        request.headers_mut().unwrap().remove("host");
        assert_eq!(browser.send(request, "").await.status, expected, "{address}");
    }
    // A form through such a proxy is a change from our own page.
    let mut request = browser
        .request(Method::POST, "http://shop.example/api/login/verify")
        .version(Version::HTTP_2)
        .header("origin", "https://shop.example")
        .header("content-type", "application/x-www-form-urlencoded");
    request.headers_mut().unwrap().remove("host");
    assert_eq!(browser.send(request, "code=123456").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn x103_another_host_is_refused_and_never_echoed() {
    let app = TestApp::production().await;
    let mut browser = app.browser();
    let mut request = browser.request(Method::GET, "/login");
    request.headers_mut().unwrap().insert("host", "evil.example".parse().unwrap());
    assert_eq!(browser.send(request, "").await.status, StatusCode::MISDIRECTED_REQUEST);
    let request =
        browser.request(Method::GET, "/account").header("x-forwarded-host", "evil.example");
    let answer = browser.send(request, "").await;
    assert_eq!(answer.location().as_deref(), Some("/login?next=/account"));
    assert!(!answer.html.contains("evil.example"));
}
