//! The requests to the platform of 2026, and the check of the settings.

use std::time::Duration;

use domain::{Channel, Language, MessageId, MessageKind, Purpose};
use serde_json::{Value, json};
use whatsapp::{OutgoingMessage, SendError};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use super::{
    API_KEY, SMS_ID, WHATSAPP_ID, answering, json_answer, open, requests, v1_at, v1_settings,
};
use crate::support::{CODE, PHONE, assert_says_nothing_secret, login, outgoing, schema::Schema};

fn taken(id: &str) -> ResponseTemplate {
    json_answer(202, &json!({ "id": id, "status": "accepted" }))
}

#[tokio::test]
async fn a_whatsapp_code_matches_the_published_schema() {
    let schema = Schema::new(include_str!("../../data/bird/whatsapp_request.json"));
    let server = answering(taken(WHATSAPP_ID)).await;
    let message = OutgoingMessage { language: Language::Portuguese, ..login(Channel::WhatsApp) };
    let accepted = v1_at(&server.uri()).send(&message).await.unwrap();
    assert_eq!(accepted.provider_message_id, WHATSAPP_ID);
    let request = requests(&server).await.remove(0);
    assert_eq!(request.url.path(), "/v1/whatsapp/messages");
    assert_eq!(request.headers["authorization"], format!("Bearer {API_KEY}").as_str());
    let body: Value = request.body_json().unwrap();
    schema.assert_takes(&body);
    let code = json!([{ "type": "text", "text": CODE }]);
    assert_eq!(
        body,
        json!({
            "to": PHONE,
            "template": {
                "slug": "bird_otp",
                "language": "pt_BR",
                "components": [
                    { "type": "body", "parameters": code },
                    { "type": "button", "parameters": code },
                ],
            },
            "metadata": { "ref": "00000000000000000000000000000007" },
        })
    );
}

#[tokio::test]
async fn a_template_of_the_shop_is_sent_from_a_number_of_the_shop() {
    let schema = Schema::new(include_str!("../../data/bird/whatsapp_request.json"));
    let server = answering(taken(WHATSAPP_ID)).await;
    let settings = v1_settings()
        .with("BIRD_V1_BASE_URL", &server.uri())
        .with("BIRD_V1_TEMPLATE", "shop-code")
        .with("BIRD_V1_FROM", "+447700900100");
    open(settings).unwrap().send(&login(Channel::WhatsApp)).await.unwrap();
    let body: Value = requests(&server).await[0].body_json().unwrap();
    schema.assert_takes(&body);
    assert_eq!(body["from"], "+447700900100");
    assert_eq!(body["template"]["slug"], "shop-code");
}

#[tokio::test]
async fn a_template_may_be_named_by_its_id() {
    let server = answering(taken(WHATSAPP_ID)).await;
    let settings = v1_settings()
        .with("BIRD_V1_BASE_URL", &server.uri())
        .with("BIRD_V1_TEMPLATE", "wat_01jqa0000000000000000000ab")
        .with("BIRD_V1_FROM", "+447700900100");
    open(settings).unwrap().send(&login(Channel::WhatsApp)).await.unwrap();
    let body: Value = requests(&server).await[0].body_json().unwrap();
    assert_eq!(body["template"]["id"], "wat_01jqa0000000000000000000ab");
    assert_eq!(body["template"]["slug"], Value::Null);
}

#[tokio::test]
async fn every_text_message_matches_the_published_schema() {
    let schema = Schema::new(include_str!("../../data/bird/sms_request.json"));
    for kind in MessageKind::ALL {
        let server = answering(taken(SMS_ID)).await;
        v1_at(&server.uri()).send(&outgoing(Channel::Sms, kind)).await.unwrap();
        let request = requests(&server).await.remove(0);
        assert_eq!(request.url.path(), "/v1/sms/messages");
        let body: Value = request.body_json().unwrap();
        schema.assert_takes(&body);
        let is_code = matches!(kind, MessageKind::Code(_));
        let category = if is_code { "authentication" } else { "transactional" };
        assert_eq!(body["category"], category);
        assert_eq!(body["from"], "Marigold");
        let last_line = format!("\n\n@shop.example.com #{CODE}");
        assert_eq!(body["text"].as_str().unwrap().ends_with(&last_line), is_code);
    }
}

#[tokio::test]
async fn a_repeated_message_has_the_same_bytes_and_idempotency_key() {
    let server = answering(taken(WHATSAPP_ID)).await;
    let provider = v1_at(&server.uri());
    assert!(provider.repeats_safely());
    let later = Duration::from_secs(200);
    provider.send(&login(Channel::Sms)).await.unwrap();
    provider.send(&OutgoingMessage { remaining: later, ..login(Channel::Sms) }).await.unwrap();
    provider.send(&login(Channel::WhatsApp)).await.unwrap();
    let other = OutgoingMessage { id: MessageId::from_bits(8), ..login(Channel::Sms) };
    provider.send(&other).await.unwrap();
    let requests = requests(&server).await;
    let keys: Vec<_> =
        requests.iter().map(|it| it.headers["idempotency-key"].to_str().unwrap()).collect();
    assert_eq!(keys[0], keys[1]);
    assert_eq!(requests[0].body, requests[1].body);
    // Another channel and another id make another message.
    assert!(keys[0] != keys[2] && keys[0] != keys[3] && keys[2] != keys[3]);
    let parts: Vec<_> = keys[0].split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12]);
    assert_eq!(&keys[0][14..15], "8");
    assert!(matches!(&keys[0][19..20], "8" | "9" | "a" | "b"), "{}", keys[0]);
}

#[tokio::test]
async fn a_message_that_could_outlive_its_code_is_not_sent() {
    let server = answering(taken(WHATSAPP_ID)).await;
    let provider = v1_at(&server.uri());
    for channel in [Channel::WhatsApp, Channel::Sms] {
        let remaining = Duration::from_secs(179);
        let outcome = provider.send(&OutgoingMessage { remaining, ..login(channel) }).await;
        assert_eq!(outcome, Err(SendError::too_late()));
    }
    let notice = MessageKind::PasswordChanged;
    assert!(!provider.carries(Channel::WhatsApp, notice) && provider.carries(Channel::Sms, notice));
    assert!(provider.carries(Channel::WhatsApp, MessageKind::Code(Purpose::Payment)));
    assert!(provider.send(&outgoing(Channel::WhatsApp, notice)).await.is_err());
    assert!(requests(&server).await.is_empty());
}

#[tokio::test]
async fn a_check_accepts_a_right_workspace_and_tells_what_to_change() {
    let server = MockServer::start().await;
    let dated = |body: &Value| {
        json_answer(200, body).insert_header("date", "Thu, 01 Jan 2026 00:00:05 GMT")
    };
    let serve = |address: &'static str, answer: ResponseTemplate| {
        Mock::given(method("GET")).and(path(address)).respond_with(answer)
    };
    serve("/v1/whatsapp/messages", dated(&json!({ "data": [] }))).mount(&server).await;
    let ours = json!({ "data": [{ "url": "https://shop.example.com/webhooks/bird" }] });
    serve("/v1/webhooks", dated(&ours)).mount(&server).await;
    let provider = v1_at(&server.uri());
    assert!(provider.templates().is_none());
    let results = provider.check().await;
    assert!(results.iter().all(|result| result.outcome.is_ok()), "{results:#?}");
    assert_eq!(results.len(), 5);

    let server = MockServer::start().await;
    let refused = json!({ "error": { "type": "auth_error", "code": "E01001", "name": "x" } });
    let refused = json_answer(401, &refused).insert_header("date", "Thu, 01 Jan 2026 01:00:00 GMT");
    serve("/v1/whatsapp/messages", refused).mount(&server).await;
    serve("/v1/webhooks", dated(&json!({ "data": [] }))).mount(&server).await;
    let results = v1_at(&server.uri()).check().await;
    let wrong: Vec<_> = results.iter().filter_map(|it| it.outcome.clone().err()).collect();
    assert_eq!(wrong.len(), 3, "{results:#?}");
    assert!(wrong[0].contains("BIRD_V1_API_KEY"));
    assert!(wrong[1].contains("3600 seconds"));
    assert!(wrong[2].ends_with("https://shop.example.com/webhooks/bird"));
    assert_says_nothing_secret(&format!("{results:?}"), &[API_KEY]);
}
