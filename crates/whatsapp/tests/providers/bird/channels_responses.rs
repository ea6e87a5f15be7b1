//! Every status, error and failure code of Channels, and its class.

use domain::{Channel, DeliveryProblem, DeliveryStatus, MessageId};
use serde_json::{Value, json};
use whatsapp::{DeliveryReport, SendError, WebhookError, WebhookEvent, WebhookResponse};
use wiremock::ResponseTemplate;

use super::{ACCESS_KEY, answering, channels_at, channels_settings, json_answer, open, signatures};
use crate::support::{PHONE, assert_says_nothing_secret, login};

#[tokio::test]
async fn every_error_reply_has_its_class_and_tells_what_to_change() {
    let plain = json!({ "code": "InvalidPayload", "message": format!("not to {PHONE}") });
    let of_recipient = json!({
        "code": "InvalidPayload",
        "message": "x",
        "details": { "receiver.contacts[0].identifierValue": [PHONE] },
    });
    for (status, body, class, told) in [
        (400, &plain, "misconfigured", "BIRD_TEMPLATES"),
        (401, &plain, "misconfigured", "BIRD_ACCESS_KEY"),
        (402, &plain, "fail_over", "402"),
        (403, &plain, "misconfigured", "BIRD_ACCESS_KEY"),
        (404, &plain, "misconfigured", "BIRD_CHANNEL_ID"),
        (408, &plain, "retry", "408"),
        (409, &plain, "fail_over", "409"),
        (422, &plain, "misconfigured", "BIRD_TEMPLATES"),
        (422, &of_recipient, "undeliverable", "the recipient"),
        (429, &plain, "retry", "429"),
        (500, &plain, "retry", "500"),
        (503, &plain, "retry", "503"),
    ] {
        let answer = json_answer(status, body).insert_header("retry-after", "11");
        let server = answering(answer).await;
        let error = channels_at(&server.uri()).send(&login(Channel::WhatsApp)).await.unwrap_err();
        assert_eq!(error.class(), class, "{status}: {error}");
        let is_unreachable = class == "undeliverable";
        assert_eq!(error.problem() == DeliveryProblem::Unreachable, is_unreachable);
        if let SendError::Retry { after_seconds, .. } = error {
            assert_eq!(after_seconds, Some(11));
        }
        let shown = error.to_string();
        assert!(shown.contains(told), "{status}: {shown}");
        assert_says_nothing_secret(&format!("{shown} {error:?}"), &[ACCESS_KEY]);
    }
}

#[tokio::test]
async fn an_error_points_at_the_channel_that_was_used() {
    let server = answering(ResponseTemplate::new(404)).await;
    let error = channels_at(&server.uri()).send(&login(Channel::Sms)).await.unwrap_err();
    assert!(error.to_string().contains("BIRD_SMS_CHANNEL_ID"), "{error}");
}

#[tokio::test]
async fn a_reply_with_a_failed_message_is_an_error() {
    let server =
        answering(json_answer(202, &json!({ "id": "m1", "status": "sending_failed" }))).await;
    let error = channels_at(&server.uri()).send(&login(Channel::WhatsApp)).await.unwrap_err();
    assert_eq!(error.class(), "fail_over");
}

fn read(event: &Value) -> Result<Option<DeliveryReport>, WebhookError> {
    let call = signatures::channels(event.to_string().as_bytes());
    match open(channels_settings()).unwrap().read_webhook(&call.request())? {
        WebhookResponse::Events { mut events, .. } => Ok(events.pop().map(|events| match events {
            WebhookEvent::Delivery(report) => report,
            other => panic!("{other:?}"),
        })),
        WebhookResponse::Echo(words) => panic!("{words}"),
    }
}

fn outbound(status: &str, failure: &Value) -> Value {
    json!({
        "service": "channels",
        "event": "whatsapp.outbound",
        "payload": {
            "id": "m1",
            "reference": "00000000000000000000000000000007",
            "receiver": { "contacts": [{ "identifierValue": PHONE }] },
            "status": status,
            "reason": format!("details: not to {PHONE}"),
            "direction": "outgoing",
            "failure": failure,
        },
    })
}

#[test]
fn every_status_is_read_with_or_without_its_envelope() {
    for (status, delivery_status) in [
        ("accepted", Some(DeliveryStatus::Accepted)),
        ("processing", Some(DeliveryStatus::Accepted)),
        ("sent", Some(DeliveryStatus::Sent)),
        ("delivered", Some(DeliveryStatus::Delivered)),
        ("sending_failed", Some(DeliveryStatus::Failed)),
        ("delivery_failed", Some(DeliveryStatus::Failed)),
        ("something_new", None),
    ] {
        let event = outbound(status, &Value::Null);
        for event in [&event, &event["payload"]] {
            let report = read(event).unwrap();
            assert_eq!(report.as_ref().map(|it| it.status), delivery_status, "{status}");
            let Some(report) = report else { continue };
            assert_eq!(report.provider, "bird-channels");
            assert_eq!(report.provider_message_id, "m1");
            assert_eq!(report.reference, Some(MessageId::from_bits(7)));
            assert_eq!(report.failure.is_some(), delivery_status == Some(DeliveryStatus::Failed));
        }
    }
}

#[test]
fn every_group_of_failures_has_its_class() {
    let of = |code: u32, name: &str, source: Value| json!({ "code": code, "source": { "name": name, "code": source } });
    for (status, failure, class) in [
        ("sending_failed", Value::Null, "fail_over"),
        ("delivery_failed", Value::Null, "undeliverable"),
        ("delivery_failed", json!({ "code": "words" }), "undeliverable"),
        ("sending_failed", of(11001, "pre-processing", json!("1")), "misconfigured"),
        ("sending_failed", of(12001, "touchpoint", json!(1)), "retry"),
        ("sending_failed", of(14001, "accounting", Value::Null), "fail_over"),
        ("sending_failed", of(14002, "contact", Value::Null), "fail_over"),
        // The one example of the reference: unknown subscriber.
        ("delivery_failed", of(15005, "sms-messagebird", json!("1")), "undeliverable"),
        ("delivery_failed", of(15001, "whatsapp", json!("131026")), "undeliverable"),
        ("delivery_failed", of(15001, "whatsapp", json!(131056)), "retry"),
        ("delivery_failed", of(15001, "whatsapp", json!("132001")), "misconfigured"),
        ("sending_failed", of(99, "", Value::Null), "fail_over"),
    ] {
        let report = read(&outbound(status, &failure)).unwrap().unwrap();
        let error = report.failure.unwrap();
        assert_eq!(error.class(), class, "{failure}");
        assert_says_nothing_secret(&error.to_string(), &[]);
    }
}

#[test]
fn a_read_interaction_is_an_event_and_inbound_messages_are_not() {
    let interaction = |payload: Value| json!({ "service": "channels", "event": "whatsapp.interaction", "payload": payload });
    for payload in [
        json!({ "type": "read", "messageId": "m1" }),
        json!({ "type": "read", "message": { "id": "m1" } }),
    ] {
        let report = read(&interaction(payload)).unwrap().unwrap();
        assert_eq!(report.provider_message_id, "m1");
        assert_eq!(report.status, DeliveryStatus::Read);
    }
    assert_eq!(read(&interaction(json!({ "type": "clicked", "messageId": "m1" }))), Ok(None));
    let inbound =
        json!({ "payload": { "id": "m1", "status": "delivered", "direction": "incoming" } });
    assert_eq!(read(&inbound), Ok(None));
    assert_eq!(read(&json!({ "service": "templates", "event": "template.updated" })), Ok(None));
    let nameless = json!({ "payload": { "id": "", "status": "sent" } });
    assert_eq!(read(&nameless), Err(WebhookError::Malformed));
}

#[test]
fn a_failure_with_any_code_or_none_is_a_failure() {
    for (failure, class) in [
        (json!("words"), "undeliverable"),
        (json!([]), "undeliverable"),
        (json!({}), "undeliverable"),
        (json!({ "code": null }), "undeliverable"),
        (json!({ "code": 99_999, "source": null }), "undeliverable"),
        (json!({ "code": "12001" }), "retry"),
        (json!({ "code": 15_001, "source": "whatsapp" }), "undeliverable"),
        (json!({ "code": 15_001, "source": { "name": 7, "code": "132001" } }), "misconfigured"),
        (json!({ "code": 14_001, "source": { "name": null, "code": {} } }), "fail_over"),
    ] {
        let report = read(&outbound("delivery_failed", &failure)).unwrap().unwrap();
        assert_eq!(report.status, DeliveryStatus::Failed, "{failure}");
        assert_eq!(report.failure.unwrap().class(), class, "{failure}");
    }
}
