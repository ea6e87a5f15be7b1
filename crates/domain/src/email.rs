//! E-mail addresses: an identifier to sign in with, never a second factor.

use serde::{Deserialize, Serialize};

/// The longest address SMTP can carry (RFC 5321 §4.5.3.1.3, less the brackets).
const LONGEST: usize = 254;

/// An address, folded to lower case so that one person has one account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address by the syntax of RFC 5322, without display name.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (text.len() <= LONGEST && email_address::EmailAddress::is_valid(text))
            .then(|| Self(text.to_lowercase()))
    }

    /// The folded address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_one_spelling() {
        let folded = EmailAddress::parse(" Shopper@Example.com ").unwrap();
        assert_eq!(folded.as_str(), "shopper@example.com");
    }

    #[test]
    fn nonsense_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for text in ["", "shopper", "a@b@c", "a b@example.com", "a@\n.com", &long] {
            assert_eq!(EmailAddress::parse(text), None, "{text:?}");
        }
    }
}
