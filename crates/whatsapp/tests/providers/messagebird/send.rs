//! The requests that send messages by MessageBird, and the replies to them.

use std::time::Duration;

use domain::{Channel, Language, MessageKind, Purpose};
use serde_json::{Value, json};
use whatsapp::{OutgoingMessage, SendError};

use super::{ACCESS_KEY, CHANNEL, MESSAGE, NAMESPACE, accepted, answering, only_request};
use crate::support::{CODE, PHONE, login, outgoing, schema::Schema};

fn hsm(language: &str, name: &str, components: Value, ttl: &str) -> Value {
    json!({
        "to": PHONE,
        "from": CHANNEL,
        "type": "hsm",
        "content": { "hsm": {
            "namespace": NAMESPACE,
            "templateName": name,
            "language": { "policy": "deterministic", "code": language },
            "components": components,
        } },
        "reportUrl": "https://shop.example.com/webhooks/messagebird",
        "source": { "ref": "00000000000000000000000000000007" },
        "trackId": "00000000000000000000000000000007",
        "ttl": ttl,
    })
}

#[tokio::test]
async fn a_whatsapp_code_is_in_body_and_button() {
    let (server, provider) = answering(202, accepted()).await;
    let message = OutgoingMessage {
        language: Language::Portuguese,
        remaining: Duration::from_millis(299_900),
        ..login(Channel::WhatsApp)
    };
    let taken = provider.send(&message).await.unwrap();
    assert_eq!(taken.provider_message_id, MESSAGE);
    let request = only_request(&server).await;
    assert_eq!(request.url.path(), "/v1/send");
    assert_eq!(request.headers["authorization"], format!("AccessKey {ACCESS_KEY}").as_str());
    assert_eq!(request.headers["content-type"], "application/json");
    let code = json!([{ "type": "text", "text": CODE }]);
    let components = json!([
        { "type": "body", "parameters": code },
        { "type": "button", "sub_type": "url", "index": 0, "parameters": code },
    ]);
    let expected = hsm("pt_BR", "marigold_login_code", components, "299s");
    assert_eq!(request.body_json::<Value>().unwrap(), expected);
}

#[tokio::test]
async fn a_whatsapp_notice_names_the_shop() {
    let (server, provider) = answering(202, accepted()).await;
    let message = outgoing(Channel::WhatsApp, MessageKind::PhoneChanged);
    provider.send(&message).await.unwrap();
    let components = json!([
        { "type": "body", "parameters": [{ "type": "text", "text": "Marigold" }] },
    ]);
    let expected = hsm("en", "marigold_phone_changed", components, "600s");
    assert_eq!(only_request(&server).await.body_json::<Value>().unwrap(), expected);
}

#[tokio::test]
async fn every_text_message_matches_the_published_schema() {
    let schema = Schema::new(include_str!("../../data/messagebird/sms_request.json"));
    for kind in MessageKind::ALL {
        let (server, provider) = answering(201, json!({ "id": MESSAGE })).await;
        let taken = provider.send(&outgoing(Channel::Sms, kind)).await.unwrap();
        assert_eq!(taken.provider_message_id, MESSAGE);
        let request = only_request(&server).await;
        assert_eq!(request.url.path(), "/messages");
        let body: Value = request.body_json().unwrap();
        schema.assert_takes(&body);
        assert_eq!(body["recipients"], json!([PHONE.trim_start_matches('+')]));
        assert_eq!(body["originator"], "Marigold");
        assert_eq!(body["datacoding"], "auto");
        assert_eq!(body["validity"], 600);
        // MessageBird sends no report without a reference.
        assert_eq!(body["reference"], "00000000000000000000000000000007");
        assert_eq!(body["reportUrl"], "https://shop.example.com/webhooks/messagebird");
        let is_code = matches!(kind, MessageKind::Code(_));
        let last_line = format!("\n\n@shop.example.com #{CODE}");
        assert_eq!(body["body"].as_str().unwrap().ends_with(&last_line), is_code);
    }
}

#[tokio::test]
async fn both_forms_of_the_reply_are_read() {
    let (_server, provider) =
        answering(202, json!({ "message": { "id": "m2", "status": "accepted" } })).await;
    let taken = provider.send(&login(Channel::WhatsApp)).await.unwrap();
    assert_eq!(taken.provider_message_id, "m2");
}

#[tokio::test]
async fn a_message_that_could_outlive_its_code_is_not_sent() {
    let (server, provider) = answering(202, accepted()).await;
    for (channel, seconds) in [(Channel::WhatsApp, 179), (Channel::Sms, 0)] {
        let kind = MessageKind::Code(Purpose::Login);
        let remaining = Duration::from_secs(seconds);
        let outcome =
            provider.send(&OutgoingMessage { remaining, ..outgoing(channel, kind) }).await;
        assert_eq!(outcome, Err(SendError::too_late()));
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}
