//! The requests to Meta, compared word by word and with Meta's own schema.

use std::time::Duration;

use domain::{Channel, Language, MessageKind, Purpose};
use serde_json::{Value, json};
use whatsapp::{Accepted, OutgoingMessage, SendError};
use wiremock::{MockServer, ResponseTemplate};

use super::{SECRETS, meta, settings};
use crate::support::{
    CODE, PHONE, assert_says_nothing_secret, context, login, outgoing, schema::Schema,
    statuses::answering,
};

/// The schema of a message.
pub fn schema() -> Schema {
    Schema::new(include_str!("../../data/meta_messages.schema.json"))
}

/// Meta's reply to an accepted message.
pub fn taken() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "messaging_product": "whatsapp",
        "contacts": [{ "input": PHONE, "wa_id": "447700900111", "user_id": "GB.1" }],
        "messages": [{ "id": "wamid.HBgM", "message_status": "accepted" }],
    }))
}

async fn only_body(server: &MockServer) -> Value {
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests[0].body_json().unwrap()
}

#[tokio::test]
async fn a_code_is_sent_as_an_authentication_template() {
    let server = answering(taken()).await;
    let accepted = meta(&server.uri()).send(&login(Channel::WhatsApp)).await;
    assert_eq!(accepted, Ok(Accepted { provider_message_id: "wamid.HBgM".to_owned() }));
    let request = server.received_requests().await.unwrap().remove(0);
    assert_eq!(request.method, http::Method::POST);
    assert_eq!(request.url.path(), "/v26.0/106540352242922/messages");
    assert_eq!(request.headers["authorization"], format!("Bearer {}", SECRETS[0]).as_str());
    assert_eq!(request.headers["content-type"], "application/json");
    let body: Value = request.body_json().unwrap();
    assert_eq!(
        body,
        json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": PHONE,
            "type": "template",
            "template": {
                "name": "marigold_login_code",
                "language": { "policy": "deterministic", "code": "en" },
                "components": [
                    { "type": "body", "parameters": [{ "type": "text", "text": CODE }] },
                    { "type": "button", "sub_type": "url", "index": "0",
                      "parameters": [{ "type": "text", "text": CODE }] },
                ],
            },
            "biz_opaque_callback_data": "00000000000000000000000000000007",
        })
    );
}

#[tokio::test]
async fn a_notice_is_a_template_with_the_name_of_the_shop() {
    let server = answering(taken()).await;
    let notice = outgoing(Channel::WhatsApp, MessageKind::PhoneChanged);
    meta(&server.uri()).send(&notice).await.unwrap();
    let body = only_body(&server).await;
    assert_eq!(
        body["template"],
        json!({
            "name": "marigold_phone_changed",
            "language": { "policy": "deterministic", "code": "en" },
            "components": [
                { "type": "body", "parameters": [{ "type": "text", "text": "Marigold" }] },
            ],
        })
    );
}

#[tokio::test]
async fn every_kind_in_every_language_matches_the_schema_of_meta() {
    let server = answering(taken()).await;
    let (meta, schema) = (meta(&server.uri()), schema());
    for kind in MessageKind::ALL {
        assert!(meta.carries(Channel::WhatsApp, kind) && !meta.carries(Channel::Sms, kind));
        for language in Language::ALL {
            let message = OutgoingMessage { language, ..outgoing(Channel::WhatsApp, kind) };
            meta.send(&message).await.unwrap();
        }
    }
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), MessageKind::ALL.len() * Language::ALL.len());
    for request in requests {
        schema.assert_takes(&request.body_json().unwrap());
    }
    assert!(!schema.takes(&json!({"messaging_product": "whatsapp", "to": PHONE})));
}

#[tokio::test]
async fn a_code_that_could_expire_before_delivery_is_not_sent() {
    let server = answering(taken()).await;
    let meta = meta(&server.uri());
    let late = |seconds| OutgoingMessage {
        remaining: Duration::from_secs(seconds),
        ..login(Channel::WhatsApp)
    };
    assert_eq!(meta.send(&late(179)).await, Err(SendError::too_late()));
    assert!(server.received_requests().await.unwrap().is_empty());
    assert!(meta.send(&late(180)).await.is_ok());
}

#[tokio::test]
async fn a_message_that_meta_would_refuse_is_not_sent() {
    let server = answering(taken()).await;
    let meta = meta(&server.uri());
    let kind = MessageKind::Code(Purpose::Payment);
    for message in [
        OutgoingMessage { code: None, ..outgoing(Channel::WhatsApp, kind) },
        OutgoingMessage { minutes: 91, ..outgoing(Channel::WhatsApp, kind) },
        OutgoingMessage { shop_name: "a\nb".into(), ..outgoing(Channel::WhatsApp, kind) },
    ] {
        assert_eq!(meta.send(&message).await.unwrap_err().class(), "misconfigured");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_version_of_the_graph_api_is_a_setting() {
    let server = answering(taken()).await;
    let mut settings = settings(&server.uri()).with("META_GRAPH_VERSION", "v25.0");
    let meta = whatsapp::providers::open("meta", &mut settings, &context()).unwrap().unwrap();
    meta.send(&login(Channel::WhatsApp)).await.unwrap();
    let request = server.received_requests().await.unwrap().remove(0);
    assert_eq!(request.url.path(), "/v25.0/106540352242922/messages");
    assert_says_nothing_secret(&format!("{:?}", settings.refused), &SECRETS);
}
