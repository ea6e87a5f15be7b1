//! Phone numbers in E.164, the only form in which they are stored, limited and compared. The crate
//! `shop` reads what people enter (`shop::phones`), because the numbering plans are too large for
//! the browser.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// The number of digits; the maximum is of ITU-T E.164.
const DIGITS: RangeInclusive<usize> = 7..=15;

/// A number as `+` and up to 15 digits (ITU-T E.164). `Debug` masks it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number in E.164, such as one from the database.
    pub fn from_e164(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let is_number = DIGITS.contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| Self(text.to_owned()))
    }

    /// The full number, for the provider and for its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The number with all but its last two digits masked.
    pub fn masked(&self) -> String {
        mask(self.last_two())
    }

    /// The last two digits.
    pub fn last_two(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(2)..).unwrap_or("")
    }
}

/// A masked number that ends in these digits.
pub fn mask(last_two: &str) -> String {
    format!("••• ••• {last_two}")
}

impl std::fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PhoneNumber({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_e164_is_accepted() {
        assert!(PhoneNumber::from_e164("+447700900111").is_some());
        for text in
            ["447700900111", "+0447700900111", "+44 7700 900111", "+1", "+12345678901234567"]
        {
            assert!(PhoneNumber::from_e164(text).is_none(), "{text}");
        }
    }

    #[test]
    fn x114_debug_prints_a_masked_number() {
        let phone = PhoneNumber::from_e164("+447700900111").unwrap();
        assert_eq!(format!("{phone:?}"), "PhoneNumber(••• ••• 11)");
    }
}
