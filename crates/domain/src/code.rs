//! The six digits, and the one rule by which typed text becomes six digits.

use serde::{Deserialize, Serialize};

/// How many digits a code has (ASVS 5.0 §6.5.4: at least 20 bits; six is typical).
pub const DIGITS: usize = 6;

/// The longest text looked at; more is refused unread.
const LONGEST_INPUT: usize = 64;

/// Six ASCII digits. Never printed, compared only by those who derived it.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; DIGITS]);

/// Why typed text is not a code. Not a guess, so it costs no attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeFormat {
    /// Nothing was typed.
    Empty,
    /// Digits only, but fewer or more than six.
    Length,
    /// Something that is neither a digit nor a separator.
    NotDigits,
}

impl Code {
    /// The code `number mod 10^6`, leading zeros kept.
    pub fn from_number(number: u64) -> Self {
        let mut digits = [b'0'; DIGITS];
        let mut rest = number % 1_000_000;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        Self(digits)
    }

    /// Reads a code as people type and paste it.
    ///
    /// The rule: white space of any kind, hyphens and dashes, and invisible
    /// characters (zero-width, direction marks, byte-order mark) are dropped;
    /// decimal digits of any living script, fullwidth included, count as their
    /// ASCII digit; everything else is refused. Superscripts, circled and
    /// mathematical digits are styling, not digits, and are refused.
    pub fn parse(text: &str) -> Result<Self, CodeFormat> {
        if text.len() > LONGEST_INPUT {
            return Err(CodeFormat::Length);
        }
        let mut digits = Vec::with_capacity(DIGITS);
        for character in text.chars().filter(|c| !is_separator(*c)) {
            digits.push(b'0' + decimal_value(character).ok_or(CodeFormat::NotDigits)?);
        }
        match <[u8; DIGITS]>::try_from(digits.as_slice()) {
            Ok(six) => Ok(Self(six)),
            Err(_) if digits.is_empty() => Err(CodeFormat::Empty),
            Err(_) => Err(CodeFormat::Length),
        }
    }

    /// The digits, for the message that carries them and for comparing.
    pub const fn expose(&self) -> &[u8; DIGITS] {
        &self.0
    }

    /// The digits as text, for the message that carries them.
    pub fn expose_text(&self) -> String {
        self.0.iter().map(|digit| char::from(*digit)).collect()
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}')
        || matches!(
            character,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// The value of a decimal digit (Unicode class Nd) of a script people write in.
fn decimal_value(character: char) -> Option<u8> {
    let point = u32::from(character);
    let zero = ZEROS.iter().rev().find(|zero| **zero <= point)?;
    u8::try_from(point - zero).ok().filter(|value| *value < 10)
}

/// The zero of each run of ten decimal digits in Unicode 16, ascending; the
/// mathematical, segmented and outlined styles (U+1CCF0, U+1D7CE.., U+1FBF0)
/// are left out on purpose.
const ZEROS: [u32; 68] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66,
    0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
    0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0,
    0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50,
    0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1e140, 0x1e2f0, 0x1e4f0,
    0x1e5f1,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Result<String, CodeFormat> {
        Code::parse(text).map(|code| code.expose_text())
    }

    #[test]
    fn x34_separators_and_invisible_characters_are_dropped() {
        for text in [
            "123456",
            "123 456",
            "123-456",
            "123\u{a0}456",
            " 1 2 3 4 5 6\r\n",
            "123\u{2013}456",
            "\u{200e}123\u{200b}456\u{feff}",
        ] {
            assert_eq!(digits(text).as_deref(), Ok("123456"), "{text:?}");
        }
    }

    #[test]
    fn x36_digits_of_living_scripts_count_and_styled_digits_do_not() {
        for text in ["１２３４５６", "١٢٣٤٥٦", "۱۲۳۴۵۶", "१२३४५६", "๑๒๓๔๕๖"]
        {
            assert_eq!(digits(text).as_deref(), Ok("123456"), "{text:?}");
        }
        for text in ["¹²³⁴⁵⁶", "①②③④⑤⑥", "𝟏𝟐𝟑𝟒𝟓𝟔", "一二三四五六", "½23456"]
        {
            assert_eq!(digits(text), Err(CodeFormat::NotDigits), "{text:?}");
        }
    }

    #[test]
    fn x37_a_code_is_not_parsed_as_a_number() {
        for text in ["+12345", "1e5000", "0x1F00", "12345.", "12345\0", "abcdef"] {
            assert_eq!(digits(text), Err(CodeFormat::NotDigits), "{text:?}");
        }
        assert_eq!(digits("-12345"), Err(CodeFormat::Length));
    }

    #[test]
    fn x38_too_few_too_many_and_far_too_many_are_refused() {
        assert_eq!(digits(""), Err(CodeFormat::Empty));
        assert_eq!(digits(" - "), Err(CodeFormat::Empty));
        assert_eq!(digits("12345"), Err(CodeFormat::Length));
        assert_eq!(digits("1234567"), Err(CodeFormat::Length));
        assert_eq!(digits(&"9".repeat(10_000_000)), Err(CodeFormat::Length));
    }

    #[test]
    fn x29_leading_zeros_stay_and_both_ends_are_reachable() {
        assert_eq!(Code::from_number(0).expose_text(), "000000");
        assert_eq!(Code::from_number(42).expose_text(), "000042");
        assert_eq!(Code::from_number(1_999_999).expose_text(), "999999");
    }

    #[test]
    fn x114_a_code_prints_nothing_of_itself() {
        assert_eq!(format!("{:?}", Code::from_number(123_456)), "Code(…)");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_parsing_panic(text in ".{0,80}") {
            let _ = Code::parse(&text);
        }

        #[test]
        fn every_code_reads_back_as_itself(number in 0u64..1_000_000) {
            let code = Code::from_number(number);
            proptest::prop_assert_eq!(Code::parse(&code.expose_text()), Ok(code));
        }
    }
}
