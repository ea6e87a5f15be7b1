//! The check of the settings.

use serde_json::json;
use wiremock::MockServer;

use super::*;
use crate::support::{assert_says_nothing_secret, servers::refusing};

/// The time of the tests as a server writes it.
const DATE: &str = "Thu, 01 Jan 2026 00:00:00 GMT";
const MESSAGING_SERVICE: &str = "MG22222222222222222222222222222222";

/// A server on which every setting is right.
async fn server() -> MockServer {
    let server = MockServer::start().await;
    let account = ResponseTemplate::new(200)
        .set_body_json(json!({ "sid": ACCOUNT, "status": "active" }))
        .insert_header("date", DATE);
    Mock::given(matchers::path(account_path())).respond_with(account).mount(&server).await;
    answer(&server, "GET", &messages_path(), 200, json!({ "messages": [] })).await;
    let senders = json!({ "senders": [{ "sender_id": FROM, "status": "ONLINE:UPDATING" }] });
    answer(&server, "GET", "/v2/Channels/Senders", 200, senders).await;
    let numbers = json!({ "incoming_phone_numbers": [{ "capabilities": { "sms": true } }] });
    let path = format!("/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json");
    answer(&server, "GET", &path, 200, numbers).await;
    let service = format!("/v1/Services/{MESSAGING_SERVICE}");
    answer(&server, "GET", &service, 200, json!({ "friendly_name": "Shop" })).await;
    for (service, has_psd2) in [(SERVICE, false), (PAYMENTS, true)] {
        let path = format!("/v2/Services/{service}");
        answer(&server, "GET", &path, 200, verify_service(has_psd2)).await;
    }
    server
}

fn account_path() -> String {
    format!("/2010-04-01/Accounts/{ACCOUNT}.json")
}

fn verify_service(has_psd2: bool) -> Value {
    json!({
        "custom_code_enabled": true,
        "code_length": 6,
        "psd2_enabled": has_psd2,
        "whatsapp": { "msg_service_sid": MESSAGING_SERVICE, "from": null },
    })
}

/// The errors of the check by subject.
async fn wrong(settings: Settings) -> BTreeMap<String, String> {
    let results = open(settings).check().await;
    assert_says_nothing_secret(&format!("{results:?}"), &[TOKEN]);
    let wrong = results
        .into_iter()
        .filter_map(|result| result.outcome.err().map(|problem| (result.subject, problem)));
    wrong.collect()
}

fn everything(address: &str) -> Settings {
    settings(address)
        .with("TWILIO_API_KEY_SID", "SK22222222222222222222222222222222")
        .with("TWILIO_API_KEY_SECRET", "secret")
        .with("TWILIO_VERIFY_SERVICE_SID", SERVICE)
        .with("TWILIO_VERIFY_PAYMENT_SERVICE_SID", PAYMENTS)
}

#[tokio::test]
async fn a_check_of_right_settings_finds_no_error() {
    let server = server().await;
    assert_eq!(wrong(everything(&server.uri())).await, BTreeMap::new());
    let services = everything(&server.uri())
        .with("TWILIO_FROM", MESSAGING_SERVICE)
        .with("TWILIO_SMS_FROM", MESSAGING_SERVICE);
    assert_eq!(wrong(services).await, BTreeMap::new());
    let named = everything(&server.uri())
        .with("TWILIO_FROM", "whatsapp:+14155238886")
        .with("TWILIO_SMS_FROM", "Marigold");
    assert_eq!(wrong(named).await, BTreeMap::new());
}

#[tokio::test]
async fn the_account_is_checked_with_its_token_even_with_an_api_key() {
    let server = server().await;
    wrong(everything(&server.uri())).await;
    let requests = asked(&server).await;
    let account = requests.iter().find(|request| request.url.path() == account_path()).unwrap();
    let expected =
        base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("{ACCOUNT}:{TOKEN}"));
    assert_eq!(account.headers["authorization"], format!("Basic {expected}"));
}

/// The errors if one path has another answer.
async fn wrong_with(path: &str, status: u16, body: Value) -> BTreeMap<String, String> {
    let server = server().await;
    Mock::given(matchers::path(path))
        .respond_with(ResponseTemplate::new(status).set_body_json(body).insert_header("date", DATE))
        .with_priority(1)
        .mount(&server)
        .await;
    wrong(everything(&server.uri())).await
}

#[tokio::test]
async fn a_check_tells_what_to_change_for_each_problem() {
    let account = account_path();
    let numbers = format!("/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json");
    let senders = "/v2/Channels/Senders";
    let offline = json!({ "senders": [{ "sender_id": FROM, "status": "OFFLINE" }] });
    let mute = json!({ "incoming_phone_numbers": [{ "capabilities": { "sms": false } }] });
    for (path, status, body, subject, text) in [
        (&*account, 401, problem(20003, 401), "account and token", "TWILIO_AUTH_TOKEN"),
        (&account, 404, problem(20404, 404), "account and token", "TWILIO_ACCOUNT_SID"),
        (&account, 200, json!({ "status": "suspended" }), "account and token", "billing"),
        (&account, 200, json!({ "status": "closed" }), "account and token", "TWILIO_ACCOUNT_SID"),
        (&account, 200, json!([]), "account and token", "unreadable"),
        (&messages_path(), 401, problem(20003, 401), "API key", "TWILIO_AUTH_TOKEN"),
        (senders, 200, json!({ "senders": [] }), "WhatsApp sender", "TWILIO_FROM"),
        (senders, 200, offline, "WhatsApp sender", "OFFLINE"),
        (&numbers, 200, json!({ "incoming_phone_numbers": [] }), "text message sender", "buy it"),
        (&numbers, 200, mute, "text message sender", "set another"),
    ] {
        let wrong = wrong_with(path, status, body).await;
        let subjects: Vec<_> = wrong.keys().collect();
        assert_eq!(subjects, [subject], "{path} {status}");
        assert!(wrong[subject].contains(text), "{}", wrong[subject]);
    }
}

#[tokio::test]
async fn a_check_finds_wrong_settings_of_a_verify_service() {
    let change = |service, field: &'static str, value: Value| {
        let mut body = verify_service(service == PAYMENTS);
        body[field] = value;
        (service, body)
    };
    for ((service, body), text) in [
        (
            change(SERVICE, "custom_code_enabled", json!(false)),
            "enable \"Custom Verification Code\"",
        ),
        (change(SERVICE, "code_length", json!(4)), "to 6"),
        (change(SERVICE, "psd2_enabled", json!(true)), "disable PSD2"),
        (change(SERVICE, "whatsapp", Value::Null), "WhatsApp sender of your own"),
        (change(PAYMENTS, "psd2_enabled", json!(false)), "enable PSD2"),
        (
            change(PAYMENTS, "custom_code_enabled", Value::Null),
            "enable \"Custom Verification Code\"",
        ),
    ] {
        let wrong = wrong_with(&format!("/v2/Services/{service}"), 200, body).await;
        let (subject, problem) = wrong.first_key_value().unwrap();
        let is_for_payments = service == PAYMENTS;
        assert_eq!(subject.ends_with("for payments"), is_for_payments, "{subject}");
        assert!(problem.contains(text), "{problem}");
        assert_eq!(wrong.len(), 1);
    }
}

#[tokio::test]
async fn a_check_finds_a_wrong_clock() {
    let server = MockServer::start().await;
    let account = ResponseTemplate::new(200)
        .set_body_json(json!({ "status": "active" }))
        .insert_header("date", "Thu, 01 Jan 2026 00:05:00 GMT");
    Mock::given(matchers::any()).respond_with(account).mount(&server).await;
    let wrong = wrong(settings(&server.uri()).with("TWILIO_SMS_FROM", "Marigold")).await;
    assert!(wrong["clock"].contains("by 300 seconds"), "{}", wrong["clock"]);
}

#[tokio::test]
async fn every_line_of_a_check_reports_an_unreachable_provider() {
    let wrong = wrong(everything(&refusing().await)).await;
    assert_eq!(wrong.len(), 6, "{wrong:?}");
    for problem in wrong.values() {
        assert_eq!(problem, "the provider was not reached");
    }
}
