//! Webhook calls from MessageBird: reports of text messages are GET requests with a query,
//! and events of conversations are POST requests with JSON. There is no official example
//! of the latter, so few fields of it are read.

use domain::MessageId;
use http::Method;

use super::{NAME, response, signature};
use crate::{
    DeliveryReport, WebhookError, WebhookEvent, WebhookRequest, WebhookResponse,
    json::{Json, decode},
};

/// The longest id of a message that is accepted.
const MAX_MESSAGE_ID_LEN: usize = 128;

/// Verifies and reads a call.
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

/// Reads the report of a text message; a query without a report is an error.
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

/// Reads an event of a conversation, which contains the message or is the message.
fn conversation(body: &[u8]) -> Result<Option<DeliveryReport>, WebhookError> {
    let text = decode(body);
    let call = Json::parse(&text)?;
    let message = call.get("message").filter(|inside| inside.is_object()).unwrap_or(call);
    let (Some(id), Some(status)) = (message.text_at("/id"), message.text_at("/status")) else {
        return Ok(None);
    };
    if message.text_at("/direction").as_deref() == Some("received") {
        return Ok(None);
    }
    let reference = message.text_at("/source/ref");
    report(id, &status, reference.as_deref(), message.number_at("/error/code"))
}

fn report(
    id: String,
    status: &str,
    reference: Option<&str>,
    code: Option<u32>,
) -> Result<Option<DeliveryReport>, WebhookError> {
    if id.is_empty() || id.len() > MAX_MESSAGE_ID_LEN {
        return Err(WebhookError::Malformed);
    }
    Ok(response::delivery_status(status).map(|reached| DeliveryReport {
        provider: NAME,
        provider_message_id: id,
        reference: reference.and_then(MessageId::parse),
        status: reached,
        failure: response::classify_failure(status, code),
        recipient: None,
    }))
}
