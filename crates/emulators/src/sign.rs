//! The signatures of webhooks, with one function per scheme.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde_json::json;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384};

/// An HMAC with one hash function. Keys of any length are valid (RFC 2104), so it cannot fail.
macro_rules! hmac {
    ($hash:ty, $key:expr, $data:expr) => {
        Hmac::<$hash>::new_from_slice($key)
            .map(|mac| mac.chain_update($data).finalize().into_bytes().to_vec())
            .unwrap_or_default()
    };
}

/// Meta: the value of `X-Hub-Signature-256`.
#[must_use]
pub fn meta(app_secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(hmac!(Sha256, app_secret.as_bytes(), body)))
}

/// Twilio: the value of `X-Twilio-Signature` for a URL and a form's fields.
#[must_use]
pub fn twilio(auth_token: &str, url: &str, form: &[(String, String)]) -> String {
    let data = twilio_data(url, form);
    STANDARD.encode(hmac!(Sha1, auth_token.as_bytes(), data.as_bytes()))
}

/// Twilio: the same by a webhook rule with a shared key and the algorithm `HMAC_SHA256`.
#[must_use]
pub fn twilio_rule(shared_key: &str, url: &str, form: &[(String, String)]) -> String {
    let data = twilio_data(url, form);
    STANDARD.encode(hmac!(Sha256, shared_key.as_bytes(), data.as_bytes()))
}

/// What Twilio signs: the URL and the fields, sorted by name and value, without duplicates.
fn twilio_data(url: &str, form: &[(String, String)]) -> String {
    let mut fields: Vec<_> = form.iter().collect();
    fields.sort();
    fields.dedup();
    let mut data = String::from(url);
    for (name, value) in fields {
        data.push_str(name);
        data.push_str(value);
    }
    data
}

/// The algorithm of a JSON Web Token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
}

/// MessageBird: the claims of `MessageBird-Signature-JWT`.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a> {
    /// The URL of the webhook, with its query.
    pub url: &'a str,
    /// The body; empty for none.
    pub body: &'a [u8],
    /// Unix seconds from which the token is valid, for 60 s.
    pub issued_at: i64,
    /// The token's identifier (`jti`).
    pub token_id: &'a str,
}

/// MessageBird: the value of `MessageBird-Signature-JWT`.
#[must_use]
pub fn messagebird(signing_key: &str, algorithm: Algorithm, claims: Claims<'_>) -> String {
    let name = match algorithm {
        Algorithm::Hs256 => "HS256",
        Algorithm::Hs384 => "HS384",
    };
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{name}","typ":"JWT"}}"#));
    let Claims { url, body, issued_at, token_id } = claims;
    let mut payload = format!(
        r#"{{"iss":"MessageBird","nbf":{issued_at},"exp":{},"jti":{},"url_hash":"{}""#,
        issued_at + 60,
        json!(token_id),
        hex::encode(Sha256::digest(url))
    );
    if !body.is_empty() {
        payload.push_str(&format!(r#","payload_hash":"{}""#, hex::encode(Sha256::digest(body))));
    }
    payload.push('}');
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload));
    let signature = match algorithm {
        Algorithm::Hs256 => hmac!(Sha256, signing_key.as_bytes(), signed.as_bytes()),
        Algorithm::Hs384 => hmac!(Sha384, signing_key.as_bytes(), signed.as_bytes()),
    };
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// MessageBird's deprecated signature: the value of `MessageBird-Signature`
/// beside a timestamp. The query is sorted by name and encoded again.
#[must_use]
pub fn messagebird_deprecated(key: &str, timestamp: &str, query: &str, body: &[u8]) -> String {
    let mut fields: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    fields.sort();
    let sorted = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut data = format!("{timestamp}\n{sorted}\n").into_bytes();
    data.extend_from_slice(&Sha256::digest(body));
    STANDARD.encode(hmac!(Sha256, key.as_bytes(), &data))
}

/// Bird's Channels API: the value of `messagebird-signature` beside a timestamp.
#[must_use]
pub fn bird_channels(key: &str, timestamp: &str, url: &str, body: &[u8]) -> String {
    let mut data = format!("{timestamp}\n{url}\n").into_bytes();
    data.extend_from_slice(&Sha256::digest(body));
    STANDARD.encode(hmac!(Sha256, key.as_bytes(), &data))
}

/// Stripe: the value of `Stripe-Signature`, with one `v1` for each secret, whose prefix `whsec_` is
/// part of the key. Test events have a `v0` too, which readers must ignore.
#[must_use]
pub fn stripe(secrets: &[String], timestamp: i64, body: &[u8]) -> String {
    let mut data = format!("{timestamp}.").into_bytes();
    data.extend_from_slice(body);
    let mut header = format!("t={timestamp}");
    for secret in secrets {
        header.push_str(&format!(",v1={}", hex::encode(hmac!(Sha256, secret.as_bytes(), &data))));
    }
    header.push_str(&format!(",v0={}", hex::encode(Sha256::digest(&data))));
    header
}

/// Standard Webhooks: the value of `webhook-signature`.
/// A secret is `whsec_` and base 64; the bytes of any other secret are the key.
#[must_use]
pub fn standard_webhooks(secret: &str, id: &str, timestamp: &str, body: &[u8]) -> String {
    let key = secret.strip_prefix("whsec_").and_then(|encoded| STANDARD.decode(encoded).ok());
    let key = key.unwrap_or_else(|| secret.as_bytes().to_vec());
    let mut data = format!("{id}.{timestamp}.").into_bytes();
    data.extend_from_slice(body);
    format!("v1,{}", STANDARD.encode(hmac!(Sha256, &key, &data)))
}
