//! One-time codes, and how the entered text is read as a code. The browser and the server read
//! it by the same rule.

mod paste;

use serde::{Deserialize, Serialize};

/// The number of digits of a code (ASVS 5.0 §6.5.4: at least 20 bits; six is typical).
pub const CODE_DIGITS: usize = 6;

/// A longer text is refused without reading it. The longest message with a code, in a script with
/// three bytes a character, has about 600.
const MAX_INPUT_BYTES: usize = 4096;

/// Six ASCII digits, which `Debug` does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; CODE_DIGITS]);

/// Why a text is not a code. Such a text is not a guess, so it costs no attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeFormat {
    /// The text is empty.
    Empty,
    /// Digits only, but fewer or more than six.
    Length,
    /// A character that is neither a digit nor a separator, and no code among the rest.
    NotDigits,
    /// Two different codes, such as those of two messages.
    Several,
}

impl Code {
    /// The code `number mod 10^6`, with leading zeros.
    pub fn from_number(number: u64) -> Self {
        let mut digits = [b'0'; CODE_DIGITS];
        let mut rest = number % 1_000_000;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        Self(digits)
    }

    /// Reads a code as people type and paste it.
    ///
    /// White space, hyphens, dashes, middle dots and invisible characters (zero-width, direction
    /// marks, byte-order mark) are dropped. Decimal digits of any script in use, fullwidth ones
    /// included, are read as their ASCII digit; superscripts and circled or mathematical digits
    /// are styled text, and no digits. If six digits remain, they are the code. Otherwise the text
    /// may be a whole message: then the one code in it is taken (see [`paste`]).
    ///
    /// # Errors
    /// Why the text is not a code.
    pub fn parse(text: &str) -> Result<Self, CodeFormat> {
        if text.len() > MAX_INPUT_BYTES {
            return Err(CodeFormat::Length);
        }
        let rest = text.chars().filter(|character| !is_separator(*character));
        let digits: Option<Vec<u8>> = rest.map(digit).collect();
        if let Some(Ok(six)) = digits.as_deref().map(<[u8; CODE_DIGITS]>::try_from) {
            return Ok(Self(six));
        }
        let mut codes = paste::codes(text).into_iter();
        match (codes.next(), codes.next()) {
            (Some(_), Some(_)) => Err(CodeFormat::Several),
            (Some(code), None) => Ok(code),
            (None, _) => Err(match digits {
                Some(digits) if digits.is_empty() => CodeFormat::Empty,
                Some(_) => CodeFormat::Length,
                None => CodeFormat::NotDigits,
            }),
        }
    }

    /// The digits, for the message and for comparison.
    pub const fn expose(&self) -> &[u8; CODE_DIGITS] {
        &self.0
    }

    /// The digits as text, for the message.
    pub fn expose_text(&self) -> String {
        self.0.iter().map(|digit| char::from(*digit)).collect()
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

/// What may stand between the digits of a code.
fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '\u{b7}' | '\u{2022}' | '\u{2027}' | '\u{30fb}')
        || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}')
        || matches!(
            character,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// The ASCII digit of a decimal digit (Unicode class Nd) of a script in use.
pub fn digit(character: char) -> Option<u8> {
    let point = u32::from(character);
    let zero = ZEROS.iter().rev().find(|zero| **zero <= point)?;
    u8::try_from(point - zero).ok().filter(|value| *value < 10).map(|value| b'0' + value)
}

/// The zero of each run of ten decimal digits in Unicode 16, ascending. The mathematical, segmented
/// and outlined styles (U+1CCF0, U+1D7CE.., U+1FBF0) are deliberately left out.
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
    fn x36_digits_of_scripts_in_use_are_read_and_styled_digits_refused() {
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
        for text in ["+12345", "1e5000", "0x1F00", "12345.", "12345\0", "abcdef", "1234.56"] {
            assert_eq!(digits(text), Err(CodeFormat::NotDigits), "{text:?}");
        }
        assert_eq!(digits("-12345"), Err(CodeFormat::Length));
    }

    #[test]
    fn x38_too_few_and_too_many_digits_are_refused() {
        assert_eq!(digits(""), Err(CodeFormat::Empty));
        assert_eq!(digits(" - "), Err(CodeFormat::Empty));
        assert_eq!(digits("12345"), Err(CodeFormat::Length));
        assert_eq!(digits("1234567"), Err(CodeFormat::Length));
        assert_eq!(digits(&"9".repeat(10_000_000)), Err(CodeFormat::Length));
    }

    #[test]
    fn x29_leading_zeros_are_kept_at_both_ends_of_the_range() {
        assert_eq!(Code::from_number(0).expose_text(), "000000");
        assert_eq!(Code::from_number(42).expose_text(), "000042");
        assert_eq!(Code::from_number(1_999_999).expose_text(), "999999");
    }

    #[test]
    fn x114_debug_does_not_print_a_code() {
        assert_eq!(format!("{:?}", Code::from_number(123_456)), "Code(…)");
    }

    proptest::proptest! {
        #[test]
        fn parsing_never_panics(text in ".{0,80}") {
            let _ = Code::parse(&text);
        }

        #[test]
        fn every_code_is_read_back(number in 0u64..1_000_000) {
            let code = Code::from_number(number);
            proptest::prop_assert_eq!(Code::parse(&code.expose_text()), Ok(code));
        }
    }
}
