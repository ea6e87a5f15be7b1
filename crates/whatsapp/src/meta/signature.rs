//! How Meta authenticates: an HMAC of the body in `X-Hub-Signature-256`, and a token of
//! the shop in the handshake that registers a webhook.

use domain::Secret;
use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{WebhookError, WebhookRequest};

/// The header with the signature. The older header with SHA-1 is ignored.
const SIGNATURE: &str = "x-hub-signature-256";

/// Verifies a call. The signature covers the bytes as they arrived: Meta escapes what is
/// not ASCII, so a body that was parsed and serialised again has another signature.
pub fn verify(
    request: &WebhookRequest<'_>,
    app_secret: &Secret<String>,
) -> Result<(), WebhookError> {
    let header = request.header(SIGNATURE).ok_or(WebhookError::NoSignature)?;
    let signature = header.strip_prefix("sha256=").and_then(|digits| hex::decode(digits).ok());
    let signature = signature.ok_or(WebhookError::BadSignature)?;
    let mac = mac(app_secret, request.body).ok_or(WebhookError::BadSignature)?;
    mac.verify_slice(&signature).map_err(|_| WebhookError::BadSignature)
}

/// Compares the token of a handshake with the shop's, in constant time.
pub fn verify_token(token: &str, expected: &Secret<String>) -> Result<(), WebhookError> {
    let is_equal: bool = token.as_bytes().ct_eq(expected.expose().as_bytes()).into();
    if is_equal { Ok(()) } else { Err(WebhookError::BadSignature) }
}

/// A call without events, signed as Meta signs.
pub fn self_test(app_secret: &Secret<String>) -> Option<(HeaderMap, Vec<u8>)> {
    let body = br#"{"object":"whatsapp_business_account","entry":[]}"#.to_vec();
    let signature = hex::encode(mac(app_secret, &body)?.finalize().into_bytes());
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(SIGNATURE, HeaderValue::from_str(&format!("sha256={signature}")).ok()?);
    Some((headers, body))
}

fn mac(app_secret: &Secret<String>, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mac = Hmac::<Sha256>::new_from_slice(app_secret.expose().as_bytes()).ok()?;
    Some(mac.chain_update(body))
}
