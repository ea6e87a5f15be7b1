//! Messages: their kind, channel, language and delivery status.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{Purpose, words::stored_as_word};

/// The kind of a message. Each kind has its own template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum MessageKind {
    /// The code of a challenge with this purpose. It is stored as the word of the purpose.
    #[strum(transparent)]
    Code(Purpose),
    /// A registration used the number of an existing account.
    AccountExists,
    /// The account's phone was changed. This is sent to the old one.
    PhoneChanged,
    /// The account's password was changed.
    PasswordChanged,
    /// A sign-in had the right password, but only wrong codes (S-A19).
    SignInRefused,
    /// An accepted code was entered again.
    CodeReused,
    /// Half of the wrong codes were entered that switch the phone's codes off (S-R06).
    CodesSoonOff,
    /// A recovery code was used, which permits setting a new phone.
    RecoveryCodeUsed,
    /// The shop was asked to set a new phone for an owner without phone and recovery codes.
    PhoneChangeRequested,
    /// A sign-in was ended because too many of the account were open.
    SignInDisplaced,
    /// The owner deleted the account.
    AccountDeleted,
}

impl MessageKind {
    /// Every kind, the codes in the order of [`Purpose::ALL`].
    pub const ALL: [Self; 16] = [
        Self::Code(Purpose::Login),
        Self::Code(Purpose::Reset),
        Self::Code(Purpose::Payment),
        Self::Code(Purpose::Phone),
        Self::Code(Purpose::StepUp),
        Self::Code(Purpose::OrderLookup),
        Self::AccountExists,
        Self::PhoneChanged,
        Self::PasswordChanged,
        Self::SignInRefused,
        Self::CodeReused,
        Self::CodesSoonOff,
        Self::RecoveryCodeUsed,
        Self::PhoneChangeRequested,
        Self::SignInDisplaced,
        Self::AccountDeleted,
    ];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The channel of a message.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Channel {
    /// WhatsApp.
    #[strum(serialize = "whatsapp")]
    WhatsApp,
    /// A text message.
    Sms,
}

/// The language of a message. The word that is stored is the tag that WhatsApp uses.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Default,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
pub enum Language {
    /// English, which is also used instead of languages without templates.
    #[default]
    #[strum(serialize = "en")]
    English,
    /// Spanish.
    #[strum(serialize = "es")]
    Spanish,
    /// Brazilian Portuguese.
    #[strum(serialize = "pt_BR")]
    Portuguese,
    /// Hindi.
    #[strum(serialize = "hi")]
    Hindi,
    /// Indonesian.
    #[strum(serialize = "id")]
    Indonesian,
    /// Arabic.
    #[strum(serialize = "ar")]
    Arabic,
    /// German.
    #[strum(serialize = "de")]
    German,
    /// French.
    #[strum(serialize = "fr")]
    French,
}

impl Language {
    /// The language for a language tag such as `pt-PT` or `es-419`, by its primary subtag (RFC 4647,
    /// lookup).
    pub fn lookup(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.as_str().split('_').next() == Some(&primary))
    }
}

/// Why a message did not arrive, as far as its recipient needs to know.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum DeliveryProblem {
    /// The number cannot be reached on this channel.
    Unreachable,
    /// The shop or its provider failed. The number may be correct.
    Trouble,
    /// It may have been sent: the provider's response was not received.
    Unknown,
    /// It expired before it could be sent.
    Late,
}

/// The delivery status of a message, which changes only to a higher one.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum DeliveryStatus {
    /// Waiting to be sent.
    Queued,
    /// The provider has accepted it.
    Accepted,
    /// The provider has sent it (one tick).
    Sent,
    /// It was not sent or not delivered. A later `Delivered` overrides it.
    Failed,
    /// It is on the phone (two ticks).
    Delivered,
    /// It was opened (two blue ticks).
    Read,
}

stored_as_word!(Channel, Language, DeliveryProblem, DeliveryStatus);

impl DeliveryStatus {
    /// The position in the order. A report of a lower or equal rank is ignored.
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
}
