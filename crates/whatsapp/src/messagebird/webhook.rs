//! What the provider calls back with: reports of text messages as GET with a
//! query, and news of conversations as POST with JSON. Of the latter no official
//! example exists, so that little is read of it.

use domain::MessageId;
use http::Method;
use serde_json::Value;

use super::{NAME, response, signature};
use crate::{
    DeliveryReport, WebhookError, WebhookEvent, WebhookRequest, WebhookResponse, webhook::read_json,
};

/// The longest name of a message that is believed.
const LONGEST_NAME: usize = 128;

/// Reads a call, after proving that it is the provider's.
pub(super) fn read(
    key: &[u8],
    request: &WebhookRequest<'_>,
) -> Result<WebhookResponse, WebhookError> {
    let once = signature::verify(key, request)?;
    let report = match *request.method {
        Method::GET => query_report(request.query())?,
        Method::POST => conversation(request.body)?,
        _ => return Err(WebhookError::Malformed),
    };
    let events = report.map(WebhookEvent::Delivery).into_iter().collect();
    Ok(WebhookResponse::Events { events, once: Some(once) })
}

/// The report of a text message. A query with none is nobody's.
fn query_report(query: &str) -> Result<Option<DeliveryReport>, WebhookError> {
    let find = |name: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let (id, status) = (find("id"), find("status"));
    let (Some(id), Some(status)) = (id, status) else { return Err(WebhookError::Malformed) };
    let code = find("statusErrorCode").and_then(|code| code.parse().ok());
    report(id, &status, find("reference").as_deref(), code)
}

/// WebhookEvent of a conversation; the message stands inside of it, or alone.
fn conversation(body: &[u8]) -> Result<Option<DeliveryReport>, WebhookError> {
    let call: Value = read_json(body)?;
    let message = call.get("message").filter(|inside| inside.is_object()).unwrap_or(&call);
    let text = |path: &str| message.pointer(path).and_then(Value::as_str);
    let (Some(id), Some(status)) = (text("/id"), text("/status")) else { return Ok(None) };
    if text("/direction") == Some("received") {
        return Ok(None);
    }
    let code = message.pointer("/error/code").and_then(Value::as_u64);
    let code = code.and_then(|code| u32::try_from(code).ok());
    report(id.to_owned(), status, text("/source/ref"), code)
}

fn report(
    id: String,
    status: &str,
    reference: Option<&str>,
    code: Option<u32>,
) -> Result<Option<DeliveryReport>, WebhookError> {
    if id.is_empty() || id.len() > LONGEST_NAME {
        return Err(WebhookError::Malformed);
    }
    Ok(response::standing(status).map(|standing| DeliveryReport {
        provider: NAME,
        provider_message_id: id,
        reference: reference.and_then(MessageId::parse),
        status: standing,
        failure: response::failure(status, code),
    }))
}
