//! Verify v2: Twilio's own templates and senders, with the shop's code in them.
//!
//! Twilio keeps one verification open for each number, repeats *its* code on a
//! second start, and takes five starts. The shop has rules of its own for all
//! of that, and codes of several purposes may be alive at once; so each send
//! first cancels what is open and then starts anew. What is sent is then always
//! the code of this message, and the limit of five (60203) is never met.
//!
//! The channel is always named: with `auto`, Twilio could send a code by a way the
//! shopper did not ask for. Codes travel ten minutes at most by Verify's own rule;
//! there is no parameter to shorten that, so a code with little of its life left
//! is not handed over at all.
//!
//! A payment is confirmed with its amount and payee in the text (PSD2) where
//! `TWILIO_VERIFY_PAYMENT_SERVICE_SID` names a service with PSD2 on. It is a
//! service of its own because such a service demands an amount for *every* code
//! (60206), and only for text messages, because Twilio does not offer PSD2 on
//! WhatsApp from one's own sender ("Verify WhatsApp overview").

use domain::{Channel, Code, MessageId};
use serde::Deserialize;

use super::{Twilio, response, send::is_id};
use crate::{Accepted, OutgoingMessage, SendError, Template, VerificationOutcome, wire::Reply};

/// The setting to blame where Twilio knows no such service.
pub(super) const SETTING: &str = "TWILIO_VERIFY_SERVICE_SID";
/// The setting of the service that confirms payments.
pub(super) const PAYMENTS: &str = "TWILIO_VERIFY_PAYMENT_SERVICE_SID";

/// The Verify services.
pub(super) struct Verify {
    /// Sends codes (VA…).
    pub(super) service: String,
    /// Sends codes that confirm payments, with amount and payee (VA…).
    pub(super) payments: Option<String>,
}

/// The part of a Verification resource that matters here.
#[derive(Deserialize)]
struct Verification {
    sid: Option<String>,
    #[serde(default)]
    send_code_attempts: Vec<Attempt>,
}

#[derive(Deserialize)]
struct Attempt {
    attempt_sid: Option<String>,
    /// RFC 3339 in UTC, so that later is greater.
    time: Option<String>,
}

impl Twilio {
    /// Sends a code.
    pub(super) async fn start(
        &self,
        verify: &Verify,
        message: &OutgoingMessage,
        code: &Code,
    ) -> Result<Accepted, SendError> {
        if message.remaining < Template::time_to_live(message.minutes) {
            return Err(SendError::Undeliverable { why: response::TOO_LATE.to_owned() });
        }
        let (service, payment) = verify.service_for(message);
        self.cancel_open(service, message).await?;
        let code = code.expose_text();
        let locale = message.language.as_str().replace('_', "-");
        let mut fields = vec![
            ("To", message.phone.expose()),
            ("Channel", message.channel.as_str()),
            ("CustomCode", code.as_str()),
            ("Locale", locale.as_str()),
        ];
        if let Some((amount, payee)) = payment {
            fields.extend([("Amount", amount.as_str()), ("Payee", payee.as_str())]);
        }
        started(&self.api.post_form(&self.verifications(service), &fields).await?, &message.id)
    }

    /// Closes what is open for this number. Nothing of the message is sent by
    /// this, so whatever goes wrong, trying again is safe.
    async fn cancel_open(&self, service: &str, message: &OutgoingMessage) -> Result<(), SendError> {
        let number = message.phone.expose().trim_start_matches('+');
        let url = format!("{}/%2B{number}", self.verifications(service));
        let reply = self.api.post_form(&url, &[("Status", "canceled")]).await.map_err(|_| {
            SendError::Retry { after_seconds: None, why: "the provider was not reached".to_owned() }
        })?;
        match reply.status.as_u16() {
            200..300 | 404 => Ok(()),
            _ => Err(match response::refusal(&reply, SETTING) {
                SendError::Unknown => {
                    SendError::Retry { after_seconds: None, why: response::NO_WORDS.to_owned() }
                }
                known => known,
            }),
        }
    }

    /// Tells Twilio how the code of a message came to its end, as it asks of those
    /// who bring their own codes. Best effort: a verification left open costs nothing
    /// and is cancelled by the next send.
    pub(super) async fn resolve_status(&self, provider_message_id: &str, end: VerificationOutcome) {
        let (Some(verify), Some((verification, _))) =
            (&self.verify, provider_message_id.split_once('/'))
        else {
            return;
        };
        let status = match end {
            VerificationOutcome::Approved => "approved",
            VerificationOutcome::Canceled => "canceled",
        };
        // The service is not part of the name; the one that does not know it says so.
        for service in std::iter::once(&verify.service).chain(&verify.payments) {
            let url = format!("{}/{verification}", self.verifications(service));
            match self.api.post_form(&url, &[("Status", status)]).await {
                Ok(reply) if reply.status == http::StatusCode::NOT_FOUND => {}
                Ok(reply) if reply.status.is_success() => return,
                _ => {
                    tracing::debug!("Twilio Verify did not hear how a code ended");
                    return;
                }
            }
        }
    }

    fn verifications(&self, service: &str) -> String {
        format!("{}/v2/Services/{service}/Verifications", self.hosts.verify)
    }
}

impl Verify {
    /// The service for a message, with the payment it is to state.
    fn service_for<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> (&'a str, Option<&'a (String, String)>) {
        match (&self.payments, &message.payment, message.channel) {
            (Some(service), Some(payment), Channel::Sms) => (service, Some(payment)),
            _ => (&self.service, None),
        }
    }
}

/// Twilio's name for a send: the verification's and the attempt's, because one
/// verification can be started more than once. Where no attempt is named, our
/// own name for the message stands in.
fn started(reply: &Reply, id: &MessageId) -> Result<Accepted, SendError> {
    if !reply.status.is_success() {
        return Err(response::refusal(reply, SETTING));
    }
    let Verification { sid, send_code_attempts } = reply.json().ok_or(SendError::Unknown)?;
    let verification = sid.filter(|sid| is_id(sid)).ok_or(SendError::Unknown)?;
    let attempt = send_code_attempts
        .into_iter()
        .max_by(|one, other| one.time.cmp(&other.time))
        .and_then(|attempt| attempt.attempt_sid)
        .filter(|sid| is_id(sid))
        .unwrap_or_else(|| id.to_string());
    Ok(Accepted { provider_message_id: format!("{verification}/{attempt}") })
}
