//! Every error and status of the reference, and its class.

use domain::{Channel, DeliveryProblem, DeliveryStatus};
use serde_json::json;
use whatsapp::{DeliveryReport, WebhookEvent, WebhookResponse};
use wiremock::ResponseTemplate;

use super::{
    ACCESS_KEY, SIGNING_KEY, answering, answering_with, open, settings, signatures::signed,
};
use crate::support::{PHONE, assert_says_nothing_secret, login};

/// Code, parameter and status; then the class and a part of the error text, for WhatsApp
/// and for text messages.
type Row = (u32, Option<&'static str>, u16, [(&'static str, &'static str); 2]);

const ACCOUNT: [(&str, &str); 2] = [("misconfigured", "MESSAGEBIRD_ACCESS_KEY"); 2];
const RECIPIENT: [(&str, &str); 2] = [("undeliverable", "the recipient's number"); 2];
const SENDER: [(&str, &str); 2] =
    [("misconfigured", "MESSAGEBIRD_CHANNEL_ID"), ("misconfigured", "MESSAGEBIRD_SMS_FROM")];
const TEMPLATE: [(&str, &str); 2] = [("misconfigured", "template"); 2];
const REQUEST: [(&str, &str); 2] = [("misconfigured", "the request"); 2];

const ROWS: &[Row] = &[
    // "Success" in an error reply: its status decides.
    (1, None, 400, [("fail_over", "400"); 2]),
    (2, Some("access_key"), 401, ACCOUNT),
    (9, Some("recipients"), 422, RECIPIENT),
    (9, Some("originator"), 422, SENDER),
    (9, None, 422, [("misconfigured", "the request"), ("undeliverable", "number is invalid")]),
    (10, Some("to"), 422, RECIPIENT),
    (10, Some("channelId"), 422, SENDER),
    (10, Some("content.hsm.templateName"), 422, TEMPLATE),
    (10, Some("reportUrl"), 422, [("misconfigured", "MARIGOLD_PUBLIC_URL"); 2]),
    (10, Some("ttl"), 422, REQUEST),
    (
        20,
        None,
        404,
        [
            ("misconfigured", "MESSAGEBIRD_CHANNEL_ID"),
            ("misconfigured", "MESSAGEBIRD_REST_BASE_URL"),
        ],
    ),
    (21, None, 400, REQUEST),
    (25, None, 402, [("fail_over", "balance"); 2]),
    (
        98,
        None,
        404,
        [
            ("misconfigured", "MESSAGEBIRD_CONVERSATIONS_BASE_URL"),
            ("misconfigured", "MESSAGEBIRD_REST_BASE_URL"),
        ],
    ),
    (99, None, 500, [("retry", "error 99"); 2]),
    (98, None, 429, [("retry", "429"); 2]),
    (4242, None, 503, [("retry", "503"); 2]),
];

#[tokio::test]
async fn every_error_has_its_class_and_tells_what_to_change() {
    for (code, parameter, status, outcomes) in ROWS {
        let body = json!({ "errors": [{
            "code": code,
            "description": format!("no (correct) recipients found: {PHONE}"),
            "parameter": parameter,
        }] });
        let (_server, provider) = answering(*status, body).await;
        for (channel, (class, told)) in [Channel::WhatsApp, Channel::Sms].into_iter().zip(outcomes)
        {
            let error = provider.send(&login(channel)).await.unwrap_err();
            assert_eq!(error.class(), *class, "{code} {parameter:?}: {error}");
            let is_unreachable = *class == "undeliverable";
            assert_eq!(error.problem() == DeliveryProblem::Unreachable, is_unreachable);
            let shown = error.to_string();
            assert!(shown.contains(told), "{code} {parameter:?}: {shown}");
            assert_says_nothing_secret(&format!("{shown} {error:?}"), &[ACCESS_KEY]);
        }
    }
}

#[tokio::test]
async fn an_unreadable_error_reply_is_classified_by_its_status() {
    for (status, class) in [
        (302, "misconfigured"),
        (400, "fail_over"),
        (401, "misconfigured"),
        (402, "fail_over"),
        (403, "misconfigured"),
        (404, "misconfigured"),
        (408, "retry"),
        (422, "fail_over"),
        (429, "retry"),
        (500, "retry"),
        (502, "retry"),
        (503, "retry"),
    ] {
        let answer = ResponseTemplate::new(status)
            .set_body_string("<html>")
            .insert_header("retry-after", "7");
        let (_server, provider) = answering_with(answer).await;
        let error = provider.send(&login(Channel::WhatsApp)).await.unwrap_err();
        assert_eq!(error.class(), class, "{status}");
        if let whatsapp::SendError::Retry { after_seconds, .. } = error {
            assert_eq!(after_seconds, Some(7));
        }
    }
}

#[tokio::test]
async fn a_reply_with_a_rejected_message_is_an_error() {
    let (_server, provider) = answering(202, json!({ "id": "m1", "status": "rejected" })).await;
    let error = provider.send(&login(Channel::WhatsApp)).await.unwrap_err();
    assert_eq!(error.class(), "fail_over");
}

/// Every status of the reference, of both services.
const STATUSES: &[(&str, Option<DeliveryStatus>, Option<&str>)] = &[
    ("accepted", Some(DeliveryStatus::Accepted), None),
    ("pending", Some(DeliveryStatus::Accepted), None),
    ("scheduled", Some(DeliveryStatus::Accepted), None),
    ("delayed", Some(DeliveryStatus::Accepted), None),
    ("sent", Some(DeliveryStatus::Sent), None),
    ("transmitted", Some(DeliveryStatus::Sent), None),
    ("buffered", Some(DeliveryStatus::Sent), None),
    ("dispatched", Some(DeliveryStatus::Sent), None),
    ("delivered", Some(DeliveryStatus::Delivered), None),
    ("read", Some(DeliveryStatus::Read), None),
    ("opened", Some(DeliveryStatus::Read), None),
    ("clicked", Some(DeliveryStatus::Read), None),
    ("rejected", Some(DeliveryStatus::Failed), Some("fail_over")),
    ("failed", Some(DeliveryStatus::Failed), Some("fail_over")),
    ("out_of_bounded", Some(DeliveryStatus::Failed), Some("fail_over")),
    ("delivery_failed", Some(DeliveryStatus::Failed), Some("undeliverable")),
    ("expired", Some(DeliveryStatus::Failed), Some("undeliverable")),
    ("bounce", Some(DeliveryStatus::Failed), Some("undeliverable")),
    ("unsupported", Some(DeliveryStatus::Failed), Some("undeliverable")),
    ("received", None, None),
    ("deleted", None, None),
    ("unknown", None, None),
    ("spam_complaint", None, None),
    ("list_unsubscribe", None, None),
    ("something_new", None, None),
];

#[test]
fn every_status_is_read_and_unused_ones_are_ignored() {
    let provider = open(settings()).unwrap();
    for (status, delivery_status, class) in STATUSES {
        let body = json!({ "message": { "id": "m1", "status": status, "error": { "code": 301 } } });
        let call = signed(SIGNING_KEY, "POST", "", body.to_string().as_bytes());
        let WebhookResponse::Events { events, .. } =
            provider.read_webhook(&call.request()).unwrap()
        else {
            panic!("no events");
        };
        let report = events.first().map(|events| match events {
            WebhookEvent::Delivery(DeliveryReport { status, failure, .. }) => {
                (*status, failure.clone())
            }
            other => panic!("{other:?}"),
        });
        assert_eq!(
            report.as_ref().map(|(delivery_status, _)| *delivery_status),
            *delivery_status,
            "{status}"
        );
        let failure = report.and_then(|(_, failure)| failure);
        assert_eq!(failure.as_ref().map(whatsapp::SendError::class), *class, "{status}");
        if let Some(failure) = failure {
            assert!(failure.to_string().contains("301"), "{failure}");
        }
    }
}

#[test]
fn a_whatsapp_code_classifies_a_failed_message() {
    let provider = open(settings()).unwrap();
    for (code, class) in [(131026, "undeliverable"), (131056, "retry"), (132001, "misconfigured")] {
        let message = json!({ "id": "m1", "status": "failed", "error": { "code": code } });
        let call = signed(SIGNING_KEY, "POST", "", message.to_string().as_bytes());
        let WebhookResponse::Events { events, .. } =
            provider.read_webhook(&call.request()).unwrap()
        else {
            panic!("no events");
        };
        let WebhookEvent::Delivery(DeliveryReport { failure: Some(failure), .. }) = &events[0]
        else {
            panic!("{events:?}");
        };
        assert_eq!(failure.class(), class);
    }
}
