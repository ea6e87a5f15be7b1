//! Webhook calls from Meta: the handshake that registers the address, and signed events.

use domain::Secret;
use http::Method;

use super::{HINT, NAME, signature};
use crate::{WebhookError, WebhookRequest, WebhookResponse, cloud::events};

/// The longest challenge that is echoed.
const MAX_CHALLENGE_LEN: usize = 128;

/// Verifies and reads a call.
pub fn read(
    request: &WebhookRequest<'_>,
    app_secret: &Secret<String>,
    verify_token: &Secret<String>,
) -> Result<WebhookResponse, WebhookError> {
    match *request.method {
        Method::GET => handshake(request, verify_token),
        Method::POST => {
            signature::verify(request, app_secret)?;
            events::read(NAME, request.body, &HINT).map(WebhookResponse::events)
        }
        _ => Err(WebhookError::NotOffered),
    }
}

/// Answers Meta's verification request. Meta sends the token that the merchant entered in
/// the app, and expects its challenge back. The challenge is echoed only if its characters
/// could not be markup.
fn handshake(
    request: &WebhookRequest<'_>,
    verify_token: &Secret<String>,
) -> Result<WebhookResponse, WebhookError> {
    let value = |name: &str| {
        let mut pairs = form_urlencoded::parse(request.query().as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let token = value("hub.verify_token").ok_or(WebhookError::NoSignature)?;
    signature::verify_token(&token, verify_token)?;
    let challenge = value("hub.challenge").unwrap_or_default();
    let is_plain = (1..=MAX_CHALLENGE_LEN).contains(&challenge.len())
        && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if value("hub.mode").as_deref() != Some("subscribe") || !is_plain {
        return Err(WebhookError::Malformed);
    }
    Ok(WebhookResponse::Echo(challenge))
}
