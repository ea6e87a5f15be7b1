//! The authentication of webhook calls: published vectors, and changes that break them.

use std::time::Duration;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use domain::Timestamp;
use hmac::{Hmac, Mac};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};
use whatsapp::{WebhookError, WebhookResponse};

use super::{SIGNING_KEY, open, settings};
use crate::support::{Call, NOW};

const URL: &str = "https://shop.example.com/webhooks/messagebird";
const TOKEN: &str = "messagebird-signature-jwt";
const PLAIN: &str = "messagebird-signature";
const TIMESTAMP: &str = "messagebird-request-timestamp";

fn mac(key: &str, signed: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.chain_update(signed).finalize().into_bytes().to_vec()
}

fn claims(url: &str, body: &[u8]) -> Value {
    let seconds = NOW.as_millis() / 1000;
    let mut claims = json!({
        "iss": "MessageBird",
        "nbf": seconds,
        "exp": seconds + 60,
        "jti": "59a244dc-e9ad-4e23-9778-371faa238f72",
        "url_hash": hex::encode(Sha256::digest(url.as_bytes())),
    });
    if !body.is_empty() {
        claims["payload_hash"] = hex::encode(Sha256::digest(body)).into();
    }
    claims
}

fn token(key: &str, claims: &Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = URL_SAFE_NO_PAD.encode(mac(key, signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// A call signed as the provider signs.
pub fn signed(key: &str, method: &str, query: &str, body: &[u8]) -> Call {
    let url = if query.is_empty() { URL.to_owned() } else { format!("{URL}?{query}") };
    let token = token(key, &claims(&url, body));
    Call::new(method.parse().unwrap(), &url, body).with_header(TOKEN, &token)
}

fn refusal(key: &str, call: &Call) -> Option<WebhookError> {
    let provider = open(settings().with("MESSAGEBIRD_SIGNING_KEY", key)).unwrap();
    provider.read_webhook(&call.request()).err()
}

#[derive(Deserialize)]
struct Vectors {
    tokens: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    method: String,
    key: String,
    url: String,
    body: String,
    token: String,
    at: i64,
    outcome: String,
}

#[test]
fn every_published_token_has_its_published_result() {
    let text = include_str!("../../data/messagebird/tokens.json");
    let Vectors { tokens } = serde_json::from_str(text).unwrap();
    assert_eq!(tokens.len(), 10);
    for Vector { name, method, key, url, body, token, at, outcome } in tokens {
        let call =
            Call::new(method.parse().unwrap(), &url, body.as_bytes()).with_header(TOKEN, &token);
        let call = Call { now: Timestamp::from_millis(at * 1000), ..call };
        let refused = refusal(&key, &call).unwrap();
        // The bodies of these vectors are no reports, so an accepted call is malformed.
        let expected = if outcome == "believed" { "malformed" } else { &outcome };
        assert_eq!(refused.as_str(), expected, "{name}");
    }
}

#[test]
fn x66_a_changed_token_is_rejected() {
    let body = br#"{"message":{"id":"m1","status":"read"}}"#;
    assert_eq!(refusal(SIGNING_KEY, &signed(SIGNING_KEY, "POST", "", body)), None);
    let provider = open(settings()).unwrap();
    let whole = token(SIGNING_KEY, &claims(URL, body));
    let call = |token: &str| Call::new(Method::POST, URL, body).with_header(TOKEN, token);
    for position in 0..whole.len() {
        let mut spoilt = whole.clone().into_bytes();
        spoilt[position] = if spoilt[position] == b'A' { b'B' } else { b'A' };
        let spoilt = String::from_utf8(spoilt).unwrap();
        let refused = provider.read_webhook(&call(&spoilt).request());
        assert_eq!(refused, Err(WebhookError::BadSignature), "{position}");
    }
    for length in 0..whole.len() {
        let refused = provider.read_webhook(&call(&whole[..length]).request());
        assert_eq!(refused, Err(WebhookError::BadSignature));
    }
    let other = signed("another key", "POST", "", body);
    assert_eq!(refusal(SIGNING_KEY, &other), Some(WebhookError::BadSignature));
    let unsigned = Call::new(Method::POST, URL, body);
    assert_eq!(refusal(SIGNING_KEY, &unsigned), Some(WebhookError::NoSignature));
    let moved = Call::new(Method::POST, "https://shop.example.com/webhooks/bird", body);
    let moved = moved.with_header(TOKEN, &whole);
    assert_eq!(refusal(SIGNING_KEY, &moved), Some(WebhookError::BadSignature));
}

#[test]
fn x66_each_claim_is_demanded_as_in_the_libraries_of_messagebird() {
    const BODY: &[u8] = br#"{"message":{"id":"m1","status":"read"}}"#;
    let hash = |body: &[u8]| json!(hex::encode(Sha256::digest(body)));
    let (bad, stale) = (Some(WebhookError::BadSignature), Some(WebhookError::Stale));
    for (claim, value, body, expected) in [
        ("iss", None, BODY, bad),
        ("iss", Some(json!("messagebird")), BODY, bad),
        ("nbf", None, BODY, None),
        ("nbf", Some(json!("now")), BODY, bad),
        ("exp", None, BODY, stale),
        ("jti", None, BODY, None),
        ("jti", Some(json!("")), BODY, bad),
        ("jti", Some(json!("x".repeat(129))), BODY, bad),
        ("aud", Some(json!(["somebody"])), BODY, None),
        ("url_hash", None, BODY, bad),
        ("url_hash", Some(hash(b"https://shop.example.com/")), BODY, bad),
        ("payload_hash", None, BODY, bad),
        ("payload_hash", Some(hash(b"")), BODY, bad),
        ("payload_hash", Some(json!("")), BODY, bad),
        ("payload_hash", None, b"", None),
        ("payload_hash", Some(hash(b"")), b"", None),
        ("payload_hash", Some(hash(BODY)), b"", bad),
        ("payload_hash", Some(json!("")), b"", bad),
    ] {
        // A report of a text message is a GET request without a body.
        let (method, query) =
            if body.is_empty() { ("GET", "id=m1&status=delivered") } else { ("POST", "") };
        let mut call = signed(SIGNING_KEY, method, query, body);
        let mut claims = claims(&call.url, body);
        let fields = claims.as_object_mut().unwrap();
        let _ = match value.clone() {
            Some(value) => fields.insert(claim.to_owned(), value),
            None => fields.remove(claim),
        };
        call = call.with_header(TOKEN, &token(SIGNING_KEY, &claims));
        assert_eq!(refusal(SIGNING_KEY, &call), expected, "{claim} {value:?} {method}");
    }
}

#[test]
fn a_token_is_valid_for_its_minute_with_five_seconds_of_leeway_and_once() {
    let provider = open(settings()).unwrap();
    let call = signed(SIGNING_KEY, "POST", "", br#"{"type":"conversation.created"}"#);
    let second = Duration::from_secs(1);
    for (now, is_accepted) in [
        (NOW - second * 6, false),
        (NOW - second * 5, true),
        (NOW - second * 2, true),
        (NOW, true),
        (NOW + second * 60, true),
        (NOW + second * 62, true),
        (NOW + second * 65, true),
        (NOW + second * 66, false),
        (NOW + second * 3600, false),
    ] {
        let call = Call { now, ..signed(SIGNING_KEY, "POST", "", &call.body) };
        assert_eq!(provider.read_webhook(&call.request()).is_ok(), is_accepted);
    }
    let answer = provider.read_webhook(&call.request()).unwrap();
    let name = "59a244dc-e9ad-4e23-9778-371faa238f72".to_owned();
    let once = Some((name, Duration::from_secs(65)));
    assert_eq!(answer, WebhookResponse::Events { events: Vec::new(), once });
}

#[test]
fn x68_a_token_without_an_id_is_remembered_by_its_signature() {
    let body = br#"{"type":"conversation.created"}"#;
    let mut claims = claims(URL, body);
    claims.as_object_mut().unwrap().remove("jti");
    let call =
        || Call::new(Method::POST, URL, body).with_header(TOKEN, &token(SIGNING_KEY, &claims));
    let once = |call: &Call| match open(settings()).unwrap().read_webhook(&call.request()) {
        Ok(WebhookResponse::Events { once: Some((id, _)), .. }) => id,
        other => panic!("{other:?}"),
    };
    assert_eq!(once(&call()), once(&call()));
    assert_ne!(once(&call()), once(&signed(SIGNING_KEY, "POST", "", body)));
}

#[test]
fn hs512_is_accepted() {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS512","typ":"JWT"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims(URL, b"{}").to_string()));
    let mac = Hmac::<Sha512>::new_from_slice(SIGNING_KEY.as_bytes()).unwrap();
    let mac = mac.chain_update(&signed).finalize().into_bytes();
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac));
    let call = Call::new(Method::POST, URL, b"{}").with_header(TOKEN, &token);
    assert_eq!(refusal(SIGNING_KEY, &call), None);
}

/// The vectors of the provider's libraries for the deprecated signature.
#[test]
fn the_deprecated_signature_is_valid_for_five_minutes() {
    const BODY: &[u8] = br#"{"a key":"some value"}"#;
    for (key, query, body, signature) in [
        ("other-secret", "def=bar&abc=foo", BODY, "orb0adPhRCYND1WCAvPBr+qjm4STGtyvNDIDNBZ4Ir4="),
        ("secret", "", BODY, "p2e20OtAg39DEmz1ORHpjQ556U4o1ZaH4NWbM9Q8Qjk="),
        ("secret", "def=bar&abc=foo", &[], "Tfn+nRUBsn6lQgf6IpxBMS1j9lm7XsGjt5xh47M3jCk="),
    ] {
        let at = Timestamp::from_millis(1_544_544_948_000);
        let call = |signature: &str, now| Call {
            now,
            ..Call::new(Method::POST, &format!("{URL}?{query}"), body)
                .with_header(PLAIN, signature)
                .with_header(TIMESTAMP, "1544544948")
        };
        let window = Duration::from_secs(300);
        // An empty body is no JSON: the call is accepted, but malformed.
        let expected = body.is_empty().then_some(WebhookError::Malformed);
        for now in [at - window, at, at + window] {
            assert_eq!(refusal(key, &call(signature, now)), expected);
        }
        let late = at + window + Duration::from_secs(1);
        assert_eq!(refusal(key, &call(signature, late)), Some(WebhookError::Stale));
        assert_eq!(refusal("wrong", &call(signature, at)), Some(WebhookError::BadSignature));
        let spoilt = signature.replacen(['o', 'p', 'T'], "x", 1);
        assert_eq!(refusal(key, &call(&spoilt, at)), Some(WebhookError::BadSignature));
        let undated = Call::new(Method::POST, URL, body).with_header(PLAIN, signature);
        assert_eq!(refusal(key, &undated), Some(WebhookError::NoSignature));
    }
}

#[test]
fn a_query_is_sorted_and_encoded_before_it_is_verified() {
    let body = b"{}";
    let mut text = b"1767225600\na=2&a=1&b+c=%2A~%2F&d=\n".to_vec();
    text.extend_from_slice(&Sha256::digest(body));
    let signature = STANDARD.encode(mac(SIGNING_KEY, &text));
    let call = Call::new(Method::POST, &format!("{URL}?d&b%20c=*~/&a=2&a=1"), body)
        .with_header(PLAIN, &signature)
        .with_header(TIMESTAMP, "1767225600");
    assert_eq!(refusal(SIGNING_KEY, &call), None);
}

#[test]
fn the_self_test_is_accepted_without_events() {
    let provider = open(settings()).unwrap();
    let (headers, body) = provider.self_test(URL).unwrap();
    let call = Call { headers, ..Call::new(Method::POST, URL, &body) };
    let WebhookResponse::Events { events, .. } = provider.read_webhook(&call.request()).unwrap()
    else {
        panic!("no events");
    };
    assert!(events.is_empty());
}
