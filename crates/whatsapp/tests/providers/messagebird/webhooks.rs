//! Webhook calls from MessageBird: reports of text messages and events of conversations.

use domain::{DeliveryStatus, MessageId};
use serde_json::json;
use whatsapp::{DeliveryReport, WebhookError, WebhookEvent, WebhookResponse};

use super::{MESSAGE, SIGNING_KEY, open, settings, signatures::signed};

fn read(method: &str, query: &str, body: &[u8]) -> Result<Option<DeliveryReport>, WebhookError> {
    let call = signed(SIGNING_KEY, method, query, body);
    match open(settings()).unwrap().read_webhook(&call.request())? {
        WebhookResponse::Events { mut events, once: Some(_) } => {
            Ok(events.pop().map(|events| match events {
                WebhookEvent::Delivery(report) => report,
                WebhookEvent::Template(_) => panic!("a template"),
            }))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_report_of_a_text_message_is_a_query() {
    let query = "id=f28bbe526fc14974b3e7e663a6139b53&mccmnc=23410&ported=0&recipient=447700900111\
        &reference=00000000000000000000000000000007&status=delivered\
        &statusDatetime=2026-01-01T00%3A00%3A05%2B00%3A00&statusErrorCode=0\
        &statusReason=successfully+delivered&messageLength=20&messagePartCount=1\
        &price%5Bamount%5D=0.07&price%5Bcurrency%5D=EUR";
    let report = read("GET", query, b"").unwrap().unwrap();
    assert_eq!(
        report,
        DeliveryReport {
            provider: "messagebird",
            provider_message_id: "f28bbe526fc14974b3e7e663a6139b53".to_owned(),
            reference: Some(MessageId::from_bits(7)),
            status: DeliveryStatus::Delivered,
            failure: None,
        }
    );
}

#[test]
fn a_failed_report_shows_the_code_but_no_text_of_the_provider() {
    let query = "id=m1&status=delivery_failed&statusErrorCode=1&statusReason=to+447700900111";
    let report = read("GET", query, b"").unwrap().unwrap();
    assert_eq!(report.status, DeliveryStatus::Failed);
    let failure = report.failure.unwrap();
    assert_eq!(failure.class(), "undeliverable");
    assert_eq!(
        failure.to_string(),
        "the message is undeliverable: the message was not delivered, error 1"
    );
}

#[test]
fn events_of_conversations_are_read_with_or_without_envelope() {
    let message = json!({
        "id": MESSAGE,
        "status": "delivered",
        "direction": "sent",
        "to": "+447700900111",
        "source": { "ref": "00000000000000000000000000000007" },
        "unknown": { "to": "us" },
    });
    let inside = json!({ "type": "message.updated", "contact": { "id": "c" }, "message": message });
    for body in [inside, message] {
        let report = read("POST", "", body.to_string().as_bytes()).unwrap().unwrap();
        assert_eq!(report.provider_message_id, MESSAGE);
        assert_eq!(report.reference, Some(MessageId::from_bits(7)));
        assert_eq!(report.status, DeliveryStatus::Delivered);
    }
}

#[test]
fn inbound_messages_and_other_objects_are_ignored() {
    for body in [
        json!({ "type": "message.created", "message":
            { "id": "m1", "status": "delivered", "direction": "received" } }),
        json!({ "type": "conversation.created", "conversation": { "id": "c" } }),
        json!({ "message": null }),
        json!({ "message": { "id": 7, "status": "read" } }),
        json!([]),
    ] {
        assert_eq!(read("POST", "", body.to_string().as_bytes()), Ok(None), "{body}");
    }
}

#[test]
fn a_signed_but_unreadable_call_is_malformed() {
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    let long = json!({ "id": "x".repeat(200), "status": "read" }).to_string();
    for (method, query, body) in [
        ("POST", "", "{"),
        ("POST", "", deep.as_str()),
        ("POST", "", long.as_str()),
        ("GET", "status=read", ""),
        ("GET", "id=&status=read", ""),
        ("PUT", "", "{}"),
    ] {
        let refused = read(method, query, body.as_bytes());
        assert_eq!(refused, Err(WebhookError::Malformed), "{method} {query} {body}");
    }
}
