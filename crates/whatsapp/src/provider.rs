//! The trait that every messaging provider implements, and the types it uses.

use std::{num::NonZeroU32, time::Duration};

use domain::{
    Channel, Code, DeliveryProblem, Language, MessageId, MessageKind, Money, PhoneNumber, Timestamp,
};
use futures::future::BoxFuture;

use crate::{Templates, WebhookError, WebhookRequest, WebhookResponse, webhook::MAX_CALL_BYTES};

/// A message to send. It has no `Debug`, because it holds a valid code.
pub struct OutgoingMessage {
    /// The id of the row in the outbox. It is also the idempotency key, and the reference
    /// that delivery reports repeat, where a provider supports these.
    pub id: MessageId,
    /// The recipient.
    pub phone: PhoneNumber,
    /// WhatsApp or text message.
    pub channel: Channel,
    /// The language of the text.
    pub language: Language,
    /// What the text says.
    pub kind: MessageKind,
    /// The name of the shop.
    pub shop_name: String,
    /// The code, if the kind carries one.
    pub code: Option<Code>,
    /// The lifetime of the code in minutes, as the text states it; 0 without a code.
    pub minutes: u64,
    /// The remaining lifetime of the message: no provider may keep it longer.
    pub remaining: Duration,
    /// When the message expires.
    pub expires_at: Timestamp,
    /// The provider's id of the template of this kind and language, for a provider that
    /// assigns ids to templates.
    pub template_id: Option<String>,
    /// What the code pays, if the kind confirms a payment.
    pub payment: Option<Payment>,
}

/// What a code pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The amount.
    pub amount: Money,
    /// The name of the shop that is paid.
    pub payee: String,
}

/// The provider accepted the message for delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The provider's id of the message.
    pub provider_message_id: String,
}

/// The provider did not accept the message, or reported later that it was not delivered.
/// Every error of every provider is mapped to one of these classes. The texts are for the
/// merchant, and contain neither a code nor a phone number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SendError {
    /// The message was certainly not sent; the same provider may accept it later.
    #[error("the provider does not accept the message at present: {why}")]
    Retry {
        /// The minimum wait that the provider asks for, in seconds.
        after_seconds: Option<u32>,
        /// The cause.
        why: String,
    },
    /// The provider or the shop's account there cannot send: another provider should be
    /// used, and this one should be left out for a while.
    #[error("the provider cannot send messages: {why}")]
    FailOver {
        /// The cause.
        why: String,
    },
    /// The provider refused the message with an error that this version does not know: it is
    /// asked once again, and is then treated as one that cannot send this message.
    #[error("the provider does not accept the message: {why}")]
    Unrecognised {
        /// The error.
        why: String,
    },
    /// The recipient cannot be reached by this channel.
    #[error("the message is undeliverable: {why}")]
    Undeliverable {
        /// The cause.
        why: String,
    },
    /// The merchant must change a setting or the account.
    #[error("the configuration is wrong: {setting}: {why}")]
    Misconfigured {
        /// The setting, template or page of the account to change.
        setting: &'static str,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The provider did not answer, so the message may have been sent. The shop never
    /// repeats it automatically.
    #[error("the provider did not answer, so the message may have been sent")]
    Unknown,
}

impl SendError {
    /// The problem as it is shown to the recipient.
    pub const fn problem(&self) -> DeliveryProblem {
        match self {
            Self::Undeliverable { .. } => DeliveryProblem::Unreachable,
            Self::Unknown => DeliveryProblem::Unknown,
            Self::Retry { .. }
            | Self::Unrecognised { .. }
            | Self::FailOver { .. }
            | Self::Misconfigured { .. } => DeliveryProblem::Trouble,
        }
    }

    /// The error of a message that may expire before the provider delivers it.
    pub fn too_late() -> Self {
        Self::Undeliverable { why: "the message expires too soon".to_owned() }
    }

    /// The class in one word, for metrics and tables.
    pub fn class(&self) -> &'static str {
        self.into()
    }
}

/// How fast a provider accepts messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Messages per second to all people; `None` for no limit.
    pub per_second: Option<NonZeroU32>,
    /// The minimum time between two messages to one person.
    pub per_person: Duration,
}

impl RateLimits {
    /// No limits.
    pub const UNLIMITED: Self = Self { per_second: None, per_person: Duration::ZERO };
}

/// One line of a check: what was checked, and what to do if it is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// What was checked, in a few words: "access token", "sender number".
    pub subject: String,
    /// `Ok` with a detail worth knowing, or `Err` with what exactly to change.
    pub outcome: Result<String, String>,
}

/// The largest difference of the clocks that still lets signed calls pass, in seconds.
const MAX_CLOCK_SKEW_SECONDS: u64 = 60;

impl CheckResult {
    /// A line about a subject.
    pub fn new(subject: &str, outcome: Result<String, String>) -> Self {
        Self { subject: subject.to_owned(), outcome }
    }

    /// Compares the clock of this machine with the provider's.
    pub fn clock(theirs: Option<Timestamp>, ours: Timestamp) -> Self {
        let outcome = theirs.map_or_else(
            || Ok("the provider's answer states no time".to_owned()),
            |theirs| {
                let seconds = theirs.since(ours).max(ours.since(theirs)).as_secs();
                if seconds > MAX_CLOCK_SKEW_SECONDS {
                    Err(format!(
                        "the clock of this machine differs from the provider's by {seconds} seconds: \
                         enable time synchronisation"
                    ))
                } else {
                    Ok(format!("it differs from the provider's by at most {seconds} seconds"))
                }
            },
        );
        Self::new("clock", outcome)
    }
}

/// How a code that was sent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerificationOutcome {
    /// The right code was entered.
    Approved,
    /// The code was revoked or replaced, or it expired.
    Canceled,
}

/// A messaging provider.
pub trait MessageProvider: Send + Sync {
    /// The name of the provider in settings, in rows, and in the address of its webhook.
    fn name(&self) -> &'static str;

    /// Whether webhook calls to `/webhooks/{name}` are for this provider.
    fn is_called_at(&self, name: &str) -> bool {
        name == self.name()
    }

    /// Whether the provider, with its current settings, sends messages of this kind by
    /// this channel.
    fn carries(&self, channel: Channel, kind: MessageKind) -> bool;

    /// Whether the message with the code of a payment states by this channel what is paid, and
    /// to whom. Text messages do. Messages by WhatsApp do not: they are sent in templates of
    /// the category "authentication", whose text is Meta's, with the code as only variable.
    fn states_payment(&self, channel: Channel) -> bool {
        channel == Channel::Sms
    }

    /// How fast the provider accepts messages.
    fn rate_limits(&self) -> RateLimits {
        RateLimits::UNLIMITED
    }

    /// Whether a message that is sent twice with the same id is delivered once only.
    fn repeats_safely(&self) -> bool {
        false
    }

    /// Sends one message and waits for the provider's answer, not for the delivery.
    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>>;

    /// Whether the provider keeps a verification for each code, whose outcome must be
    /// reported to it.
    fn tracks_verifications(&self) -> bool {
        false
    }

    /// Reports the outcome of a verification to the provider. No visitor waits for it, so
    /// a failure is only logged.
    fn report_outcome<'a>(
        &'a self,
        _provider_message_id: &'a str,
        _outcome: VerificationOutcome,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    /// The largest body of a webhook call that the provider sends.
    fn max_webhook_bytes(&self) -> usize {
        MAX_CALL_BYTES
    }

    /// Verifies the signature of a webhook call and reads its events. It does no I/O; the
    /// caller applies the events.
    fn read_webhook(&self, _request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        Err(WebhookError::NotOffered)
    }

    /// Headers and body of a webhook call to `url` without events, signed as the provider
    /// signs. The shop sends it to itself to check that webhook calls arrive.
    fn self_test(&self, _url: &str) -> Option<(http::HeaderMap, Vec<u8>)> {
        None
    }

    /// What the merchant should change soon, although messages can be sent today.
    fn warning(&self) -> Option<String> {
        None
    }

    /// Whether a message of this kind by this channel uses a template of the shop, which
    /// must be approved first.
    fn needs_template(&self, channel: Channel, _kind: MessageKind) -> bool {
        channel == Channel::WhatsApp && self.templates().is_some()
    }

    /// The templates, if the provider has an API for them.
    fn templates(&self) -> Option<&dyn Templates> {
        None
    }

    /// Asks the provider whether credentials and senders are right. Sends no message.
    fn check(&self) -> BoxFuture<'_, Vec<CheckResult>> {
        Box::pin(async { Vec::new() })
    }
}
