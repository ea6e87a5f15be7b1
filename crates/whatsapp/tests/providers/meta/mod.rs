//! Meta: requests, replies, webhook calls, templates and checks.

mod checks;
pub mod requests;
pub mod responses;
pub mod templates;
mod users;
mod webhook_items;
pub mod webhooks;

use std::sync::Arc;

use whatsapp::{MessageProvider, SettingsSource, providers};

use crate::support::{Settings, context};

/// The secrets of the test shop, which must never be printed.
pub const SECRETS: [&str; 3] =
    ["token-of-a-system-user", "0123456789abcdef0123456789abcdef", "meatyhamhock"];

/// The settings of a shop, with the service at this address.
pub fn settings(address: &str) -> Settings {
    Settings::new([
        ("META_ACCESS_TOKEN", SECRETS[0]),
        ("META_PHONE_NUMBER_ID", "106540352242922"),
        ("META_WABA_ID", "102290129340398"),
        ("META_APP_SECRET", SECRETS[1]),
        ("META_VERIFY_TOKEN", SECRETS[2]),
    ])
    .with("META_BASE_URL", address)
}

/// The provider with its service at this address.
pub fn meta(address: &str) -> Arc<dyn MessageProvider> {
    opened(settings(address)).unwrap_or_else(|refused| panic!("{refused:?}"))
}

fn opened(mut settings: Settings) -> Result<Arc<dyn MessageProvider>, Vec<&'static str>> {
    let provider = providers::open("meta", &mut settings, &context()).unwrap();
    provider.ok_or_else(|| settings.refused_names())
}

#[test]
fn every_wrong_setting_is_reported_at_once() {
    let mut nothing = Settings::default();
    assert!(providers::open("meta", &mut nothing, &context()).unwrap().is_none());
    assert_eq!(
        nothing.refused_names(),
        [
            "META_ACCESS_TOKEN",
            "META_APP_SECRET",
            "META_PHONE_NUMBER_ID",
            "META_VERIFY_TOKEN",
            "META_WABA_ID"
        ]
    );
    for (name, wrong) in [
        ("META_ACCESS_TOKEN", "two\nlines"),
        ("META_PHONE_NUMBER_ID", "../me"),
        ("META_WABA_ID", ""),
        ("META_GRAPH_VERSION", "26"),
        ("META_GRAPH_VERSION", "v26.0/.."),
        ("META_BASE_URL", "http://graph.example.com"),
        ("META_MESSAGES_PER_SECOND", "0"),
        ("META_MESSAGES_PER_SECOND", "1001"),
    ] {
        let settings = settings("https://graph.example.com").with(name, wrong);
        assert_eq!(opened(settings).err(), Some(vec![name]), "{wrong:?}");
    }
}

#[test]
fn the_rate_limits_are_those_of_the_number_and_of_the_pair() {
    let rate_limits = meta("https://graph.example.com").rate_limits();
    assert_eq!(rate_limits.per_second.map(std::num::NonZero::get), Some(80));
    assert_eq!(rate_limits.per_person.as_secs(), 6);
    let mut faster = settings("https://graph.example.com").with("META_MESSAGES_PER_SECOND", "1000");
    assert_eq!(faster.optional("META_MESSAGES_PER_SECOND").as_deref(), Some("1000"));
    let rate_limits = opened(faster).unwrap().rate_limits();
    assert_eq!(rate_limits.per_second.map(std::num::NonZero::get), Some(1000));
}
