//! Proving that a call is Bird's: Standard Webhooks for the platform of 2026
//! (github.com/standard-webhooks), a signature of its own for Channels.

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

/// How far the clocks may differ.
pub(super) const WINDOW: Duration = Duration::from_secs(5 * 60);
/// How long Channels tries to deliver a call, always with its first timestamp.
pub(super) const RETRIES: Duration = Duration::from_secs(8 * 60 * 60);
/// How many signatures of one call are looked at; a rotation makes two.
const MOST: usize = 8;
/// The longest name of a call that is remembered.
const LONGEST_NAME: usize = 128;

/// The secrets of an endpoint: more than one while they are rotated.
pub(super) type Secrets = Secret<Vec<Vec<u8>>>;

/// Reads secrets as the dashboard shows them, `whsec_…`, separated by commas.
pub(super) fn secrets(text: &str) -> Result<Secrets, String> {
    let read = |secret: &str| {
        let key = STANDARD.decode(secret.trim().strip_prefix("whsec_")?).ok()?;
        (!key.is_empty()).then_some(key)
    };
    let keys = text.split(',').map(read).collect::<Option<Vec<_>>>();
    keys.map(Secret::new).ok_or_else(|| "must be whsec_ and base64".to_owned())
}

/// Whether a call claims to be of the platform of 2026.
pub(super) fn is_standard(request: &WebhookRequest<'_>) -> bool {
    request.headers.contains_key(SIGNATURE)
}

/// Whether a call claims to be of Channels.
pub(super) fn is_channels(request: &WebhookRequest<'_>) -> bool {
    request.headers.contains_key(CHANNELS_SIGNATURE)
}

/// Believes a call of the platform, which has a name of its own, or not.
pub(super) fn verify_standard(
    secrets: &Secrets,
    request: &WebhookRequest<'_>,
) -> Result<(String, Duration), WebhookError> {
    let header = |name| request.header(name).ok_or(WebhookError::NoSignature);
    let (id, timestamp, signatures) = (header(ID)?, header(TIMESTAMP)?, header(SIGNATURE)?);
    let mut signatures =
        signatures.split(' ').filter_map(|entry| entry.strip_prefix("v1,")).take(MOST);
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", request.body].concat();
    if !signatures
        .any(|signature| secrets.expose().iter().any(|key| is_mac(key, &signed, signature)))
    {
        return Err(WebhookError::BadSignature);
    }
    let at = moment(timestamp)?;
    if request.now.since(at).max(at.since(request.now)) > WINDOW {
        return Err(WebhookError::Stale);
    }
    if id.is_empty() || id.len() > LONGEST_NAME {
        return Err(WebhookError::Malformed);
    }
    Ok((id.to_owned(), (at + WINDOW).since(request.now)))
}

/// Believes a call of Channels or not. It keeps its first timestamp through all
/// its retries, so that its window is as long as they last.
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
    let at = moment(timestamp)?;
    if request.now.since(at) > RETRIES + WINDOW || at.since(request.now) > WINDOW {
        return Err(WebhookError::Stale);
    }
    Ok(())
}

/// A call that says nothing, as the platform would sign it.
pub(super) fn standard_self_test(
    secrets: &Secrets,
    now: Timestamp,
) -> Option<(HeaderMap, Vec<u8>)> {
    let body = br#"{"type":"self_test","data":{}}"#.to_vec();
    let (id, timestamp) = (format!("self-test-{}", now.as_millis()), seconds(now));
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", &body].concat();
    let signature = format!("v1,{}", mac(secrets.expose().first()?, &signed)?);
    Some((headers([(ID, &id), (TIMESTAMP, &timestamp), (SIGNATURE, &signature)])?, body))
}

/// A call that says nothing, as Channels would sign it.
pub(super) fn channels_self_test(
    key: &Secret<String>,
    url: &str,
    now: Timestamp,
) -> Option<(HeaderMap, Vec<u8>)> {
    let body = br#"{"service":"self_test"}"#.to_vec();
    let timestamp = seconds(now);
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

fn seconds(at: Timestamp) -> String {
    (at.as_millis() / 1000).to_string()
}

fn moment(seconds: &str) -> Result<Timestamp, WebhookError> {
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
