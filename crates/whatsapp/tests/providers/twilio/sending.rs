//! WhatsApp and text messages by Programmable Messaging.

use std::time::Duration;

use domain::{Channel, MessageId, MessageKind};
use serde_json::json;
use whatsapp::{Accepted, OutgoingMessage, SendError};
use wiremock::MockServer;

use super::*;
use crate::support::{
    CODE, assert_says_nothing_secret, login, outgoing,
    servers::{cut_off, refusing},
};

/// Twilio's reply to an accepted message.
fn taken() -> Value {
    json!({ "sid": MESSAGE, "status": "queued", "error_code": null, "price": null, "new": [] })
}

/// Sends a message and returns the fields that Twilio received.
async fn sent(
    settings: impl Fn(&str) -> Settings,
    message: &OutgoingMessage,
) -> BTreeMap<String, String> {
    let server = MockServer::start().await;
    answer(&server, "POST", &messages_path(), 201, taken()).await;
    let accepted = open(settings(&server.uri())).send(message).await;
    assert_eq!(accepted, Ok(Accepted { provider_message_id: MESSAGE.to_owned() }));
    let requests = asked(&server).await;
    assert_eq!(requests.len(), 1);
    let fields = fields(&requests[0]);
    assert_published_form("message", &fields);
    fields
}

fn template(kind: MessageKind) -> OutgoingMessage {
    OutgoingMessage { template_id: Some(CONTENT.to_owned()), ..outgoing(Channel::WhatsApp, kind) }
}

fn listed(fields: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn callback() -> String {
    format!("https://shop.example.com/webhooks/twilio?reference={}", MessageId::from_bits(7))
}

#[tokio::test]
async fn every_kind_is_sent_by_whatsapp_as_a_template_with_one_variable() {
    for kind in MessageKind::ALL {
        let variable = if matches!(kind, MessageKind::Code(_)) { CODE } else { "Marigold" };
        let fields = sent(settings, &template(kind)).await;
        let expected = [
            ("ContentSid", CONTENT),
            ("ContentVariables", &format!(r#"{{"1":"{variable}"}}"#)),
            ("From", FROM),
            ("StatusCallback", &callback()),
            ("To", "whatsapp:+447700900111"),
            ("ValidityPeriod", "600"),
        ];
        assert_eq!(listed(&fields), expected, "{kind:?}");
    }
}

#[tokio::test]
async fn every_kind_is_sent_as_a_text_message() {
    for kind in MessageKind::ALL {
        let fields = sent(settings, &outgoing(Channel::Sms, kind)).await;
        let is_code = matches!(kind, MessageKind::Code(_));
        assert_eq!(fields["Body"].contains(CODE), is_code, "{kind:?}");
        assert!(fields["Body"].contains("Marigold"), "{kind:?}");
        assert_eq!(fields["To"], "+447700900111");
        assert_eq!(fields["From"], SMS_FROM);
        assert_eq!(fields["StatusCallback"], callback());
        assert_eq!(fields.len(), 5);
    }
}

#[tokio::test]
async fn a_messaging_service_takes_the_place_of_the_sender() {
    let service = "MG22222222222222222222222222222222";
    let with = |address: &str| {
        settings(address).with("TWILIO_FROM", service).with("TWILIO_SMS_FROM", service)
    };
    for message in [template(MessageKind::PhoneChanged), login(Channel::Sms)] {
        let fields = sent(with, &message).await;
        assert_eq!(fields["MessagingServiceSid"], service);
        assert!(!fields.contains_key("From"));
    }
}

#[tokio::test]
async fn the_validity_period_is_the_remaining_lifetime_of_the_message() {
    for (remaining, wait) in [(1_900, "1"), (59_000, "59"), (86_400_000, "36000")] {
        let remaining = Duration::from_millis(remaining);
        let fields = sent(settings, &OutgoingMessage { remaining, ..login(Channel::Sms) }).await;
        assert_eq!(fields["ValidityPeriod"], wait);
    }
    let late = OutgoingMessage { remaining: Duration::from_millis(999), ..login(Channel::Sms) };
    let error = open(settings(&refusing().await)).send(&late).await.unwrap_err();
    assert_eq!(error.to_string(), "the message is undeliverable: the message expires too soon");
}

#[tokio::test]
async fn requests_use_the_token_or_the_api_key() {
    let key = "SK22222222222222222222222222222222";
    for has_key in [false, true] {
        let server = MockServer::start().await;
        answer(&server, "POST", &messages_path(), 201, taken()).await;
        let mut settings = settings(&server.uri());
        if has_key {
            settings = settings.with("TWILIO_API_KEY_SID", key).with("TWILIO_API_KEY_SECRET", "pw");
        }
        open(settings).send(&login(Channel::Sms)).await.unwrap();
        let expected = if has_key { format!("{key}:pw") } else { format!("{ACCOUNT}:{TOKEN}") };
        let expected = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, expected);
        let request = &asked(&server).await[0];
        assert_eq!(request.headers["authorization"], format!("Basic {expected}"));
    }
}

#[tokio::test]
async fn a_message_without_a_template_id_is_not_sent() {
    let error =
        open(settings(&refusing().await)).send(&login(Channel::WhatsApp)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the configuration is wrong: template: the template does not exist at Twilio yet: \
         run `marigold templates sync`"
    );
}

#[tokio::test]
async fn a_channel_without_a_sender_points_at_its_setting() {
    for (channel, setting) in
        [(Channel::WhatsApp, "TWILIO_FROM"), (Channel::Sms, "TWILIO_SMS_FROM")]
    {
        let provider = open(settings(&refusing().await).without(setting));
        let error = provider.send(&login(channel)).await.unwrap_err();
        assert!(
            error.to_string().starts_with(&format!("the configuration is wrong: {setting}")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_error_of_a_gateway_means_possibly_sent() {
    let message = login(Channel::Sms);
    let send = async |address: String| open(settings(&address)).send(&message).await.unwrap_err();
    for reply in [
        b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n".as_slice(),
        b"HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 0\r\n\r\n",
    ] {
        assert_eq!(send(cut_off(reply).await).await, SendError::Unknown);
    }
}

#[tokio::test]
async fn x114_no_error_prints_a_code_a_number_or_a_token() {
    let server = MockServer::start().await;
    answer(&server, "POST", &messages_path(), 400, problem(99_999, 400)).await;
    let error = open(settings(&server.uri())).send(&login(Channel::Sms)).await.unwrap_err();
    assert_says_nothing_secret(&format!("{error} {error:?}"), &[TOKEN, ACCOUNT]);
}
