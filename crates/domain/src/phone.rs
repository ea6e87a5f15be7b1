//! Phone numbers in E.164: the one form in which a number is kept, limited and
//! compared. Reading what people type is the shop's work (`shop::phones`),
//! because the numbering plans do not belong in the browser.

use serde::{Deserialize, Serialize};

/// A number as `+` and up to 15 digits (ITU-T E.164). Its `Debug` is masked.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Takes a number already in E.164, such as one read from a row.
    pub fn from_e164(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let is_number = (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| Self(text.to_owned()))
    }

    /// The whole number, for the provider that sends to it and for its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The number with only its last two digits legible.
    pub fn masked(&self) -> String {
        mask(self.last_two())
    }

    /// The last two digits.
    pub fn last_two(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(2)..).unwrap_or("")
    }
}

/// How a number ending in these digits is shown to people other than its owner.
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
    fn only_e164_is_taken() {
        assert!(PhoneNumber::from_e164("+447700900111").is_some());
        for text in
            ["447700900111", "+0447700900111", "+44 7700 900111", "+1", "+12345678901234567"]
        {
            assert!(PhoneNumber::from_e164(text).is_none(), "{text}");
        }
    }

    #[test]
    fn x114_a_number_prints_masked() {
        let phone = PhoneNumber::from_e164("+447700900111").unwrap();
        assert_eq!(format!("{phone:?}"), "PhoneNumber(••• ••• 11)");
    }
}
