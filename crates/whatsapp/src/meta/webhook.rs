//! Calls from Meta: the handshake when the address is set up, and news, signed
//! with the app's secret over the raw body.

use domain::Secret;
use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderValue, Method, header::CONTENT_TYPE};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{BLAME, NAME};
use crate::{WebhookError, WebhookRequest, WebhookResponse, cloud::events};

/// Where the signature stands; the older header with SHA-1 is not looked at.
const SIGNATURE: &str = "x-hub-signature-256";
/// The longest challenge that is echoed.
const LONGEST_CHALLENGE: usize = 128;

/// Reads a call.
pub fn read(
    request: &WebhookRequest<'_>,
    app_secret: &Secret<String>,
    verify_token: &Secret<String>,
) -> Result<WebhookResponse, WebhookError> {
    match *request.method {
        Method::GET => handshake(request, verify_token),
        Method::POST => {
            verify(request, app_secret)?;
            events::read(NAME, request.body, &BLAME).map(WebhookResponse::events)
        }
        _ => Err(WebhookError::NotOffered),
    }
}

/// Meta proves with our own token that it is Meta, and we prove with its challenge
/// that we are there. The challenge is echoed only if it could not be markup.
fn handshake(
    request: &WebhookRequest<'_>,
    verify_token: &Secret<String>,
) -> Result<WebhookResponse, WebhookError> {
    let value = |name: &str| {
        let mut pairs = form_urlencoded::parse(request.query().as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let token = value("hub.verify_token").ok_or(WebhookError::NoSignature)?;
    if !bool::from(token.as_bytes().ct_eq(verify_token.expose().as_bytes())) {
        return Err(WebhookError::BadSignature);
    }
    let challenge = value("hub.challenge").unwrap_or_default();
    let is_plain = (1..=LONGEST_CHALLENGE).contains(&challenge.len())
        && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if value("hub.mode").as_deref() != Some("subscribe") || !is_plain {
        return Err(WebhookError::Malformed);
    }
    Ok(WebhookResponse::Echo(challenge))
}

/// The signature is over the bytes as they came: Meta escapes what is not ASCII,
/// so a body that was read and written again has another one.
fn verify(request: &WebhookRequest<'_>, app_secret: &Secret<String>) -> Result<(), WebhookError> {
    let header = request.header(SIGNATURE).ok_or(WebhookError::NoSignature)?;
    let signature = header.strip_prefix("sha256=").and_then(|digits| hex::decode(digits).ok());
    let signature = signature.ok_or(WebhookError::BadSignature)?;
    let mac = mac(app_secret, request.body).ok_or(WebhookError::BadSignature)?;
    mac.verify_slice(&signature).map_err(|_| WebhookError::BadSignature)
}

fn mac(app_secret: &Secret<String>, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mac = Hmac::<Sha256>::new_from_slice(app_secret.expose().as_bytes()).ok()?;
    Some(mac.chain_update(body))
}

/// A call without news, signed as Meta signs.
pub fn self_test(app_secret: &Secret<String>) -> Option<(HeaderMap, Vec<u8>)> {
    let body = br#"{"object":"whatsapp_business_account","entry":[]}"#.to_vec();
    let signature = hex::encode(mac(app_secret, &body)?.finalize().into_bytes());
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(SIGNATURE, HeaderValue::from_str(&format!("sha256={signature}")).ok()?);
    Some((headers, body))
}
