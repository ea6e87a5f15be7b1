//! What `/readyz` says, and that every error has words.

use axum::http::{Method, StatusCode};

use super::{
    catalogue_pages::{between, stocked},
    support::{TestApp, on_both_engines, run_on_sqlite},
};
use crate::lifecycle::Phase;

on_both_engines!(x173_a_shop_that_writes_and_reads_is_ready, async |app: TestApp| {
    for _ in 0..3 {
        let (status, words, _) = app.readiness().await;
        assert_eq!((status, words.as_str()), (StatusCode::OK, "ready\n"));
    }
    assert_eq!(app.session_rows().await, 0, "what was written is deleted");
});

on_both_engines!(x174_a_server_that_stops_is_not_ready_and_still_answers, async |app: TestApp| {
    for phase in [Phase::Draining, Phase::Closing] {
        app.state.lifecycle.enter(phase);
        let (status, words, _) = app.readiness().await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(words, "not ready\nthe server is stopping\n");
        let page = app.browser().get("/login").await;
        assert_eq!((page.status, page.header("connection")), (StatusCode::OK, "close"));
    }
});

#[tokio::test]
async fn a_serving_shop_keeps_connections_open() {
    let app = TestApp::new().await;
    assert!(!app.browser().get("/login").await.headers.contains_key("connection"));
}

#[tokio::test]
async fn x173_a_database_without_its_tables_is_named() {
    let app = TestApp::new().await;
    app.break_database().await;
    let (status, words, _) = app.readiness().await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    let cause = "the database cannot be used: the store failed: a statement failed";
    assert!(words.starts_with("not ready\n") && words.contains(cause), "{words}");
    assert!(words.contains("no such table"), "{words}");
}

#[tokio::test]
async fn x173_a_database_that_cannot_be_written_is_not_ready_within_a_second() {
    let app = TestApp::new().await;
    let writer = app.hold_writer().await;
    for _ in 0..3 {
        let (status, words, time) = app.readiness().await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(words.contains("did not write and read within a second"), "{words}");
        assert!(time.as_millis() < 2_000, "{time:?}");
    }
    drop(writer);
    // The first question is answered by now or soon; the next ones wait for it.
    let (mut status, mut words) = (StatusCode::SERVICE_UNAVAILABLE, String::new());
    for _ in 0..20 {
        (status, words, _) = app.readiness().await;
        if status == StatusCode::OK {
            break;
        }
    }
    assert_eq!(status, StatusCode::OK, "{words}");
}

#[tokio::test]
async fn x173_a_session_that_cannot_be_saved_gets_words_and_a_reference() {
    let (app, mut browser) = stocked().await;
    let page = browser.get("/products/sunday-mug?colour=sage").await;
    let variant = between(&page.html, "name=\"variant\" value=\"", "\"").to_owned();
    let full = "create trigger full before insert on sessions
        begin select raise(abort, 'database or disk is full'); end";
    run_on_sqlite(&app.shop.database, full.to_owned()).await;
    let cart = [("variant", &*variant), ("quantity", "1")];
    let page = browser.post("/api/cart/add", &cart).await;
    let reference = page.header("x-request-id");
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!reference.is_empty() && page.html.contains(reference), "{:?}", page.html);
    assert!(page.html.contains("Something went wrong on our side"), "{:?}", page.html);
    assert_eq!(page.header("content-type"), "text/plain; charset=utf-8");
    assert!(page.location().is_none(), "it leads nowhere");
    let page = browser.get("/products").await;
    assert_eq!(page.status, StatusCode::OK, "what needs no session is answered");
}

#[tokio::test]
async fn x173_no_error_that_a_person_meets_is_empty() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for (method, path) in [
        (Method::GET, "/pkg/no-such-file.js"),
        (Method::GET, "/fonts/none.woff2"),
        (Method::GET, "/images/none.jpg"),
        (Method::GET, "/icons/none.svg"),
        (Method::GET, "/art/none.svg"),
        (Method::GET, "/events/none"),
        (Method::GET, "/no/such/page"),
        (Method::PUT, "/login"),
        (Method::DELETE, "/products"),
        (Method::PATCH, "/api/login"),
        (Method::POST, "/style/none.css"),
    ] {
        let request = browser.request(method.clone(), path);
        let request = request.header("origin", app.shop_origin());
        let page = browser.send(request, "").await;
        let (status, words) = (page.status, page.html.trim());
        assert!(status.is_client_error(), "{method} {path}: {status}");
        assert!(!words.is_empty(), "{method} {path}: {status} without words");
    }
}
