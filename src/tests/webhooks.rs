//! Webhooks of providers: signatures, repetitions, order, and load.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::DeliveryStatus;
use futures::stream::{self, FuturesUnordered, StreamExt};
use tower::ServiceExt;

use super::support::{Browser, Caller, SIGNATURE, TestApp, on_both_with_provider};

const CALLBACKS: &str = "/webhooks/caller";
/// How many calls are handled at the same time.
const MAX_CONCURRENT_WEBHOOKS: usize = 256;

/// Sends a request as programs do, without cookie, origin and other headers of browsers.
async fn call(app: &TestApp, request: axum::http::request::Builder, body: Body) -> StatusCode {
    let response = app.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    assert!(!response.headers().contains_key(header::SET_COOKIE), "a program gets no cookie");
    response.status()
}

fn post() -> axum::http::request::Builder {
    Request::builder().method(Method::POST).uri(CALLBACKS).header(header::HOST, "127.0.0.1:3000")
}

async fn signed(app: &TestApp, body: &str) -> StatusCode {
    call(app, post().header("x-signature", SIGNATURE), body.to_owned().into()).await
}

/// A shop with a provider that calls webhooks, a browser that waits for a code, and the
/// provider's id of its message.
async fn waiting() -> (TestApp, Browser, String) {
    let app = TestApp::with_providers(vec![Arc::new(Caller::default())]).await;
    let mut browser = app.browser();
    browser.get("/register").await;
    browser.submit("/api/register", &app.person().form()).await;
    app.deliver().await;
    let merchant = app.merchant();
    let log = app.shop.merchant(&merchant).unwrap().messages(None).await.unwrap();
    let name = Caller::name_of(&log.messages[0].id);
    assert_eq!(log.messages[0].status, DeliveryStatus::Accepted);
    (app, browser, name)
}

async fn status(app: &TestApp) -> DeliveryStatus {
    app.deliver().await;
    let log = app.shop.merchant(&app.merchant()).unwrap().messages(None).await.unwrap();
    log.messages[0].status
}

#[tokio::test]
async fn x66_a_forged_signature_changes_nothing() {
    let (app, _, name) = waiting().await;
    let body = format!("{name} read");
    let forged = [None, Some(""), Some("0123456789abcde"), Some("0123456789abcdeF")];
    for signature in forged {
        let mut request = post();
        if let Some(signature) = signature {
            request = request.header("x-signature", signature);
        }
        let answered = call(&app, request, body.clone().into()).await;
        assert_eq!(answered, StatusCode::UNAUTHORIZED, "{signature:?}");
        assert_eq!(status(&app).await, DeliveryStatus::Accepted, "{signature:?}");
    }
    assert_eq!(signed(&app, &body).await, StatusCode::OK);
    assert_eq!(status(&app).await, DeliveryStatus::Read);
    let counted = app.metrics().await;
    for line in [
        "marigold_webhooks_total{provider=\"caller\",outcome=\"no_signature\"} 1",
        "marigold_webhooks_total{provider=\"caller\",outcome=\"bad_signature\"} 3",
        "marigold_webhooks_total{provider=\"caller\",outcome=\"taken\"} 1",
    ] {
        assert!(counted.contains(line), "{line} in {counted}");
    }
}

#[tokio::test]
async fn x68_a_repeated_webhook_is_accepted_and_has_no_effect() {
    let (app, _, name) = waiting().await;
    let named = |body: String| {
        call(&app, post().header("x-signature", SIGNATURE).header("x-call", "1"), body.into())
    };
    assert_eq!(named(format!("{name} sent")).await, StatusCode::OK);
    assert_eq!(status(&app).await, DeliveryStatus::Sent);
    // Providers never send the same id with another status, but an attacker might.
    assert_eq!(named(format!("{name} read")).await, StatusCode::OK);
    assert_eq!(status(&app).await, DeliveryStatus::Sent);
}

#[tokio::test]
async fn x69_delivery_reports_in_any_order_only_move_the_status_forward() {
    let (app, _, name) = waiting().await;
    for word in ["delivered", "sent", "read", "delivered", "accepted"].repeat(20) {
        assert_eq!(signed(&app, &format!("{name} {word}")).await, StatusCode::OK);
    }
    assert_eq!(status(&app).await, DeliveryStatus::Read);
}

/// Registers this many shoppers, whose codes the provider has accepted. Returns its ids.
async fn accepted_messages(app: &TestApp, count: usize) -> Vec<String> {
    for _ in 0..count {
        let mut browser = app.browser();
        browser.get("/register").await;
        browser.submit("/api/register", &app.person().form()).await;
    }
    app.deliver().await;
    let log = app.shop.merchant(&app.merchant()).unwrap().messages(None).await.unwrap();
    assert_eq!(log.messages.len(), count);
    log.messages.iter().map(|message| Caller::name_of(&message.id)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x69_calls_that_name_the_same_messages_in_any_order_do_not_deadlock() {
    on_both_with_provider(
        || Arc::new(Caller::default()),
        async |app| {
            let messages = accepted_messages(&app, 16).await;
            for status in ["sent", "delivered", "read"] {
                let forward = Caller::reports(&messages, status);
                let backward = Caller::reports(messages.iter().rev(), status);
                let calls = (0..8)
                    .map(|number| signed(&app, if number % 2 == 0 { &forward } else { &backward }));
                for answered in futures::future::join_all(calls).await {
                    assert_eq!(answered, StatusCode::OK, "{status}");
                }
            }
            let log = app.shop.merchant(&app.merchant()).unwrap().messages(None).await.unwrap();
            assert!(log.messages.iter().all(|message| message.status == DeliveryStatus::Read));
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_whose_id_has_a_nul_is_acknowledged_with_its_neighbours() {
    on_both_with_provider(
        || Arc::new(Caller::default()),
        async |app| {
            let messages = accepted_messages(&app, 1).await;
            for unusable in ["\0", "sent\0", "\0sent", "a\0b"] {
                assert_eq!(signed(&app, &format!("{unusable} read")).await, StatusCode::OK);
            }
            let body = format!("a\0b read\n{} delivered\n\0 sent", messages[0]);
            assert_eq!(signed(&app, &body).await, StatusCode::OK);
            assert_eq!(status(&app).await, DeliveryStatus::Delivered, "its neighbour counts");
        },
    )
    .await;
}

#[tokio::test]
async fn x74_fifty_megabytes_are_not_read() {
    let (app, ..) = waiting().await;
    let large = post().header("x-signature", SIGNATURE).header(header::CONTENT_LENGTH, 50_000_000);
    assert_eq!(call(&app, large, Body::empty()).await, StatusCode::PAYLOAD_TOO_LARGE);
    // The body never ends. A response shows that the server did not read it all.
    let chunk = || Ok::<_, std::convert::Infallible>(vec![b'x'; 16 * 1024]);
    let endless = Body::from_stream(stream::repeat_with(chunk));
    let request = post().header("x-signature", SIGNATURE);
    assert_eq!(call(&app, request, endless).await, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn x74_a_thousand_reports_at_once_are_accepted_even_unknown() {
    let (app, _, name) = waiting().await;
    let mut lines: Vec<String> = (0..999).map(|number| format!("nobody-{number} read")).collect();
    lines.push(format!("{name} delivered"));
    assert_eq!(signed(&app, &lines.join("\n")).await, StatusCode::OK);
    assert_eq!(status(&app).await, DeliveryStatus::Delivered);
    assert_eq!(signed(&app, "no receipt").await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_full_webhook_queue_is_answered_503_with_retry_after() {
    let (app, ..) = waiting().await;
    let held = app.hold_writer().await;
    let mut calls: FuturesUnordered<_> = (0..300)
        .map(|_| {
            let request = post().header("x-signature", SIGNATURE).body(Body::from("nobody read"));
            app.router.clone().oneshot(request.unwrap())
        })
        .collect();
    for _ in MAX_CONCURRENT_WEBHOOKS..300 {
        let turned_away = calls.next().await.unwrap().unwrap();
        assert_eq!(turned_away.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(turned_away.headers().contains_key(header::RETRY_AFTER));
    }
    drop(held);
    while let Some(taken) = calls.next().await {
        assert_eq!(taken.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_handshake_is_echoed_as_plain_text_for_the_public_address() {
    let (app, ..) = waiting().await;
    let request = Request::get("/webhooks/caller?a=%2B1&b").header(header::HOST, "evil.example");
    let answer = app.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    let words = axum::body::to_bytes(answer.into_body(), 1024).await.unwrap();
    assert_eq!(words, "http://127.0.0.1:3000/webhooks/caller?a=%2B1&b");
}

#[tokio::test]
async fn the_webhook_of_an_unused_provider_is_not_found() {
    let app = TestApp::new().await;
    for (method, path, expected) in [
        (Method::POST, "/webhooks/pigeon", StatusCode::NOT_FOUND),
        (Method::POST, "/webhooks/meta", StatusCode::NOT_FOUND),
        (Method::POST, "/webhooks/simulator", StatusCode::NOT_FOUND),
        (Method::GET, "/webhooks/simulator", StatusCode::METHOD_NOT_ALLOWED),
        (Method::PUT, "/webhooks/simulator", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let request = Request::builder().method(method.clone()).uri(path);
        assert_eq!(call(&app, request, Body::empty()).await, expected, "{method} {path}");
    }
}

#[tokio::test]
async fn a_code_page_shows_the_status_that_the_provider_reports() {
    let (app, mut browser, name) = waiting().await;
    signed(&app, &format!("{name} delivered")).await;
    app.deliver().await;
    let page = browser.get("/register/verify").await;
    assert!(page.text().contains("is on your phone"), "{}", page.text());
}
