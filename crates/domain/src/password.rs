//! Passwords: their one form, and their length. The crate `shop` refuses common ones, and hashes them.

use unicode_normalization::UnicodeNormalization;

use crate::{Problem, Secret};

/// In characters (ASVS 4.0.3 §2.1.1).
pub const MIN_PASSWORD_LEN: usize = 12;
/// In characters (ASVS 4.0.3 §2.1.2).
pub const MAX_PASSWORD_LEN: usize = 128;
/// A longer text is refused without reading it. A character has at most four bytes, and at most
/// three such characters become one in normalisation form C (a Hangul syllable).
const MAX_PASSWORD_BYTES: usize = 12 * MAX_PASSWORD_LEN;

/// A password in the form of the profile OpaqueString (RFC 8265 §4.2): every space is U+0020, and
/// the text is in normalisation form C, because keyboards and clipboards differ in how they write
/// the same letter (NIST SP 800-63B). Nothing is trimmed, folded or truncated.
#[derive(Clone, Debug)]
pub struct Password(Secret<String>);

impl Password {
    /// A new password. Its length is counted in Unicode characters, and there are no rules of
    /// composition.
    ///
    /// # Errors
    /// When it is too short or too long.
    pub fn choose(text: String) -> Result<Self, Problem> {
        let text = opaque(&text).ok_or(Problem::PasswordTooLong)?;
        match text.chars().count() {
            0..MIN_PASSWORD_LEN => Err(Problem::PasswordTooShort),
            MIN_PASSWORD_LEN..=MAX_PASSWORD_LEN => Ok(Self(Secret::new(text))),
            _ => Err(Problem::PasswordTooLong),
        }
    }

    /// A password to verify. One that is too long is `None`, so that it is not hashed.
    pub fn claim(text: String) -> Option<Self> {
        opaque(&text)
            .filter(|text| text.chars().count() <= MAX_PASSWORD_LEN)
            .map(|text| Self(Secret::new(text)))
    }

    /// The password, for hashing.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// `None` for a text that cannot be a password, because it is too long.
fn opaque(text: &str) -> Option<String> {
    let is_space = |character: char| character.is_whitespace() && !character.is_control();
    let spaced = text.chars().map(|one| if is_space(one) { ' ' } else { one });
    (text.len() <= MAX_PASSWORD_BYTES).then(|| spaced.nfc().collect())
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
    fn sp04_two_spellings_of_the_same_letters_are_one_password() {
        for (one, other) in [
            ("crème brûlée pour deux", "cre\u{300}me bru\u{302}le\u{301}e pour deux"),
            ("Ångström und Öl", "A\u{30a}ngstro\u{308}m und O\u{308}l"),
            ("\u{212b}ngström und Öl", "Ångström und Öl"),
            (
                "비밀번호는길게쓰자열두자",
                "\u{1107}\u{1175}\u{1106}\u{1175}\u{11af}\u{1107}\u{1165}\u{11ab}\u{1112}\u{1169}\u{1102}\u{1173}\u{11ab}\u{1100}\u{1175}\u{11af}\u{1100}\u{1166}\u{110a}\u{1173}\u{110c}\u{1161}\u{110b}\u{1167}\u{11af}\u{1103}\u{116e}\u{110c}\u{1161}",
            ),
            (
                "Hà Nội phở bò Huế",
                "Ha\u{300} No\u{323}\u{302}i pho\u{31b}\u{309} bo\u{300} Hue\u{302}\u{301}",
            ),
            ("q\u{323}\u{307} is a rare letter", "q\u{307}\u{323} is a rare letter"),
            ("correct horse battery", "correct\u{a0}horse\u{a0}battery"),
            ("correct horse battery", "correct\u{3000}horse\u{2009}battery"),
        ] {
            let chosen = Password::choose(one.into()).unwrap();
            assert_eq!(chosen.expose(), Password::claim(other.into()).unwrap().expose(), "{one}");
        }
    }

    #[test]
    fn sp04_letters_that_only_look_alike_are_different_passwords() {
        for (one, other) in [
            ("correct horse battery", "Correct horse battery"),
            ("correct horse battery", "correct  horse battery"),
            ("correct horse battery", "correct horse battery "),
            ("correct horse battery", "ｃｏｒｒｅｃｔ horse battery"),
            ("office in the fields", "oﬃce in the fields"),
            ("straße in den feldern", "strasse in den feldern"),
            ("correct horse battery", "сorrect horse battery"),
            ("correct\thorse battery", "correct horse battery"),
        ] {
            let chosen = Password::choose(one.into()).unwrap();
            assert_ne!(chosen.expose(), Password::claim(other.into()).unwrap().expose(), "{one}");
        }
    }

    #[test]
    fn sp01_length_is_counted_after_composition() {
        let decomposed = "e\u{301}".repeat(MAX_PASSWORD_LEN);
        assert!(Password::choose(decomposed).is_ok());
        assert!(Password::choose("e\u{301}".repeat(MIN_PASSWORD_LEN - 1)).is_err());
        let syllables = "\u{1112}\u{1161}\u{11ab}".repeat(MAX_PASSWORD_LEN);
        assert!(Password::choose(syllables).is_ok());
    }

    #[test]
    fn x114_debug_does_not_print_a_password() {
        let password = Password::choose("correct horse battery".into()).unwrap();
        assert!(!format!("{password:?}").contains("horse"));
    }
}
