//! Codes by Verify v2.

use std::time::Duration;

use domain::{Channel, Currency, Language, MessageKind, Money, Purpose};
use serde_json::json;
use whatsapp::{OutgoingMessage, Payment, SendError, VerificationOutcome};
use wiremock::MockServer;

use super::*;
use crate::support::{
    CODE, assert_says_nothing_secret, login, outgoing,
    servers::{cut_off, refusing, silent},
};

const VERIFICATION: &str = "VE55555555555555555555555555555555";
const ATTEMPT: &str = "VL77777777777777777777777777777777";

fn with_verify(address: &str) -> Settings {
    settings(address)
        .with("TWILIO_VERIFY_SERVICE_SID", SERVICE)
        .with("TWILIO_VERIFY_PAYMENT_SERVICE_SID", PAYMENTS)
}

fn started() -> Value {
    json!({
        "sid": VERIFICATION,
        "status": "pending",
        "send_code_attempts": [
            { "time": "2026-01-01T00:00:05Z", "channel": "whatsapp", "attempt_sid": ATTEMPT },
            { "time": "2026-01-01T00:00:00Z", "channel": "SMS", "attempt_sid": "VL1" },
        ],
    })
}

/// A server without open verifications that starts one in both services.
async fn verify_server() -> MockServer {
    let server = MockServer::start().await;
    for service in [SERVICE, PAYMENTS] {
        answer(&server, "POST", &verifications_path(service), 201, started()).await;
        let open = format!("{}/%2B447700900111", verifications_path(service));
        answer(&server, "POST", &open, 404, problem(20404, 404)).await;
    }
    server
}

/// Sends a message and returns the path and the fields of the start.
async fn sent(message: &OutgoingMessage) -> (String, BTreeMap<String, String>) {
    let server = verify_server().await;
    let accepted = open(with_verify(&server.uri())).send(message).await.unwrap();
    assert_eq!(accepted.provider_message_id, format!("{VERIFICATION}/{ATTEMPT}"));
    let requests = asked(&server).await;
    let [cancel, start] = requests.as_slice() else { panic!("{}", requests.len()) };
    assert_eq!(cancel.url.path(), format!("{}/%2B447700900111", start.url.path()));
    assert_published_form("verification_update", &fields(cancel));
    assert_eq!(fields(cancel)["Status"], "canceled");
    assert_published_form("verification", &fields(start));
    (start.url.path().to_owned(), fields(start))
}

#[tokio::test]
async fn verify_sends_the_code_of_the_shop_by_the_chosen_channel() {
    for (channel, word) in [(Channel::WhatsApp, "whatsapp"), (Channel::Sms, "sms")] {
        for purpose in Purpose::ALL {
            let (path, fields) = sent(&outgoing(channel, MessageKind::Code(purpose))).await;
            assert_eq!(path, verifications_path(SERVICE));
            let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            let expected = [
                ("Channel", word),
                ("CustomCode", CODE),
                ("Locale", "en"),
                ("To", "+447700900111"),
            ];
            assert_eq!(fields, expected, "{purpose:?}");
        }
    }
}

#[tokio::test]
async fn every_language_has_the_locale_that_verify_expects() {
    for language in Language::ALL {
        let (_, fields) = sent(&OutgoingMessage { language, ..login(Channel::Sms) }).await;
        assert_eq!(fields["Locale"], language.as_str().replace('_', "-"));
    }
}

#[tokio::test]
async fn payment_codes_by_text_message_state_amount_and_payee() {
    let payment = |channel| OutgoingMessage {
        payment: Some(Payment {
            amount: Money::new(42_00, Currency::EUR),
            payee: "Marigold".to_owned(),
        }),
        ..outgoing(channel, MessageKind::Code(Purpose::Payment))
    };
    let (path, fields) = sent(&payment(Channel::Sms)).await;
    assert_eq!(path, verifications_path(PAYMENTS));
    assert_eq!((fields["Amount"].as_str(), fields["Payee"].as_str()), ("42.00 EUR", "Marigold"));
    let (path, fields) = sent(&payment(Channel::WhatsApp)).await;
    assert_eq!(path, verifications_path(SERVICE));
    assert!(!fields.contains_key("Amount") && !fields.contains_key("Payee"));
}

#[tokio::test]
async fn notices_are_sent_by_messaging_although_codes_use_verify() {
    let server = MockServer::start().await;
    answer(&server, "POST", &messages_path(), 201, json!({ "sid": MESSAGE })).await;
    let provider = open(with_verify(&server.uri()));
    let notice = outgoing(Channel::Sms, MessageKind::PhoneChanged);
    assert_eq!(provider.send(&notice).await.unwrap().provider_message_id, MESSAGE);
}

#[tokio::test]
async fn a_code_that_could_expire_before_delivery_is_not_sent() {
    let provider = open(with_verify(&refusing().await));
    let late = OutgoingMessage { remaining: Duration::from_secs(179), ..login(Channel::Sms) };
    let error = provider.send(&late).await.unwrap_err();
    assert_eq!(error.to_string(), "the message is undeliverable: the message expires too soon");
}

#[tokio::test]
async fn a_failed_cancellation_sends_nothing_and_may_be_retried() {
    for address in [refusing().await, silent().await] {
        let error = open(with_verify(&address)).send(&login(Channel::Sms)).await.unwrap_err();
        assert_eq!(error.class(), "retry");
    }
    for reply in [
        b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n".as_slice(),
        b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 9\r\ncontent-length: 0\r\n\r\n",
    ] {
        let provider = open(with_verify(&cut_off(reply).await));
        assert_eq!(provider.send(&login(Channel::Sms)).await.unwrap_err().class(), "retry");
    }
}

#[tokio::test]
async fn an_unreadable_answer_to_a_start_means_possibly_sent() {
    for body in ["", "{", "{}", r#"{"sid":null}"#, r#"{"sid":"VE/1"}"#] {
        let server = MockServer::start().await;
        let reply = ResponseTemplate::new(201).set_body_string(body);
        Mock::given(matchers::path(verifications_path(SERVICE)))
            .respond_with(reply)
            .mount(&server)
            .await;
        let answer = open(with_verify(&server.uri())).send(&login(Channel::Sms)).await;
        assert_eq!(answer, Err(SendError::Unknown), "{body}");
    }
}

#[tokio::test]
async fn a_verification_without_attempts_uses_the_id_of_the_message() {
    let server = MockServer::start().await;
    let started = json!({ "sid": VERIFICATION });
    answer(&server, "POST", &verifications_path(SERVICE), 201, started).await;
    let message = login(Channel::Sms);
    let accepted = open(with_verify(&server.uri())).send(&message).await.unwrap();
    assert_eq!(accepted.provider_message_id, format!("{VERIFICATION}/{}", message.id));
}

#[tokio::test]
async fn verify_errors_point_at_the_service_or_the_recipient() {
    for (status, body, expected) in [
        (404, problem(20404, 404), "the configuration is wrong: TWILIO_VERIFY_SERVICE_SID: "),
        (
            429,
            problem(60203, 429),
            "the provider does not accept the message at present: too many messages",
        ),
        (403, problem(60410, 403), "the message is undeliverable: Fraud Guard"),
        (
            400,
            json!({ "code": 60200, "message": "Invalid parameter: CustomCode" }),
            "the configuration is wrong: TWILIO_VERIFY_SERVICE_SID: ",
        ),
        (
            400,
            json!({ "code": 60200, "message": "Invalid parameter `To`: +447700900111" }),
            "the message is undeliverable: the number is invalid",
        ),
    ] {
        let server = MockServer::start().await;
        answer(&server, "POST", &verifications_path(SERVICE), status, body).await;
        let error = open(with_verify(&server.uri())).send(&login(Channel::Sms)).await.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        assert_says_nothing_secret(&format!("{error:?}"), &[SERVICE]);
    }
}

#[tokio::test]
async fn an_outcome_is_reported_to_the_service_of_its_verification() {
    for (end, word) in
        [(VerificationOutcome::Approved, "approved"), (VerificationOutcome::Canceled, "canceled")]
    {
        let server = MockServer::start().await;
        let path = format!("{}/{VERIFICATION}", verifications_path(PAYMENTS));
        answer(&server, "POST", &path, 200, json!({})).await;
        open(with_verify(&server.uri()))
            .report_outcome(&format!("{VERIFICATION}/{ATTEMPT}"), end)
            .await;
        let requests = asked(&server).await;
        let [first, second] = requests.as_slice() else { panic!("{}", requests.len()) };
        assert_eq!(first.url.path(), format!("{}/{VERIFICATION}", verifications_path(SERVICE)));
        assert_eq!(second.url.path(), path);
        assert_published_form("verification_update", &fields(second));
        assert_eq!(fields(second)["Status"], word);
    }
}

#[tokio::test]
async fn an_outcome_of_a_message_without_verification_is_not_reported() {
    let server = MockServer::start().await;
    open(with_verify(&server.uri())).report_outcome(MESSAGE, VerificationOutcome::Approved).await;
    open(settings(&server.uri())).report_outcome("VE1/VL1", VerificationOutcome::Approved).await;
    assert!(asked(&server).await.is_empty());
}
