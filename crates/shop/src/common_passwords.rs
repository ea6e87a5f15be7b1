//! Refuses passwords that attackers try first (ASVS 5.0 §6.2.4, §6.1.2).
//!
//! A list alone is not enough, because most listed passwords are too short for the policy and
//! people pad them until they fit. So a password is too common if it is listed, or is a word of
//! its owner, after its padding is removed. Padding is what the rules of attackers add first:
//!
//! 1. capitals: `PassWord`;
//! 2. digits, punctuation and spaces at the end: `password2026!!`;
//! 3. repetition: `passwordpassword`, and both: `passwordpassword1`.
//!
//! One to three repeated characters are refused, too. This is no composition rule, because it
//! never requires a kind of character.

use std::{collections::HashSet, sync::LazyLock};

/// The rest without padding is compared from this length on. Random passwords often begin with
/// a shorter one.
const MIN_CORE_CHARS: usize = 4;

/// The list. Its head has the sources, licences and numbers.
static LISTED: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("../data/common_passwords.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect()
});

/// Whether attackers would try this password early. `own_words` are what they know of its owner
/// and of the shop: names and the e-mail address.
pub fn is_common(password: &str, own_words: &[&str]) -> bool {
    let text = password.to_lowercase();
    let is_monotonous = units(&text).any(|unit| unit.chars().count() < MIN_CORE_CHARS);
    is_monotonous
        || stems(&text)
            .flat_map(units)
            .filter(|core| core.chars().count() >= MIN_CORE_CHARS)
            .any(|core| LISTED.contains(core) || own_words.iter().any(|own| is_of(own, core)))
}

/// The text, and every prefix of it that is followed by digits, punctuation and spaces only: `abc123!` has `abc`, `abc1`, `abc12`, `abc123` and itself.
fn stems(text: &str) -> impl Iterator<Item = &str> {
    let letters = text.trim_end_matches(|last: char| !last.is_alphabetic()).len();
    (letters..=text.len()).filter_map(move |end| text.get(..end))
}

/// The text, and every text of which it is a repetition.
fn units(text: &str) -> impl Iterator<Item = &str> {
    (1..=text.len())
        .filter(move |length| text.len().is_multiple_of(*length))
        .filter_map(move |length| text.get(..length))
        .filter(move |unit| unit.repeat(text.len() / unit.len()) == text)
}

/// Whether this is `own`, the part before its `@`, or one of its words, without dots and spaces.
fn is_of(own: &str, core: &str) -> bool {
    let own = own.to_lowercase();
    let core = letters_and_digits(core);
    let address = own.split('@').next().unwrap_or_default();
    [own.as_str(), address].map(letters_and_digits).contains(&core)
        || own.split(|between: char| !between.is_alphanumeric()).any(|word| word == core)
}

fn letters_and_digits(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use domain::password::{MAX_PASSWORD_LEN, MIN_PASSWORD_LEN};

    use super::*;

    #[test]
    fn sp03_every_listed_password_is_refused_in_any_case() {
        for listed in LISTED.iter() {
            assert!(listed.chars().count() >= MIN_CORE_CHARS, "{listed}");
            assert!(is_common(listed, &[]), "{listed}");
            assert!(is_common(&listed.to_uppercase(), &[]), "{listed}");
        }
    }

    #[test]
    fn sp03_more_than_three_thousand_of_the_listed_fit_the_policy() {
        let fits =
            |text: &&&str| (MIN_PASSWORD_LEN..=MAX_PASSWORD_LEN).contains(&text.chars().count());
        assert!(LISTED.iter().filter(fits).count() > 3_000);
        assert!(
            LISTED.iter().filter(|text| text.chars().count() < MIN_PASSWORD_LEN).count() > 3_000
        );
    }

    #[test]
    fn sp03_the_list_is_sorted_and_has_nothing_twice() {
        let lines = || include_str!("../data/common_passwords.txt").lines();
        let listed: Vec<_> = lines().filter(|line| !line.starts_with('#')).collect();
        assert!(listed.is_sorted());
        assert_eq!(listed.len(), LISTED.len());
    }

    #[test]
    fn sp03_a_listed_password_padded_to_fit_is_refused() {
        for padded in [
            "password2026!!",
            "PassWord2026!!",
            "passwordpassword",
            "passwordpassword1",
            "password     ",
            "abc123456789!!",
            "qwerty-------",
            "123456 123456 ",
            "letmeinletmein",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "üüüüüüüüüüüü",
        ] {
            assert!(is_common(padded, &[]), "{padded}");
        }
    }

    #[test]
    fn sp03_words_of_the_owner_are_refused() {
        let own = ["Marigold", "robin.shopper@example.com", "Robin Shopper"];
        for known in [
            "marigold2026!",
            "MarigoldMarigold",
            "robin.shopper@example.com",
            "Robin.Shopper",
            "robinshopper1",
            "Robin Shopper 1",
            "shopper-12345",
        ] {
            assert!(is_common(known, &own), "{known}");
            assert!(!is_common("violet kettle harbour", &own));
        }
        assert!(!is_common("robin and the marigold", &own), "among other words they may stand");
    }

    #[test]
    fn sp04_passphrases_and_random_passwords_are_accepted() {
        for good in [
            "correct horse battery",
            "correct horse battery staple",
            "violet kettle harbour",
            "my password is a sentence",
            "xkqvjzpwmrth",
            "7Gq!tR2#vLx9",
            "48 ducks, 3 bridges & a boat",
            "αυτό είναι ένα μυστικό",
            "パスフレーズは長いほうがいい",
        ] {
            assert!(!is_common(good, &[]), "{good}");
        }
    }
}
