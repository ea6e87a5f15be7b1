//! Messages: what they say, how they travel, how far they have come.

use serde::{Deserialize, Serialize};

use crate::Purpose;

/// What a message tells its reader. Each kind has a template of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MessageKind {
    /// The code of a challenge of this purpose.
    Code(Purpose),
    /// Somebody tried to register with a number that has an account.
    AccountExists,
    /// The account's phone was changed; sent to the old one.
    PhoneChanged,
    /// The account's password was changed.
    PasswordChanged,
    /// The right password was given, then wrong codes only (S-A19).
    SignInRefused,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Code(Purpose::Login),
        Self::Code(Purpose::Reset),
        Self::Code(Purpose::Payment),
        Self::Code(Purpose::Phone),
        Self::AccountExists,
        Self::PhoneChanged,
        Self::PasswordChanged,
        Self::SignInRefused,
    ];

    /// The word kept in the row: the purpose, or the name of the notice.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code(purpose) => purpose.as_str(),
            Self::AccountExists => "account_exists",
            Self::PhoneChanged => "phone_changed",
            Self::PasswordChanged => "password_changed",
            Self::SignInRefused => "sign_in_refused",
        }
    }

    /// Reads the word kept in the row.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Channel {
    /// WhatsApp.
    WhatsApp,
    /// A text message.
    Sms,
}

impl Channel {
    /// The word kept in the row.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Sms => "sms",
        }
    }

    /// Reads the word kept in the row.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::WhatsApp, Self::Sms].into_iter().find(|channel| channel.as_str() == word)
    }
}

/// The language of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    English,
}

impl Language {
    /// The tag kept in the row and told to providers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
        }
    }

    /// Reads the tag kept in the row.
    pub fn parse(tag: &str) -> Option<Self> {
        (tag == Self::English.as_str()).then_some(Self::English)
    }
}

/// How far a message has come. It only ever moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DeliveryStatus {
    /// Waiting to be sent.
    Queued,
    /// The provider took it.
    Accepted,
    /// The provider sent it on: one tick.
    Sent,
    /// It could not be sent or delivered. A late `Delivered` still overrides it.
    Failed,
    /// It is on the phone: two ticks.
    Delivered,
    /// It was opened: two blue ticks.
    Read,
}

impl DeliveryStatus {
    /// Every status, in order of rank.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Accepted, Self::Sent, Self::Failed, Self::Delivered, Self::Read];

    /// The word kept in the row.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// Reads the word kept in the row.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// The place in the order; a report of a lower or equal rank is old news.
    pub fn rank(self) -> i64 {
        i64::from(self as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x69_delivery_outranks_failure_and_nothing_outranks_reading() {
        use DeliveryStatus::{Accepted, Delivered, Failed, Queued, Read, Sent};
        assert!(Queued < Accepted && Accepted < Sent && Sent < Failed);
        assert!(Failed < Delivered && Delivered < Read);
        assert!(DeliveryStatus::ALL.is_sorted_by_key(|status| status.rank()));
    }

    #[test]
    fn every_word_reads_back() {
        for kind in MessageKind::ALL {
            assert_eq!(MessageKind::parse(kind.as_str()), Some(kind));
        }
        for status in DeliveryStatus::ALL {
            assert_eq!(DeliveryStatus::parse(status.as_str()), Some(status));
        }
    }
}
