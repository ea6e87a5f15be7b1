//! To whom a message goes: somebody's phone, or nobody, which must not show.

use domain::PhoneNumber;

/// To whom a code goes, or seems to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// A phone.
    Phone(PhoneNumber),
    /// Nobody, where it would be this number: nothing is sent, nothing is accepted,
    /// and all of it looks as if the code had gone there.
    DecoyPhone(PhoneNumber),
    /// Nobody, where the visitor typed no number.
    Decoy {
        /// A stable name for what was typed: its keyed hash.
        subject: String,
    },
}

impl Recipient {
    /// Whether nothing is sent.
    pub const fn is_decoy(&self) -> bool {
        !matches!(self, Self::Phone(_))
    }

    /// The number, sent to or not.
    pub const fn phone(&self) -> Option<&PhoneNumber> {
        match self {
            Self::Phone(phone) | Self::DecoyPhone(phone) => Some(phone),
            Self::Decoy { .. } => None,
        }
    }

    /// Nobody, in the place of this one.
    pub fn into_decoy(self) -> Self {
        match self {
            Self::Phone(phone) | Self::DecoyPhone(phone) => Self::DecoyPhone(phone),
            Self::Decoy { subject } => Self::Decoy { subject },
        }
    }

    /// What the row keeps in `phone`.
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
