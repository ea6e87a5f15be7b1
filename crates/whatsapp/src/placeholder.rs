//! Values that only stand for a value: those of documentation, of templates of settings, and of
//! nobody's account. A provider refuses them with the first message, so the start does before.

/// Texts that stand for a value if they are all of it.
const WORDS: [&str; 24] = [
    "accesstoken",
    "apikey",
    "authtoken",
    "changeit",
    "changeme",
    "changethis",
    "dummy",
    "empty",
    "example",
    "fixme",
    "foobar",
    "nil",
    "none",
    "notset",
    "null",
    "placeholder",
    "redacted",
    "replaceme",
    "replacethis",
    "tba",
    "tbd",
    "todo",
    "undefined",
    "unset",
];

/// Words with which descriptions of a value begin and end, such as `your_auth_token` and
/// `insert-key-here`.
const FIRST_WORDS: [&str; 3] = ["your", "insert", "enter"];
const LAST_WORD: &str = "here";

/// Marks around the name of a value, such as `<token>` and `${TOKEN}`.
const MARKS: [(&str, &str); 5] = [("<", ">"), ("[", "]"), ("{", "}"), ("${", "}"), ("%", "%")];

/// Whether a value only stands for one.
pub(crate) fn is_placeholder(value: &str) -> bool {
    let lower = value.trim().to_lowercase();
    let plain: String = lower.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let is_cut = lower.contains('…') || lower.contains("...");
    let is_marked = |(begin, end)| lower.starts_with(begin) && lower.ends_with(end);
    let is_marks = plain.is_empty() && !lower.is_empty();
    is_marks
        || is_cut
        || MARKS.into_iter().any(is_marked)
        || is_description(&lower)
        || WORDS.contains(&plain.as_str())
        || is_filled(&lower)
}

/// Whether a text consists of words, and the first or the last one is that of a description. A
/// random secret may begin with the letters of a word.
fn is_description(text: &str) -> bool {
    let is_between = |letter: char| !letter.is_alphanumeric();
    let words: Vec<_> = text.split(is_between).filter(|word| !word.is_empty()).collect();
    let is_first = words.first().is_some_and(|first| FIRST_WORDS.contains(first));
    words.len() > 1 && (is_first || words.last() == Some(&LAST_WORD))
}

/// Whether a text is filled with zeros or with the letter x, behind two letters that an id of
/// Twilio begins with, or behind the last underscore that a key of Bird has.
fn is_filled(text: &str) -> bool {
    let behind_letters = text.get(2..).filter(|_| text.len() == 34);
    let behind_underscore = text.rsplit('_').next();
    [Some(text), behind_letters, behind_underscore].into_iter().flatten().any(|part| {
        let mut letters = part.chars().filter(|letter| *letter != '-' && *letter != '_');
        let first = letters.next();
        let mut count = 1;
        let is_same = letters.all(|letter| {
            count += 1;
            Some(letter) == first
        });
        matches!(first, Some('0' | 'x')) && is_same && count >= 3
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_stands_for_one_is_recognised() {
        for value in [
            "xxx",
            "XXXXXXXX",
            "changeme",
            "Change-Me!",
            "<token>",
            "[your token]",
            "{{ token }}",
            "${META_ACCESS_TOKEN}",
            "%TWILIO_AUTH_TOKEN%",
            "your_auth_token",
            "YOUR-KEY",
            "insert key here",
            "token_goes_here",
            "TODO",
            "null",
            "bk_eu1_…",
            "live_...",
            "***",
            "-",
            "AC00000000000000000000000000000000",
            "ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "bk_eu1_xxxxxxxxxxxxxxxx",
            "00000000-0000-0000-0000-000000000000",
            "000000000000000",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn a_value_that_resembles_a_placeholder_is_a_value() {
        for value in [
            "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
            "AC22222222222222222222222222222222",
            "AC0000000000000000000000000000000a",
            "yourselvesK2m9",
            "enterprise9x",
            "9f0here",
            "x0x0x0x0",
            "EAAGfictional0000000000000000",
            "00000000-0000-4000-8000-000000000001",
            "secret-of-the-shop-41",
            "password1",
            "106540352242922",
            "60123",
            "Marigold",
        ] {
            assert!(!is_placeholder(value), "{value}");
        }
    }
}
