//! Sends messages: `POST /v1/whatsapp/messages` and `POST /v1/sms/messages`, both answered
//! with 202. The idempotency key stands for the body, so a repeated request must be equal
//! byte by byte; nothing in it may depend on the time.

use domain::{Channel, MessageKind};
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{BirdV1, SMS_FROM, TEMPLATE_ID, response};
use crate::{
    Accepted, OutgoingMessage, SendError, Template,
    by_status::misconfigured,
    template::{self, sms_text},
};

impl BirdV1 {
    /// Sends a message. Neither service has a time to live (Bird documents one for text
    /// messages, and rejects it), so a message that could arrive after its code expired is
    /// not sent.
    pub(super) async fn send_message(
        &self,
        message: &OutgoingMessage,
    ) -> Result<Accepted, SendError> {
        template::check(message)?;
        if message.remaining < Template::time_to_live(message.minutes) {
            return Err(SendError::too_late());
        }
        let (path, body) = match message.channel {
            Channel::WhatsApp => ("/v1/whatsapp/messages", self.whatsapp_message(message)?),
            Channel::Sms => ("/v1/sms/messages", self.sms(message)?),
        };
        let request = self
            .request(Method::POST, path)
            .header("idempotency-key", idempotency_key(message))
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let reply = self.context.http_client.send(request).await?;
        response::read_send_response(&reply, message.channel)
    }

    fn whatsapp_message(&self, message: &OutgoingMessage) -> Result<Value, SendError> {
        let (MessageKind::Code(_), Some(code)) = (message.kind, &message.code) else {
            return Err(SendError::FailOver {
                why: "the template is for codes, so notices cannot be sent by WhatsApp".to_owned(),
            });
        };
        let parameters = json!([{ "type": "text", "text": code.expose_text() }]);
        let name = if self.template.starts_with(TEMPLATE_ID) { "id" } else { "slug" };
        let mut body = json!({
            "to": message.phone.expose(),
            "template": {
                name: self.template,
                "language": message.language.as_str(),
                "components": [
                    { "type": "body", "parameters": parameters },
                    { "type": "button", "parameters": parameters },
                ],
            },
            "metadata": { "ref": message.id.as_str() },
        });
        if let (Some(from), Some(fields)) = (&self.from, body.as_object_mut()) {
            fields.insert("from".to_owned(), from.as_str().into());
        }
        Ok(body)
    }

    fn sms(&self, message: &OutgoingMessage) -> Result<Value, SendError> {
        let Some(from) = &self.sms_from else {
            return Err(misconfigured(
                SMS_FROM,
                "this setting is missing",
                "set it to send text messages",
            ));
        };
        let category = match message.kind {
            MessageKind::Code(_) => "authentication",
            _ => "transactional",
        };
        Ok(json!({
            "to": message.phone.expose(),
            "from": from,
            "text": sms_text(message, self.context.host()),
            "category": category,
            "metadata": { "ref": message.id.as_str() },
        }))
    }
}

/// A UUID (version 8, RFC 9562 §5.8) of the message, equal in every attempt. The platform
/// remembers it for three hours, which is longer than the lifetime of any code.
fn idempotency_key(message: &OutgoingMessage) -> String {
    let name = format!("{} {}", message.channel.as_str(), message.id);
    let digits = hex::encode(Sha256::digest(name));
    let mut digits = digits.chars();
    let mut take = |count| digits.by_ref().take(count).collect::<String>();
    // The first digits of the third and fourth group are the version and the variant.
    format!("{}-{}-8{}-8{}-{}", take(8), take(4), take(3), take(3), take(12))
}
