//! Verify v2: Twilio's own templates and senders, with the code of the shop.
//!
//! Twilio keeps one open verification for each number, repeats the code of that
//! verification on a second start, and allows five starts. The shop has its own rules for
//! all of that, and codes of several purposes may be valid at once. So each send first
//! cancels the open verification and then starts a new one: Twilio then always sends the
//! code of this message, and never reaches the limit of five (60203).
//!
//! The channel is always named: with `auto`, Twilio could send a code by a channel that
//! the shopper did not choose. Verify delivers a code for up to ten minutes, and no
//! parameter shortens that, so a code that expires soon is not sent.
//!
//! The text that confirms a payment contains amount and payee (PSD2) if
//! `TWILIO_VERIFY_PAYMENT_SERVICE_SID` names a service with PSD2 enabled. It is a separate
//! service, because such a service requires an amount for every code (60206). It is used
//! for text messages only, because Twilio does not offer PSD2 on WhatsApp with a sender of
//! the customer ("Verify WhatsApp overview").

use domain::{Channel, Code, MessageId};
use serde::Deserialize;

use super::{NAME, Twilio, api::is_id, response};
use crate::{
    Accepted, OutgoingMessage, Payment, SendError, Template, VerificationOutcome,
    http_client::Reply, template,
};

/// The setting of the service that sends codes.
pub(super) const SETTING: &str = "TWILIO_VERIFY_SERVICE_SID";
/// The setting of the service that sends codes for payments.
pub(super) const PAYMENTS: &str = "TWILIO_VERIFY_PAYMENT_SERVICE_SID";

/// The ids of the Verify services.
pub(super) struct Verify {
    /// The service that sends codes (VA…).
    pub(super) service: String,
    /// The service that sends codes for payments, with amount and payee (VA…).
    pub(super) payments: Option<String>,
}

/// The fields of a Verification resource that the shop uses.
#[derive(Deserialize)]
struct Verification {
    sid: Option<String>,
    #[serde(default)]
    send_code_attempts: Vec<Attempt>,
}

#[derive(Deserialize)]
struct Attempt {
    attempt_sid: Option<String>,
    /// RFC 3339 in UTC, so that a later time is the greater string.
    time: Option<String>,
}

impl Twilio {
    /// Sends a code as a new verification.
    pub(super) async fn send_verification(
        &self,
        verify: &Verify,
        message: &OutgoingMessage,
        code: &Code,
    ) -> Result<Accepted, SendError> {
        if message.remaining < Template::time_to_live(message.minutes) {
            return Err(SendError::too_late());
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
        let amount = payment.map(|payment| template::amount(message, payment));
        if let (Some(amount), Some(payment)) = (&amount, payment) {
            fields.extend([("Amount", amount.as_str()), ("Payee", payment.payee.as_str())]);
        }
        read_verification(
            &self.api.post_form(&self.verifications(service), &fields).await?,
            &message.id,
        )
    }

    /// Cancels the open verification of this number. It sends nothing to the recipient, so
    /// the message can be retried after any error.
    async fn cancel_open(&self, service: &str, message: &OutgoingMessage) -> Result<(), SendError> {
        let number = message.phone.expose().trim_start_matches('+');
        let url = format!("{}/%2B{number}", self.verifications(service));
        let reply = self.api.post_form(&url, &[("Status", "canceled")]).await.map_err(|_| {
            SendError::Retry { after_seconds: None, why: "the provider was not reached".to_owned() }
        })?;
        match reply.status.as_u16() {
            200..300 | 404 => Ok(()),
            _ => Err(match response::classify_error(&reply, SETTING) {
                SendError::Unknown => {
                    SendError::Retry { after_seconds: None, why: response::UNREADABLE.to_owned() }
                }
                known => known,
            }),
        }
    }

    /// Reports the outcome of a verification, which Twilio requires of customers with codes
    /// of their own. A failure is only logged: an open verification costs nothing, and the
    /// next send cancels it.
    pub(super) async fn resolve_status(
        &self,
        provider_message_id: &str,
        outcome: VerificationOutcome,
    ) {
        let (Some(verify), Some((verification, _))) =
            (&self.verify, provider_message_id.split_once('/'))
        else {
            return;
        };
        let status = match outcome {
            VerificationOutcome::Approved => "approved",
            VerificationOutcome::Canceled => "canceled",
        };
        // The id does not name the service; a service that does not know it answers 404.
        for service in std::iter::once(&verify.service).chain(&verify.payments) {
            let url = format!("{}/{verification}", self.verifications(service));
            match self.api.post_form(&url, &[("Status", status)]).await {
                Ok(reply) if reply.status == http::StatusCode::NOT_FOUND => {}
                Ok(reply) if reply.status.is_success() => return,
                Ok(reply) => {
                    let status = reply.status.as_u16();
                    tracing::debug!(
                        event = "provider.report_outcome_failed",
                        provider = NAME,
                        status,
                        "The provider did not accept the outcome of a verification."
                    );
                    return;
                }
                Err(error) => {
                    tracing::debug!(
                        event = "provider.report_outcome_failed",
                        provider = NAME,
                        error = %error,
                        "The provider was not told the outcome of a verification."
                    );
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
    /// The service for a message, and the payment that its text states.
    fn service_for<'a>(&'a self, message: &'a OutgoingMessage) -> (&'a str, Option<&'a Payment>) {
        match (&self.payments, &message.payment, message.channel) {
            (Some(service), Some(payment), Channel::Sms) => (service, Some(payment)),
            _ => (&self.service, None),
        }
    }
}

/// Reads the id of a sent code. It consists of the ids of verification and attempt,
/// because one verification can be started more than once. If the reply names no attempt,
/// the shop's id of the message takes its place.
fn read_verification(reply: &Reply, id: &MessageId) -> Result<Accepted, SendError> {
    if !reply.status.is_success() {
        return Err(response::classify_error(reply, SETTING));
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
