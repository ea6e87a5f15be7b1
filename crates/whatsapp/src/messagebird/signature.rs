//! Proving that a call is the provider's.
//!
//! Today it signs with a JSON Web Token over digests of address and body. The
//! token is read here and not by a library: the libraries tell the time by the
//! system's clock and bring RSA and curves along, while what is asked for is one
//! HMAC and six comparisons, fewer lines than setting a library up and forbidding
//! the rest of it. Calls of older accounts are signed plainly over time, sorted
//! query and body.

use std::time::Duration;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use domain::Timestamp;
use hmac::{Hmac, Mac, digest::KeyInit};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::{WebhookError, WebhookRequest};

const TOKEN: &str = "messagebird-signature-jwt";
const SIGNATURE: &str = "messagebird-signature";
const TIMESTAMP: &str = "messagebird-request-timestamp";

/// How far the clocks may differ over a token, which lives for a minute.
const LEEWAY: Duration = Duration::from_secs(1);
/// How old a plainly signed call may be, or how far ahead of this clock.
const WINDOW: Duration = Duration::from_secs(5 * 60);
/// The longest name of a token that is remembered.
const LONGEST_NAME: usize = 128;

/// The name of a believed call, and how long it must not be taken again.
pub(super) type Once = (String, Duration);

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    nbf: Option<i64>,
    exp: Option<i64>,
    jti: Option<String>,
    url_hash: Option<String>,
    payload_hash: Option<String>,
}

/// Believes a call or not.
pub(super) fn verify(key: &[u8], request: &WebhookRequest<'_>) -> Result<Once, WebhookError> {
    if let Some(token) = request.header(TOKEN) {
        return verify_token(key, token, request);
    }
    let signature = request.header(SIGNATURE).ok_or(WebhookError::NoSignature)?;
    let timestamp = request.header(TIMESTAMP).ok_or(WebhookError::NoSignature)?;
    verify_plain(key, signature, timestamp, request)
}

fn verify_token(
    key: &[u8],
    token: &str,
    request: &WebhookRequest<'_>,
) -> Result<Once, WebhookError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(WebhookError::BadSignature)?;
    let (header, claims) = signed.split_once('.').ok_or(WebhookError::BadSignature)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| WebhookError::BadSignature)?;
    let is_right = match part::<Header>(header)?.alg.as_str() {
        "HS256" => is_mac::<Hmac<Sha256>>(key, signed.as_bytes(), &signature),
        "HS384" => is_mac::<Hmac<Sha384>>(key, signed.as_bytes(), &signature),
        "HS512" => is_mac::<Hmac<Sha512>>(key, signed.as_bytes(), &signature),
        _ => false,
    };
    if !is_right {
        return Err(WebhookError::BadSignature);
    }
    let claims: Claims = part(claims)?;
    let expected_payload = (!request.body.is_empty()).then(|| digest(request.body));
    if claims.iss.as_deref() != Some("MessageBird")
        || claims.url_hash != Some(digest(request.url.as_bytes()))
        || claims.payload_hash != expected_payload
    {
        return Err(WebhookError::BadSignature);
    }
    let (Some(nbf), Some(exp)) = (claims.nbf, claims.exp) else { return Err(WebhookError::Stale) };
    let until = moment(exp) + LEEWAY;
    if request.now < moment(nbf) - LEEWAY || request.now > until {
        return Err(WebhookError::Stale);
    }
    let name = claims.jti.filter(|name| (1..=LONGEST_NAME).contains(&name.len()));
    Ok((name.ok_or(WebhookError::BadSignature)?, until.since(request.now)))
}

/// The deprecated form, over neither method nor address: time, query and body alone.
fn verify_plain(
    key: &[u8],
    signature: &str,
    timestamp: &str,
    request: &WebhookRequest<'_>,
) -> Result<Once, WebhookError> {
    let mac = STANDARD.decode(signature).map_err(|_| WebhookError::BadSignature)?;
    let mut signed = format!("{timestamp}\n{}\n", sorted(request.query())).into_bytes();
    signed.extend_from_slice(&Sha256::digest(request.body));
    if !is_mac::<Hmac<Sha256>>(key, &signed, &mac) {
        return Err(WebhookError::BadSignature);
    }
    let at = moment(timestamp.parse().map_err(|_| WebhookError::Malformed)?);
    if request.now.since(at).max(at.since(request.now)) > WINDOW {
        return Err(WebhookError::Stale);
    }
    Ok((signature.to_owned(), (at + WINDOW).since(request.now)))
}

/// The query sorted by key, equal keys in their order, and encoded again as the
/// provider's library does, which differs from a form in two characters.
fn sorted(query: &str) -> String {
    let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
    let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    encoded.replace('*', "%2A").replace("%7E", "~")
}

fn part<T: DeserializeOwned>(text: &str) -> Result<T, WebhookError> {
    let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| WebhookError::BadSignature)?;
    serde_json::from_slice(&json).map_err(|_| WebhookError::BadSignature)
}

fn is_mac<M: Mac + KeyInit>(key: &[u8], signed: &[u8], mac: &[u8]) -> bool {
    <M as Mac>::new_from_slice(key)
        .is_ok_and(|it| it.chain_update(signed).verify_slice(mac).is_ok())
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The moment so many seconds after 1970.
fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1000))
}

/// A call that says nothing, signed as the provider signs.
pub(super) fn self_test(key: &[u8], url: &str, now: Timestamp) -> Option<(HeaderMap, Vec<u8>)> {
    let body = br#"{"type":"self_test"}"#.to_vec();
    let seconds = now.as_millis() / 1000;
    let claims = json!({
        "iss": "MessageBird",
        "nbf": seconds,
        "exp": seconds + 60,
        "jti": format!("self-test-{}", now.as_millis()),
        "url_hash": digest(url.as_bytes()),
        "payload_hash": digest(&body),
    });
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(key).ok()?.chain_update(&signed).finalize();
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.into_bytes()));
    let headers = [
        (HeaderName::from_static(TOKEN), HeaderValue::from_str(&token).ok()?),
        (http::header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
    ];
    Some((HeaderMap::from_iter(headers), body))
}
