//! The recipient of a code: a phone, or a decoy that must not be recognisable as one.

use domain::PhoneNumber;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    Phone(PhoneNumber),
    /// A decoy in place of a phone: no code is sent or accepted, and everything looks as if
    /// it had been sent to this number.
    DecoyPhone(PhoneNumber),
    /// A decoy where the visitor typed no number.
    Decoy {
        /// The keyed hash of what the visitor typed.
        subject: String,
    },
}

impl Recipient {
    pub const fn is_decoy(&self) -> bool {
        !matches!(self, Self::Phone(_))
    }

    /// The number, whether or not something is sent to it.
    pub const fn phone(&self) -> Option<&PhoneNumber> {
        match self {
            Self::Phone(phone) | Self::DecoyPhone(phone) => Some(phone),
            Self::Decoy { .. } => None,
        }
    }

    /// The decoy that takes the place of this recipient.
    pub fn into_decoy(self) -> Self {
        match self {
            Self::Phone(phone) | Self::DecoyPhone(phone) => Self::DecoyPhone(phone),
            Self::Decoy { subject } => Self::Decoy { subject },
        }
    }

    /// The value of the column `phone`.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Phone(phone) | Self::DecoyPhone(phone) => phone.expose(),
            Self::Decoy { subject } => subject,
        }
    }

    pub(crate) fn from_row(text: String, is_decoy: bool) -> Option<Self> {
        match (PhoneNumber::from_e164(&text), is_decoy) {
            (Some(phone), false) => Some(Self::Phone(phone)),
            (Some(phone), true) => Some(Self::DecoyPhone(phone)),
            (None, true) => Some(Self::Decoy { subject: text }),
            (None, false) => None,
        }
    }
}
