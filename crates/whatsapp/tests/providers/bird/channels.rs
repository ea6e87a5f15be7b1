//! The requests to Channels, and the check of the settings.

use std::time::Duration;

use domain::{Channel, Language, MessageKind};
use serde_json::{Value, json};
use whatsapp::{OutgoingMessage, SendError};
use wiremock::{Mock, MockServer, matchers::method};

use super::{
    ACCESS_KEY, CHANNEL, PROJECT, SMS_CHANNEL, WORKSPACE, answering, channels_at,
    channels_settings, json_answer, open, requests,
};
use crate::support::{CODE, PHONE, assert_says_nothing_secret, login, outgoing};

const MESSAGE: &str = "3fa85f64-5717-4562-b3fc-2c963f66afff";

fn taken() -> Value {
    json!({ "id": MESSAGE, "channelId": CHANNEL, "status": "accepted", "reason": "", "parts": [] })
}

fn with_content(name: &str, content: Value) -> Value {
    json!({
        "receiver": { "contacts": [
            { "identifierKey": "phonenumber", "identifierValue": PHONE },
        ] },
        name: content,
        "reference": "00000000000000000000000000000007",
    })
}

#[tokio::test]
async fn a_whatsapp_code_is_the_parameter_of_its_template_project() {
    let server = answering(json_answer(202, &taken())).await;
    let settings = channels_settings()
        .with("BIRD_BASE_URL", &server.uri())
        .with("BIRD_TEMPLATE_PARAMETER", "otp");
    let message = OutgoingMessage { language: Language::Portuguese, ..login(Channel::WhatsApp) };
    let accepted = open(settings).unwrap().send(&message).await.unwrap();
    assert_eq!(accepted.provider_message_id, MESSAGE);
    let request = requests(&server).await.remove(0);
    let path = format!("/workspaces/{WORKSPACE}/channels/{CHANNEL}/messages");
    assert_eq!(request.url.path(), path);
    assert_eq!(request.headers["authorization"], format!("AccessKey {ACCESS_KEY}").as_str());
    assert_eq!(request.headers["content-type"], "application/json");
    let template = json!({
        "projectId": PROJECT,
        "version": "latest",
        "locale": "pt_BR",
        "parameters": [{ "type": "string", "key": "otp", "value": CODE }],
    });
    assert_eq!(request.body_json::<Value>().unwrap(), with_content("template", template));
}

#[tokio::test]
async fn a_notice_needs_a_template_project_and_names_the_shop() {
    let server = answering(json_answer(202, &taken())).await;
    let provider = channels_at(&server.uri());
    let notice = outgoing(Channel::WhatsApp, MessageKind::PasswordChanged);
    provider.send(&notice).await.unwrap();
    let body: Value = requests(&server).await[0].body_json().unwrap();
    let parameters = json!([{ "type": "string", "key": "shop", "value": "Marigold" }]);
    assert_eq!(body["template"]["parameters"], parameters);
    let other = outgoing(Channel::WhatsApp, MessageKind::PhoneChanged);
    assert!(provider.carries(Channel::WhatsApp, notice.kind));
    assert!(!provider.carries(Channel::WhatsApp, other.kind));
    let error = provider.send(&other).await.unwrap_err();
    assert!(error.to_string().contains("BIRD_TEMPLATES"));
}

#[tokio::test]
async fn text_messages_use_their_own_channel() {
    let server = answering(json_answer(202, &taken())).await;
    let provider = channels_at(&server.uri());
    provider.send(&login(Channel::Sms)).await.unwrap();
    let request = requests(&server).await.remove(0);
    let path = format!("/workspaces/{WORKSPACE}/channels/{SMS_CHANNEL}/messages");
    assert_eq!(request.url.path(), path);
    let body: Value = request.body_json().unwrap();
    let words = body["body"]["text"]["text"].as_str().unwrap();
    assert!(words.ends_with(&format!("\n\n@shop.example.com #{CODE}")));
    let content = json!({ "type": "text", "text": { "text": words } });
    assert_eq!(body, with_content("body", content));

    let without = open(channels_settings().without("BIRD_SMS_CHANNEL_ID")).unwrap();
    assert!(!without.carries(Channel::Sms, MessageKind::PhoneChanged));
    let error = without.send(&login(Channel::Sms)).await.unwrap_err();
    assert!(error.to_string().contains("BIRD_SMS_CHANNEL_ID"));
}

#[tokio::test]
async fn a_message_that_could_outlive_its_code_is_not_sent() {
    let server = answering(json_answer(202, &taken())).await;
    for channel in [Channel::WhatsApp, Channel::Sms] {
        let message = OutgoingMessage { remaining: Duration::from_secs(179), ..login(channel) };
        let outcome = channels_at(&server.uri()).send(&message).await;
        assert_eq!(outcome, Err(SendError::too_late()));
    }
    assert!(requests(&server).await.is_empty());
}

#[tokio::test]
async fn a_check_accepts_right_channels_and_tells_what_to_change() {
    let server = MockServer::start().await;
    let answer = json_answer(200, &json!({ "results": [] }))
        .insert_header("date", "Thu, 01 Jan 2026 00:00:05 GMT");
    Mock::given(method("GET")).respond_with(answer).mount(&server).await;
    let provider = channels_at(&server.uri());
    assert!(provider.templates().is_none());
    let results = provider.check().await;
    assert!(results.iter().all(|result| result.outcome.is_ok()), "{results:#?}");
    assert_eq!(results.len(), 4);

    let server = MockServer::start().await;
    let answer = json_answer(404, &json!({ "code": "ResourceNotFound", "message": "x" }));
    Mock::given(method("GET")).respond_with(answer).mount(&server).await;
    let results = channels_at(&server.uri()).check().await;
    let wrong: Vec<_> = results.iter().filter_map(|it| it.outcome.clone().err()).collect();
    assert!(wrong[0].contains("BIRD_CHANNEL_ID"), "{wrong:?}");
    assert!(wrong.iter().any(|it| it.contains("BIRD_SMS_CHANNEL_ID")), "{wrong:?}");
    assert_says_nothing_secret(&format!("{results:?}"), &[ACCESS_KEY]);
}
