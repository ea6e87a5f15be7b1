//! What Twilio calls back with: one form for each step of a message.
//!
//! Neither a time nor a name for the call is signed, so an old call cannot be told
//! from a new one. It does no harm: a call says nothing but how far one message has
//! come, and a message only moves forward, so an old one changes nothing.

use domain::{DeliveryStatus, MessageId, Secret};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::CONTENT_TYPE};

use super::{
    NAME,
    api::FORM,
    response,
    send::is_id,
    signature::{self, Form},
};
use crate::{DeliveryReport, WebhookError, WebhookEvent, WebhookRequest, WebhookResponse};

/// The header with the signature.
const SIGNATURE: &str = "x-twilio-signature";

/// Reads a call, after proving that Twilio made it.
pub(super) fn read(
    request: &WebhookRequest<'_>,
    tokens: &[Secret<String>],
    account: &str,
) -> Result<WebhookResponse, WebhookError> {
    if request.method != Method::POST {
        return Err(WebhookError::NotOffered);
    }
    let signature = request
        .header(SIGNATURE)
        .filter(|signature| !signature.is_empty())
        .ok_or(WebhookError::NoSignature)?;
    let form = if is_form(request) { signature::form(request.body) } else { Form::new() };
    let is_body_signed = is_form(request) || signature::is_body_right(request.url, request.body);
    if !is_body_signed || !signature::is_right(tokens, request.url, &form, signature) {
        return Err(WebhookError::BadSignature);
    }
    let fields = Fields(&form);
    // Nothing of a message comes as JSON, and nothing of another account is ours.
    if fields.find("AccountSid")?.is_some_and(|named| named != account) {
        return Ok(WebhookResponse::events(Vec::new()));
    }
    let report = report(&fields, request.query())?;
    Ok(WebhookResponse::events(report.map(WebhookEvent::Delivery).into_iter().collect()))
}

/// A call as Twilio would make it, of a message that nobody sent.
pub(super) fn example(
    url: &str,
    token: &Secret<String>,
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
    let signature = signature::sign(token, url, &form)?;
    let headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static(FORM)),
        (HeaderName::from_static(SIGNATURE), HeaderValue::from_str(&signature).ok()?),
    ]);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
    Some((headers, body.into_bytes()))
}

fn is_form(request: &WebhookRequest<'_>) -> bool {
    let kind = request.header(CONTENT_TYPE.as_str()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(FORM)
}

/// The fields of a form. Unknown ones are nobody's business; one that is read
/// may be there once only, for the signature does not say where a name ends.
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

    /// The field, or the older name of it.
    fn either(&self, name: &str, older: &str) -> Result<Option<&'a str>, WebhookError> {
        Ok(self.find(name)?.or(self.find(older)?))
    }
}

/// WebhookEvent of a message, if the call has any.
fn report(fields: &Fields<'_>, query: &str) -> Result<Option<DeliveryReport>, WebhookError> {
    let sid = fields.either("MessageSid", "SmsSid")?.filter(|sid| is_id(sid));
    let status = fields.either("MessageStatus", "SmsStatus")?.and_then(status);
    let code = fields.find("ErrorCode")?.and_then(|code| code.parse().ok());
    let (Some(sid), Some(status)) = (sid, status) else { return Ok(None) };
    let failure = (status == DeliveryStatus::Failed).then(|| response::failure(code));
    Ok(Some(DeliveryReport {
        provider: NAME,
        provider_message_id: sid.to_owned(),
        reference: reference(query),
        status,
        failure,
    }))
}

/// Our own name for the message, from the address it was sent with.
fn reference(query: &str) -> Option<MessageId> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "reference")
        .and_then(|(_, value)| MessageId::parse(&value))
}

/// How far a message has come (Twilio, "Outbound message status"). Words for
/// messages that come in, and words not known, are no news.
fn status(word: &str) -> Option<DeliveryStatus> {
    Some(match word {
        "accepted" | "scheduled" | "queued" | "sending" => DeliveryStatus::Accepted,
        // Of a message in several parts, some arrived: not all of it is there.
        "sent" | "partially_delivered" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "read" => DeliveryStatus::Read,
        "undelivered" | "failed" | "canceled" => DeliveryStatus::Failed,
        _ => return None,
    })
}
