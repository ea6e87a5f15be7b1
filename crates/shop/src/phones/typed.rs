//! The digits of a number as people write it.

use domain::{Problem, code::digit};

/// The longest text that is read, in characters.
const MAX_TEXT_CHARS: usize = 40;

/// The digits after `+` or `00`. Digits of every script are read, separators and characters that
/// only steer the direction of text are dropped. Letters are refused, and with them every way of
/// writing an extension.
pub fn read(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    if text.chars().count() > MAX_TEXT_CHARS {
        return Err(Problem::PhoneTooLong);
    }
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '+' | '\u{ff0b}' if plain.is_empty() => plain.push('+'),
            // The place of a carrier's code; see `without_carrier`.
            'x' | 'X' => plain.push('x'),
            _ if is_separator(character) => {}
            _ => match digit(character) {
                Some(digit) => plain.push(char::from(digit)),
                None => return Err(Problem::PhoneCharacters),
            },
        }
    }
    if plain.trim_start_matches('+').is_empty() {
        return Err(Problem::PhoneInvalid);
    }
    let international = plain.strip_prefix('+').or_else(|| plain.strip_prefix("00"));
    let digits = without_carrier(international.ok_or(Problem::PhoneWithoutCountryCode)?);
    if digits.contains('x') { Err(Problem::PhoneCharacters) } else { Ok(digits) }
}

/// Brazilians write `(0xx11)` for "zero, the code of a carrier of your choice, area code 11".
/// Carriers are chosen on domestic calls only.
fn without_carrier(digits: &str) -> String {
    match digits.strip_prefix("550xx") {
        Some(rest) => format!("55{rest}"),
        None => digits.to_owned(),
    }
}

fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '(' | ')' | '[' | ']' | '-' | '.' | '/' | '\u{ad}')
        || matches!(character, '\u{ff08}' | '\u{ff09}' | '\u{ff0d}'..='\u{ff0f}')
        || matches!(character, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}')
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(character, '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
