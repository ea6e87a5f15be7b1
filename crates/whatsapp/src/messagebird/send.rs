//! Handing messages over: `POST /send` of Conversations for WhatsApp, answered
//! 202, and `POST /messages` of the REST service for text messages, answered 201.

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

/// The answer in both its forms: flat in most of the provider's libraries, with the
/// message inside in one of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Taken {
    Inside { message: Named },
    Flat(Named),
}

#[derive(Deserialize)]
struct Named {
    id: String,
    status: Option<String>,
}

impl MessageBird {
    pub(super) async fn hand_over(&self, message: &OutgoingMessage) -> Result<Accepted, SendError> {
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
        let reply = self.common.wire.ask(request).await?;
        if !reply.status.is_success() {
            return Err(response::classify(&reply, address));
        }
        let named = match reply.json::<Taken>() {
            Some(Taken::Inside { message } | Taken::Flat(message)) if !message.id.is_empty() => {
                message
            }
            _ => return Err(SendError::Unknown),
        };
        // A text message's status is that of its recipient, and is not here.
        match named.status.as_deref().and_then(|status| response::failure(status, None)) {
            Some(failure) => Err(failure),
            None => Ok(Accepted { provider_message_id: named.id }),
        }
    }

    /// A template message ("highly structured message", hsm). Whether WhatsApp
    /// honours `ttl` is not written anywhere, so nothing is handed over that could
    /// outlive the template's own.
    fn whatsapp_message(&self, message: &OutgoingMessage) -> Result<Value, SendError> {
        let Some(Sender { channel_id, namespace }) = &self.whatsapp else {
            return Err(misconfigured(CHANNEL_ID, "it is not set", "set it to send by WhatsApp"));
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
                "templateName": template.name(&self.common.template_prefix),
                "language": { "policy": "deterministic", "code": message.language.as_str() },
                "components": components(message),
            } },
            "reportUrl": self.common.callback_url(NAME),
            "source": { "ref": message.id.as_str() },
            "trackId": message.id.as_str(),
            "ttl": format!("{}s", message.remaining.as_secs()),
        }))
    }

    /// A text message. Without a `reference` no report would come.
    fn sms(&self, message: &OutgoingMessage) -> Result<Value, SendError> {
        let Some(originator) = &self.sms_from else {
            return Err(misconfigured(SMS_FROM, "it is not set", "set it to send text messages"));
        };
        let validity = message.remaining.as_secs();
        if validity == 0 {
            return Err(SendError::too_late());
        }
        Ok(json!({
            "originator": originator,
            "recipients": [message.phone.expose().trim_start_matches('+')],
            "body": sms_text(message, self.common.host()),
            "type": "sms",
            "reference": message.id.as_str(),
            "reportUrl": self.common.callback_url(NAME),
            "validity": validity,
            "datacoding": "auto",
        }))
    }
}

/// What fills the template: a code stands in the body and behind the button that
/// copies it, a notice names the shop.
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
