//! Security and cache headers.

use axum::{
    Router,
    http::{Method, StatusCode},
    routing::get,
};

use super::support::{Browser, Page, TestApp};
use crate::with_outer_layers;

/// Every kind of address, with its `cache-control`.
const PAGES: [(&str, &str); 20] = [
    ("/", "private, no-cache"),
    ("/products", "private, no-cache"),
    ("/cart", "no-store"),
    ("/checkout", "no-store"),
    ("/checkout/confirm", "no-store"),
    ("/orders/0000000000000000000000000000000a", "no-store"),
    ("/login", "no-store"),
    ("/login/verify", "no-store"),
    ("/register", "no-store"),
    ("/register/verify", "no-store"),
    ("/reset", "no-store"),
    ("/reset/verify", "no-store"),
    ("/reset/password", "no-store"),
    ("/account", "no-store"),
    ("/account/orders", "no-store"),
    ("/account/security", "no-store"),
    ("/account/phone", "no-store"),
    ("/merchant", "no-store"),
    ("/api/login", "no-store"),
    ("/there/is/nothing", "no-store"),
];

#[tokio::test]
async fn every_response_has_the_security_headers() {
    for (app, is_production) in [(TestApp::new().await, false), (TestApp::production().await, true)]
    {
        let mut browser = app.browser();
        for (path, _) in PAGES {
            let request = browser.request(Method::GET, path);
            let page = browser.send(request, "").await;
            assert_protected(&page, is_production, path);
        }
    }
}

/// Checks the headers that every response must have (S-C02, S-C03).
#[track_caller]
fn assert_protected(page: &Page, is_production: bool, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(page.header(name), value, "{name} of {what}");
    }
    assert!(page.header("permissions-policy").contains("camera=()"), "{what}");
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"), "{what}");
    assert!(!page.header("x-request-id").is_empty(), "{what}");
    let strict = if is_production { "max-age=31536000; includeSubDomains" } else { "" };
    assert_eq!(page.header("strict-transport-security"), strict, "{what}");
}

/// Responses that are no pages: refusals before and while the body is read.
async fn refusals(browser: &mut Browser, origin: &str) -> Vec<Page> {
    let mut answers = Vec::new();
    for (method, path, from, size) in [
        (Method::POST, "/api/login", "https://evil.example", 10),
        (Method::POST, "/api/login", origin, 1_000_000),
        (Method::POST, "/webhooks/nobody", origin, 10),
        (Method::POST, "/webhooks/simulator", origin, 1_000_000),
        (Method::PUT, "/api/login", origin, 10),
        (Method::DELETE, "/products", origin, 10),
        (Method::GET, "/pkg/missing.js", origin, 0),
        (Method::GET, "/art/mug.svg", origin, 0),
        (Method::GET, "/events/nonsense", origin, 0),
    ] {
        let request = browser.request(method, path).header("origin", from);
        answers.push(browser.send(request, &"9".repeat(size)).await);
    }
    let mut request = browser.request(Method::GET, "/");
    request.headers_mut().unwrap().insert("host", "evil.example".parse().unwrap());
    answers.push(browser.send(request, "").await);
    answers
}

#[tokio::test]
async fn sc02_every_refusal_has_the_security_headers() {
    for (app, is_production) in [(TestApp::new().await, false), (TestApp::production().await, true)]
    {
        let origin = app.shop_origin().to_owned();
        let answers = refusals(&mut app.browser(), &origin).await;
        let told: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        for status in [403, 404, 405, 413] {
            assert!(told.contains(&status), "{status} is not in {told:?}");
        }
        for (answer, status) in answers.iter().zip(told) {
            assert_protected(answer, is_production, &format!("{status} at {}", answer.path));
        }
    }
}

#[tokio::test]
async fn sc02_security_headers_on_500_and_503() {
    let app = TestApp::production().await;
    let mut browser = app.browser();
    browser.cookies.insert("__Host-marigold".into(), "AAAAAAAAAAAAAAAAAAAAAA".into());
    app.break_database().await;
    let fault = app.browser().get("/products").await;
    assert_eq!(fault.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_protected(&fault, true, "a fault");
    let answer = browser.get("/account").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_protected(&answer, true, "a session that cannot be read");
}

#[tokio::test]
async fn sl04_a_panic_is_answered_500_with_reference_and_headers() {
    let app = TestApp::production().await;
    async fn breaks() -> &'static str {
        panic!("the secret cause")
    }
    let router = with_outer_layers(Router::new().route("/", get(breaks)), app.state.clone());
    let mut browser = Browser::new(router, app.shop_origin());
    let page = browser.get("/").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_protected(&page, true, "a panic");
    assert!(page.html.contains(page.header("x-request-id")), "{}", page.html);
    assert!(!page.html.contains("secret cause"), "{}", page.html);
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn x108_no_page_can_be_framed() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for (path, _) in PAGES {
        let request = browser.request(Method::GET, path);
        let page = browser.send(request, "").await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
    }
}

#[tokio::test]
async fn x109_personal_pages_are_not_stored() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    app.join(&mut browser).await;
    for (path, rule) in PAGES {
        let request = browser.request(Method::GET, path);
        let page = browser.send(request, "").await;
        assert_eq!(page.header("cache-control"), rule, "{path}");
        if rule.starts_with("private") {
            let varies = page.headers.get_all("vary").iter().any(|value| value == "Cookie");
            assert!(varies, "{path}");
        }
    }
}

#[tokio::test]
async fn scripts_run_by_nonce_only_and_each_page_has_its_own() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let mut nonces = Vec::new();
    browser.submit("/api/register", &app.person().form()).await;
    for _ in 0..2 {
        let page = browser.get("/register/verify").await;
        let policy = page.header("content-security-policy").to_owned();
        assert!(!policy.contains("unsafe-inline") && !policy.contains("unsafe-eval'\x20'"));
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        let scripts = page.html.matches("<script").count();
        let nonced = page.html.matches(&format!("nonce=\"{nonce}\"")).count();
        assert_eq!(scripts, nonced);
        assert!(scripts > 0);
        assert!(!page.html.contains(" style=\"") && !page.html.contains(" onclick="));
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn cookies_are_http_only_secure_and_same_site() {
    let app = TestApp::production().await;
    let mut browser = app.browser();
    browser.get("/login").await;
    let form = [("email", "a@example.com"), ("password", "twelve letters"), ("next", "/cart")];
    let answer = browser.post("/api/login", &form).await;
    let mut seen = 0;
    for line in answer.headers.get_all("set-cookie") {
        let line = line.to_str().unwrap();
        assert!(line.starts_with("__Host-"), "{line}");
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"] {
            assert!(line.contains(attribute), "{attribute} in {line}");
        }
        assert!(!line.contains("Domain"), "{line}");
        seen += 1;
    }
    assert!(seen > 0);
}

#[tokio::test]
async fn only_pages_with_islands_load_webassembly() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for path in ["/", "/products", "/login", "/register", "/reset", "/cart"] {
        let page = browser.get(path).await;
        assert!(!page.html.contains(".wasm"), "{path}");
        assert!(page.header("content-security-policy").contains("script-src 'none'"), "{path}");
        assert!(!page.html.contains("<script") && page.html.ends_with("</html>"), "{path}");
        assert!(page.html.contains("data-hydrated=\"true\""), "{path}");
    }
    let person = app.person();
    let page = browser.submit("/api/register", &person.form()).await;
    for part in [
        r#"<link rel="modulepreload" href="/pkg/marigold.js">"#,
        r#"<link rel="preload" href="/pkg/marigold.wasm" as="fetch" type="application/wasm" crossorigin="anonymous">"#,
        r#"import * as parts from "/pkg/marigold.js";"#,
        r#"const program = "/pkg/marigold.wasm";"#,
        "<leptos-island",
    ] {
        assert!(page.html.contains(part), "{part} in {}", page.html);
    }
    assert!(!page.html.contains("data-hydrated"));
}
