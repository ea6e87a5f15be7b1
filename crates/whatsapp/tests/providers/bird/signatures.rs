//! The authentication of webhook calls of both generations.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use http::Method;
use sha2::{Digest, Sha256};
use whatsapp::{MessageProvider, WebhookError, WebhookResponse};

use super::{SECRET, SIGNING_KEY, channels_settings, open, v1_settings};
use crate::support::{Call, NOW, Settings};

pub const URL: &str = "https://shop.example.com/webhooks/bird";
const DELIVERED: &[u8] =
    br#"{"type":"whatsapp.delivered","timestamp":"2026-01-01T00:00:00Z","data":{"whatsapp_id":"wam_1"}}"#;

fn mac(key: &[u8], signed: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(signed).finalize();
    STANDARD.encode(mac.into_bytes())
}

fn standard_signature(secret: &str, body: &[u8]) -> String {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    format!("v1,{}", mac(&key, &[b"msg_2abc.1767225600.", body].concat()))
}

fn standard_with(signature: &str, body: &[u8]) -> Call {
    Call::new(Method::POST, URL, body)
        .with_header("webhook-id", "msg_2abc")
        .with_header("webhook-timestamp", "1767225600")
        .with_header("webhook-signature", signature)
}

/// A call signed as the platform signs.
pub fn standard(body: &[u8]) -> Call {
    standard_with(&standard_signature(SECRET, body), body)
}

fn channels_with(signature: &str, url: &str, body: &[u8]) -> Call {
    Call::new(Method::POST, url, body)
        .with_header("messagebird-request-timestamp", "1767225600")
        .with_header("messagebird-signature", signature)
}

/// A call signed as Channels signs.
pub fn channels(body: &[u8]) -> Call {
    let mut signed = format!("1767225600\n{URL}\n").into_bytes();
    signed.extend_from_slice(&Sha256::digest(body));
    channels_with(&mac(SIGNING_KEY.as_bytes(), &signed), URL, body)
}

fn refusal(settings: Settings, call: &Call) -> Option<WebhookError> {
    open(settings).unwrap().read_webhook(&call.request()).err()
}

/// Asserts that a signature with any changed or missing character is rejected.
fn assert_every_character_counts(
    provider: &dyn MessageProvider,
    signature: &str,
    call: impl Fn(&str) -> Call,
) {
    assert!(provider.read_webhook(&call(signature).request()).is_ok());
    for position in 0..signature.len() {
        let mut spoilt = signature.as_bytes().to_vec();
        spoilt[position] = if spoilt[position] == b'A' { b'B' } else { b'A' };
        for spoilt in [std::str::from_utf8(&spoilt).unwrap(), &signature[..position]] {
            let refused = provider.read_webhook(&call(spoilt).request());
            assert_eq!(refused, Err(WebhookError::BadSignature), "{spoilt}");
        }
    }
}

#[test]
fn the_published_vector_of_the_platform_is_accepted() {
    let body = br#"{"type":"whatsapp.delivered","timestamp":"2026-01-01T00:00:00Z","data":{}}"#;
    let call = standard_with("v1,8iMPS/P7fliPFo62RFW8mJOCg6VbcJF5twCuB1Y+p4k=", body);
    // The call is accepted, but it names no message.
    assert_eq!(refusal(v1_settings(), &call), Some(WebhookError::Malformed));
    let call = standard_with("v1,9iMPS/P7fliPFo62RFW8mJOCg6VbcJF5twCuB1Y+p4k=", body);
    assert_eq!(refusal(v1_settings(), &call), Some(WebhookError::BadSignature));
}

#[test]
fn x66_a_changed_standard_call_is_rejected() {
    let provider = open(v1_settings()).unwrap();
    let signature = standard_signature(SECRET, DELIVERED);
    let call = |signature: &str| standard_with(signature, DELIVERED);
    assert_every_character_counts(&*provider, &signature, call);
    let other = standard_with(&signature, &[DELIVERED, b" "].concat());
    assert_eq!(provider.read_webhook(&other.request()), Err(WebhookError::BadSignature));
    for name in ["webhook-id", "webhook-timestamp"] {
        let changed = standard(DELIVERED).with_header(name, "1767225601");
        assert_eq!(
            provider.read_webhook(&changed.request()),
            Err(WebhookError::BadSignature),
            "{name}"
        );
        let mut missing = standard(DELIVERED);
        missing.headers.remove(name);
        assert_eq!(
            provider.read_webhook(&missing.request()),
            Err(WebhookError::NoSignature),
            "{name}"
        );
    }
    let unsigned = Call::new(Method::POST, URL, DELIVERED);
    assert_eq!(provider.read_webhook(&unsigned.request()), Err(WebhookError::NoSignature));
}

#[test]
fn both_secrets_are_accepted_during_a_rotation() {
    let newer = "whsec_bmV3ZXIgc2VjcmV0IG9mIHRoZSBlbmRwb2ludA==";
    let (old, new) = (standard_signature(SECRET, DELIVERED), standard_signature(newer, DELIVERED));
    let both = v1_settings().with("BIRD_V1_WEBHOOK_SECRET", &format!("{SECRET}, {newer}"));
    let provider = open(both).unwrap();
    for signature in [old.clone(), new.clone(), format!("{old} {new}"), format!("v2,x {new}")] {
        let call = standard_with(&signature, DELIVERED);
        assert!(provider.read_webhook(&call.request()).is_ok(), "{signature}");
    }
    // Bird signs with both secrets, and the shop knows one of them.
    let call = standard_with(&format!("{new} {old}"), DELIVERED);
    assert_eq!(refusal(v1_settings(), &call), None);
    let call = standard_with(&new, DELIVERED);
    assert_eq!(refusal(v1_settings(), &call), Some(WebhookError::BadSignature));
}

#[test]
fn a_standard_call_is_valid_for_five_minutes_and_once() {
    let window = Duration::from_secs(300);
    let second = Duration::from_secs(1);
    let provider = open(v1_settings()).unwrap();
    for (now, refused) in [
        (NOW - window, None),
        (NOW + window, None),
        (NOW - window - second, Some(WebhookError::Stale)),
        (NOW + window + second, Some(WebhookError::Stale)),
    ] {
        let call = Call { now, ..standard(DELIVERED) };
        assert_eq!(provider.read_webhook(&call.request()).err(), refused);
    }
    let call = standard(DELIVERED);
    let WebhookResponse::Events { once, .. } = provider.read_webhook(&call.request()).unwrap()
    else {
        panic!("no events");
    };
    assert_eq!(once, Some(("msg_2abc".to_owned(), window)));
}

#[test]
fn the_published_vectors_of_channels_are_accepted() {
    let body = br#"{"service":"channels","event":"whatsapp.outbound","payload":{"id":"11111111-2222-4333-8444-555555555555","status":"delivered"}}"#;
    let call = channels_with("i46SkC0NqeXucg0TnLxXCO73dNPrJUbL4FTIrPySX2Q=", URL, body);
    assert_eq!(refusal(channels_settings(), &call), None);
    let call = channels_with("u2UUAzIMhH8Y1leB5AU9uUDeckoefliDoDWvUTjrj9k=", URL, b"");
    assert_eq!(refusal(channels_settings(), &call), Some(WebhookError::Malformed));
}

#[test]
fn x66_a_changed_call_of_channels_is_rejected() {
    let provider = open(channels_settings()).unwrap();
    let body = br#"{"payload":{"id":"m1","status":"sent"}}"#;
    let whole = channels(body);
    let signature = whole.headers["messagebird-signature"].to_str().unwrap().to_owned();
    let call = |signature: &str| channels_with(signature, URL, body);
    assert_every_character_counts(&*provider, &signature, call);
    for (url, body) in [(URL, &b"{}"[..]), ("https://shop.example.com/webhooks/bird?x", body)] {
        let call = channels_with(&signature, url, body);
        assert_eq!(provider.read_webhook(&call.request()), Err(WebhookError::BadSignature));
    }
    let other = channels_settings().with("BIRD_SIGNING_KEY", "another");
    assert_eq!(refusal(other, &whole), Some(WebhookError::BadSignature));
    let mut undated = channels(body);
    undated.headers.remove("messagebird-request-timestamp");
    assert_eq!(provider.read_webhook(&undated.request()), Err(WebhookError::NoSignature));
}

#[test]
fn a_call_of_channels_is_valid_for_eight_hours_and_once_per_status() {
    let provider = open(channels_settings()).unwrap();
    let body = br#"{"payload":{"id":"m1","status":"sent"}}"#;
    let (eight_hours, window) = (Duration::from_secs(8 * 3600), Duration::from_secs(300));
    let second = Duration::from_secs(1);
    for (now, refused) in [
        (NOW + eight_hours + window, None),
        (NOW + eight_hours + window + second, Some(WebhookError::Stale)),
        (NOW - window, None),
        (NOW - window - second, Some(WebhookError::Stale)),
    ] {
        let call = Call { now, ..channels(body) };
        assert_eq!(provider.read_webhook(&call.request()).err(), refused);
    }
    let call = channels(body);
    let WebhookResponse::Events { once, .. } = provider.read_webhook(&call.request()).unwrap()
    else {
        panic!("no events");
    };
    assert_eq!(once, Some(("m1 sent".to_owned(), eight_hours + window * 2)));
}

#[test]
fn a_generation_is_accepted_only_if_its_secret_is_set() {
    let of_channels = channels(br#"{"payload":{"id":"m1","status":"sent"}}"#);
    let of_v1 = standard(DELIVERED);
    assert_eq!(refusal(v1_settings(), &of_channels), Some(WebhookError::NotOffered));
    assert_eq!(refusal(channels_settings(), &of_v1), Some(WebhookError::NotOffered));
    let both = || v1_settings().with("BIRD_SIGNING_KEY", SIGNING_KEY);
    assert_eq!(refusal(both(), &of_channels), None);
    assert_eq!(refusal(both(), &of_v1), None);
    let both = channels_settings().with("BIRD_V1_WEBHOOK_SECRET", SECRET);
    assert_eq!(refusal(both, &of_v1), None);
}

#[test]
fn unreadable_calls_are_malformed_and_the_self_test_has_no_events() {
    for body in ["", "{", "{\"type\":}", "type=read"] {
        let refused = refusal(v1_settings(), &standard(body.as_bytes()));
        assert_eq!(refused, Some(WebhookError::Malformed), "{body}");
        let refused = refusal(channels_settings(), &channels(body.as_bytes()));
        assert_eq!(refused, Some(WebhookError::Malformed), "{body}");
    }
    for settings in [v1_settings(), channels_settings()] {
        let provider = open(settings).unwrap();
        let (headers, body) = provider.self_test(URL).unwrap();
        let call = Call { headers, ..Call::new(Method::POST, URL, &body) };
        let WebhookResponse::Events { events, .. } =
            provider.read_webhook(&call.request()).unwrap()
        else {
            panic!("no events");
        };
        assert!(events.is_empty());
    }
    let unsure = standard(DELIVERED).with_header("webhook-timestamp", "yesterday");
    assert_eq!(refusal(v1_settings(), &unsure), Some(WebhookError::BadSignature));
}
