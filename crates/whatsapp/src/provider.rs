//! The one seam between the shop and its messaging providers.

use std::{num::NonZeroU32, time::Duration};

use domain::{
    Channel, Code, DeliveryProblem, Language, MessageId, MessageKind, PhoneNumber, Timestamp,
};
use futures::future::BoxFuture;

use crate::{Templates, WebhookError, WebhookRequest, WebhookResponse};

/// A message ready to leave. It holds a live code, so it is never printed.
pub struct OutgoingMessage {
    /// The row it came from; also the idempotency key where a provider has one,
    /// and the reference that comes back with news where a provider echoes one.
    pub id: MessageId,
    /// To whom.
    pub phone: PhoneNumber,
    /// By which channel.
    pub channel: Channel,
    /// In which language.
    pub language: Language,
    /// What it says.
    pub kind: MessageKind,
    /// The shop's name.
    pub shop_name: String,
    /// The code, if the kind carries one.
    pub code: Option<Code>,
    /// The life of the code, as the message states it.
    pub minutes: u64,
    /// What is left of the life of the message: no provider may keep it longer.
    pub remaining: Duration,
    /// After this moment the message is worthless.
    pub expires_at: Timestamp,
    /// The provider's own name for the template of this kind and language, where
    /// the provider gives its templates names of its own.
    pub template_id: Option<String>,
    /// What a payment is for, where the kind confirms one: amount and payee as
    /// the shopper sees them.
    pub payment: Option<(String, String)>,
}

/// The provider took the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The provider's name for it.
    pub provider_message_id: String,
}

/// The provider did not take the message, or later could not deliver it. Every
/// answer of every provider is one of these; the texts are for the merchant, and
/// hold neither a code nor a phone number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It was surely not sent; the same provider may take it later.
    #[error("try again later: {why}")]
    Retry {
        /// The least wait the provider asks for, in seconds.
        after_seconds: Option<u32>,
        /// What the provider said.
        why: String,
    },
    /// The provider, or the shop's account there, is the trouble: another should
    /// be asked, and this one left alone for a while.
    #[error("the provider cannot serve: {why}")]
    FailOver {
        /// What the provider said.
        why: String,
    },
    /// This person cannot be reached by this channel.
    #[error("undeliverable: {why}")]
    Undeliverable {
        /// What the provider said.
        why: String,
    },
    /// The merchant must change something.
    #[error("misconfigured: {setting}: {why}")]
    Misconfigured {
        /// The setting, template or account page to change.
        setting: &'static str,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// It may have been sent: the answer never came. Never sent again by itself.
    #[error("the provider's answer never came")]
    Unknown,
}

impl SendError {
    /// What its reader needs to know of it.
    pub const fn problem(&self) -> DeliveryProblem {
        match self {
            Self::Undeliverable { .. } => DeliveryProblem::Unreachable,
            Self::Unknown => DeliveryProblem::Unknown,
            Self::Retry { .. } | Self::FailOver { .. } | Self::Misconfigured { .. } => {
                DeliveryProblem::Trouble
            }
        }
    }

    /// Too little of the message's life is left for the provider to deliver it.
    pub fn too_late() -> Self {
        Self::Undeliverable { why: "too little of its life is left".to_owned() }
    }

    /// The class in one word, for counts and tables.
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Retry { .. } => "retry",
            Self::FailOver { .. } => "fail_over",
            Self::Undeliverable { .. } => "undeliverable",
            Self::Misconfigured { .. } => "misconfigured",
            Self::Unknown => "unknown",
        }
    }
}

/// How fast a provider may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Messages a second, over all people; `None` for no limit.
    pub per_second: Option<NonZeroU32>,
    /// The least time between two messages to one person.
    pub per_person: Duration,
}

impl RateLimits {
    /// As fast as it goes.
    pub const UNLIMITED: Self = Self { per_second: None, per_person: Duration::ZERO };
}

/// One line of a check: what was looked at, and what to do if it is not in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// What was looked at, in a few words: "access token", "sender number".
    pub subject: String,
    /// `Ok` with a detail worth knowing, or `Err` with exactly what to change.
    pub outcome: Result<String, String>,
}

/// The furthest a clock may be off before signed calls look stale, in seconds.
const SKEW: u64 = 60;

impl CheckResult {
    /// What was looked at, and what came of it.
    pub fn new(subject: &str, outcome: Result<String, String>) -> Self {
        Self { subject: subject.to_owned(), outcome }
    }

    /// Whether this machine's clock agrees with the provider's.
    pub fn clock(theirs: Option<Timestamp>, ours: Timestamp) -> Self {
        let outcome = theirs.map_or_else(
            || Ok("the provider does not tell the time".to_owned()),
            |theirs| {
                let seconds = theirs.since(ours).max(ours.since(theirs)).as_secs();
                if seconds > SKEW {
                    Err(format!(
                        "this machine's clock is {seconds} seconds off the provider's: switch time \
                         synchronisation on"
                    ))
                } else {
                    Ok(format!("at most {seconds} seconds off"))
                }
            },
        );
        Self::new("clock", outcome)
    }
}

/// How the life of a code that was sent came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerificationOutcome {
    /// The right code was given.
    Approved,
    /// It was revoked or replaced, or its time is over.
    Canceled,
}

/// Somebody who carries messages.
pub trait MessageProvider: Send + Sync {
    /// The provider's name: in settings, rows, and the address of its callbacks.
    fn name(&self) -> &'static str;

    /// Whether it carries messages of this kind by this channel, as it is set up.
    fn carries(&self, channel: Channel, kind: MessageKind) -> bool;

    /// How fast it may be asked.
    fn rate_limits(&self) -> RateLimits {
        RateLimits::UNLIMITED
    }

    /// Whether sending a message of the same id twice sends it once.
    fn repeats_safely(&self) -> bool {
        false
    }

    /// Hands one message over and waits for the provider's answer, not for delivery.
    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>>;

    /// Whether it keeps the codes it carries itself, and so wants to hear of each how
    /// it came to its end.
    fn tracks_verifications(&self) -> bool {
        false
    }

    /// Tells a provider that keeps codes how one came to its end. Best effort: no
    /// visitor waits for it, and it cannot fail.
    fn report_outcome<'a>(
        &'a self,
        _provider_message_id: &'a str,
        _end: VerificationOutcome,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    /// Reads what the provider calls back with, after proving that it is the
    /// provider's. No I/O: what the news does is the caller's affair.
    fn read_webhook(&self, _request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        Err(WebhookError::NotOffered)
    }

    /// A call as the provider would make it, signed with the shop's own secret,
    /// for proving that callbacks arrive: url to headers and body.
    fn self_test(&self, _url: &str) -> Option<(http::HeaderMap, Vec<u8>)> {
        None
    }

    /// Whether a message of this kind by this channel goes out by a template of the
    /// shop's own, which must be approved first.
    fn needs_template(&self, channel: Channel, _kind: MessageKind) -> bool {
        channel == Channel::WhatsApp && self.templates().is_some()
    }

    /// Its templates, where they can be managed by program.
    fn templates(&self) -> Option<&dyn Templates> {
        None
    }

    /// Whether credentials and sender are in order, asked at the provider.
    fn check(&self) -> BoxFuture<'_, Vec<CheckResult>> {
        Box::pin(async { Vec::new() })
    }
}
