//! The outcome of a message, chosen by the last four digits of its recipient.
//!
//! | digits | outcome |
//! | --- | --- |
//! | `0026` | accepted, then failed: not on WhatsApp |
//! | `0472` | accepted, then failed: part of an experiment |
//! | `0049` | accepted, then failed: held back by Meta |
//! | `0404` | accepted, then failed, by SMS as well |
//! | `0429` | rejected: too many messages |
//! | `0500` | rejected: internal error |
//! | `0503` | rejected: service unavailable |
//! | `0666` | accepted, then no webhook |
//! | `0777` | accepted, sent, then read without having been delivered |
//! | `0888` | accepted, then every webhook twice and in reverse order |
//! | `0999` | accepted, but the response takes ten seconds |
//!
//! The outcomes of WhatsApp alone (`0026`, `0472`, `0049`, `0666`, `0777`) do not apply to an SMS to
//! the same number, which is delivered.
//!
//! The numbers reserved for fiction, +44 7700 900000 to 900999, cover all of them.

use crate::messages::Channel;

/// A failure of the service; the request itself was correct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServiceError {
    /// Too many requests (429).
    TooMany,
    /// Internal error (500).
    Internal,
    /// Service unavailable (503).
    Unavailable,
}

/// The outcome of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Sent and delivered, and read if reading is configured.
    Delivered,
    /// Failed: the number is not on WhatsApp.
    NotOnWhatsApp,
    /// Failed: the number is part of an experiment (Meta 130472).
    Experiment,
    /// Failed: held back to keep the platform's engagement healthy (Meta 131049).
    HeldBack,
    /// Failed: no template, and the recipient has not written within a day.
    OutsideWindow,
    /// Failed without a reason.
    Unexplained,
    /// Failed on every channel.
    Unreachable,
    /// Failed with this error code of the provider.
    FailsWith(&'static str),
    /// Rejected: too many messages.
    Throttled,
    /// Rejected: internal error.
    InternalError,
    /// Rejected: service unavailable.
    Unavailable,
    /// Accepted, and no webhook follows.
    Silence,
    /// Read without having been delivered.
    ReadOnly,
    /// Every webhook twice, in reverse order.
    Reversed,
    /// Accepted, but the response is late.
    Hang,
}

impl Outcome {
    /// The outcome for a recipient.
    #[must_use]
    pub fn for_recipient(recipient: &str) -> Self {
        let digits: String = recipient.chars().filter(char::is_ascii_digit).collect();
        let suffix = digits.len().checked_sub(4).and_then(|start| digits.get(start..));
        match suffix.unwrap_or_default() {
            "0026" => Self::NotOnWhatsApp,
            "0472" => Self::Experiment,
            "0049" => Self::HeldBack,
            "0404" => Self::Unreachable,
            "0429" => Self::Throttled,
            "0500" => Self::InternalError,
            "0503" => Self::Unavailable,
            "0666" => Self::Silence,
            "0777" => Self::ReadOnly,
            "0888" => Self::Reversed,
            "0999" => Self::Hang,
            _ => Self::Delivered,
        }
    }

    /// The outcome for a recipient on a channel.
    pub(crate) fn on(channel: Channel, recipient: &str) -> Self {
        match (channel, Self::for_recipient(recipient)) {
            (
                Channel::Sms,
                Self::NotOnWhatsApp
                | Self::Experiment
                | Self::HeldBack
                | Self::Silence
                | Self::ReadOnly,
            ) => Self::Delivered,
            (_, outcome) => outcome,
        }
    }

    /// The error to answer with instead of accepting the message.
    pub(crate) fn service_error(self) -> Option<ServiceError> {
        match self {
            Self::Throttled => Some(ServiceError::TooMany),
            Self::InternalError => Some(ServiceError::Internal),
            Self::Unavailable => Some(ServiceError::Unavailable),
            _ => None,
        }
    }

    /// Whether the message ends as failed.
    pub(crate) fn is_failure(self) -> bool {
        matches!(
            self,
            Self::NotOnWhatsApp
                | Self::Experiment
                | Self::HeldBack
                | Self::OutsideWindow
                | Self::Unexplained
                | Self::Unreachable
                | Self::FailsWith(_)
        )
    }
}
