//! Calls from 360dialog. It passes Meta's news on without Meta's signature, and
//! adds the headers that were registered with the address instead: ours is
//! `Authorization: Bearer {D360_WEBHOOK_SECRET}`.

use domain::Secret;
use http::{
    HeaderMap, HeaderValue, Method,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use subtle::ConstantTimeEq;

use super::{BLAME, NAME};
use crate::{WebhookError, WebhookRequest, WebhookResponse, cloud::events, settings};

/// Reads a call.
pub fn read(
    request: &WebhookRequest<'_>,
    secret: &Secret<String>,
) -> Result<WebhookResponse, WebhookError> {
    if *request.method != Method::POST {
        return Err(WebhookError::NotOffered);
    }
    let header = request.headers.get(AUTHORIZATION).ok_or(WebhookError::NoSignature)?;
    if !is_ours(header, secret) {
        return Err(WebhookError::BadSignature);
    }
    events::read(NAME, request.body, &BLAME).map(WebhookResponse::events)
}

/// Whether a header is the one that was registered, in constant time.
pub fn is_ours(header: &HeaderValue, secret: &Secret<String>) -> bool {
    settings::header("Bearer ", secret)
        .is_some_and(|ours| ours.as_bytes().ct_eq(header.as_bytes()).into())
}

/// A call without news, with the header.
pub fn self_test(secret: &Secret<String>) -> Option<(HeaderMap, Vec<u8>)> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(AUTHORIZATION, settings::header("Bearer ", secret)?);
    Some((headers, br#"{"object":"whatsapp_business_account","entry":[]}"#.to_vec()))
}
