//! Sends messages: `POST /send` of Conversations for WhatsApp, answered with 202, and
//! `POST /messages` of the REST service for text messages, answered with 201.

use domain::{Channel, MessageKind};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CHANNEL_ID, CONVERSATIONS, MessageBird, NAME, REST, SMS_FROM, Sender, response};
use crate::{
    Accepted, OutgoingMessage, SendError, Template,
    by_status::misconfigured,
    template::{self, sms_text},
};

/// The reply in both its forms: most libraries of the provider read a flat object, and one
/// reads an object that contains the message.
#[derive(Deserialize)]
#[serde(untagged)]
enum SendResponse {
    Nested { message: MessageRef },
    Flat(MessageRef),
}

#[derive(Deserialize)]
struct MessageRef {
    id: String,
    status: Option<String>,
}

impl MessageBird {
    pub(super) async fn send_message(
        &self,
        message: &OutgoingMessage,
    ) -> Result<Accepted, SendError> {
        template::check(message)?;
        let (url, body, address) = match message.channel {
            Channel::WhatsApp => {
                let url = format!("{}/send", self.conversations);
                (url, self.whatsapp_message(message)?, CONVERSATIONS)
            }
            Channel::Sms => (format!("{}/messages", self.rest), self.sms(message)?, REST),
        };
        let request = self
            .request(Method::POST, &url)
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let reply = self.context.http_client.send(request).await?;
        if !reply.status.is_success() {
            return Err(response::classify_error(&reply, address));
        }
        let accepted = match reply.json::<SendResponse>() {
            Some(SendResponse::Nested { message } | SendResponse::Flat(message))
                if !message.id.is_empty() =>
            {
                message
            }
            _ => return Err(SendError::Unknown),
        };
        // A text message has a status per recipient, which is not read here.
        match accepted.status.as_deref().and_then(|status| response::classify_failure(status, None))
        {
            Some(failure) => Err(failure),
            None => Ok(Accepted { provider_message_id: accepted.id }),
        }
    }

    /// A template message ("highly structured message", hsm). It is not documented whether
    /// WhatsApp respects `ttl`, so a message that could arrive after its code expired is
    /// not sent.
    fn whatsapp_message(&self, message: &OutgoingMessage) -> Result<Value, SendError> {
        let Some(Sender { channel_id, namespace }) = &self.whatsapp else {
            return Err(misconfigured(
                CHANNEL_ID,
                "this setting is missing",
                "set it to send by WhatsApp",
            ));
        };
        if message.remaining < Template::time_to_live(message.minutes) {
            return Err(SendError::too_late());
        }
        let template =
            Template { kind: message.kind, language: message.language, minutes: message.minutes };
        Ok(json!({
            "to": message.phone.expose(),
            "from": channel_id,
            "type": "hsm",
            "content": { "hsm": {
                "namespace": namespace,
                "templateName": template.name(&self.context.template_prefix),
                "language": { "policy": "deterministic", "code": message.language.as_str() },
                "components": components(message),
            } },
            "reportUrl": self.context.webhook_url(NAME),
            "source": { "ref": message.id.as_str() },
            "trackId": message.id.as_str(),
            "ttl": format!("{}s", message.remaining.as_secs()),
        }))
    }

    /// A text message. MessageBird sends no report without a `reference`.
    fn sms(&self, message: &OutgoingMessage) -> Result<Value, SendError> {
        let Some(originator) = &self.sms_from else {
            return Err(misconfigured(
                SMS_FROM,
                "this setting is missing",
                "set it to send text messages",
            ));
        };
        let validity = message.remaining.as_secs();
        if validity == 0 {
            return Err(SendError::too_late());
        }
        Ok(json!({
            "originator": originator,
            "recipients": [message.phone.expose().trim_start_matches('+')],
            "body": sms_text(message, self.context.host()),
            "type": "sms",
            "reference": message.id.as_str(),
            "reportUrl": self.context.webhook_url(NAME),
            "validity": validity,
            "datacoding": "auto",
        }))
    }
}

/// The parameters of the template: the code in the body and in the copy button, or the
/// name of the shop in a notice.
fn components(message: &OutgoingMessage) -> Value {
    let text = |text: &str| json!([{ "type": "text", "text": text }]);
    match (message.kind, &message.code) {
        (MessageKind::Code(_), Some(code)) => {
            let code = code.expose_text();
            json!([
                { "type": "body", "parameters": text(&code) },
                { "type": "button", "sub_type": "url", "index": 0, "parameters": text(&code) },
            ])
        }
        _ => json!([{ "type": "body", "parameters": text(&message.shop_name) }]),
    }
}
