//! The length of passwords. The crate `shop` refuses common ones, and hashes them.

use crate::{Problem, Secret};

/// In characters (ASVS 4.0.3 §2.1.1).
pub const MIN_PASSWORD_LEN: usize = 12;
/// In characters (ASVS 4.0.3 §2.1.2).
pub const MAX_PASSWORD_LEN: usize = 128;
/// A longer text is refused without counting its characters, which have at most four bytes each.
const MAX_PASSWORD_BYTES: usize = 4 * MAX_PASSWORD_LEN;

/// A password exactly as it was entered: not trimmed, folded or truncated.
#[derive(Clone, Debug)]
pub struct Password(Secret<String>);

impl Password {
    /// A new password. Its length is counted in Unicode characters, and there are no rules of
    /// composition.
    ///
    /// # Errors
    /// When it is too short or too long.
    pub fn choose(text: String) -> Result<Self, Problem> {
        match length(&text) {
            0..MIN_PASSWORD_LEN => Err(Problem::PasswordTooShort),
            MIN_PASSWORD_LEN..=MAX_PASSWORD_LEN => Ok(Self(Secret::new(text))),
            _ => Err(Problem::PasswordTooLong),
        }
    }

    /// A password to verify. One that is too long is `None`, so that it is not hashed.
    pub fn claim(text: String) -> Option<Self> {
        (length(&text) <= MAX_PASSWORD_LEN).then(|| Self(Secret::new(text)))
    }

    /// The password, for hashing.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

fn length(text: &str) -> usize {
    if text.len() > MAX_PASSWORD_BYTES { usize::MAX } else { text.chars().count() }
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
    fn x114_debug_does_not_print_a_password() {
        let password = Password::choose("correct horse battery".into()).unwrap();
        assert!(!format!("{password:?}").contains("horse"));
    }
}
