//! Delivery addresses.

use serde::{Deserialize, Serialize};

use unicode_normalization::UnicodeNormalization;

use crate::characters::{is_forbidden_in_line, is_invisible};

/// In characters.
const MAX_LINE_LEN: usize = 100;
/// A longer text is refused without reading it. It leaves room for white space around a line, and
/// for a letter that is written as several characters.
const MAX_LINE_BYTES: usize = 16 * MAX_LINE_LEN;

/// A delivery address. The crate `shop` checks it by the rules of its country, and prints it in
/// the order of its country (`shop::addresses`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The recipient.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Flat, floor, c/o; may be empty.
    pub extra: String,
    /// A part of the town, in countries that need it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub district: String,
    /// Town.
    pub city: String,
    /// State, province, prefecture or county, as it is written in an address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// Postal code; empty where there is none.
    pub postcode: String,
    /// ISO 3166 country code, two capitals.
    pub country: String,
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
    fn an_address_of_before_regions_is_read_and_written_as_it_was() {
        let stored = r#"{"name":"Ada","street":"1 Test Street","extra":"","city":"London","postcode":"E1 1AA","country":"GB"}"#;
        let address: Address = serde_json::from_str(stored).unwrap();
        assert_eq!(address.region, "");
        assert_eq!(serde_json::to_string(&address).unwrap(), stored);
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
}
