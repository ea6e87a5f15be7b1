//! Networks that fail, and servers that are not Stripe.

use std::{net::Ipv4Addr, sync::Arc};

use payment::{Gateway, GatewayError, GatewayReference, stripe::Stripe};
use serde_json::json;
use tokio::net::TcpSocket;

use crate::support::{NOW, Reaction, Server, fails, intent, ok, payment, request, settings};

const READ: &str = "GET /v1/payment_intents/pi_1";
const CREATE: &str = "POST /v1/checkout/sessions";

async fn read(script: Vec<(&'static str, Reaction)>) -> Result<(), GatewayError> {
    let server = Server::start(script).await;
    let reference = GatewayReference::new("pi_1");
    let found = server.gateway().find(&payment(), Some(&reference)).await;
    server.requests();
    found.map(|_| ())
}

fn found() -> (&'static str, Reaction) {
    (READ, ok(intent("processing", json!({}))))
}

#[tokio::test]
async fn a_server_that_refuses_connections_was_asked_for_nothing() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap()).parse().unwrap();
    let gateway = Stripe::new(settings(&url), Arc::new(|| NOW)).unwrap();
    assert_eq!(gateway.authorize(&request()).await, Err(GatewayError::Unreachable));
}

#[tokio::test]
async fn requests_are_repeated_after_the_errors_that_stripe_documents() {
    for (status, is_repeated) in [
        (409, true),
        (429, true),
        (500, true),
        (502, true),
        (503, true),
        (400, false),
        (403, false),
    ] {
        let mut script = vec![(READ, fails(status, "api_error", ""))];
        script.extend(is_repeated.then(found));
        assert_eq!(read(script).await.is_ok(), is_repeated, "{status}");
    }
    assert_eq!(read(vec![(READ, Reaction::Drop), (READ, Reaction::CutOff), found()]).await, Ok(()));
}

#[tokio::test]
async fn requests_end_after_three_attempts() {
    for (status, expected) in [
        (429, GatewayError::Unreachable),
        (409, GatewayError::Unknown),
        (503, GatewayError::Unknown),
    ] {
        let script = (0..3).map(|_| (READ, fails(status, "api_error", ""))).collect();
        assert_eq!(read(script).await, Err(expected), "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = vec![("location", "http://127.0.0.1:1/")];
    let script = vec![(CREATE, Reaction::Answer(307, elsewhere, json!({})))];
    let server = Server::start(script).await;
    let answer = server.gateway().authorize(&request()).await;
    assert_eq!(answer, Err(GatewayError::Rejected));
    server.requests();
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    let padding = "x".repeat(5 * 1024 * 1024);
    let large = || (READ, ok(json!({ "padding": padding })));
    assert_eq!(read(vec![large(), large(), large()]).await, Err(GatewayError::Unknown));
}
