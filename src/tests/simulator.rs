//! The simulated phones, which exist in the demo only.

use axum::http::{Method, StatusCode};

use super::support::TestApp;

#[tokio::test]
async fn tests_read_codes_from_the_interface() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let person = app.person();
    browser.get("/register").await;
    browser.submit("/api/register", &person.form()).await;
    let code = app.code(&person.phone).await;
    let phone = person.phone.expose().replace('+', "%2B");
    let answer = browser.get(&format!("/simulator/api/messages?phone={phone}")).await;
    let messages: serde_json::Value = serde_json::from_str(&answer.html).unwrap();
    assert_eq!(messages[0]["code"], code);
    assert_eq!(messages[0]["purpose"], "phone");
    assert_eq!(messages[0]["status"], "delivered");
    assert_eq!(messages[0]["sent_at"], "2026-01-01T00:00:00.000Z");
}

#[tokio::test]
async fn programs_set_faults_and_move_the_clock_without_an_origin() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let json = |browser: &super::support::Browser, path: &str| {
        browser.request(Method::POST, path).header("content-type", "application/json")
    };
    let request = json(&browser, "/simulator/api/faults");
    let body = r#"{"phone": "+447700900000", "fault": "out_of_order"}"#;
    assert_eq!(browser.send(request, body).await.status, StatusCode::NO_CONTENT);
    let request = json(&browser, "/simulator/api/faults");
    let body = r#"{"phone": null, "fault": "lost"}"#;
    assert_eq!(browser.send(request, body).await.status, StatusCode::NO_CONTENT);
    let before = app.shop.clock().now();
    let request = json(&browser, "/simulator/api/clock");
    let body = r#"{"advance_seconds": 90}"#;
    assert_eq!(browser.send(request, body).await.status, StatusCode::NO_CONTENT);
    assert_eq!(app.shop.clock().now().since(before).as_secs(), 90);
}

#[tokio::test]
async fn x30_production_has_no_simulated_phones() {
    let app = TestApp::production().await;
    let mut browser = app.browser();
    for path in ["/simulator", "/simulator/%2B447700900000", "/simulator/api/messages?phone=1"] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/simulator/api/clock", "/simulator/api/faults"] {
        let request = browser
            .request(Method::POST, path)
            .header("origin", "https://shop.example")
            .header("content-type", "application/json");
        let answer = browser.send(request, r#"{"advance_seconds": 1}"#).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        let request = browser.request(Method::POST, path);
        assert_eq!(browser.send(request, "{}").await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn opening_the_phone_reads_messages_and_the_lock_screen_does_not() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let person = app.person();
    browser.get("/register").await;
    browser.submit("/api/register", &person.form()).await;
    let code = app.code(&person.phone).await;
    let here = format!("/simulator/{}", person.phone.expose().replace('+', "%2B"));
    let mut owner = app.browser();
    let locked = owner.get(&format!("{here}?locked=yes")).await;
    assert!(locked.text().contains(&code) && !locked.html.contains("Copy code"));
    app.deliver().await;
    assert!(browser.get("/register/verify").await.text().contains("is on your phone"));
    let open = owner.get(&here).await;
    assert!(
        open.html.contains("Copy code") && open.html.contains(&format!("data-code=\"{code}\""))
    );
    app.deliver().await;
    assert!(browser.get("/register/verify").await.text().contains("was opened on your phone"));
}
