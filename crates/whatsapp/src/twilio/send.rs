//! Programmable Messaging: `POST /2010-04-01/Accounts/{AccountSid}/Messages.json`.

use std::time::Duration;

use domain::Channel;
use serde::Deserialize;
use serde_json::json;

use super::{NAME, Twilio, response, settings::Sender};
use crate::{Accepted, OutgoingMessage, SendError, template, wire::Reply};

/// The longest time a message may wait in Twilio's queue, in seconds.
const LONGEST_WAIT: u64 = 36_000;
/// The longest name of a message that is kept.
const LONGEST_ID: usize = 64;

/// The part of a Message resource that matters here.
#[derive(Deserialize)]
struct Message {
    sid: Option<String>,
    error_code: Option<u32>,
}

impl Twilio {
    /// Sends a template on WhatsApp, or a text.
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
        let callback = self.callback_url(message);
        let wait = validity(message.remaining)?;
        let mut fields = vec![("To", to.as_str()), sender.field()];
        let content = content(message, &self.common)?;
        fields.extend(content.iter().map(|(name, value)| (*name, value.as_str())));
        fields.extend([("StatusCallback", callback.as_str()), ("ValidityPeriod", wait.as_str())]);
        let url = format!(
            "{}/2010-04-01/Accounts/{}/Messages.json",
            self.hosts.messages,
            self.api.account()
        );
        taken(&self.api.post_form(&url, &fields).await?)
    }

    /// Where news of this message goes. Twilio echoes no reference of ours, but it
    /// signs the address with its query, so the reference travels there.
    fn callback_url(&self, message: &OutgoingMessage) -> String {
        format!("{}?reference={}", self.common.callback_url(NAME), message.id)
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

/// What the message says: the template and its one variable, or the text.
fn content(
    message: &OutgoingMessage,
    common: &crate::Common,
) -> Result<Vec<(&'static str, String)>, SendError> {
    if message.channel == Channel::Sms {
        return Ok(vec![("Body", template::sms_text(message, common.host()))]);
    }
    let Some(template) = &message.template_id else {
        return Err(SendError::Misconfigured {
            setting: "template",
            why: "Twilio has no such template yet: run `marigold templates sync`".to_owned(),
        });
    };
    let variable =
        message.code.as_ref().map_or_else(|| message.shop_name.clone(), domain::Code::expose_text);
    Ok(vec![
        ("ContentSid", template.clone()),
        ("ContentVariables", json!({ "1": variable }).to_string()),
    ])
}

/// How long Twilio may keep the message, in whole seconds: never longer than it
/// is worth something.
fn validity(remaining: Duration) -> Result<String, SendError> {
    match remaining.as_secs().min(LONGEST_WAIT) {
        0 => Err(SendError::Undeliverable { why: response::TOO_LATE.to_owned() }),
        seconds => Ok(seconds.to_string()),
    }
}

fn no_sender(channel: Channel) -> SendError {
    let setting = match channel {
        Channel::WhatsApp => "TWILIO_FROM",
        Channel::Sms => "TWILIO_SMS_FROM",
    };
    SendError::Misconfigured { setting, why: "there is no sender for this channel".to_owned() }
}

fn taken(reply: &Reply) -> Result<Accepted, SendError> {
    if !reply.status.is_success() {
        return Err(response::refusal(reply, "TWILIO_ACCOUNT_SID"));
    }
    let message: Message = reply.json().ok_or(SendError::Unknown)?;
    if let Some(code) = message.error_code.filter(|code| *code != 0) {
        return Err(response::failure(Some(code)));
    }
    let sid = message.sid.filter(|sid| is_id(sid)).ok_or(SendError::Unknown)?;
    Ok(Accepted { provider_message_id: sid })
}

/// Whether a name Twilio gave is one that can be kept and compared.
pub(super) fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
