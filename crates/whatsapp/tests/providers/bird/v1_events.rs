//! Webhook events of the platform of 2026.

use domain::{DeliveryStatus, MessageId};
use serde_json::{Value, json};
use whatsapp::{DeliveryReport, WebhookError, WebhookEvent, WebhookResponse};

use super::{SMS_ID, WHATSAPP_ID, open, signatures::standard, v1_settings};
use crate::support::{PHONE, assert_says_nothing_secret, schema::Schema};

fn event(kind: &str, error: Option<Value>) -> Value {
    let is_sms = kind.starts_with("sms.");
    let mut data = json!({
        "workspace_id": "ws_01jqa0000000000000000000ab",
        "tags": null,
        "metadata": { "ref": "00000000000000000000000000000007" },
    });
    if is_sms {
        data["sms_id"] = SMS_ID.into();
        data["to"] = PHONE.into();
        data["from"] = "Marigold".into();
        data["segments"] = json!({ "count": 1, "encoding": "GSM_7BIT", "characters": 98 });
    } else {
        data["whatsapp_id"] = WHATSAPP_ID.into();
        data["direction"] = "outbound".into();
        data["to"] = json!({ "phone_number": PHONE });
        data["from"] = json!({ "phone_number": "+447700900100" });
    }
    if let Some(error) = error {
        data["error"] = error;
    }
    json!({ "type": kind, "timestamp": "2026-01-01T00:00:00Z", "data": data })
}

fn failed(code: &str, meta: Option<&str>) -> Value {
    let mut error = json!({
        "code": code,
        "description": format!("not to {PHONE}"),
        "occurred_at": "2026-01-01T00:00:00Z",
    });
    if let Some(meta) = meta {
        error["meta_error_code"] = meta.into();
    }
    error
}

fn read(event: &Value) -> Result<Option<DeliveryReport>, WebhookError> {
    let call = standard(event.to_string().as_bytes());
    match open(v1_settings()).unwrap().read_webhook(&call.request())? {
        WebhookResponse::Events { mut events, .. } => Ok(events.pop().map(|events| match events {
            WebhookEvent::Delivery(report) => report,
            other => panic!("{other:?}"),
        })),
        WebhookResponse::Echo(words) => panic!("{words}"),
    }
}

#[test]
fn every_event_of_a_message_is_read() {
    let schema = Schema::new(include_str!("../../data/bird/events.json"));
    for (kind, status) in [
        ("whatsapp.accepted", DeliveryStatus::Accepted),
        ("whatsapp.sent", DeliveryStatus::Sent),
        ("whatsapp.delivered", DeliveryStatus::Delivered),
        ("whatsapp.read", DeliveryStatus::Read),
        ("whatsapp.failed", DeliveryStatus::Failed),
        ("whatsapp.rejected", DeliveryStatus::Failed),
        ("sms.accepted", DeliveryStatus::Accepted),
        ("sms.sent", DeliveryStatus::Sent),
        ("sms.delivered", DeliveryStatus::Delivered),
        ("sms.undelivered", DeliveryStatus::Failed),
        ("sms.failed", DeliveryStatus::Failed),
        ("sms.rejected", DeliveryStatus::Failed),
        ("sms.expired", DeliveryStatus::Failed),
    ] {
        let has_failed = status == DeliveryStatus::Failed;
        let event = event(kind, has_failed.then(|| failed("internal_error", None)));
        schema.assert_takes(&event);
        let report = read(&event).unwrap().unwrap();
        assert_eq!(report.provider, "bird");
        let id = if kind.starts_with("sms") { SMS_ID } else { WHATSAPP_ID };
        assert_eq!(report.provider_message_id, id);
        assert_eq!(report.reference, Some(MessageId::from_bits(7)));
        assert_eq!(report.status, status, "{kind}");
        assert_eq!(report.failure.is_some(), has_failed);
    }
}

#[test]
fn every_failure_has_its_class_and_whatsapp_codes_take_precedence() {
    for (kind, code, meta, class) in [
        ("whatsapp", "insufficient_balance", None, "fail_over"),
        ("whatsapp", "price_not_found", None, "fail_over"),
        ("whatsapp", "internal_error", None, "retry"),
        ("whatsapp", "undeliverable", None, "undeliverable"),
        ("whatsapp", "service_window_expired", None, "misconfigured"),
        ("whatsapp", "rate_limited", None, "retry"),
        ("whatsapp", "recipient_suppressed", None, "undeliverable"),
        ("whatsapp", "undeliverable", Some("131026"), "undeliverable"),
        ("whatsapp", "undeliverable", Some("132015"), "misconfigured"),
        ("whatsapp", "rate_limited", Some("131056"), "retry"),
        ("whatsapp", "undeliverable", Some("999999"), "undeliverable"),
        ("whatsapp", "undeliverable", Some("not a number"), "undeliverable"),
        ("whatsapp", "something_new", None, "fail_over"),
        ("sms", "invalid_destination", None, "undeliverable"),
        ("sms", "unreachable", None, "undeliverable"),
        ("sms", "blocked_by_carrier", None, "fail_over"),
        ("sms", "blocked_by_recipient", None, "undeliverable"),
        ("sms", "landline_unreachable", None, "undeliverable"),
        ("sms", "content_rejected", None, "fail_over"),
        ("sms", "sender_unregistered", None, "misconfigured"),
        ("sms", "recipient_opted_out", None, "undeliverable"),
        ("sms", "provider_unavailable", None, "retry"),
        ("sms", "insufficient_balance", None, "fail_over"),
        ("sms", "unknown", None, "fail_over"),
    ] {
        let event = event(&format!("{kind}.failed"), Some(failed(code, meta)));
        let failure = read(&event).unwrap().unwrap().failure.unwrap();
        assert_eq!(failure.class(), class, "{kind} {code} {meta:?}");
        assert_says_nothing_secret(&failure.to_string(), &[]);
    }
}

#[test]
fn inbound_messages_and_other_events_are_ignored() {
    for kind in ["whatsapp.received", "sms.received", "email.delivered", "whatsapp.something_new"] {
        assert_eq!(read(&event(kind, None)), Ok(None), "{kind}");
    }
    assert_eq!(read(&json!({ "data": {} })), Err(WebhookError::Malformed));
    let nameless = json!({ "type": "whatsapp.read", "data": {} });
    assert_eq!(read(&nameless), Err(WebhookError::Malformed));
}

#[test]
fn a_failure_with_any_code_or_none_is_a_failure() {
    for (error, class) in [
        (json!(null), "fail_over"),
        (json!("words"), "fail_over"),
        (json!({}), "fail_over"),
        (json!({ "code": null }), "fail_over"),
        (json!({ "code": 7 }), "fail_over"),
        (json!({ "code": "a_code_of_the_future" }), "fail_over"),
        (json!({ "code": null, "meta_error_code": "131026" }), "undeliverable"),
        (json!({ "code": ["x"], "meta_error_code": 131_026 }), "undeliverable"),
        (json!({ "code": "unreachable", "meta_error_code": null }), "undeliverable"),
        (json!({ "code": "unreachable", "meta_error_code": {} }), "undeliverable"),
    ] {
        for kind in ["whatsapp.failed", "sms.failed"] {
            let report = read(&event(kind, Some(error.clone()))).unwrap().unwrap();
            assert_eq!(report.status, DeliveryStatus::Failed, "{error}");
            assert_eq!(report.failure.unwrap().class(), class, "{kind} {error}");
        }
    }
}

#[test]
fn an_event_is_read_whatever_else_the_call_holds() {
    for odd in [r#""\ud83d""#, "1e999", "null", "[[{}]]", "-0", r#""\u0000""#, "{}", "false"] {
        let body = format!(
            r#"{{"type":"whatsapp.read","timestamp":{odd},"workspace":{odd},"data":{{
               "whatsapp_id":"wam_1","to":{odd},"tags":{odd},"metadata":{odd},"error":{odd}}}}}"#
        );
        let call = standard(body.as_bytes());
        let answer = open(v1_settings()).unwrap().read_webhook(&call.request()).unwrap();
        let WebhookResponse::Events { events, .. } = answer else { panic!() };
        assert_eq!(events.len(), 1, "{odd}");
    }
}
