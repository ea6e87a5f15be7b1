//! The validation of the settings.

use domain::{Channel, MessageKind, Purpose};

use super::{ACCOUNT, PAYMENTS, SERVICE, settings, try_open};
use crate::support::{Settings, assert_says_nothing_secret};

const BASE: &str = "https://twilio.example.com";

#[test]
fn every_wrong_setting_is_reported_at_once() {
    let mut nothing = Settings::default();
    assert!(try_open(&mut nothing).is_none());
    assert_eq!(nothing.refused_names(), ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"]);
    let mut wrong = settings("ftp://x")
        .with("TWILIO_ACCOUNT_SID", "SK22222222222222222222222222222222")
        .with("TWILIO_AUTH_TOKEN", "two words")
        .with("TWILIO_SECONDARY_AUTH_TOKEN", "")
        .with("TWILIO_API_KEY_SID", "SK1")
        .with("TWILIO_API_KEY_SECRET", "a b")
        .with("TWILIO_FROM", "+447700900001")
        .with("TWILIO_SMS_FROM", "whatsapp:+447700900001")
        .with("TWILIO_VERIFY_SERVICE_SID", "VAx")
        .with("TWILIO_VERIFY_PAYMENT_SERVICE_SID", ACCOUNT);
    assert!(try_open(&mut wrong).is_none());
    assert_eq!(
        wrong.refused_names(),
        [
            "TWILIO_ACCOUNT_SID",
            "TWILIO_API_KEY_SECRET",
            "TWILIO_API_KEY_SID",
            "TWILIO_AUTH_TOKEN",
            "TWILIO_BASE_URL",
            "TWILIO_CONTENT_BASE_URL",
            "TWILIO_FROM",
            "TWILIO_MESSAGING_BASE_URL",
            "TWILIO_SECONDARY_AUTH_TOKEN",
            "TWILIO_SMS_FROM",
            "TWILIO_VERIFY_BASE_URL",
            "TWILIO_VERIFY_PAYMENT_SERVICE_SID",
            "TWILIO_VERIFY_SERVICE_SID",
        ]
    );
    assert_says_nothing_secret(&format!("{:?}", wrong.refused), &["two words", "a b"]);
}

#[test]
fn half_an_api_key_and_a_lone_payment_service_are_refused() {
    for (given, missing, value) in [
        ("TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET", "SK22222222222222222222222222222222"),
        ("TWILIO_API_KEY_SECRET", "TWILIO_API_KEY_SID", "secret"),
        ("TWILIO_VERIFY_PAYMENT_SERVICE_SID", "TWILIO_VERIFY_SERVICE_SID", PAYMENTS),
    ] {
        let mut settings = settings(BASE).with(given, value);
        assert!(try_open(&mut settings).is_none(), "{given}");
        assert_eq!(settings.refused_names(), [missing]);
    }
}

#[test]
fn every_kind_of_sender_is_accepted() {
    let service = "MG22222222222222222222222222222222";
    for (name, value, is_taken) in [
        ("TWILIO_FROM", service, true),
        ("TWILIO_FROM", "whatsapp:+447700900001", true),
        ("TWILIO_FROM", "whatsapp:447700900001", false),
        ("TWILIO_FROM", "MG2", false),
        ("TWILIO_SMS_FROM", service, true),
        ("TWILIO_SMS_FROM", "+447700900001", true),
        ("TWILIO_SMS_FROM", "60123", true),
        ("TWILIO_SMS_FROM", "Marigold", true),
        ("TWILIO_SMS_FROM", "Marigold Ltd", false),
        ("TWILIO_SMS_FROM", "123456789", false),
        ("TWILIO_SMS_FROM", "Märigold", false),
        ("TWILIO_SMS_FROM", "", false),
    ] {
        let mut settings = settings(BASE).with(name, value);
        assert_eq!(try_open(&mut settings).is_some(), is_taken, "{name}={value}");
        let refused: &[&str] = if is_taken { &[] } else { &[name] };
        assert_eq!(settings.refused_names(), refused, "{value}");
    }
}

#[test]
fn verify_carries_codes_only_and_channels_need_a_sender() {
    let (code, notice) = (MessageKind::Code(Purpose::Login), MessageKind::PhoneChanged);
    let carries = |settings: Settings| {
        let provider = super::open(settings);
        [
            provider.carries(Channel::WhatsApp, code),
            provider.carries(Channel::WhatsApp, notice),
            provider.carries(Channel::Sms, code),
            provider.carries(Channel::Sms, notice),
        ]
    };
    let verify = || settings(BASE).with("TWILIO_VERIFY_SERVICE_SID", SERVICE);
    assert_eq!(carries(settings(BASE)), [true; 4]);
    assert_eq!(carries(settings(BASE).without("TWILIO_FROM")), [false, false, true, true]);
    assert_eq!(carries(settings(BASE).without("TWILIO_SMS_FROM")), [true, true, false, false]);
    assert_eq!(carries(verify()), [true; 4]);
    let alone = verify().without("TWILIO_FROM").without("TWILIO_SMS_FROM");
    assert_eq!(carries(alone), [true, false, true, false]);
}
