//! How 360dialog authenticates: it forwards Meta's events without Meta's signature, and
//! adds the headers that were registered with the address. The shop registers
//! `Authorization: Bearer {D360_WEBHOOK_SECRET}`.

use domain::Secret;
use http::{
    HeaderMap, HeaderValue,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use subtle::ConstantTimeEq;

use crate::{WebhookError, WebhookRequest, settings};

/// Verifies a call.
pub fn verify(request: &WebhookRequest<'_>, secret: &Secret<String>) -> Result<(), WebhookError> {
    let header = request.headers.get(AUTHORIZATION).ok_or(WebhookError::NoSignature)?;
    if is_registered_header(header, secret) { Ok(()) } else { Err(WebhookError::BadSignature) }
}

/// Compares a header with the registered one, in constant time.
pub fn is_registered_header(header: &HeaderValue, secret: &Secret<String>) -> bool {
    settings::header("Bearer ", secret)
        .is_some_and(|ours| ours.as_bytes().ct_eq(header.as_bytes()).into())
}

/// A call without events, with the registered header.
pub fn self_test(secret: &Secret<String>) -> Option<(HeaderMap, Vec<u8>)> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(AUTHORIZATION, settings::header("Bearer ", secret)?);
    Some((headers, br#"{"object":"whatsapp_business_account","entry":[]}"#.to_vec()))
}
