//! Webhook calls from 360dialog, which carry Meta's events.

use domain::Secret;
use http::Method;

use super::{HINT, NAME, signature};
use crate::{WebhookError, WebhookRequest, WebhookResponse, cloud::events};

/// Verifies and reads a call.
pub fn read(
    request: &WebhookRequest<'_>,
    secret: &Secret<String>,
) -> Result<WebhookResponse, WebhookError> {
    if *request.method != Method::POST {
        return Err(WebhookError::NotOffered);
    }
    signature::verify(request, secret)?;
    events::read(NAME, request.body, &HINT).map(WebhookResponse::events)
}
