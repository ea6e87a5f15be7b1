//! Delivery addresses.

use serde::{Deserialize, Serialize};

use unicode_normalization::UnicodeNormalization;

use crate::{
    Field, Problem,
    characters::{is_forbidden_in_line, is_invisible},
};

/// In characters.
const MAX_LINE_LEN: usize = 100;
/// A longer text is refused without reading it. It leaves room for white space around a line, and
/// for a letter that is written as several characters.
const MAX_LINE_BYTES: usize = 16 * MAX_LINE_LEN;

/// A delivery address. Each line is trimmed, has a valid length, and is there if it is required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The recipient.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Flat, floor, c/o; may be empty.
    pub extra: String,
    /// Town.
    pub city: String,
    /// Postal code.
    pub postcode: String,
    /// ISO 3166 country code, two capitals.
    pub country: String,
}

impl Address {
    /// Checks the input.
    ///
    /// # Errors
    /// Every line that is wrong.
    pub fn parse(typed: Self) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut line = |field, text: &str, required| match tidy(text, required) {
            Some(line) => line,
            None => {
                problems.push(Problem::Line(field));
                String::new()
            }
        };
        let address = Self {
            name: line(Field::Name, &typed.name, true),
            street: line(Field::Street, &typed.street, true),
            extra: line(Field::Extra, &typed.extra, false),
            city: line(Field::City, &typed.city, true),
            postcode: line(Field::Postcode, &typed.postcode, true),
            country: typed.country.trim().to_ascii_uppercase(),
        };
        let is_code = address.country.len() == 2
            && address.country.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_code {
            problems.push(Problem::Line(Field::Country));
        }
        if problems.is_empty() { Ok(address) } else { Err(problems) }
    }

    /// The lines as printed on a parcel, without empty ones.
    pub fn lines(&self) -> Vec<String> {
        let town = format!("{} {}", self.postcode, self.city);
        [&self.name, &self.street, &self.extra, &town, &self.country]
            .into_iter()
            .filter(|line| !line.is_empty())
            .cloned()
            .collect()
    }
}

/// A trimmed line in normalisation form C, of at most [`MAX_LINE_LEN`] characters, without
/// controls and overrides of direction. One that is required has something to see.
pub fn tidy(text: &str, required: bool) -> Option<String> {
    if text.len() > MAX_LINE_BYTES {
        return None;
    }
    let text: String = text.trim().nfc().collect();
    let fits = text.chars().count() <= MAX_LINE_LEN
        && !text.chars().any(is_forbidden_in_line)
        && !(required && text.chars().all(is_invisible));
    fits.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x44_a_required_line_has_something_to_see() {
        for (text, line) in [
            (" Ada Lovelace ", Some("Ada Lovelace")),
            ("李", Some("李")),
            ("Jose\u{301}", Some("José")),
            ("می\u{200c}خواهم", Some("می\u{200c}خواهم")),
            ("O'Hara-Núñez, Jr.", Some("O'Hara-Núñez, Jr.")),
            ("", None),
            (" \u{a0}\u{3000}\t ", None),
            ("\u{200b}\u{200d}\u{2060}", None),
            ("\u{3164}", None),
            ("\u{2800}\u{2800}", None),
            ("\u{115f}\u{1160}\u{ffa0}", None),
            ("\u{fe0f}\u{34f}\u{ad}", None),
            ("\u{200e}\u{200f}\u{61c}", None),
        ] {
            assert_eq!(tidy(text, true).as_deref(), line, "{text:?}");
        }
        assert_eq!(tidy(" ", false).as_deref(), Some(""), "an optional line may be empty");
    }

    #[test]
    fn x44_controls_and_overrides_of_direction_are_refused() {
        for text in [
            "Ada\0",
            "Ada\nLovelace",
            "Ada\u{1b}[31m",
            "Ada\u{85}Lovelace",
            "Ada\u{2028}Lovelace",
            "\u{202e}ecalevoL adA",
            "\u{202d}Ada",
            "\u{2066}Ada\u{2069}",
            "Ada\u{feff}Lovelace",
            "Ada\u{fff9}",
            "Ada\u{e0041}",
        ] {
            assert_eq!(tidy(text, true), None, "{text:?}");
            assert_eq!(tidy(text, false), None, "{text:?}");
        }
    }

    #[test]
    fn x44_every_invalid_line_is_reported_at_once() {
        let typed = Address {
            name: "x".repeat(10_000),
            street: "\u{7}bell".into(),
            extra: String::new(),
            city: " ".into(),
            postcode: "1".into(),
            country: "Nowhere".into(),
        };
        let problems = Address::parse(typed).unwrap_err();
        let expected = [Field::Name, Field::Street, Field::City, Field::Country];
        assert_eq!(problems, expected.map(Problem::Line));
    }
}
