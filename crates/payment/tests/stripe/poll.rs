//! Asking for events, where webhooks do not arrive.

use payment::{EventCursor, Gateway, GatewayError};
use serde_json::{Value, json};

use crate::support::{Reaction, Server, fails, list};

const EVENTS: &str = "GET /v1/events";

fn event(number: u32) -> Value {
    json!({ "id": format!("evt_{number}"), "object": "event", "type": "x", "data": { "object": {} } })
}

fn page(numbers: &[u32], has_more: bool) -> (&'static str, Reaction) {
    (EVENTS, list(numbers.iter().copied().map(event).collect(), has_more))
}

async fn polled(
    script: Vec<(&'static str, Reaction)>,
    since: Option<&str>,
) -> (Result<Vec<String>, GatewayError>, Server) {
    let server = Server::start(script).await;
    let since = since.map(|id| EventCursor(id.to_owned()));
    let events = server.gateway().poll(since.as_ref()).await;
    server.requests();
    (events.map(|events| events.into_iter().map(|event| event.id).collect()), server)
}

#[tokio::test]
async fn events_after_the_cursor_come_page_by_page_oldest_first() {
    let script = vec![page(&[3, 2], true), page(&[5, 4], false)];
    let (events, server) = polled(script, Some("evt_1")).await;
    assert_eq!(events.unwrap(), ["evt_2", "evt_3", "evt_4", "evt_5"]);
    let sent = server.requests();
    assert_eq!(sent[0].field("ending_before"), Some("evt_1"));
    assert_eq!(sent[1].field("ending_before"), Some("evt_3"));
    assert_eq!(sent[0].field("limit"), Some("100"));
    let kinds = sent[0].fields.iter().filter(|(name, _)| name == "types[]").count();
    assert!((1..=20).contains(&kinds), "Stripe takes at most 20 kinds");
}

#[tokio::test]
async fn nothing_new_is_an_empty_list() {
    let (events, _) = polled(vec![page(&[], false)], Some("evt_1")).await;
    assert_eq!(events, Ok(Vec::new()));
}

#[tokio::test]
async fn the_first_poll_looks_an_hour_back() {
    let (events, server) = polled(vec![page(&[2, 1], true)], None).await;
    assert_eq!(events.unwrap(), ["evt_1", "evt_2"]);
    assert_eq!(server.requests()[0].field("created[gte]"), Some("1795863600"));
}

#[tokio::test]
async fn a_cursor_that_stripe_has_forgotten_begins_anew() {
    let forgotten = (EVENTS, fails(400, "invalid_request_error", "resource_missing"));
    let (events, _) = polled(vec![forgotten, page(&[9], false)], Some("evt_1")).await;
    assert_eq!(events.unwrap(), ["evt_9"]);
}
