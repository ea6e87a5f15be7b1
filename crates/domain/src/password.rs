//! Passwords: what may be one. Whether one is too common, and its hash, are the
//! shop's work.

use crate::{Problem, Secret};

/// The fewest characters (ASVS 4.0.3 §2.1.1).
pub const SHORTEST: usize = 12;
/// The most characters (ASVS 4.0.3 §2.1.2).
pub const LONGEST: usize = 128;
/// The most bytes ever looked at: 128 characters of four bytes.
const LONGEST_BYTES: usize = 4 * LONGEST;

/// A password exactly as typed: nothing trimmed, folded or cut.
#[derive(Clone, Debug)]
pub struct Password(Secret<String>);

impl Password {
    /// Takes a password somebody wants to use from now on. Length is counted in
    /// Unicode characters; there are no rules of composition.
    pub fn choose(text: String) -> Result<Self, Problem> {
        match length(&text) {
            0..SHORTEST => Err(Problem::PasswordTooShort),
            SHORTEST..=LONGEST => Ok(Self(Secret::new(text))),
            _ => Err(Problem::PasswordTooLong),
        }
    }

    /// Takes a password somebody claims to have. Too long to be one is `None`,
    /// so that no hashing is spent on it.
    pub fn claim(text: String) -> Option<Self> {
        (length(&text) <= LONGEST).then(|| Self(Secret::new(text)))
    }

    /// The password, for hashing.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

fn length(text: &str) -> usize {
    if text.len() > LONGEST_BYTES { usize::MAX } else { text.chars().count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sp01_length_is_counted_in_characters() {
        for (text, fits) in [
            ("elevenchars", false),
            ("twelve chars", true),
            ("ééééééééééé", false),
            ("éééééééééééé", true),
            ("🌼🌼🌼🌼🌼🌼🌼🌼🌼🌼🌼🌼", true),
        ] {
            assert_eq!(Password::choose(text.into()).is_ok(), fits, "{text}");
        }
        assert!(Password::choose("a".repeat(64)).is_ok());
        assert!(Password::choose("a".repeat(128)).is_ok());
        assert!(Password::choose("a".repeat(129)).is_err());
    }

    #[test]
    fn x42_a_megabyte_is_refused_before_hashing() {
        assert!(Password::choose("a".repeat(1 << 20)).is_err());
        assert!(Password::claim("a".repeat(1 << 20)).is_none());
    }

    #[test]
    fn sp04_nothing_is_trimmed_or_folded() {
        let text = " Tr\0ailing Space \u{1f33c} ";
        assert_eq!(Password::choose(text.into()).unwrap().expose(), text);
    }

    #[test]
    fn x114_a_password_prints_nothing_of_itself() {
        let password = Password::choose("correct horse battery".into()).unwrap();
        assert!(!format!("{password:?}").contains("horse"));
    }
}
