//! What the provider calls back with: reports of text messages as GET with a
//! query, and news of conversations as POST with JSON. Of the latter no official
//! example exists, so that little is read of it.

use domain::MessageId;
use http::Method;
use serde_json::Value;

use super::{NAME, answer, signature};
use crate::{CallbackAnswer, CallbackRequest, News, Receipt, Refused, callback::read_json};

/// The longest name of a message that is believed.
const LONGEST_NAME: usize = 128;

/// Reads a call, after proving that it is the provider's.
pub(super) fn read(key: &[u8], request: &CallbackRequest<'_>) -> Result<CallbackAnswer, Refused> {
    let once = signature::verify(key, request)?;
    let receipt = match *request.method {
        Method::GET => report(request.query())?,
        Method::POST => conversation(request.body)?,
        _ => return Err(Refused::Malformed),
    };
    let news = receipt.map(News::Receipt).into_iter().collect();
    Ok(CallbackAnswer::News { news, once: Some(once) })
}

/// The report of a text message. A query with none is nobody's.
fn report(query: &str) -> Result<Option<Receipt>, Refused> {
    let find = |name: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let (id, status) = (find("id"), find("status"));
    let (Some(id), Some(status)) = (id, status) else { return Err(Refused::Malformed) };
    let code = find("statusErrorCode").and_then(|code| code.parse().ok());
    receipt(id, &status, find("reference").as_deref(), code)
}

/// News of a conversation; the message stands inside of it, or alone.
fn conversation(body: &[u8]) -> Result<Option<Receipt>, Refused> {
    let call: Value = read_json(body)?;
    let message = call.get("message").filter(|inside| inside.is_object()).unwrap_or(&call);
    let text = |path: &str| message.pointer(path).and_then(Value::as_str);
    let (Some(id), Some(status)) = (text("/id"), text("/status")) else { return Ok(None) };
    if text("/direction") == Some("received") {
        return Ok(None);
    }
    let code = message.pointer("/error/code").and_then(Value::as_u64);
    let code = code.and_then(|code| u32::try_from(code).ok());
    receipt(id.to_owned(), status, text("/source/ref"), code)
}

fn receipt(
    id: String,
    status: &str,
    reference: Option<&str>,
    code: Option<u32>,
) -> Result<Option<Receipt>, Refused> {
    if id.is_empty() || id.len() > LONGEST_NAME {
        return Err(Refused::Malformed);
    }
    Ok(answer::standing(status).map(|standing| Receipt {
        provider: NAME,
        provider_message_id: id,
        reference: reference.and_then(MessageId::parse),
        status: standing,
        failure: answer::failure(status, code),
    }))
}
