//! MessageBird: Conversations, text messages, reports and templates.

mod management;
mod responses;
mod send;
mod signatures;
mod webhooks;

use std::sync::Arc;

use serde_json::{Value, json};
use whatsapp::{MessageProvider, providers};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

use crate::support::{Settings, context};

pub const ACCESS_KEY: &str = "live_wNmtVQTcLO4uf22uJxjvzwJ223";
pub const SIGNING_KEY: &str = "36efdd1aace2e26cd490f0d951138253";
pub const CHANNEL: &str = "619747f69cf940a98fb443140ce9aed2";
pub const NAMESPACE: &str = "20332cd4_f095_b080_d255_35677159aaff";
pub const MESSAGE: &str = "2e15efafec384e1c82e9842075e87beb";

/// The settings of a complete account.
pub fn settings() -> Settings {
    Settings::new([
        ("MESSAGEBIRD_ACCESS_KEY", ACCESS_KEY),
        ("MESSAGEBIRD_SIGNING_KEY", SIGNING_KEY),
        ("MESSAGEBIRD_CHANNEL_ID", CHANNEL),
        ("MESSAGEBIRD_NAMESPACE", NAMESPACE),
        ("MESSAGEBIRD_SMS_FROM", "Marigold"),
        ("MESSAGEBIRD_WABA_ID", "102290129340398"),
    ])
}

pub fn open(mut settings: Settings) -> Option<Arc<dyn MessageProvider>> {
    providers::open("messagebird", &mut settings, &context()).unwrap()
}

/// The provider with all its services at this address.
pub fn at(address: &str) -> Arc<dyn MessageProvider> {
    let settings = settings()
        .with("MESSAGEBIRD_CONVERSATIONS_BASE_URL", &format!("{address}/v1"))
        .with("MESSAGEBIRD_REST_BASE_URL", address)
        .with("MESSAGEBIRD_INTEGRATIONS_BASE_URL", address);
    open(settings).unwrap()
}

/// A server with this answer to both kinds of messages.
pub async fn answering(status: u16, body: Value) -> (MockServer, Arc<dyn MessageProvider>) {
    answering_with(ResponseTemplate::new(status).set_body_json(body)).await
}

pub async fn answering_with(answer: ResponseTemplate) -> (MockServer, Arc<dyn MessageProvider>) {
    let server = MockServer::start().await;
    for address in ["/v1/send", "/messages"] {
        Mock::given(method("POST"))
            .and(path(address))
            .respond_with(answer.clone())
            .mount(&server)
            .await;
    }
    let provider = at(&server.uri());
    (server, provider)
}

pub async fn only_request(server: &MockServer) -> Request {
    let mut requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

pub fn accepted() -> Value {
    json!({ "id": MESSAGE, "status": "accepted" })
}

#[test]
fn every_wrong_setting_is_reported_at_once() {
    assert!(open(settings()).is_some());
    for (settings, names) in [
        (
            Settings::default(),
            vec![
                "MESSAGEBIRD_ACCESS_KEY",
                "MESSAGEBIRD_CHANNEL_ID",
                "MESSAGEBIRD_NAMESPACE",
                "MESSAGEBIRD_SIGNING_KEY",
            ],
        ),
        (settings().with("MESSAGEBIRD_CHANNEL_ID", "whatsapp"), vec!["MESSAGEBIRD_CHANNEL_ID"]),
        (settings().with("MESSAGEBIRD_SMS_FROM", "Marigold Shop"), vec!["MESSAGEBIRD_SMS_FROM"]),
        (settings().with("MESSAGEBIRD_ACCESS_KEY", "a\nb"), vec!["MESSAGEBIRD_ACCESS_KEY"]),
        (
            settings().with("MESSAGEBIRD_REST_BASE_URL", "http://rest.example.com"),
            vec!["MESSAGEBIRD_REST_BASE_URL"],
        ),
    ] {
        let mut settings = settings;
        let provider = providers::open("messagebird", &mut settings, &context()).unwrap();
        assert!(provider.is_none());
        assert_eq!(settings.refused_names(), names);
    }
}

#[test]
fn a_provider_carries_the_channels_that_have_a_sender() {
    use domain::{Channel, MessageKind};
    let kind = MessageKind::PasswordChanged;
    let whatsapp = open(settings().without("MESSAGEBIRD_SMS_FROM")).unwrap();
    assert!(whatsapp.carries(Channel::WhatsApp, kind) && !whatsapp.carries(Channel::Sms, kind));
    let sms = open(settings().without("MESSAGEBIRD_CHANNEL_ID")).unwrap();
    assert!(sms.carries(Channel::Sms, kind) && !sms.carries(Channel::WhatsApp, kind));
}
