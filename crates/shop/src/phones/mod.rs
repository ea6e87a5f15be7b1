//! Phone numbers: `typed` reads them as people write them, and `plan` knows the numbering plan
//! of each country. The result is the one form in which a number is stored, limited and
//! compared, so that a person has one budget of codes whichever way the number is spelt.
//!
//! Providers report other spellings back (`wa_id` of WhatsApp lacks Brazil's ninth digit and
//! Benin's `01`). Those are never compared with ours: a report belongs to a message by its id.

mod plan;
#[cfg(test)]
mod tests;
mod typed;

use domain::{PhoneNumber, Problem};

use crate::settings::{Mode, Settings};

/// Reads a number typed with its country code: `+44 7700 900111`, `0044 (0)7700…`, with
/// separators, in digits of any script, or as a `tel:` address.
///
/// # Errors
/// What is missing or wrong, so that the page can say it.
pub fn parse(text: &str, settings: &Settings) -> Result<PhoneNumber, Problem> {
    let number = plan::read(&typed::read(text)?)?;
    let e164 = number.e164();
    let is_served = settings.countries.contains(&number.code);
    if is_fictional(&e164, &number) {
        match settings.mode {
            Mode::Demo if is_served => {}
            Mode::Demo => return Err(Problem::PhoneCountry),
            Mode::Production => return Err(Problem::PhoneInvalid),
        }
    } else if !is_served {
        return Err(Problem::PhoneCountry);
    } else {
        number.check_personal()?;
    }
    PhoneNumber::from_e164(&e164).ok_or(Problem::PhoneInvalid)
}

/// The country calling code of a number.
pub fn dial_code(phone: &PhoneNumber) -> Option<u16> {
    plan::country_code(phone.expose().trim_start_matches('+')).map(|(code, _)| code)
}

/// Whether a number is the calling code of a country. Other codes, such as those of satellites and
/// free calls, are of no country.
pub fn is_country_code(code: u16) -> bool {
    plan::is_country_code(code)
}

/// The numbers that regulators keep for films and examples: +44 7700 900000 to
/// 900999, and 555-0100 to 555-0199 behind any real North American area code.
fn is_fictional(e164: &str, number: &plan::Number) -> bool {
    let is_british = e164.len() == 13 && e164.starts_with("+447700900");
    let is_american = e164.len() == 12
        && e164.starts_with("+1")
        && e164.get(5..10) == Some("55501")
        && number.kind().is_some();
    is_british || is_american
}
