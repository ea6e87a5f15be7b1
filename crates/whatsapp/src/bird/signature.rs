//! How Bird authenticates: Standard Webhooks for the platform of 2026
//! (github.com/standard-webhooks), and a signature of its own for Channels.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{Secret, Timestamp};
use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use crate::{WebhookError, WebhookRequest};

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";
const CHANNELS_TIMESTAMP: &str = "messagebird-request-timestamp";
const CHANNELS_SIGNATURE: &str = "messagebird-signature";

/// How much the clocks may differ.
pub(super) const MAX_CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);
/// How long Channels repeats a call, always with the first timestamp.
pub(super) const RETRY_PERIOD: Duration = Duration::from_secs(8 * 60 * 60);
/// How many signatures of one call are verified; while secrets are rotated there are two.
const MAX_SIGNATURES: usize = 8;
/// The longest id of a call that is accepted.
const MAX_WEBHOOK_ID_LEN: usize = 128;

/// The secrets of an endpoint: more than one while secrets are rotated.
pub(super) type Secrets = Secret<Vec<Vec<u8>>>;

/// Parses secrets as the dashboard shows them, `whsec_…`, separated by commas.
pub(super) fn secrets(text: &str) -> Result<Secrets, String> {
    let read = |secret: &str| {
        let key = STANDARD.decode(secret.trim().strip_prefix("whsec_")?).ok()?;
        (!key.is_empty()).then_some(key)
    };
    let keys = text.split(',').map(read).collect::<Option<Vec<_>>>();
    keys.map(Secret::new).ok_or_else(|| "must be whsec_ followed by base64".to_owned())
}

/// Whether a call has the headers of the platform of 2026.
pub(super) fn is_standard(request: &WebhookRequest<'_>) -> bool {
    request.headers.contains_key(SIGNATURE)
}

/// Whether a call has the headers of Channels.
pub(super) fn is_channels(request: &WebhookRequest<'_>) -> bool {
    request.headers.contains_key(CHANNELS_SIGNATURE)
}

/// Verifies a call of the platform. Returns its id, and how long the id must be remembered.
pub(super) fn verify_standard(
    secrets: &Secrets,
    request: &WebhookRequest<'_>,
) -> Result<(String, Duration), WebhookError> {
    let header = |name| request.header(name).ok_or(WebhookError::NoSignature);
    let (id, timestamp, signatures) = (header(ID)?, header(TIMESTAMP)?, header(SIGNATURE)?);
    let mut signatures =
        signatures.split(' ').filter_map(|entry| entry.strip_prefix("v1,")).take(MAX_SIGNATURES);
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", request.body].concat();
    if !signatures
        .any(|signature| secrets.expose().iter().any(|key| is_mac(key, &signed, signature)))
    {
        return Err(WebhookError::BadSignature);
    }
    let at = from_unix_seconds(timestamp)?;
    if request.now.since(at).max(at.since(request.now)) > MAX_CLOCK_SKEW {
        return Err(WebhookError::Stale);
    }
    if id.is_empty() || id.len() > MAX_WEBHOOK_ID_LEN {
        return Err(WebhookError::Malformed);
    }
    Ok((id.to_owned(), (at + MAX_CLOCK_SKEW).since(request.now)))
}

/// Verifies a call of Channels. A repeated call keeps its first timestamp, so that a call
/// is accepted for as long as Channels repeats it.
pub(super) fn verify_channels(
    key: &Secret<String>,
    request: &WebhookRequest<'_>,
) -> Result<(), WebhookError> {
    let header = |name| request.header(name).ok_or(WebhookError::NoSignature);
    let (timestamp, signature) = (header(CHANNELS_TIMESTAMP)?, header(CHANNELS_SIGNATURE)?);
    let mut signed = format!("{timestamp}\n{}\n", request.url).into_bytes();
    signed.extend_from_slice(&Sha256::digest(request.body));
    if !is_mac(key.expose().as_bytes(), &signed, signature) {
        return Err(WebhookError::BadSignature);
    }
    let at = from_unix_seconds(timestamp)?;
    if request.now.since(at) > RETRY_PERIOD + MAX_CLOCK_SKEW
        || at.since(request.now) > MAX_CLOCK_SKEW
    {
        return Err(WebhookError::Stale);
    }
    Ok(())
}

/// A call without an event, signed as the platform signs.
pub(super) fn standard_self_test(
    secrets: &Secrets,
    now: Timestamp,
) -> Option<(HeaderMap, Vec<u8>)> {
    let body = br#"{"type":"self_test","data":{}}"#.to_vec();
    let (id, timestamp) = (format!("self-test-{}", now.as_millis()), unix_seconds(now));
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", &body].concat();
    let signature = format!("v1,{}", mac(secrets.expose().first()?, &signed)?);
    Some((headers([(ID, &id), (TIMESTAMP, &timestamp), (SIGNATURE, &signature)])?, body))
}

/// A call without an event, signed as Channels signs.
pub(super) fn channels_self_test(
    key: &Secret<String>,
    url: &str,
    now: Timestamp,
) -> Option<(HeaderMap, Vec<u8>)> {
    let body = br#"{"service":"self_test"}"#.to_vec();
    let timestamp = unix_seconds(now);
    let mut signed = format!("{timestamp}\n{url}\n").into_bytes();
    signed.extend_from_slice(&Sha256::digest(&body));
    let signature = mac(key.expose().as_bytes(), &signed)?;
    Some((headers([(CHANNELS_TIMESTAMP, &timestamp), (CHANNELS_SIGNATURE, &signature)])?, body))
}

fn headers<const N: usize>(pairs: [(&'static str, &str); N]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in pairs {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).ok()?);
    }
    Some(headers)
}

fn unix_seconds(at: Timestamp) -> String {
    (at.as_millis() / 1000).to_string()
}

fn from_unix_seconds(seconds: &str) -> Result<Timestamp, WebhookError> {
    let seconds: i64 = seconds.parse().map_err(|_| WebhookError::Malformed)?;
    Ok(Timestamp::from_millis(seconds.saturating_mul(1000)))
}

fn is_mac(key: &[u8], signed: &[u8], signature: &str) -> bool {
    let Ok(expected) = STANDARD.decode(signature) else { return false };
    Hmac::<Sha256>::new_from_slice(key)
        .is_ok_and(|mac| mac.chain_update(signed).verify_slice(&expected).is_ok())
}

fn mac(key: &[u8], signed: &[u8]) -> Option<String> {
    let mac = Hmac::<Sha256>::new_from_slice(key).ok()?.chain_update(signed).finalize();
    Some(STANDARD.encode(mac.into_bytes()))
}
