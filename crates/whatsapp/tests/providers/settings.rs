//! What every provider refuses in its settings, before a message is sent with them.

use whatsapp::providers;

use crate::{
    bird::{channels_settings, v1_settings},
    dialog360, messagebird, meta,
    support::{Settings, context},
    twilio,
};

const BASE: &str = "https://provider.shop.co";

/// Every provider with settings that are right, and the settings of its addresses.
fn all() -> [(&'static str, Settings, &'static [&'static str]); 6] {
    let twilio = twilio::settings(BASE)
        .with("TWILIO_SECONDARY_AUTH_TOKEN", "1f1e2d3c4b5a69788796a5b4c3d2e1f1")
        .with("TWILIO_WEBHOOK_SHARED_KEY", "2f1e2d3c4b5a69788796a5b4c3d2e1f2")
        .with("TWILIO_API_KEY_SID", "SK22222222222222222222222222222222")
        .with("TWILIO_API_KEY_SECRET", "3f1e2d3c4b5a69788796a5b4c3d2e1f3")
        .with("TWILIO_VERIFY_SERVICE_SID", "VA66666666666666666666666666666666");
    [
        ("meta", meta::settings(BASE), &["META_BASE_URL"]),
        ("360dialog", dialog360::settings(BASE), &["D360_BASE_URL"]),
        (
            "twilio",
            twilio,
            &[
                "TWILIO_BASE_URL",
                "TWILIO_VERIFY_BASE_URL",
                "TWILIO_CONTENT_BASE_URL",
                "TWILIO_MESSAGING_BASE_URL",
            ],
        ),
        (
            "messagebird",
            messagebird::settings(),
            &[
                "MESSAGEBIRD_CONVERSATIONS_BASE_URL",
                "MESSAGEBIRD_REST_BASE_URL",
                "MESSAGEBIRD_INTEGRATIONS_BASE_URL",
            ],
        ),
        (
            "bird",
            v1_settings().with("BIRD_SIGNING_KEY", "bird-signing-key-1"),
            &["BIRD_V1_BASE_URL"],
        ),
        ("bird-channels", channels_settings(), &["BIRD_BASE_URL"]),
    ]
}

/// The names of the settings for which a provider refuses to open; `None` if it opens.
fn refused(provider: &str, mut settings: Settings) -> Option<Vec<&'static str>> {
    let opened = providers::open(provider, &mut settings, &context()).unwrap();
    opened.is_none().then(|| settings.refused_names())
}

#[test]
fn a_placeholder_is_refused_in_every_setting_of_every_provider() {
    const PLACEHOLDERS: [&str; 16] = [
        "xxx",
        "XXXXXXXXXXXX",
        "changeme",
        "change-me",
        "<token>",
        "[your id]",
        "${TOKEN}",
        "your_token_here",
        "YOUR-SID",
        "insert value here",
        "TODO",
        "null",
        "…",
        "EAAG...",
        "00000000-0000-0000-0000-000000000000",
        "AC00000000000000000000000000000000",
    ];
    for (provider, settings, _) in all() {
        assert_eq!(refused(provider, settings.clone()), None, "{provider}");
        for name in settings.names() {
            for placeholder in PLACEHOLDERS {
                let said = refused(provider, settings.clone().with(name, placeholder));
                let is_named = said.as_ref().is_some_and(|names| names.contains(&name));
                assert!(is_named, "{provider} {name}={placeholder}: {said:?}");
            }
        }
    }
}

#[test]
fn x119_the_address_of_a_service_is_https_host_and_path() {
    const WRONG: [&str; 14] = [
        "graph.facebook.com",
        "ftp://graph.facebook.com",
        "http://graph.facebook.com",
        "http://localhost.shop.co",
        "http://10.0.0.1",
        "https://",
        "https://user@graph.facebook.com",
        "https://user:password@graph.facebook.com",
        "https://:password@graph.facebook.com",
        "https://graph.facebook.com?token=x",
        "https://graph.facebook.com/v26.0#top",
        "https://graph.facebook.com/a b",
        "https://graph.facebook.com:99999",
        "<url>",
    ];
    const ON_THIS_MACHINE: [&str; 3] =
        ["http://127.0.0.1:4010", "http://localhost:4010/meta", "http://[::1]:4010"];
    const RESERVED: [&str; 4] = [
        "https://graph.example.com",
        "https://api.provider.invalid",
        "https://example.org/v1",
        "https://provider.test",
    ];
    const RIGHT: [&str; 4] = [
        "https://graph.facebook.com",
        "HTTPS://Graph.Facebook.com/",
        "https://proxy.shop.co:8443/whatsapp/",
        "https://192.0.2.1/v1",
    ];
    for (provider, settings, names) in all() {
        for name in names {
            let said = |url: &str| refused(provider, settings.clone().with(name, url));
            let said_in_production =
                |url: &str| refused(provider, settings.clone().with(name, url).in_production());
            for url in WRONG {
                assert_eq!(said(url), Some(vec![*name]), "{name}={url}");
                assert_eq!(said_in_production(url), Some(vec![*name]), "{name}={url}");
            }
            for url in ON_THIS_MACHINE.into_iter().chain(RESERVED) {
                assert_eq!(said(url), None, "{name}={url}");
                assert_eq!(said_in_production(url), Some(vec![*name]), "{name}={url}");
            }
            for url in RIGHT {
                assert_eq!(said(url), None, "{name}={url}");
                assert_eq!(said_in_production(url), None, "{name}={url}");
            }
        }
    }
}

#[test]
fn production_refuses_a_test_key_that_sends_nothing() {
    let settings = messagebird::settings().with("MESSAGEBIRD_ACCESS_KEY", "test_gshuPaZoeEG6ovbc8");
    assert_eq!(refused("messagebird", settings.clone()), None, "the demo may try it");
    assert_eq!(
        refused("messagebird", settings.in_production()),
        Some(vec!["MESSAGEBIRD_ACCESS_KEY"])
    );
}
