//! Every error of the platform of 2026, and its class.

use domain::{Channel, DeliveryProblem};
use serde_json::{Value, json};
use whatsapp::SendError;
use wiremock::{MockServer, ResponseTemplate};

use super::{API_KEY, WHATSAPP_ID, answering, json_answer, v1_at};
use crate::support::{PHONE, assert_says_nothing_secret, login, schema::Schema};

fn envelope(kind: &str, code: &str, name: &str, param: Option<&str>) -> Value {
    let mut error = json!({
        "type": kind,
        "code": code,
        "name": name,
        "message": format!("not to {PHONE}"),
        "doc_url": format!("https://bird.com/docs/errors/{code}"),
        "request_id": "req_1",
        "details": [{ "param": "to", "message": format!("{PHONE} is wrong") }],
    });
    if let Some(param) = param {
        error["param"] = param.into();
    }
    json!({ "error": error })
}

/// Status, type, code, name and parameter; then the class and a part of the error text.
type Row = (u16, &'static str, &'static str, &'static str, Option<&'static str>, Told);
type Told = (&'static str, &'static str);

const VALIDATION: &str = "validation_error";
/// Stands for the code of a name that the reference lists without a code.
const ANY: &str = "E20001";
const NONE: Option<&str> = None;

#[rustfmt::skip]
const WHATSAPP: &[Row] = &[
    (409, "conflict_error", "E01004", "request_in_progress", NONE, ("unknown", "")),
    (409, "conflict_error", "E01005", "idempotency_key_reuse", NONE, ("unknown", "")),
    (422, VALIDATION, "E13020", "NoNextChannel", Some("to"), ("fail_over", "E13020")),
    (422, VALIDATION, ANY, "NoAvailableChannel", NONE, ("fail_over", ANY)),
    (422, VALIDATION, ANY, "WhatsAppTemplateParameterMismatch", NONE, ("misconfigured", "BIRD_V1_TEMPLATE")),
    (422, VALIDATION, ANY, "WhatsAppContentRequired", NONE, ("misconfigured", "the request")),
    (422, VALIDATION, ANY, "WhatsAppContentAmbiguous", NONE, ("misconfigured", "the request")),
    (422, VALIDATION, ANY, "WhatsAppInvalidRecipient", NONE, ("undeliverable", ANY)),
    (422, VALIDATION, ANY, "WhatsAppRecipientNotSupportedForTemplate", NONE, ("undeliverable", ANY)),
    (422, VALIDATION, ANY, "WhatsAppSenderNotAllowed", NONE, ("misconfigured", "BIRD_V1_FROM")),
    (422, VALIDATION, ANY, "WhatsAppSenderRequired", NONE, ("misconfigured", "BIRD_V1_FROM")),
    (422, VALIDATION, ANY, "WhatsAppSenderNotFound", NONE, ("misconfigured", "BIRD_V1_FROM")),
    (422, VALIDATION, ANY, "WhatsAppSenderWABAMismatch", NONE, ("misconfigured", "BIRD_V1_FROM")),
    (401, "auth_error", ANY, "x", NONE, ("misconfigured", "BIRD_V1_API_KEY")),
    (403, "permission_error", ANY, "x", NONE, ("misconfigured", "BIRD_V1_API_KEY")),
    (421, "misdirected_error", ANY, "x", NONE, ("misconfigured", "BIRD_V1_BASE_URL")),
    (402, "billing_error", ANY, "x", NONE, ("fail_over", "balance")),
    (429, "rate_limit_error", ANY, "x", NONE, ("retry", ANY)),
    (503, "service_unavailable_error", ANY, "x", NONE, ("retry", ANY)),
    (500, "internal_error", ANY, "x", NONE, ("retry", ANY)),
    (425, "too_early_error", ANY, "x", NONE, ("retry", ANY)),
    (409, "conflict_error", ANY, "x", NONE, ("fail_over", ANY)),
    (410, "gone_error", ANY, "x", NONE, ("fail_over", ANY)),
    (501, "not_implemented_error", ANY, "x", NONE, ("fail_over", ANY)),
    (404, "not_found_error", ANY, "x", NONE, ("misconfigured", "BIRD_V1_TEMPLATE")),
    (400, "bad_request_error", ANY, "x", NONE, ("misconfigured", "the request")),
    (413, "payload_too_large_error", ANY, "x", NONE, ("misconfigured", "the request")),
    (412, "precondition_error", ANY, "x", NONE, ("misconfigured", "the request")),
    (422, VALIDATION, ANY, "x", NONE, ("misconfigured", "the request")),
    (422, VALIDATION, ANY, "x", Some("to"), ("undeliverable", ANY)),
    (422, VALIDATION, ANY, "x", Some("from"), ("misconfigured", "BIRD_V1_FROM")),
    (422, VALIDATION, ANY, "x", Some("template.language"), ("misconfigured", "BIRD_V1_TEMPLATE")),
];

#[rustfmt::skip]
const SMS: &[Row] = &[
    (422, VALIDATION, ANY, "SMSNoEligibleSender", NONE, ("misconfigured", "BIRD_V1_SMS_FROM")),
    (422, VALIDATION, ANY, "SMSInvalidRecipient", NONE, ("undeliverable", ANY)),
    (422, VALIDATION, ANY, "SMSUnsupportedFeature", NONE, ("misconfigured", "the request")),
    (422, VALIDATION, ANY, "x", Some("from"), ("misconfigured", "BIRD_V1_SMS_FROM")),
    (402, "billing_error", ANY, "x", NONE, ("fail_over", "balance")),
    (404, "not_found_error", ANY, "x", NONE, ("misconfigured", "BIRD_V1_BASE_URL")),
];

#[tokio::test]
async fn every_error_has_its_class_and_tells_what_to_change() {
    let schema = Schema::new(include_str!("../../data/bird/error.json"));
    for (channel, rows) in [(Channel::WhatsApp, WHATSAPP), (Channel::Sms, SMS)] {
        for (status, kind, code, name, param, (class, told)) in rows {
            let body = envelope(kind, code, name, *param);
            schema.assert_takes(&body);
            let server = answering(json_answer(*status, &body)).await;
            let error = v1_at(&server.uri()).send(&login(channel)).await.unwrap_err();
            assert_eq!(error.class(), *class, "{kind} {name}: {error}");
            let is_unreachable = *class == "undeliverable";
            assert_eq!(error.problem() == DeliveryProblem::Unreachable, is_unreachable);
            let shown = error.to_string();
            assert!(shown.contains(told), "{kind} {name}: {shown}");
            assert_says_nothing_secret(&format!("{shown} {error:?}"), &[API_KEY]);
        }
    }
}

#[tokio::test]
async fn an_unreadable_error_reply_is_classified_by_its_status() {
    for (status, class) in [
        (307, "misconfigured"),
        (400, "fail_over"),
        (401, "misconfigured"),
        (403, "misconfigured"),
        (408, "retry"),
        (429, "retry"),
        (500, "retry"),
        (502, "retry"),
        (504, "retry"),
    ] {
        let elsewhere = MockServer::start().await;
        let answer = ResponseTemplate::new(status)
            .set_body_string("<html>")
            .insert_header("location", elsewhere.uri().as_str())
            .insert_header("retry-after", "9");
        let server = answering(answer).await;
        let error = v1_at(&server.uri()).send(&login(Channel::WhatsApp)).await.unwrap_err();
        assert_eq!(error.class(), class, "{status}");
        if let SendError::Retry { after_seconds, .. } = error {
            assert_eq!(after_seconds, Some(9));
        }
        assert!(elsewhere.received_requests().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn text_in_place_of_an_error_code_is_not_repeated() {
    let body = envelope("billing_error", &format!("no code for {PHONE}"), PHONE, None);
    let server = answering(json_answer(402, &body)).await;
    let error = v1_at(&server.uri()).send(&login(Channel::WhatsApp)).await.unwrap_err();
    assert_eq!(error.class(), "fail_over");
    assert_says_nothing_secret(&error.to_string(), &[]);
}

#[tokio::test]
async fn a_reply_with_a_rejected_message_is_an_error() {
    let error = json!({ "code": "recipient_suppressed", "description": "x", "occurred_at": "x" });
    let body = json!({ "id": WHATSAPP_ID, "status": "rejected", "last_error": error });
    let server = answering(json_answer(202, &body)).await;
    let error = v1_at(&server.uri()).send(&login(Channel::WhatsApp)).await.unwrap_err();
    assert_eq!(error.class(), "undeliverable");
}

#[tokio::test]
async fn words_of_the_future_in_a_reply_are_no_errors() {
    for (body, class) in [
        (json!({ "id": "wam_1", "status": "a_word_of_the_future" }), "accepted"),
        (json!({ "id": "wam_1", "status": "scheduled" }), "accepted"),
        (json!({ "id": "wam_1", "status": null }), "accepted"),
        (json!({ "id": "wam_1", "last_error": "words" }), "accepted"),
        (json!({ "id": "wam_1", "status": "failed", "last_error": "words" }), "fail_over"),
        (json!({ "id": "wam_1", "status": "failed", "last_error": { "code": 7 } }), "fail_over"),
        (json!({ "id": "sms_1", "status": "undelivered", "last_error": null }), "fail_over"),
        (
            json!({ "id": "wam_1", "status": "rejected", "last_error":
                { "code": "a_code_of_the_future", "meta_error_code": "131026" } }),
            "undeliverable",
        ),
    ] {
        let server = answering(json_answer(202, &body)).await;
        let sent = v1_at(&server.uri()).send(&login(Channel::WhatsApp)).await;
        let found = sent.as_ref().map_or_else(SendError::class, |_| "accepted");
        assert_eq!(found, class, "{body}");
    }
    for (error, class) in [
        (json!({ "type": "a_type_of_the_future", "code": "E99999", "name": "X" }), "fail_over"),
        (json!({ "type": null, "code": null, "name": null }), "fail_over"),
        (json!({ "type": "rate_limit_error" }), "retry"),
        (json!({ "code": "E13020" }), "fail_over"),
        (json!({}), "fail_over"),
    ] {
        let answer = json_answer(422, &json!({ "error": error }));
        let server = answering(answer).await;
        let error = v1_at(&server.uri()).send(&login(Channel::WhatsApp)).await.unwrap_err();
        assert_eq!(error.class(), class, "{error}");
    }
}
