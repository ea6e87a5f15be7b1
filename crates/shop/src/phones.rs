//! Reading phone numbers as people type them, into the one form in which they
//! are kept, limited and compared. Refuses everything that is no number a person
//! can be reached at, and every country the shop does not serve.

use domain::{PhoneNumber, Problem};
use phonenumber::{Mode as Format, Type, metadata::DATABASE};

use crate::settings::{Mode, Settings};

/// The longest text that is parsed, in characters.
const MAX_TEXT_CHARS: usize = 40;

/// Reads a number typed with its country: `+44 7700 900111`, `0044 7700…`,
/// with spaces, brackets, dots, hyphens, or as a `tel:` address.
pub fn parse(text: &str, settings: &Settings) -> Result<PhoneNumber, Problem> {
    let digits = international(text).ok_or(Problem::PhoneInvalid)?;
    if let Some(fictional) = fictional(&digits) {
        return match settings.mode {
            Mode::Demo => served(fictional, settings),
            Mode::Production => Err(Problem::PhoneInvalid),
        };
    }
    let number = phonenumber::parse(None, &digits).map_err(|_| Problem::PhoneInvalid)?;
    let is_personal = matches!(
        number.number_type(&DATABASE),
        Type::Mobile | Type::FixedLineOrMobile | Type::FixedLine
    );
    if !settings.countries.contains(&number.code().value()) {
        return Err(Problem::PhoneCountry);
    }
    if !is_personal || number.extension().is_some() || !number.is_valid() {
        return Err(Problem::PhoneInvalid);
    }
    let e164 = number.format().mode(Format::E164).to_string();
    PhoneNumber::from_e164(&e164).ok_or(Problem::PhoneInvalid)
}

/// The country calling code of a number.
pub fn dial_code(phone: &PhoneNumber) -> Option<u16> {
    phonenumber::parse(None, phone.expose()).ok().map(|number| number.code().value())
}

/// `+` and digits. Fullwidth forms count as their plain ones; marks that only
/// steer the direction of text, and separators, are dropped; letters are refused,
/// and with them every way of writing an extension.
fn international(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    if text.chars().count() > MAX_TEXT_CHARS {
        return None;
    }
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '0'..='9' => plain.push(character),
            '０'..='９' => plain.push(char::from_digit(u32::from(character) - 0xff10, 10)?),
            '+' | '＋' if plain.is_empty() => plain.push('+'),
            '(' | ')' | '-' | '.' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' => {}
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => {}
            _ if character.is_whitespace() => {}
            _ => return None,
        }
    }
    match plain.strip_prefix("00") {
        Some(rest) => Some(format!("+{rest}")),
        None => plain.starts_with('+').then_some(plain),
    }
}

/// The numbers that regulators keep for films and examples: +44 7700 900000 to
/// 900999, and 555-0100 to 555-0199 behind any real North American area code.
fn fictional(digits: &str) -> Option<PhoneNumber> {
    let is_british = digits.len() == 13 && digits.starts_with("+447700900");
    let is_american = digits.len() == 12
        && digits.starts_with("+1")
        && digits.get(5..10) == Some("55501")
        && phonenumber::parse(None, digits).is_ok_and(|number| number.is_valid());
    if is_british || is_american { PhoneNumber::from_e164(digits) } else { None }
}

fn served(phone: PhoneNumber, settings: &Settings) -> Result<PhoneNumber, Problem> {
    match dial_code(&phone) {
        Some(code) if settings.countries.contains(&code) => Ok(phone),
        _ => Err(Problem::PhoneCountry),
    }
}
