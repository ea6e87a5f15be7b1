//! How MessageBird authenticates.
//!
//! It signs with a JSON Web Token over digests of address and body. No library reads the
//! token: libraries use the clock of the system and bring RSA and elliptic curves along,
//! while the token needs one HMAC and six comparisons, which are fewer lines than the
//! configuration of a library. Calls of older accounts have a signature over timestamp,
//! sorted query and body.

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

/// How much the clocks may differ for a token, whose lifetime is one minute. MessageBird's library
/// for Node allows as much; its library for Python allows one second.
const TOKEN_LEEWAY: Duration = Duration::from_secs(5);
/// How old a call without a token may be, and how much its clock may be ahead.
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);
/// The longest id of a token that is accepted.
const MAX_TOKEN_ID_LEN: usize = 128;

/// The id of a verified call, and how long the id must be remembered.
pub(super) type ReplayKey = (String, Duration);

#[derive(Deserialize)]
struct Header {
    alg: String,
}

/// The claims of a token. MessageBird's libraries do not agree on which must be there: the one
/// for Python demands `nbf` and not `jti`, the one for Node the other way round. So neither is
/// demanded; a token without `jti` is told apart by its signature.
#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    nbf: Option<i64>,
    exp: Option<i64>,
    jti: Option<String>,
    url_hash: Option<String>,
    payload_hash: Option<String>,
}

impl Claims {
    /// Whether the token is of a call with this body. That of an empty body may have the digest
    /// of nothing, or none.
    fn is_of_body(&self, body: &[u8]) -> bool {
        match &self.payload_hash {
            Some(stated) => *stated == digest(body),
            None => body.is_empty(),
        }
    }
}

/// Verifies a call.
pub(super) fn verify(key: &[u8], request: &WebhookRequest<'_>) -> Result<ReplayKey, WebhookError> {
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
) -> Result<ReplayKey, WebhookError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(WebhookError::BadSignature)?;
    let (header, claims) = signed.split_once('.').ok_or(WebhookError::BadSignature)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| WebhookError::BadSignature)?;
    let is_valid = match part::<Header>(header)?.alg.as_str() {
        "HS256" => is_mac::<Hmac<Sha256>>(key, signed.as_bytes(), &signature),
        "HS384" => is_mac::<Hmac<Sha384>>(key, signed.as_bytes(), &signature),
        "HS512" => is_mac::<Hmac<Sha512>>(key, signed.as_bytes(), &signature),
        _ => false,
    };
    if !is_valid {
        return Err(WebhookError::BadSignature);
    }
    let claims: Claims = part(claims)?;
    if claims.iss.as_deref() != Some("MessageBird")
        || claims.url_hash != Some(digest(request.url.as_bytes()))
        || !claims.is_of_body(request.body)
    {
        return Err(WebhookError::BadSignature);
    }
    let until = from_unix_seconds(claims.exp.ok_or(WebhookError::Stale)?) + TOKEN_LEEWAY;
    let is_early =
        claims.nbf.is_some_and(|nbf| request.now < from_unix_seconds(nbf) - TOKEN_LEEWAY);
    if is_early || request.now > until {
        return Err(WebhookError::Stale);
    }
    let id = claims.jti.unwrap_or_else(|| hex::encode(&signature));
    if !(1..=MAX_TOKEN_ID_LEN).contains(&id.len()) {
        return Err(WebhookError::BadSignature);
    }
    Ok((id, until.since(request.now)))
}

/// Verifies the deprecated signature over time, query and body; it covers neither the
/// method nor the path.
fn verify_plain(
    key: &[u8],
    signature: &str,
    timestamp: &str,
    request: &WebhookRequest<'_>,
) -> Result<ReplayKey, WebhookError> {
    let mac = STANDARD.decode(signature).map_err(|_| WebhookError::BadSignature)?;
    let mut signed = format!("{timestamp}\n{}\n", sorted(request.query())).into_bytes();
    signed.extend_from_slice(&Sha256::digest(request.body));
    if !is_mac::<Hmac<Sha256>>(key, &signed, &mac) {
        return Err(WebhookError::BadSignature);
    }
    let at = from_unix_seconds(timestamp.parse().map_err(|_| WebhookError::Malformed)?);
    if request.now.since(at).max(at.since(request.now)) > MAX_CLOCK_SKEW {
        return Err(WebhookError::Stale);
    }
    Ok((signature.to_owned(), (at + MAX_CLOCK_SKEW).since(request.now)))
}

/// Sorts the query by key and encodes it as the provider's library does, which differs
/// from a form in two characters. Equal keys keep their order.
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

fn from_unix_seconds(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1000))
}

/// A call without an event, signed as MessageBird signs.
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
