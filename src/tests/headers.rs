//! What every answer says about how it may be used and kept.

use axum::http::Method;

use super::support::House;

/// Every kind of address, and what it must say about being kept.
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
async fn every_answer_carries_the_protecting_headers() {
    for (house, is_production) in [(House::new().await, false), (House::production().await, true)] {
        let mut browser = house.browser();
        for (path, _) in PAGES {
            let request = browser.request(Method::GET, path);
            let page = browser.send(request, "").await;
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "same-origin"),
                ("x-frame-options", "DENY"),
                ("cross-origin-opener-policy", "same-origin"),
            ] {
                assert_eq!(page.header(name), value, "{name} of {path}");
            }
            assert!(page.header("permissions-policy").contains("camera=()"), "{path}");
            assert!(!page.header("x-request-id").is_empty(), "{path}");
            let is_strict = page.header("strict-transport-security").contains("max-age=31536000");
            assert_eq!(is_strict, is_production, "{path}");
        }
    }
}

#[tokio::test]
async fn x108_no_page_can_be_framed() {
    let house = House::new().await;
    let mut browser = house.browser();
    for (path, _) in PAGES {
        let request = browser.request(Method::GET, path);
        let page = browser.send(request, "").await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
    }
}

#[tokio::test]
async fn x109_nothing_of_a_persons_own_is_kept() {
    let house = House::new().await;
    let mut browser = house.browser();
    house.join(&mut browser).await;
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
    let house = House::new().await;
    let mut browser = house.browser();
    let mut nonces = Vec::new();
    browser.submit("/api/register", &house.person().form()).await;
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
async fn cookies_are_out_of_reach_of_scripts_and_other_sites() {
    let house = House::production().await;
    let mut browser = house.browser();
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
async fn only_pages_with_living_parts_load_a_program() {
    let house = House::new().await;
    let mut browser = house.browser();
    for path in ["/", "/products", "/login", "/register", "/reset", "/cart"] {
        let page = browser.get(path).await;
        assert!(!page.html.contains(".wasm"), "{path}");
        assert!(page.header("content-security-policy").contains("script-src 'none'"), "{path}");
        assert!(!page.html.contains("<script") && page.html.ends_with("</html>"), "{path}");
        assert!(page.html.contains("data-hydrated=\"true\""), "{path}");
    }
    let person = house.person();
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
