//! Codes by Verify v2.

use std::time::Duration;

use domain::{Channel, Language, MessageKind, Purpose};
use serde_json::json;
use whatsapp::{OutgoingMessage, SendError, VerificationOutcome};
use wiremock::MockServer;

use super::*;
use crate::support::{
    CODE, assert_says_nothing_secret, login, outgoing,
    servers::{cut_off, nobody, silent},
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

/// A server that has nothing open, and starts a verification in both services.
async fn verify_server() -> MockServer {
    let server = MockServer::start().await;
    for service in [SERVICE, PAYMENTS] {
        answer(&server, "POST", &verifications_path(service), 201, started()).await;
        let open = format!("{}/%2B447700900111", verifications_path(service));
        answer(&server, "POST", &open, 404, problem(20404, 404)).await;
    }
    server
}

/// Sends it, and gives the path and fields of the start.
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
async fn a_code_is_ours_and_goes_by_the_channel_that_was_asked_for() {
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
async fn every_language_is_named_as_verify_spells_it() {
    for language in Language::ALL {
        let (_, fields) = sent(&OutgoingMessage { language, ..login(Channel::Sms) }).await;
        assert_eq!(fields["Locale"], language.as_str().replace('_', "-"));
    }
}

#[tokio::test]
async fn a_payment_states_amount_and_payee_by_text_message_and_not_on_whatsapp() {
    let payment = |channel| OutgoingMessage {
        payment: Some(("£42.00".to_owned(), "Marigold".to_owned())),
        ..outgoing(channel, MessageKind::Code(Purpose::Payment))
    };
    let (path, fields) = sent(&payment(Channel::Sms)).await;
    assert_eq!(path, verifications_path(PAYMENTS));
    assert_eq!((fields["Amount"].as_str(), fields["Payee"].as_str()), ("£42.00", "Marigold"));
    let (path, fields) = sent(&payment(Channel::WhatsApp)).await;
    assert_eq!(path, verifications_path(SERVICE));
    assert!(!fields.contains_key("Amount") && !fields.contains_key("Payee"));
}

#[tokio::test]
async fn notices_go_by_messages_though_codes_go_by_verify() {
    let server = MockServer::start().await;
    answer(&server, "POST", &messages_path(), 201, json!({ "sid": MESSAGE })).await;
    let provider = open(with_verify(&server.uri()));
    let notice = outgoing(Channel::Sms, MessageKind::PhoneChanged);
    assert_eq!(provider.send(&notice).await.unwrap().provider_message_id, MESSAGE);
}

#[tokio::test]
async fn a_code_with_little_of_its_life_left_is_not_handed_over() {
    let provider = open(with_verify(&nobody().await));
    let late = OutgoingMessage { remaining: Duration::from_secs(179), ..login(Channel::Sms) };
    let error = provider.send(&late).await.unwrap_err();
    assert_eq!(error.to_string(), "undeliverable: too little of its life is left");
}

#[tokio::test]
async fn trouble_before_the_start_sends_nothing_and_may_be_tried_again() {
    for address in [nobody().await, silent().await] {
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
async fn a_start_without_a_readable_answer_may_have_sent_the_code() {
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
async fn a_verification_without_attempts_is_named_by_our_own_name() {
    let server = MockServer::start().await;
    let started = json!({ "sid": VERIFICATION });
    answer(&server, "POST", &verifications_path(SERVICE), 201, started).await;
    let message = login(Channel::Sms);
    let accepted = open(with_verify(&server.uri())).send(&message).await.unwrap();
    assert_eq!(accepted.provider_message_id, format!("{VERIFICATION}/{}", message.id));
}

#[tokio::test]
async fn refusals_name_the_service_or_the_person() {
    for (status, body, expected) in [
        (404, problem(20404, 404), "misconfigured: TWILIO_VERIFY_SERVICE_SID: "),
        (429, problem(60203, 429), "try again later: too many sends"),
        (403, problem(60410, 403), "undeliverable: Fraud Guard"),
        (
            400,
            json!({ "code": 60200, "message": "Invalid parameter: CustomCode" }),
            "misconfigured: TWILIO_VERIFY_SERVICE_SID: ",
        ),
        (
            400,
            json!({ "code": 60200, "message": "Invalid parameter `To`: +447700900111" }),
            "undeliverable: not a valid number",
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
async fn the_end_of_a_code_is_told_to_the_service_that_sent_it() {
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
async fn the_end_of_a_message_is_told_to_nobody() {
    let server = MockServer::start().await;
    open(with_verify(&server.uri())).report_outcome(MESSAGE, VerificationOutcome::Approved).await;
    open(settings(&server.uri())).report_outcome("VE1/VL1", VerificationOutcome::Approved).await;
    assert!(asked(&server).await.is_empty());
}
