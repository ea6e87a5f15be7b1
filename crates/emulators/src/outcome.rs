//! What becomes of a message, chosen by its recipient's last four digits.
//!
//! | digits | what happens |
//! | --- | --- |
//! | `0026` | accepted, then failed: not on WhatsApp |
//! | `0472` | accepted, then failed: part of an experiment |
//! | `0049` | accepted, then failed: held back by Meta |
//! | `0404` | accepted, then failed, by SMS as well |
//! | `0429` | refused: too many messages |
//! | `0500` | refused: internal error |
//! | `0503` | refused: service unavailable |
//! | `0666` | accepted, then nothing is ever heard |
//! | `0777` | accepted, sent, then read without having been delivered |
//! | `0888` | accepted, then every report twice and in reverse order |
//! | `0999` | accepted, but answered only after ten seconds |
//!
//! What is peculiar to WhatsApp (`0026`, `0472`, `0049`, `0666`, `0777`) does
//! not touch an SMS to the same number: it is delivered.
//!
//! The numbers for fiction +44 7700 900000 to 900999 reach each of them.

use crate::phones::Channel;

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Sent and delivered, and read if somebody reads.
    Delivered,
    /// Failed: the number is not on WhatsApp.
    NotOnWhatsApp,
    /// Failed: the number is part of an experiment.
    Experiment,
    /// Failed: held back to keep the platform healthy.
    HeldBack,
    /// Failed: no template, and the recipient has not written within a day.
    OutsideWindow,
    /// Failed for no given reason.
    Unexplained,
    /// Failed, by no channel to be reached.
    Unreachable,
    /// Failed, with this code of the provider.
    FailsWith(&'static str),
    /// Refused: too many messages.
    Throttled,
    /// Refused: internal error.
    InternalError,
    /// Refused: service unavailable.
    Unavailable,
    /// Nothing more is heard of it.
    Silence,
    /// Read without having been delivered.
    ReadOnly,
    /// Every report twice, in reverse order.
    Reversed,
    /// Answered late.
    Hang,
}

impl Outcome {
    /// The outcome for a recipient.
    #[must_use]
    pub fn of(recipient: &str) -> Self {
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
        match (channel, Self::of(recipient)) {
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

    /// The refusal to give instead of accepting the message, if it is one.
    pub(crate) fn refusal(self) -> Option<crate::protocol::Refusal> {
        match self {
            Self::Throttled => Some(crate::protocol::Refusal::TooMany),
            Self::InternalError => Some(crate::protocol::Refusal::Internal),
            Self::Unavailable => Some(crate::protocol::Refusal::Unavailable),
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
