//! What a code is for. A code of one purpose is wrong for every other.

use serde::{Deserialize, Serialize};

/// The moment a code guards. There is deliberately no e-mail purpose (S-A20).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Purpose {
    /// Signing in, after the password.
    Login,
    /// Setting a new password.
    Reset,
    /// Paying one version of one order.
    Payment,
    /// Proving that a phone is at hand: at registration and when it changes.
    Phone,
    /// Confirming, while signed in, that it is the owner who changes something important.
    StepUp,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 5] = [Self::Login, Self::Reset, Self::Payment, Self::Phone, Self::StepUp];

    /// The word kept in the row and mixed into the code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Reset => "reset",
            Self::Payment => "payment",
            Self::Phone => "phone",
            Self::StepUp => "step_up",
        }
    }

    /// Reads the word kept in the row.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }
}
