//! 360dialog: its own key, errors, header and addresses around Meta's protocol.

mod checks;
mod responses;
mod templates;
mod webhooks;

use std::sync::Arc;

use domain::{Channel, Language, MessageKind};
use whatsapp::{MessageProvider, OutgoingMessage, providers};

use crate::{
    meta::requests::{schema, taken},
    support::{Settings, context, outgoing, statuses::answering},
};

/// The secrets of the test shop, which must never be printed.
pub const SECRETS: [&str; 2] = ["0123456789abcdef_AK", "webhook-secret-1"];

/// The settings of a shop, with the service at this address.
pub fn settings(address: &str) -> Settings {
    Settings::new([("D360_API_KEY", SECRETS[0]), ("D360_WEBHOOK_SECRET", SECRETS[1])])
        .with("D360_BASE_URL", address)
}

/// The provider with its service at this address.
pub fn dialog360(address: &str) -> Arc<dyn MessageProvider> {
    opened(settings(address)).unwrap_or_else(|refused| panic!("{refused:?}"))
}

fn opened(mut settings: Settings) -> Result<Arc<dyn MessageProvider>, Vec<&'static str>> {
    let provider = providers::open("360dialog", &mut settings, &context()).unwrap();
    provider.ok_or_else(|| settings.refused_names())
}

#[test]
fn every_wrong_setting_is_reported_at_once() {
    let nothing = Settings::default();
    assert_eq!(opened(nothing).err().unwrap(), ["D360_API_KEY", "D360_WEBHOOK_SECRET"]);
    for (name, wrong) in [
        ("D360_API_KEY", "two words"),
        ("D360_WEBHOOK_SECRET", "ümlaut"),
        ("D360_BASE_URL", "ftp://example.com"),
        ("D360_MESSAGES_PER_SECOND", "many"),
    ] {
        let settings = settings("https://d360.example.com").with(name, wrong);
        assert_eq!(opened(settings).err(), Some(vec![name]), "{wrong:?}");
    }
}

#[tokio::test]
async fn every_kind_in_every_language_matches_the_schema_of_meta() {
    let server = answering(taken()).await;
    let (provider, schema) = (dialog360(&server.uri()), schema());
    for kind in MessageKind::ALL {
        assert!(provider.carries(Channel::WhatsApp, kind) && !provider.carries(Channel::Sms, kind));
        for language in Language::ALL {
            let message = OutgoingMessage { language, ..outgoing(Channel::WhatsApp, kind) };
            let accepted = provider.send(&message).await.unwrap();
            assert_eq!(accepted.provider_message_id, "wamid.HBgM");
        }
    }
    for request in server.received_requests().await.unwrap() {
        assert_eq!(request.url.path(), "/messages");
        assert_eq!(request.headers["d360-api-key"], SECRETS[0]);
        assert!(!request.headers.contains_key("authorization"));
        assert_eq!(request.headers["content-type"], "application/json");
        schema.assert_takes(&request.body_json().unwrap());
    }
    assert_eq!(provider.rate_limits().per_person.as_secs(), 6);
}
