//! Webhook calls from Twilio: one form for each status of a message.
//!
//! The signature covers neither a time nor an id of the call, so an old call looks like a
//! new one. A replay does no harm: a call only carries the status of one message, and the
//! status of a message only moves forward.

use domain::{DeliveryStatus, MessageId};
use http::{HeaderMap, HeaderValue, Method, header::CONTENT_TYPE};

use super::{
    NAME,
    api::{FORM, is_id},
    response,
    signature::{self, Form},
    webhook_keys::{self, WebhookKeys},
};
use crate::{DeliveryReport, WebhookError, WebhookEvent, WebhookRequest, WebhookResponse};

/// Verifies and reads a call.
pub(super) fn read(
    request: &WebhookRequest<'_>,
    keys: &WebhookKeys,
    account: &str,
) -> Result<WebhookResponse, WebhookError> {
    if request.method != Method::POST {
        return Err(WebhookError::NotOffered);
    }
    let signature = webhook_keys::signature(request)?;
    let (keys, algorithm) = keys.for_call(request)?;
    let form = if is_form(request) { signature::form(request.body) } else { Form::new() };
    let is_body_signed = is_form(request) || signature::is_body_valid(request.url, request.body);
    if !is_body_signed || !signature::is_valid(keys, algorithm, request.url, &form, signature) {
        return Err(WebhookError::BadSignature);
    }
    let fields = Fields(&form);
    // JSON calls carry no status of a message, and calls of other accounts are ignored.
    if fields.find("AccountSid")?.is_some_and(|named| named != account) {
        return Ok(WebhookResponse::events(Vec::new()));
    }
    let report = report(&fields, request.query())?;
    Ok(WebhookResponse::events(report.map(WebhookEvent::Delivery).into_iter().collect()))
}

/// A signed call about a message that does not exist.
pub(super) fn self_test(
    url: &str,
    keys: &WebhookKeys,
    account: &str,
) -> Option<(HeaderMap, Vec<u8>)> {
    let form: Form = [
        ("AccountSid", account),
        ("ApiVersion", "2010-04-01"),
        ("MessageSid", "SM00000000000000000000000000000000"),
        ("MessageStatus", "queued"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let mut headers = keys.sign(url, &form)?;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
    Some((headers, body.into_bytes()))
}

fn is_form(request: &WebhookRequest<'_>) -> bool {
    let kind = request.header(CONTENT_TYPE.as_str()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(FORM)
}

/// The fields of a form. Unknown fields are ignored. A field that is read may occur only
/// once, because the signature does not separate names from values.
struct Fields<'a>(&'a [(String, String)]);

impl<'a> Fields<'a> {
    fn find(&self, name: &str) -> Result<Option<&'a str>, WebhookError> {
        let mut values =
            self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(WebhookError::Malformed),
        }
    }

    /// The value of a field, or of the older name of the field.
    fn either(&self, name: &str, older: &str) -> Result<Option<&'a str>, WebhookError> {
        Ok(self.find(name)?.or(self.find(older)?))
    }
}

/// Reads the report of a message, if the call carries one.
fn report(fields: &Fields<'_>, query: &str) -> Result<Option<DeliveryReport>, WebhookError> {
    let sid = fields.either("MessageSid", "SmsSid")?.filter(|sid| is_id(sid));
    let status = fields.either("MessageStatus", "SmsStatus")?.and_then(status);
    let code = fields.find("ErrorCode")?.and_then(|code| code.parse().ok());
    let (Some(sid), Some(status)) = (sid, status) else { return Ok(None) };
    let failure = (status == DeliveryStatus::Failed).then(|| response::classify_failure(code));
    Ok(Some(DeliveryReport {
        provider: NAME,
        provider_message_id: sid.to_owned(),
        reference: reference(query),
        status,
        failure,
        recipient: None,
    }))
}

/// The shop's id of the message, from the query of the address.
fn reference(query: &str) -> Option<MessageId> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "reference")
        .and_then(|(_, value)| MessageId::parse(&value))
}

/// The delivery status for a word of Twilio ("Outbound message status"); `None` for
/// inbound messages and unknown words.
fn status(word: &str) -> Option<DeliveryStatus> {
    Some(match word {
        "accepted" | "scheduled" | "queued" | "sending" => DeliveryStatus::Accepted,
        // Some parts of a long message arrived, so the message is incomplete.
        "sent" | "partially_delivered" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "read" => DeliveryStatus::Read,
        "undelivered" | "failed" | "canceled" => DeliveryStatus::Failed,
        _ => return None,
    })
}
