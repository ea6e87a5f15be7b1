//! Sends messages: `POST /workspaces/{}/channels/{}/messages`, answered with 202.

use domain::{Channel, MessageKind};
use http::Method;
use serde_json::{Value, json};

use super::{BirdChannels, SMS_CHANNEL_ID, TEMPLATES, response};
use crate::{
    Accepted, OutgoingMessage, SendError, Template,
    by_status::misconfigured,
    template::{self, sms_text},
};

/// The name of the parameter in the templates of notices.
const SHOP_PARAMETER: &str = "shop";

impl BirdChannels {
    /// Sends a message. The service has no time to live, so a message that could arrive
    /// after its code expired is not sent.
    pub(super) async fn send_message(
        &self,
        message: &OutgoingMessage,
    ) -> Result<Accepted, SendError> {
        template::check(message)?;
        if message.remaining < Template::time_to_live(message.minutes) {
            return Err(SendError::too_late());
        }
        let (channel, setting, (name, content)) = match message.channel {
            Channel::WhatsApp => (&self.channel, super::CHANNEL_ID, self.template(message)?),
            Channel::Sms => {
                let channel = self.sms_channel.as_ref().ok_or_else(|| {
                    misconfigured(
                        SMS_CHANNEL_ID,
                        "this setting is missing",
                        "set it to send text messages",
                    )
                })?;
                let text = sms_text(message, self.context.host());
                let content = json!({ "type": "text", "text": { "text": text } });
                (channel, SMS_CHANNEL_ID, ("body", content))
            }
        };
        let body = json!({
            "receiver": { "contacts": [{
                "identifierKey": "phonenumber",
                "identifierValue": message.phone.expose(),
            }] },
            name: content,
            "reference": message.id.as_str(),
        });
        let request = self
            .request(Method::POST, channel, "")
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(body.to_string());
        response::read_send_response(&self.context.http_client.send(request).await?, setting)
    }

    fn template(&self, message: &OutgoingMessage) -> Result<(&'static str, Value), SendError> {
        let project = self.find_project(message.kind).ok_or_else(|| {
            misconfigured(TEMPLATES, "this kind of message has no project", "add the project")
        })?;
        let (key, value) = match (message.kind, &message.code) {
            (MessageKind::Code(_), Some(code)) => (self.parameter.as_str(), code.expose_text()),
            _ => (SHOP_PARAMETER, message.shop_name.clone()),
        };
        let template = json!({
            "projectId": project,
            "version": "latest",
            "locale": message.language.as_str(),
            "parameters": [{ "type": "string", "key": key, "value": value }],
        });
        Ok(("template", template))
    }
}
