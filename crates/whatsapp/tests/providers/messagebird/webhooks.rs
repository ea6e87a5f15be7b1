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
                other => panic!("{other:?}"),
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
            recipient: None,
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
    let long = json!({ "id": "x".repeat(200), "status": "read" }).to_string();
    for (method, query, body) in [
        ("POST", "", "{"),
        ("POST", "", long.as_str()),
        ("GET", "status=read", ""),
        ("GET", "id=&status=read", ""),
        ("PUT", "", "{}"),
    ] {
        let refused = read(method, query, body.as_bytes());
        assert_eq!(refused, Err(WebhookError::Malformed), "{method} {query} {body}");
    }
}

#[test]
fn a_failure_with_any_code_or_none_is_a_failure() {
    for (error, class) in [
        (json!(null), "fail_over"),
        (json!({}), "fail_over"),
        (json!("words"), "fail_over"),
        (json!({ "code": null }), "fail_over"),
        (json!({ "code": "words" }), "fail_over"),
        (json!({ "code": 999_999 }), "fail_over"),
        (json!({ "code": -1 }), "fail_over"),
        (json!({ "code": 131_026 }), "undeliverable"),
        (json!({ "code": "131026" }), "undeliverable"),
    ] {
        let body = json!({ "message": { "id": "m1", "status": "failed", "error": error } });
        let report = read("POST", "", body.to_string().as_bytes()).unwrap().unwrap();
        assert_eq!(report.status, DeliveryStatus::Failed, "{error}");
        assert_eq!(report.failure.unwrap().class(), class, "{error}");
    }
    for code in ["", "null", "words", "-1", "999999999999"] {
        let query = format!("id=m1&status=delivery_failed&statusErrorCode={code}");
        let report = read("GET", &query, b"").unwrap().unwrap();
        assert_eq!(report.failure.unwrap().class(), "undeliverable", "{code}");
    }
}

#[test]
fn a_status_is_read_whatever_else_the_call_holds() {
    for odd in [r#""\ud83d""#, "1e999", "null", "[[{}]]", "-0", r#""\u0000""#, "{}", "false"] {
        let body = format!(
            r#"{{"type":{odd},"contact":{odd},"message":{{"content":{odd},"to":{odd},"from":{odd},
               "id":"m1","status":"read","source":{odd}}}}}"#
        );
        let report = read("POST", "", body.as_bytes()).unwrap().unwrap();
        assert_eq!((report.status, report.reference), (DeliveryStatus::Read, None), "{odd}");
    }
}
