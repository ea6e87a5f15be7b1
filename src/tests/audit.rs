//! Audit events of refusals, of which equal ones are counted in one row (S-L02).

use axum::http::{Method, StatusCode};
use shop::audit::Event;

use super::support::{Browser, PASSWORD, TestApp};

async fn foreign(browser: &mut Browser) {
    let request = browser.request(Method::POST, "/api/login").header("origin", "null");
    assert_eq!(browser.send(request, "").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn so22_cross_site_requests_are_audited_and_a_flood_of_them_is_one_row() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    foreign(&mut browser).await;
    assert_eq!(app.audited(Event::ForeignRequest).await, [""]);
    for _ in 0..50 {
        foreign(&mut browser).await;
    }
    assert_eq!(app.audited(Event::ForeignRequest).await, ["", " (50 times)"]);
}

#[tokio::test]
async fn sl02_admin_access_by_a_shopper_is_audited_and_an_anonymous_one_is_not() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    assert_eq!(browser.get("/merchant/orders").await.status, StatusCode::NOT_FOUND);
    app.join(&mut browser).await;
    assert_eq!(browser.get("/merchant/orders").await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.audited(Event::AccessRefused).await, ["merchant"]);
}

#[tokio::test]
async fn so22_a_reached_limit_is_audited_with_its_address() {
    let app = TestApp::new().await;
    // A browser that never signed in may use three fifths of what one phone is sent.
    let most = app.shop.settings().policy.phone_sends_per_hour * 3 / 5;
    for number in 0..=most {
        let answer = app.browser().fetch("/api/reset", &[("email", "+447700900999")]).await;
        let is_over = answer.status == StatusCode::TOO_MANY_REQUESTS;
        assert_eq!(is_over, number == most, "{number}: {}", answer.html);
    }
    assert_eq!(app.audited(Event::LimitReached).await, ["/api/reset"]);
}

#[tokio::test]
async fn so22_a_session_used_after_its_end_is_audited() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    app.join(&mut browser).await;
    app.clock.advance(shop::sessions::MAX_IDLE);
    assert_eq!(browser.get("/account").await.path, "/login?next=/account");
    assert_eq!(app.audited(Event::SessionUsedAfterEnd).await, [""]);
}

#[tokio::test]
async fn so22_step_up_and_a_failed_change_of_password_are_audited() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    let form = [("current", "not the violet kettle"), ("password", "another violet kettle")];
    browser.submit("/api/account/password", &form).await;
    assert_eq!(app.audited(Event::PasswordChangeFailed).await, [""]);
    browser.submit("/api/account/phone/password", &[("password", PASSWORD)]).await;
    let code = app.code(&person.phone).await;
    browser.submit("/api/account/phone/step-up", &[("code", &code)]).await;
    assert_eq!(app.audited(Event::SessionRenewed).await, ["step-up"]);
}
