//! Every error code of Twilio, in a reply and in a webhook call.

use domain::{Channel, DeliveryProblem};
use serde_json::json;
use whatsapp::{SendError, WebhookEvent, WebhookResponse};
use wiremock::MockServer;

use super::{webhooks::call, *};
use crate::support::{assert_says_nothing_secret, login};

/// Every code, its class, and the setting to change.
#[rustfmt::skip]
const CODES: &[(u32, &str, &str)] = &[
    (20003, "misconfigured", "TWILIO_AUTH_TOKEN"),
    (20005, "fail_over", ""),
    (20006, "misconfigured", "TWILIO_AUTH_TOKEN"),
    (20008, "misconfigured", "TWILIO_AUTH_TOKEN"),
    (20404, "misconfigured", "TWILIO_ACCOUNT_SID"),
    (20422, "misconfigured", "the request to Twilio"),
    (20429, "retry", ""),
    (20500, "retry", ""),
    (20503, "retry", ""),
    (21211, "undeliverable", ""),
    (21212, "misconfigured", "TWILIO_SMS_FROM"),
    (21408, "misconfigured", "SMS geographic permissions"),
    (21601, "misconfigured", "TWILIO_SMS_FROM"),
    (21602, "misconfigured", "the request to Twilio"),
    (21603, "misconfigured", "TWILIO_FROM"),
    (21604, "misconfigured", "the request to Twilio"),
    (21606, "misconfigured", "TWILIO_SMS_FROM"),
    (21608, "misconfigured", "TWILIO_ACCOUNT_SID"),
    (21609, "misconfigured", "MARIGOLD_PUBLIC_URL"),
    (21610, "undeliverable", ""),
    (21611, "retry", ""),
    (21612, "undeliverable", ""),
    (21614, "undeliverable", ""),
    (21617, "misconfigured", "the request to Twilio"),
    (21619, "misconfigured", "the request to Twilio"),
    (21620, "misconfigured", "the request to Twilio"),
    (21624, "misconfigured", "the request to Twilio"),
    (21654, "misconfigured", "template"),
    (21655, "misconfigured", "template"),
    (21656, "misconfigured", "template"),
    (21703, "misconfigured", "TWILIO_FROM"),
    (21704, "misconfigured", "TWILIO_FROM"),
    (21705, "misconfigured", "TWILIO_FROM"),
    (21910, "misconfigured", "TWILIO_FROM"),
    (30001, "retry", ""),
    (30002, "fail_over", ""),
    (30003, "undeliverable", ""),
    (30004, "undeliverable", ""),
    (30005, "undeliverable", ""),
    (30006, "undeliverable", ""),
    (30007, "fail_over", ""),
    (30008, "retry", ""),
    (30010, "misconfigured", "the request to Twilio"),
    (30022, "retry", ""),
    (30034, "misconfigured", "TWILIO_SMS_FROM"),
    (30036, "retry", ""),
    (30410, "retry", ""),
    (30450, "undeliverable", ""),
    (60200, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60201, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60202, "retry", ""),
    (60203, "retry", ""),
    (60204, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60205, "undeliverable", ""),
    (60206, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60207, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60208, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60209, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60210, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60211, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60212, "retry", ""),
    (60213, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60214, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60217, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60220, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60221, "misconfigured", "the request to Twilio"),
    (60223, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60224, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60226, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60227, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60228, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60229, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60238, "undeliverable", ""),
    (60408, "misconfigured", "TWILIO_VERIFY_SERVICE_SID"),
    (60410, "undeliverable", ""),
    (63001, "fail_over", ""),
    (63002, "misconfigured", "TWILIO_FROM"),
    (63003, "undeliverable", ""),
    (63005, "misconfigured", "template"),
    (63006, "misconfigured", "template"),
    (63007, "misconfigured", "TWILIO_FROM"),
    (63008, "fail_over", ""),
    (63009, "retry", ""),
    (63010, "retry", ""),
    (63011, "misconfigured", "the request to Twilio"),
    (63012, "retry", ""),
    (63013, "fail_over", ""),
    (63014, "undeliverable", ""),
    (63015, "undeliverable", ""),
    (63016, "misconfigured", "template"),
    (63017, "retry", ""),
    (63018, "retry", ""),
    (63019, "misconfigured", "template"),
    (63020, "fail_over", ""),
    (63021, "misconfigured", "template"),
    (63022, "fail_over", ""),
    (63023, "retry", ""),
    (63024, "undeliverable", ""),
    (63025, "misconfigured", "template"),
    (63026, "fail_over", ""),
    (63027, "misconfigured", "template"),
    (63028, "misconfigured", "template"),
    (63029, "undeliverable", ""),
    (63030, "misconfigured", "the request to Twilio"),
    (63031, "undeliverable", ""),
    (63032, "undeliverable", ""),
    (63033, "undeliverable", ""),
    (63038, "fail_over", ""),
    (63040, "misconfigured", "template"),
    (63041, "misconfigured", "template"),
    (63042, "misconfigured", "template"),
    (63049, "undeliverable", ""),
    (63051, "fail_over", ""),
];

/// The error of a message after this reply.
async fn answered(reply: ResponseTemplate) -> SendError {
    let server = MockServer::start().await;
    Mock::given(matchers::any()).respond_with(reply).mount(&server).await;
    open(settings(&server.uri())).send(&login(Channel::Sms)).await.unwrap_err()
}

/// Asserts what the recipient and the merchant see of an error.
fn assert_class(error: &SendError, code: u32, class: &str, setting: &str) {
    assert_eq!(error.class(), class, "{code}: {error}");
    let expected = match class {
        "undeliverable" => DeliveryProblem::Unreachable,
        "unknown" => DeliveryProblem::Unknown,
        _ => DeliveryProblem::Trouble,
    };
    assert_eq!(error.problem(), expected, "{code}");
    let text = error.to_string();
    assert!(text.contains(&format!("(Twilio {code})")), "{text}");
    assert!(text.contains(setting), "{text}");
    assert_says_nothing_secret(&format!("{text} {error:?}"), &[TOKEN, ACCOUNT]);
}

#[tokio::test]
async fn every_code_has_its_class_in_a_reply() {
    for (code, class, setting) in CODES {
        let status = if matches!(code, 20429 | 60202 | 60203 | 60212) { 429 } else { 400 };
        let reply = ResponseTemplate::new(status).set_body_json(problem(*code, status));
        assert_class(&answered(reply).await, *code, class, setting);
    }
}

#[test]
fn every_code_has_the_same_class_in_a_webhook_call() {
    let provider = open(settings("https://twilio.example.com"));
    for (code, class, setting) in CODES {
        for status in ["failed", "undelivered"] {
            let code_text = code.to_string();
            let call = call(&[("MessageStatus", status), ("ErrorCode", &code_text)]);
            let WebhookResponse::Events { events, .. } =
                provider.read_webhook(&call.request()).unwrap()
            else {
                panic!("{code}");
            };
            let [WebhookEvent::Delivery(report)] = events.as_slice() else { panic!("{code}") };
            assert_class(report.failure.as_ref().unwrap(), *code, class, setting);
        }
    }
}

#[tokio::test]
async fn an_error_code_in_an_accepted_message_is_an_error() {
    let body = json!({ "sid": MESSAGE, "status": "failed", "error_code": 63003 });
    let reply = ResponseTemplate::new(201).set_body_json(body);
    assert_class(&answered(reply).await, 63003, "undeliverable", "");
}

#[tokio::test]
async fn the_longer_wait_of_header_and_table_is_used() {
    for (code, header, wait) in [
        (20429, Some("17"), Some(17)),
        (20429, Some("Wed, 21 Oct 2026 07:28:00 GMT"), None),
        (20429, None, None),
        (60203, Some("17"), Some(600)),
        (60203, Some("900"), Some(900)),
    ] {
        let mut reply = ResponseTemplate::new(429).set_body_json(problem(code, 429));
        if let Some(seconds) = header {
            reply = reply.insert_header("retry-after", seconds);
        }
        let SendError::Retry { after_seconds, .. } = answered(reply).await else {
            panic!("{code}")
        };
        assert_eq!(after_seconds, wait, "{code} {header:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_from_twilio_is_classified_by_its_status() {
    for (status, class) in [
        (302, "misconfigured"),
        (400, "fail_over"),
        (401, "misconfigured"),
        (403, "misconfigured"),
        (408, "retry"),
        (418, "fail_over"),
        (429, "retry"),
        (500, "retry"),
        (502, "unknown"),
        (503, "retry"),
        (504, "unknown"),
        (520, "unknown"),
    ] {
        for body in ["", "<html>493817</html>", "[]", "{\"code\":\"x\"}"] {
            let error = answered(ResponseTemplate::new(status).set_body_string(body)).await;
            assert_eq!(error.class(), class, "{status} {body}");
            assert_says_nothing_secret(&error.to_string(), &[]);
        }
    }
}

#[tokio::test]
async fn an_unknown_code_is_reported_and_final() {
    let reply = ResponseTemplate::new(400).set_body_json(problem(99_999, 400));
    assert_class(&answered(reply).await, 99_999, "fail_over", "");
    let reply = ResponseTemplate::new(429).set_body_json(problem(99_999, 429));
    assert_eq!(answered(reply).await.class(), "retry");
}
