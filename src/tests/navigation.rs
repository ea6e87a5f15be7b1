//! Redirects, unknown addresses, and what addresses must not contain.

use axum::http::{Method, StatusCode};

use super::support::{PASSWORD, TestApp};

#[tokio::test]
async fn x102_the_page_after_sign_in_is_never_of_another_site() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    for next in ["//evil.example", "https:evil.example", "/\\evil", "/%09/evil", "javascript:0"] {
        browser.submit("/api/logout", &[]).await;
        let form = [("email", &*person.email), ("password", PASSWORD), ("next", next)];
        browser.submit("/api/login", &form).await;
        let code = app.code(&person.phone).await;
        let answer = browser.post("/api/login/verify", &[("code", &code)]).await;
        assert_eq!(answer.location().as_deref(), Some("/account"), "{next}");
        app.clock.advance(std::time::Duration::from_secs(3600));
    }
}

#[tokio::test]
async fn x102_a_referer_of_another_site_is_not_followed() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for referer in ["https://evil.example//evil.example", "https://evil.example/evil", "nonsense"] {
        let request = browser
            .request(Method::POST, "/api/login/verify")
            .header("origin", "http://127.0.0.1:3000")
            .header("referer", referer);
        let answer = browser.send(request, "code=1").await;
        assert_eq!(answer.location().as_deref(), Some("/login/verify"), "{referer}");
    }
}

#[tokio::test]
async fn x121_nothing_but_the_shops_own_files_is_served() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for path in [
        "/pkg/../../shop.db",
        "/pkg/%2e%2e/%2e%2e/shop.db",
        "/pkg/..%2f..%2fshop.db",
        "/fonts/%2e%2e/pkg/marigold.js",
        "/.git/config",
        "/pkg/.git/config",
        "/shop.db",
        "/shop.db-wal",
        "/data/marigold.db",
        "/Cargo.toml",
        "/pkg/",
        "/pkg/%00",
    ] {
        let request = browser.request(Method::GET, path);
        let answer = browser.send(request, "").await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        assert!(!answer.html.contains("SQLite format"), "{path}");
    }
    assert_eq!(browser.get("/pkg/marigold.js").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_unknown_address_gets_the_not_found_page() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for path in ["/nothing", "/products/nothing", "/orders/nothing", "/merchant", "/api/nothing"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.text().contains("Page not found"), "{path}");
    }
}

#[tokio::test]
async fn x115_nothing_secret_is_ever_in_an_address() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let person = app.person();
    browser.get("/register").await;
    let answer = browser.post("/api/register", &person.form()).await;
    assert_eq!(answer.location().as_deref(), Some("/register/verify"));
    let code = app.code(&person.phone).await;
    browser.get("/register/verify").await;
    let answer = browser.post("/api/register/verify", &[("code", "000")]).await;
    assert_eq!(answer.location().as_deref(), Some("/register/verify"));
    let page = browser.get("/register/verify").await;
    assert!(!page.html.contains(&code) && !page.html.contains(PASSWORD));
    assert!(!page.html.contains(person.phone.expose()));
}
