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

/// Where the response to a refused form leads, if the form says that it stands on `page`, and the
/// browser says `referer`.
async fn way_back(page: Option<&str>, referer: Option<&str>) -> String {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let mut request = browser
        .request(Method::POST, "/api/login/verify")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "http://127.0.0.1:3000");
    if let Some(referer) = referer {
        request = request.header("referer", referer);
    }
    let mut form = form_urlencoded::Serializer::new("code=1".to_owned());
    if let Some(page) = page {
        form.append_pair("page", page);
    }
    let answer = browser.send(request, &form.finish()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page:?} {referer:?}");
    let location = answer.location().unwrap();
    location.strip_suffix("#code").expect("a code that is not one leads to its field").to_owned()
}

#[tokio::test]
async fn x102_a_form_leads_back_to_the_page_it_names_if_that_is_ours() {
    for (page, expected) in [
        ("/login/verify", "/login/verify"),
        ("/account/phone", "/account/phone"),
        ("/login/verify#code", "/login/verify"),
        ("/login/verify#//evil.example", "/login/verify"),
        ("/products/sunday-mug?colour=sage", "/products/sunday-mug?colour=sage"),
        ("/merchant/orders?after=12&state=paid", "/merchant/orders?after=12&state=paid"),
        ("/products?q=a:b", "/products"),
        ("/simulator/%2B447700900001", "/simulator/%2B447700900001"),
        ("https://evil.example/login", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/login@evil.example", "/"),
        ("/login/verify\r\nset-cookie: a=b", "/"),
        ("/api/logout", "/"),
        ("/nothing", "/"),
        ("/login/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ] {
        assert_eq!(way_back(Some(page), None).await, expected, "{page}");
    }
}

#[tokio::test]
async fn x102_a_referer_is_followed_only_without_a_named_page_of_ours() {
    for (page, referer, expected) in [
        (Some("/login/verify"), "http://127.0.0.1:3000/cart", "/login/verify"),
        (None, "http://127.0.0.1:3000/login/verify", "/login/verify"),
        (Some("//evil.example"), "http://127.0.0.1:3000/cart", "/cart"),
        (None, "https://evil.example//evil.example", "/"),
        (None, "https://evil.example/evil", "/"),
        (None, "nonsense", "/"),
        (None, "http://127.0.0.1:3000", "/"),
        (None, "", "/"),
    ] {
        assert_eq!(way_back(page, Some(referer)).await, expected, "{page:?} {referer}");
    }
    assert_eq!(way_back(None, None).await, "/", "nothing is guessed from the endpoint");
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
async fn a_name_that_no_file_can_have_is_not_found() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let long = "a".repeat(256);
    let deep = "a/".repeat(3000);
    for folder in ["/images/", "/pkg/", "/fonts/", "/icons/"] {
        for name in [
            "%00",
            "a%00.png",
            &long,
            &format!("{long}.png"),
            &deep,
            "%ff",
            "..%00",
            "con:",
            "missing.png",
            "missing/../missing.png",
        ] {
            for method in [Method::GET, Method::HEAD] {
                let request = browser.request(method.clone(), &format!("{folder}{name}"));
                let status = browser.send(request, "").await.status;
                assert_eq!(status, StatusCode::NOT_FOUND, "{method} {folder}{name:.20}");
            }
        }
    }
    // Below a file there is no other file.
    let request = browser.request(Method::HEAD, "/pkg/marigold.js/marigold.js");
    assert_eq!(browser.send(request, "").await.status, StatusCode::NOT_FOUND);
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
    // The fragment names the field of the code, not the code.
    assert_eq!(answer.location().as_deref(), Some("/register/verify#code"));
    let page = browser.get("/register/verify").await;
    assert!(!page.html.contains(&code) && !page.html.contains(PASSWORD));
    assert!(!page.html.contains(person.phone.expose()));
}
