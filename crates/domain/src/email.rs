//! E-mail addresses. They identify an account, and are never a second factor.

use serde::{Deserialize, Serialize};

/// In bytes (RFC 5321 §4.5.3.1.3, without the angle brackets).
const MAX_EMAIL_LEN: usize = 254;

/// An address in lower case, so that different spellings are one account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address in the syntax of RFC 5322, without a display name.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (text.len() <= MAX_EMAIL_LEN && email_address::EmailAddress::is_valid(text))
            .then(|| Self(text.to_lowercase()))
    }

    /// The address in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_trimmed_and_in_lower_case() {
        let folded = EmailAddress::parse(" Shopper@Example.com ").unwrap();
        assert_eq!(folded.as_str(), "shopper@example.com");
    }

    #[test]
    fn an_invalid_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for text in ["", "shopper", "a@b@c", "a b@example.com", "a@\n.com", &long] {
            assert_eq!(EmailAddress::parse(text), None, "{text:?}");
        }
    }
}
