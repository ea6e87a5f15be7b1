//! Programmable Messaging: `POST /2010-04-01/Accounts/{AccountSid}/Messages.json`.

use std::time::Duration;

use domain::Channel;
use serde::Deserialize;
use serde_json::json;

use super::{NAME, Twilio, api::is_id, response, settings::Sender};
use crate::{Accepted, OutgoingMessage, SendError, http_client::Reply, template};

/// The longest time that Twilio lets a message wait in its queue, in seconds.
const MAX_VALIDITY_SECONDS: u64 = 36_000;

/// The fields of a Message resource that the shop uses.
#[derive(Deserialize)]
struct Message {
    sid: Option<String>,
    error_code: Option<u32>,
}

impl Twilio {
    /// Sends a template by WhatsApp, or a text message.
    pub(super) async fn post_message(
        &self,
        message: &OutgoingMessage,
    ) -> Result<Accepted, SendError> {
        let Some(sender) = self.sender(message.channel) else {
            return Err(no_sender(message.channel));
        };
        let to = match message.channel {
            Channel::WhatsApp => format!("whatsapp:{}", message.phone.expose()),
            Channel::Sms => message.phone.expose().to_owned(),
        };
        let status_callback = self.status_callback(message);
        let validity = validity(message.remaining)?;
        let mut fields = vec![("To", to.as_str()), sender.field()];
        let content = content(message, &self.context)?;
        fields.extend(content.iter().map(|(name, value)| (*name, value.as_str())));
        fields.extend([
            ("StatusCallback", status_callback.as_str()),
            ("ValidityPeriod", validity.as_str()),
        ]);
        let url = format!(
            "{}/2010-04-01/Accounts/{}/Messages.json",
            self.hosts.messages,
            self.api.account()
        );
        read_message(&self.api.post_form(&url, &fields).await?)
    }

    /// The address for reports of this message. Twilio repeats no reference of the shop,
    /// but it signs the address with its query, so the query carries the reference.
    fn status_callback(&self, message: &OutgoingMessage) -> String {
        format!("{}?reference={}", self.context.webhook_url(NAME), message.id)
    }
}

impl Sender {
    const fn field(&self) -> (&'static str, &str) {
        match self {
            Self::Number(number) => ("From", number.as_str()),
            Self::Service(service) => ("MessagingServiceSid", service.as_str()),
        }
    }
}

/// The content of the message: the template with its one variable, or the text.
fn content(
    message: &OutgoingMessage,
    context: &crate::ProviderContext,
) -> Result<Vec<(&'static str, String)>, SendError> {
    if message.channel == Channel::Sms {
        return Ok(vec![("Body", template::sms_text(message, context.host()))]);
    }
    let Some(template) = &message.template_id else {
        return Err(SendError::Misconfigured {
            setting: "template",
            why: "the template does not exist at Twilio yet: run `marigold templates sync`"
                .to_owned(),
        });
    };
    let variable =
        message.code.as_ref().map_or_else(|| message.shop_name.clone(), domain::Code::expose_text);
    Ok(vec![
        ("ContentSid", template.clone()),
        ("ContentVariables", json!({ "1": variable }).to_string()),
    ])
}

/// How long Twilio may keep the message in its queue, in whole seconds: at most the
/// remaining lifetime of the message.
fn validity(remaining: Duration) -> Result<String, SendError> {
    match remaining.as_secs().min(MAX_VALIDITY_SECONDS) {
        0 => Err(SendError::too_late()),
        seconds => Ok(seconds.to_string()),
    }
}

fn no_sender(channel: Channel) -> SendError {
    let setting = match channel {
        Channel::WhatsApp => "TWILIO_FROM",
        Channel::Sms => "TWILIO_SMS_FROM",
    };
    SendError::Misconfigured { setting, why: "no sender is set for this channel".to_owned() }
}

fn read_message(reply: &Reply) -> Result<Accepted, SendError> {
    if !reply.status.is_success() {
        return Err(response::classify_error(reply, "TWILIO_ACCOUNT_SID"));
    }
    let message: Message = reply.json().ok_or(SendError::Unknown)?;
    if let Some(code) = message.error_code.filter(|code| *code != 0) {
        return Err(response::classify_failure(Some(code)));
    }
    let sid = message.sid.filter(|sid| is_id(sid)).ok_or(SendError::Unknown)?;
    Ok(Accepted { provider_message_id: sid })
}
