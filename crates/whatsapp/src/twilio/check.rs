//! Whether the account, the senders and the Verify services are in order.

use domain::code::CODE_DIGITS;
use serde::{Deserialize, de::DeserializeOwned};

use super::{Twilio, response, settings::Sender, verify};
use crate::{CheckResult, SendError, wire::Reply};

/// Twilio's own sender for trying things out (Twilio, "Sandbox for WhatsApp").
const SANDBOX: &str = "whatsapp:+14155238886";

/// A detail worth knowing, or exactly what to change.
type Outcome = Result<String, String>;

#[derive(Deserialize)]
struct Account {
    status: String,
}

#[derive(Deserialize)]
struct MessagingService {
    friendly_name: Option<String>,
}

#[derive(Deserialize)]
struct Numbers {
    incoming_phone_numbers: Vec<Number>,
}

#[derive(Deserialize)]
struct Number {
    capabilities: Option<Capabilities>,
}

#[derive(Deserialize)]
struct Capabilities {
    sms: Option<bool>,
}

#[derive(Deserialize)]
struct WhatsAppSenders {
    senders: Vec<WhatsAppSender>,
}

#[derive(Deserialize)]
struct WhatsAppSender {
    sender_id: Option<String>,
    status: Option<String>,
}

/// The part of a Verify service that matters here.
#[derive(Deserialize)]
struct VerifyService {
    custom_code_enabled: Option<bool>,
    code_length: Option<usize>,
    psd2_enabled: Option<bool>,
    whatsapp: Option<VerifyWhatsApp>,
}

#[derive(Deserialize)]
struct VerifyWhatsApp {
    msg_service_sid: Option<String>,
    from: Option<String>,
}

impl Twilio {
    /// Everything that can be asked.
    pub(super) async fn findings(&self) -> Vec<CheckResult> {
        let mut findings = self.account_findings().await;
        if self.api.has_key() {
            findings.push(CheckResult::new("API key", self.key_works().await));
        }
        if let Some(sender) = &self.from {
            let outcome = match sender {
                Sender::Number(number) => self.whatsapp_sender(number).await,
                Sender::Service(service) => self.messaging_service(service, "TWILIO_FROM").await,
            };
            findings.push(CheckResult::new("WhatsApp sender", outcome));
        }
        if let Some(sender) = &self.sms_from {
            let outcome = match sender {
                Sender::Number(number) => self.sms_sender(number).await,
                Sender::Service(service) => {
                    self.messaging_service(service, "TWILIO_SMS_FROM").await
                }
            };
            findings.push(CheckResult::new("text message sender", outcome));
        }
        if let Some(verify) = &self.verify {
            let outcome = self.verify_service(&verify.service, false).await;
            findings.push(CheckResult::new("Verify service", outcome));
            if let Some(service) = &verify.payments {
                let outcome = self.verify_service(service, true).await;
                findings.push(CheckResult::new("Verify service for payments", outcome));
            }
        }
        findings
    }

    /// The account, asked with its own token, because calls back are signed with it
    /// even where an API key is used; and the clock.
    async fn account_findings(&self) -> Vec<CheckResult> {
        let url =
            format!("{}/2010-04-01/Accounts/{}.json", self.hosts.messages, self.api.account());
        let reply = self.api.get_as_account(&url).await;
        let clock =
            reply.as_ref().ok().map(|reply| CheckResult::clock(reply.date(), (self.common.now)()));
        let outcome = reply.map_err(|error| error.to_string()).and_then(|reply| {
            let account: Account = read(&reply, "TWILIO_ACCOUNT_SID")?;
            match account.status.as_str() {
                "active" => Ok("active; its token is right".to_owned()),
                "suspended" => Err("the account is suspended: settle it in the Twilio console, \
                                    under billing"
                    .to_owned()),
                _ => {
                    Err("the account is closed: set TWILIO_ACCOUNT_SID to one that is open"
                        .to_owned())
                }
            }
        });
        std::iter::once(CheckResult::new("account and token", outcome)).chain(clock).collect()
    }

    /// An API key may not look at the account, so it looks at a message.
    async fn key_works(&self) -> Outcome {
        let url = format!(
            "{}/2010-04-01/Accounts/{}/Messages.json?PageSize=1",
            self.hosts.messages,
            self.api.account()
        );
        self.ask::<serde_json::Value>(&url, "TWILIO_API_KEY_SID").await?;
        Ok("it may use messages".to_owned())
    }

    async fn messaging_service(&self, service: &str, setting: &'static str) -> Outcome {
        let url = format!("{}/v1/Services/{service}", self.hosts.messaging);
        let found: MessagingService = self.ask(&url, setting).await?;
        let name = found.friendly_name.unwrap_or_else(|| "without a name".to_owned());
        Ok(format!("the messaging service {name:?}"))
    }

    async fn whatsapp_sender(&self, number: &str) -> Outcome {
        if number == SANDBOX {
            return Ok("Twilio's sandbox: it writes to those alone who joined it".to_owned());
        }
        let url =
            format!("{}/v2/Channels/Senders?Channel=whatsapp&PageSize=1000", self.hosts.messaging);
        let found: WhatsAppSenders = self.ask(&url, "TWILIO_FROM").await?;
        let sender = found
            .senders
            .into_iter()
            .find(|sender| sender.sender_id.as_deref() == Some(number))
            .ok_or(
                "TWILIO_FROM: not a WhatsApp sender of this account: register it in the Twilio \
                 console, under Messaging, Senders",
            )?;
        match sender.status.as_deref() {
            Some(status) if status.starts_with("ONLINE") => Ok("online".to_owned()),
            status => Err(format!(
                "TWILIO_FROM: the sender is {}: see the Twilio console, under Messaging, Senders",
                status.unwrap_or("not online")
            )),
        }
    }

    async fn sms_sender(&self, number: &str) -> Outcome {
        if !number.starts_with('+') {
            return Ok("a short code or name, which Twilio does not list".to_owned());
        }
        let url = format!(
            "{}/2010-04-01/Accounts/{}/IncomingPhoneNumbers.json?PhoneNumber=%2B{}",
            self.hosts.messages,
            self.api.account(),
            number.trim_start_matches('+')
        );
        let found: Numbers = self.ask(&url, "TWILIO_SMS_FROM").await?;
        let number = found
            .incoming_phone_numbers
            .first()
            .ok_or("TWILIO_SMS_FROM: not a number of this account: buy it, or name one that is")?;
        let may_send = number.capabilities.as_ref().and_then(|may| may.sms).unwrap_or(true);
        if may_send {
            Ok("a number of this account".to_owned())
        } else {
            Err("TWILIO_SMS_FROM: the number cannot send text messages: name another".to_owned())
        }
    }

    async fn verify_service(&self, service: &str, is_for_payments: bool) -> Outcome {
        let setting = if is_for_payments { verify::PAYMENTS } else { verify::SETTING };
        let url = format!("{}/v2/Services/{service}", self.hosts.verify);
        let found: VerifyService = self.ask(&url, setting).await?;
        found.outcome(is_for_payments).map_err(|why| format!("{setting}: {why}"))
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        url: &str,
        setting: &'static str,
    ) -> Result<T, String> {
        let reply = self.api.get(url).await.map_err(|error| error.to_string())?;
        read(&reply, setting)
    }
}

impl VerifyService {
    fn outcome(&self, is_for_payments: bool) -> Outcome {
        if self.custom_code_enabled != Some(true) {
            return Err("switch \"Enable Custom Verification Code\" on in the service".to_owned());
        }
        if self.code_length.is_some_and(|length| length != CODE_DIGITS) {
            return Err(format!("set the service's code length to {CODE_DIGITS}"));
        }
        let has_psd2 = self.psd2_enabled == Some(true);
        if has_psd2 != is_for_payments {
            return Err(if is_for_payments {
                "switch PSD2 on in this service, or leave the setting away".to_owned()
            } else {
                "switch PSD2 off in this service: it would demand an amount for every code, and \
                 cannot send on WhatsApp; a service with PSD2 belongs in \
                 TWILIO_VERIFY_PAYMENT_SERVICE_SID"
                    .to_owned()
            });
        }
        let has_sender = self
            .whatsapp
            .as_ref()
            .is_some_and(|whatsapp| whatsapp.msg_service_sid.is_some() || whatsapp.from.is_some());
        if is_for_payments || has_sender {
            return Ok("takes the shop's own codes".to_owned());
        }
        Err("give the service a WhatsApp sender of your own: in the Twilio console, under Verify, \
             the service's WhatsApp tab"
            .to_owned())
    }
}

/// The body of an answer, or exactly what to change.
fn read<T: DeserializeOwned>(reply: &Reply, setting: &'static str) -> Result<T, String> {
    if !reply.status.is_success() {
        return Err(match response::refusal(reply, setting) {
            SendError::Misconfigured { setting, why } => format!("{setting}: {why}"),
            other => other.to_string(),
        });
    }
    reply.json().ok_or_else(|| response::NO_WORDS.to_owned())
}
