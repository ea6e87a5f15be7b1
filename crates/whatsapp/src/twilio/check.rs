//! Checks the account, the senders and the Verify services without sending a message.

use domain::code::CODE_DIGITS;
use serde::{Deserialize, de::DeserializeOwned};

use super::{Twilio, response, settings::Sender, verify};
use crate::{CheckResult, SendError, http_client::Reply};

/// The sender of Twilio's test environment ("Sandbox for WhatsApp").
const SANDBOX: &str = "whatsapp:+14155238886";

/// A detail worth knowing, or what exactly to change.
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

/// The fields of a Verify service that the shop uses.
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
    pub(super) async fn run_checks(&self) -> Vec<CheckResult> {
        let mut results = self.check_account().await;
        if self.api.has_key() {
            results.push(CheckResult::new("API key", self.check_api_key().await));
        }
        results.push(self.webhook_keys.describe());
        if let Some(sender) = &self.from {
            let outcome = match sender {
                Sender::Number(number) => self.check_whatsapp_sender(number).await,
                Sender::Service(service) => {
                    self.check_messaging_service(service, "TWILIO_FROM").await
                }
            };
            results.push(CheckResult::new("WhatsApp sender", outcome));
        }
        if let Some(sender) = &self.sms_from {
            let outcome = match sender {
                Sender::Number(number) => self.check_sms_sender(number).await,
                Sender::Service(service) => {
                    self.check_messaging_service(service, "TWILIO_SMS_FROM").await
                }
            };
            results.push(CheckResult::new("text message sender", outcome));
        }
        if let Some(verify) = &self.verify {
            let outcome = self.check_verify_service(&verify.service, false).await;
            results.push(CheckResult::new("Verify service", outcome));
            if let Some(service) = &verify.payments {
                let outcome = self.check_verify_service(service, true).await;
                results.push(CheckResult::new("Verify service for payments", outcome));
            }
        }
        results
    }

    /// Checks the account with its own token, because the token signs webhook calls even if
    /// requests use an API key. The reply also tells Twilio's time.
    async fn check_account(&self) -> Vec<CheckResult> {
        let url =
            format!("{}/2010-04-01/Accounts/{}.json", self.hosts.messages, self.api.account());
        let reply = self.api.get_as_account(&url).await;
        let clock =
            reply.as_ref().ok().map(|reply| CheckResult::clock(reply.date(), (self.context.now)()));
        let outcome = reply.map_err(|error| error.to_string()).and_then(|reply| {
            let account: Account = read(&reply, "TWILIO_ACCOUNT_SID")?;
            match account.status.as_str() {
                "active" => Ok("the account is active and the token is right".to_owned()),
                "suspended" => Err("the account is suspended: see the billing page of the Twilio \
                                    console"
                    .to_owned()),
                _ => {
                    Err("the account is closed: set TWILIO_ACCOUNT_SID to an active account"
                        .to_owned())
                }
            }
        });
        std::iter::once(CheckResult::new("account and token", outcome)).chain(clock).collect()
    }

    /// Checks the API key. It may not read the account, so it lists messages.
    async fn check_api_key(&self) -> Outcome {
        let url = format!(
            "{}/2010-04-01/Accounts/{}/Messages.json?PageSize=1",
            self.hosts.messages,
            self.api.account()
        );
        self.get::<serde_json::Value>(&url, "TWILIO_API_KEY_SID").await?;
        Ok("the key may use messages".to_owned())
    }

    async fn check_messaging_service(&self, service: &str, setting: &'static str) -> Outcome {
        let url = format!("{}/v1/Services/{service}", self.hosts.messaging);
        let found: MessagingService = self.get(&url, setting).await?;
        let name = found.friendly_name.unwrap_or_else(|| "without a name".to_owned());
        Ok(format!("the messaging service {name:?} exists"))
    }

    async fn check_whatsapp_sender(&self, number: &str) -> Outcome {
        if number == SANDBOX {
            return Ok(
                "this is Twilio's sandbox, which sends only to people who joined it".to_owned()
            );
        }
        let url =
            format!("{}/v2/Channels/Senders?Channel=whatsapp&PageSize=1000", self.hosts.messaging);
        let found: WhatsAppSenders = self.get(&url, "TWILIO_FROM").await?;
        let sender = found
            .senders
            .into_iter()
            .find(|sender| sender.sender_id.as_deref() == Some(number))
            .ok_or(
                "TWILIO_FROM: the account has no such WhatsApp sender: register it in the Twilio \
                 console, under Messaging, Senders",
            )?;
        match sender.status.as_deref() {
            Some(status) if status.starts_with("ONLINE") => Ok("the sender is online".to_owned()),
            status => Err(format!(
                "TWILIO_FROM: the sender is {}: see the Twilio console, under Messaging, Senders",
                status.unwrap_or("not online")
            )),
        }
    }

    async fn check_sms_sender(&self, number: &str) -> Outcome {
        if !number.starts_with('+') {
            return Ok("it is a short code or a name, which Twilio does not list".to_owned());
        }
        let url = format!(
            "{}/2010-04-01/Accounts/{}/IncomingPhoneNumbers.json?PhoneNumber=%2B{}",
            self.hosts.messages,
            self.api.account(),
            number.trim_start_matches('+')
        );
        let found: Numbers = self.get(&url, "TWILIO_SMS_FROM").await?;
        let number = found
            .incoming_phone_numbers
            .first()
            .ok_or("TWILIO_SMS_FROM: the account has no such number: buy it, or set another")?;
        let may_send = number.capabilities.as_ref().and_then(|may| may.sms).unwrap_or(true);
        if may_send {
            Ok("the account has this number".to_owned())
        } else {
            Err("TWILIO_SMS_FROM: the number cannot send text messages: set another".to_owned())
        }
    }

    async fn check_verify_service(&self, service: &str, is_for_payments: bool) -> Outcome {
        let setting = if is_for_payments { verify::PAYMENTS } else { verify::SETTING };
        let url = format!("{}/v2/Services/{service}", self.hosts.verify);
        let found: VerifyService = self.get(&url, setting).await?;
        found.outcome(is_for_payments).map_err(|why| format!("{setting}: {why}"))
    }

    async fn get<T: DeserializeOwned>(
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
            return Err("enable \"Custom Verification Code\" in the service".to_owned());
        }
        if self.code_length.is_some_and(|length| length != CODE_DIGITS) {
            return Err(format!("set the service's code length to {CODE_DIGITS}"));
        }
        let has_psd2 = self.psd2_enabled == Some(true);
        if has_psd2 != is_for_payments {
            return Err(if is_for_payments {
                "enable PSD2 in this service, or remove the setting".to_owned()
            } else {
                "disable PSD2 in this service: it requires an amount for every code and cannot \
                 send by WhatsApp; a service with PSD2 belongs in \
                 TWILIO_VERIFY_PAYMENT_SERVICE_SID"
                    .to_owned()
            });
        }
        let has_sender = self
            .whatsapp
            .as_ref()
            .is_some_and(|whatsapp| whatsapp.msg_service_sid.is_some() || whatsapp.from.is_some());
        if is_for_payments || has_sender {
            return Ok("the service accepts codes of the shop".to_owned());
        }
        Err("add a WhatsApp sender of your own to the service: in the Twilio console, under Verify, \
             on the WhatsApp tab of the service"
            .to_owned())
    }
}

/// The body of a reply, or what exactly to change.
fn read<T: DeserializeOwned>(reply: &Reply, setting: &'static str) -> Result<T, String> {
    if !reply.status.is_success() {
        return Err(match response::classify_error(reply, setting) {
            SendError::Misconfigured { setting, why } => format!("{setting}: {why}"),
            other => other.to_string(),
        });
    }
    reply.json().ok_or_else(|| response::UNREADABLE.to_owned())
}
