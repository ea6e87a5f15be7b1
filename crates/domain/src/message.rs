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
    /// A code that had been accepted was given again.
    CodeReused,
    /// Wrong codes have come half the way to switching the phone's codes off (S-R06).
    CodesSoonOff,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Code(Purpose::Login),
        Self::Code(Purpose::Reset),
        Self::Code(Purpose::Payment),
        Self::Code(Purpose::Phone),
        Self::Code(Purpose::StepUp),
        Self::AccountExists,
        Self::PhoneChanged,
        Self::PasswordChanged,
        Self::SignInRefused,
        Self::CodeReused,
        Self::CodesSoonOff,
    ];

    /// The word kept in the row: the purpose, or the name of the notice.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code(purpose) => purpose.as_str(),
            Self::AccountExists => "account_exists",
            Self::PhoneChanged => "phone_changed",
            Self::PasswordChanged => "password_changed",
            Self::SignInRefused => "sign_in_refused",
            Self::CodeReused => "code_reused",
            Self::CodesSoonOff => "codes_soon_off",
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

/// The language of a message: those its templates are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    /// English, and whatever has no templates of its own.
    #[default]
    English,
    /// Spanish.
    Spanish,
    /// Portuguese as in Brazil.
    Portuguese,
    /// Hindi.
    Hindi,
    /// Indonesian.
    Indonesian,
    /// Arabic.
    Arabic,
    /// German.
    German,
    /// French.
    French,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 8] = [
        Self::English,
        Self::Spanish,
        Self::Portuguese,
        Self::Hindi,
        Self::Indonesian,
        Self::Arabic,
        Self::German,
        Self::French,
    ];

    /// The tag kept in the row and told to providers, spelt as WhatsApp does.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::Portuguese => "pt_BR",
            Self::Hindi => "hi",
            Self::Indonesian => "id",
            Self::Arabic => "ar",
            Self::German => "de",
            Self::French => "fr",
        }
    }

    /// Reads the tag kept in the row.
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == tag)
    }

    /// The language for a tag of the web such as `pt-PT` or `es-419`, by its
    /// primary subtag (RFC 4647, lookup); `None` if there is none.
    pub fn lookup(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.as_str().split('_').next() == Some(&primary))
    }
}

/// Why a message did not arrive, as far as its reader needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DeliveryProblem {
    /// This number cannot be reached by this channel.
    Unreachable,
    /// The shop or its provider has trouble; the number may be fine.
    Trouble,
    /// It may have been sent: the provider's answer never came.
    Unknown,
    /// Its time was over before it could be sent.
    Late,
}

impl DeliveryProblem {
    /// Every problem.
    pub const ALL: [Self; 4] = [Self::Unreachable, Self::Trouble, Self::Unknown, Self::Late];

    /// The word kept in the row.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Trouble => "trouble",
            Self::Unknown => "unknown",
            Self::Late => "late",
        }
    }

    /// Reads the word kept in the row.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.as_str() == word)
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
