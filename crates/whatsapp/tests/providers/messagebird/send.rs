//! What leaves for MessageBird, and what is made of an answer that took it.

use std::time::Duration;

use domain::{Channel, Language, MessageKind, Purpose};
use serde_json::{Value, json};
use whatsapp::{OutgoingMessage, SendError};

use super::{ACCESS_KEY, CHANNEL, MESSAGE, NAMESPACE, accepted, answering, at, only_request};
use crate::support::{CODE, PHONE, login, outgoing, schema::Schema, servers};

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
async fn a_code_by_whatsapp_stands_in_body_and_button() {
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
async fn a_notice_by_whatsapp_names_the_shop() {
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
async fn every_text_message_is_what_the_provider_publishes() {
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
        // Without a reference no report would come.
        assert_eq!(body["reference"], "00000000000000000000000000000007");
        assert_eq!(body["reportUrl"], "https://shop.example.com/webhooks/messagebird");
        let is_code = matches!(kind, MessageKind::Code(_));
        let last_line = format!("\n\n@shop.example.com #{CODE}");
        assert_eq!(body["body"].as_str().unwrap().ends_with(&last_line), is_code);
    }
}

#[tokio::test]
async fn both_shapes_of_the_answer_are_read() {
    let (_server, provider) =
        answering(202, json!({ "message": { "id": "m2", "status": "accepted" } })).await;
    let taken = provider.send(&login(Channel::WhatsApp)).await.unwrap();
    assert_eq!(taken.provider_message_id, "m2");
}

#[tokio::test]
async fn an_answer_without_a_name_may_have_been_sent() {
    for body in [json!({}), json!({ "id": "" }), json!([]), json!({ "id": 7 })] {
        let (_server, provider) = answering(202, body).await;
        let outcome = provider.send(&login(Channel::WhatsApp)).await;
        assert_eq!(outcome, Err(SendError::Unknown));
    }
}

#[tokio::test]
async fn a_broken_off_or_missing_answer_may_have_been_sent_and_a_refused_connection_was_not() {
    let message = login(Channel::WhatsApp);
    let broken =
        servers::cut_off(b"HTTP/1.1 202 Accepted\r\ncontent-length: 90\r\n\r\n{\"id\":").await;
    assert_eq!(at(&broken).send(&message).await, Err(SendError::Unknown));
    assert_eq!(at(&servers::silent().await).send(&message).await, Err(SendError::Unknown));
    let outcome = at(&servers::nobody().await).send(&message).await;
    assert!(matches!(outcome, Err(SendError::Retry { .. })), "{outcome:?}");
}

#[tokio::test]
async fn an_answer_beyond_all_bounds_is_not_kept() {
    let body = json!({ "id": MESSAGE, "padding": "x".repeat(2 * 1024 * 1024) });
    let (_server, provider) = answering(202, body).await;
    assert_eq!(provider.send(&login(Channel::WhatsApp)).await, Err(SendError::Unknown));
}

#[tokio::test]
async fn nothing_leaves_that_could_outlive_its_code() {
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
