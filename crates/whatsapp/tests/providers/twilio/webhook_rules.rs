//! Calls that a webhook rule signs with a shared key. The signatures were made by Twilio's own
//! library (PyPI `twilio` 9.13.0).

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, Mac};
use http::{HeaderValue, Method};
use serde::Deserialize;
use whatsapp::{WebhookError, WebhookRequest};

use super::*;
use crate::support::{Call, NOW, PUBLIC_URL};

const SHARED_KEY: &str = "TWILIO_WEBHOOK_SHARED_KEY";
const RULE: &str = "x-twilio-webhooks-signature-settings";
const SHA256: &str = "key=webhooks_sharedkey_01,algorithm=HMAC_SHA256";
const SHARED: &str = "a6f0c1d2e3b4958677889900aabbccdd";
const NEXT: &str = "b7a1d2e3f4c5069788990011bbccddee";
const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Deserialize)]
struct Vector {
    name: String,
    key: String,
    url: String,
    form: Vec<(String, String)>,
    #[serde(rename = "HMAC_SHA1")]
    sha1: String,
    #[serde(rename = "HMAC_SHA256")]
    sha256: String,
}

fn vectors() -> Vec<Vector> {
    let text = include_str!("../../data/twilio/shared_key_signatures.json");
    serde_json::from_str(text).unwrap()
}

impl Vector {
    fn call(&self, signature: &str) -> Call {
        let body =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.form).finish();
        Call::new(Method::POST, &self.url, body.as_bytes())
            .with_header("content-type", FORM)
            .with_header("x-twilio-signature", signature)
    }
}

/// The provider with these shared keys.
fn with_keys(keys: &str) -> Arc<dyn MessageProvider> {
    open(settings(BASE).with(SHARED_KEY, keys))
}

const BASE: &str = "https://twilio.example.com";

/// A call about a message, signed with this key: by SHA-256 or by SHA-1.
fn call(key: &str, is_sha256: bool) -> Call {
    let fields = format!("MessageSid={MESSAGE}&MessageStatus=delivered");
    let url = format!("{PUBLIC_URL}/webhooks/twilio");
    let signed = format!("{url}MessageSid{MESSAGE}MessageStatusdelivered");
    let signature = if is_sha256 {
        let mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
        mac.chain_update(signed).finalize().into_bytes().to_vec()
    } else {
        let mac = Hmac::<sha1::Sha1>::new_from_slice(key.as_bytes()).unwrap();
        mac.chain_update(signed).finalize().into_bytes().to_vec()
    };
    Call::new(Method::POST, &url, fields.as_bytes())
        .with_header("content-type", FORM)
        .with_header("x-twilio-signature", &BASE64_STANDARD.encode(signature))
}

/// The error of a call, if it is refused.
fn refused(provider: &Arc<dyn MessageProvider>, call: &Call) -> Option<WebhookError> {
    provider.read_webhook(&call.request()).err()
}

#[test]
fn x66_a_shared_key_is_checked_as_twilios_library_signs() {
    assert!(vectors().len() >= 8);
    for vector in vectors() {
        let provider = with_keys(&vector.key);
        let sha256 = vector.call(&vector.sha256).with_header(RULE, SHA256);
        assert_eq!(refused(&provider, &sha256), None, "{}", vector.name);
        let sha1 = vector.call(&vector.sha1).with_header(RULE, "key=k,algorithm=HMAC_SHA1");
        assert_eq!(refused(&provider, &sha1), None, "{}", vector.name);
        let confused = vector.call(&vector.sha1).with_header(RULE, SHA256);
        assert_eq!(refused(&provider, &confused), Some(WebhookError::BadSignature));
    }
}

#[test]
fn x66_the_header_of_a_call_selects_secret_and_hash_as_documented() {
    let provider = with_keys(SHARED);
    let bad = Some(WebhookError::BadSignature);
    let unknown = Some(WebhookError::UnknownAlgorithm);
    for (header, key, is_sha256, expected) in [
        (None, TOKEN, false, None),
        (None, TOKEN, true, bad),
        (None, SHARED, false, bad),
        (None, SHARED, true, bad),
        (Some(SHA256), SHARED, true, None),
        (Some(SHA256), SHARED, false, bad),
        (Some(SHA256), TOKEN, true, bad),
        (Some(SHA256), TOKEN, false, bad),
        (Some("key=k,algorithm=HMAC_SHA1"), SHARED, false, None),
        (Some("key=k,algorithm=HMAC_SHA1"), TOKEN, false, bad),
        (Some("algorithm = hmac_sha256 , key = k"), SHARED, true, None),
        (Some("key=k"), SHARED, false, None),
        (Some("key=k,algorithm="), SHARED, false, None),
        (Some("HMAC_SHA256"), SHARED, true, bad),
        (Some(""), TOKEN, false, None),
        (Some(""), TOKEN, true, bad),
        (Some("key=k,algorithm=HMAC_SHA512"), SHARED, true, unknown),
        (Some("key=k,algorithm=none"), TOKEN, false, unknown),
        (Some("algorithm=HMAC_SHA1,algorithm=HMAC_SHA256"), SHARED, true, unknown),
    ] {
        let mut call = call(key, is_sha256);
        if let Some(header) = header {
            call = call.with_header(RULE, header);
        }
        assert_eq!(refused(&provider, &call), expected, "{header:?}, SHA-256: {is_sha256}");
    }
}

#[test]
fn x66_two_headers_and_a_header_that_is_no_text_are_refused() {
    let provider = with_keys(SHARED);
    let mut twice = call(TOKEN, false);
    twice.headers.append(RULE, HeaderValue::from_static(""));
    assert_eq!(refused(&provider, &twice), None);
    twice.headers.append(RULE, HeaderValue::from_static(SHA256));
    assert_eq!(refused(&provider, &twice), Some(WebhookError::UnknownAlgorithm));
    let mut bytes = call(TOKEN, false);
    bytes.headers.insert(RULE, HeaderValue::from_bytes(b"key=\xff").unwrap());
    assert_eq!(refused(&provider, &bytes), Some(WebhookError::UnknownAlgorithm));
}

#[test]
fn both_shared_keys_are_accepted_while_they_are_rotated() {
    let provider = with_keys(&format!("{NEXT}, {SHARED}"));
    for key in [SHARED, NEXT] {
        let call = call(key, true).with_header(RULE, SHA256);
        assert_eq!(refused(&provider, &call), None);
    }
}

#[tokio::test]
async fn the_check_tells_of_calls_that_lacked_a_shared_key() {
    let server = MockServer::start().await;
    let provider = at(&server.uri());
    let finding = async || {
        let results = provider.check().await;
        let it = results.into_iter().find(|result| result.subject == "webhook signatures");
        it.unwrap().outcome
    };
    assert!(finding().await.unwrap().contains(SHARED_KEY));
    for _ in 0..2 {
        let call = call(SHARED, true).with_header(RULE, SHA256);
        assert_eq!(refused(&provider, &call), Some(WebhookError::NoSharedKey));
    }
    let said = finding().await.unwrap_err();
    assert!(said.contains("2 calls") && said.contains(SHARED_KEY), "{said}");
}

#[test]
fn a_shared_key_that_is_the_auth_token_or_two_words_is_refused() {
    let second = settings(BASE).with("TWILIO_SECONDARY_AUTH_TOKEN", NEXT);
    for (settings, keys, is_taken) in [
        (settings(BASE), SHARED, true),
        (settings(BASE), TOKEN, false),
        (second, NEXT, false),
        (settings(BASE), "two words", false),
        (settings(BASE), "", false),
        (settings(BASE), "one,,two", false),
        (settings(BASE), &format!("{SHARED},{TOKEN}"), false),
        (settings(BASE), &format!("{SHARED},{NEXT}"), true),
    ] {
        let mut settings = settings.with(SHARED_KEY, keys);
        assert_eq!(try_open(&mut settings).is_some(), is_taken, "{keys}");
        let refused: &[&str] = if is_taken { &[] } else { &[SHARED_KEY] };
        assert_eq!(settings.refused_names(), refused, "{keys}");
        let said = format!("{:?}", settings.refused);
        assert!(!said.contains(TOKEN) && !said.contains("two words"), "{said}");
    }
}

#[test]
fn the_self_test_is_signed_with_the_shared_key_if_there_is_one() {
    let url = format!("{PUBLIC_URL}/webhooks/twilio");
    let (headers, body) = with_keys(SHARED).self_test(&url).unwrap();
    let method = Method::POST;
    let request =
        WebhookRequest { method: &method, url: &url, headers: &headers, body: &body, now: NOW };
    assert!(with_keys(SHARED).read_webhook(&request).is_ok());
    let without = open(settings(BASE)).read_webhook(&request);
    assert_eq!(without, Err(WebhookError::NoSharedKey));
}
