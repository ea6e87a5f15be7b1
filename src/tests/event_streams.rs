//! Which pages follow a code by an event stream, and what the others get.

use axum::http::StatusCode;

use super::support::{Browser, TestApp};

/// As many streams as one browser may have.
const OF_BROWSER: usize = 4;

/// A browser that waits for a code.
async fn waiting_browser(app: &TestApp) -> Browser {
    let mut browser = app.browser();
    browser.get("/register").await;
    let page = browser.submit("/api/register", &app.person().form()).await;
    assert_eq!(page.path, "/register/verify", "{}", page.text());
    browser
}

#[tokio::test]
async fn x170_the_oldest_pages_of_a_browser_refresh_and_nobody_is_refused() {
    let app = TestApp::new().await;
    let browser = waiting_browser(&app).await;
    let mut pages = Vec::new();
    for _ in 0..OF_BROWSER + 2 {
        let mut page = browser.events("/events/phone", None).await;
        assert_eq!(page.status, StatusCode::OK);
        let first = page.next().await;
        assert!(first.contains("data: ") && !first.contains("id:"), "{first}");
        pages.push(page);
    }
    for page in pages.drain(..2) {
        assert_eq!(page.rest().await, "id: refreshes\nretry: 5000\n\n");
    }
    // A page that was ended asks again: it gets what is new, and ends no other page.
    let again = browser.events("/events/phone", Some("refreshes")).await.rest().await;
    assert!(again.contains("data: ") && again.contains("id: refreshes\nretry: 5000"), "{again}");
    let mut another = waiting_browser(&app).await.events("/events/phone", None).await;
    assert!(another.next().await.contains("data: "), "another browser is not affected");
    // Once a page is closed, the next that asks has a stream again.
    drop(pages.pop());
    let mut again = browser.events("/events/phone", Some("refreshes")).await;
    let first = again.next().await;
    assert!(first.contains("data: ") && first.contains("id: \n"), "{first}");
    drop(pages);
}

#[tokio::test]
async fn x170_two_thousand_pages_of_one_browser_leave_every_other_its_stream() {
    let app = TestApp::new().await;
    let attacker = waiting_browser(&app).await;
    let mut held = Vec::new();
    for _ in 0..2_100 {
        held.push(attacker.events("/events/phone", None).await);
    }
    let mut shopper = waiting_browser(&app).await.events("/events/phone", None).await;
    assert_eq!(shopper.status, StatusCode::OK);
    let first = shopper.next().await;
    assert!(first.contains("data: ") && !first.contains("refreshes"), "{first}");
    assert!(app.metrics().await.contains("marigold_event_streams "));
}

#[tokio::test]
async fn x170_a_phone_that_many_pages_follow_refreshes_them() {
    let app = TestApp::new().await;
    let path = "/simulator/%2B447700900111/events";
    // Browsers without a cookie are all different ones.
    let mut held = Vec::new();
    for _ in 0..256 {
        let mut page = app.browser().events(path, None).await;
        assert!(!page.next().await.contains("refreshes"));
        held.push(page);
    }
    let more = app.browser().events(path, None).await;
    assert_eq!(more.status, StatusCode::OK);
    let once = more.rest().await;
    assert!(once.contains("data: ") && once.contains("id: refreshes"), "{once}");
    let mut elsewhere = app.browser().on_network(7).events(path, None).await;
    assert!(!elsewhere.next().await.contains("refreshes"), "another address has places");
}

#[tokio::test]
async fn every_stream_ends_when_the_server_closes() {
    let app = TestApp::new().await;
    let browser = waiting_browser(&app).await;
    let mut page = browser.events("/events/phone", None).await;
    page.next().await;
    app.state.lifecycle.enter(crate::lifecycle::Phase::Draining);
    let mut late = browser.events("/events/phone", None).await;
    assert!(late.next().await.contains("data: "), "a draining server still answers");
    app.state.lifecycle.enter(crate::lifecycle::Phase::Closing);
    assert_eq!((page.rest().await, late.rest().await), (String::new(), String::new()));
}
