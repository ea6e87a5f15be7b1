//! The number of pieces of a variant.

use serde::{Deserialize, Serialize};

/// The maximum of one variant in one basket.
pub const MAX_QUANTITY: u32 = 20;

/// A number of pieces, 1 to [`MAX_QUANTITY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Quantity(u32);

impl Quantity {
    /// One piece.
    pub const ONE: Self = Self(1);

    /// The quantity, if it is 1 to [`MAX_QUANTITY`].
    pub fn new(pieces: u32) -> Option<Self> {
        (1..=MAX_QUANTITY).contains(&pieces).then_some(Self(pieces))
    }

    /// Reads ASCII digits. Signs, points, exponents and words are refused.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| text.parse().ok()).flatten().and_then(Self::new)
    }

    /// The number of pieces.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The sum of both, at most [`MAX_QUANTITY`].
    pub fn merged(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0).min(MAX_QUANTITY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x84_only_one_to_twenty_whole_pieces() {
        assert_eq!(Quantity::parse(" 20 ").map(Quantity::get), Some(20));
        for text in ["", "0", "-1", "+1", "1.5", "NaN", "1e309", "21", "4294967297", "１"] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }
}
