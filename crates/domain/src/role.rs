//! Who an account may be.

use serde::{Deserialize, Serialize};

/// What an account may do beyond its own things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Buys.
    Shopper,
    /// Sells: sees `/merchant`.
    Merchant,
}

impl Role {
    /// The word kept in the row.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shopper => "shopper",
            Self::Merchant => "merchant",
        }
    }

    /// Reads the word kept in the row.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Shopper, Self::Merchant].into_iter().find(|role| role.as_str() == word)
    }
}
