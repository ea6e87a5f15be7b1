//! The settings of methods that are paid outside of the shop: pay on delivery and bank transfer.

use std::time::Duration;

use domain::{CountryCode, Currency, Money};
use payment::{BankTransfer, CashOnDelivery};
use shop::BankAccount;

use super::{parse_list, reader::SettingsReader};

/// The largest number of days that a transfer is waited for.
const MAX_DAYS: u64 = 30;
/// The largest amount that settings may name, in minor units.
const MAX_AMOUNT: i64 = 100_000_000;

/// Reads where and up to which total payment on delivery is offered.
pub fn cash_on_delivery(reader: &mut SettingsReader, currency: Currency) -> Option<CashOnDelivery> {
    let countries = reader.read("MARIGOLD_CASH_ON_DELIVERY_COUNTRIES", "", |text| {
        parse_list(text, |code| {
            let is_served = shop::shipping::COUNTRIES.contains(&code);
            let country = CountryCode::parse(code).filter(|_| is_served);
            country.ok_or_else(|| format!("has `{code}`, which is no country of deliveries"))
        })
    });
    let max = reader.read("MARIGOLD_CASH_ON_DELIVERY_MAX", "200.00", parse_amount);
    Some(CashOnDelivery { countries: countries?, max: Some(Money::new(max?, currency)) })
}

/// Reads the account for transfers, if there is one, and how long they are waited for.
pub fn bank_transfer(reader: &mut SettingsReader) -> (Option<BankTransfer>, Option<BankAccount>) {
    let days = reader.read("MARIGOLD_BANK_TRANSFER_DAYS", "7", |text| {
        let days = text.parse().ok().filter(|days| (1..=MAX_DAYS).contains(days));
        days.ok_or_else(|| format!("is not a number of days from 1 to {MAX_DAYS}"))
    });
    let holder = line(reader, "MARIGOLD_BANK_ACCOUNT_HOLDER", "Marigold Ltd");
    let number = line(reader, "MARIGOLD_BANK_ACCOUNT", "DE75512108001245126199");
    if let Some(number) = &number
        && looks_like_iban(number)
        && !is_iban(number)
    {
        let problem = "looks like an IBAN, but its check digits are wrong";
        reader.refuse("MARIGOLD_BANK_ACCOUNT", problem, "DE75512108001245126199");
    }
    let bank = line(reader, "MARIGOLD_BANK_NAME", "Example Bank, EXAMDEFF");
    let account = match (holder, number) {
        (Some(holder), Some(number)) => Some(BankAccount { holder, number, bank }),
        _ => None,
    };
    let payment_term = days.map(|days| Duration::from_secs(days * 24 * 60 * 60));
    (payment_term.map(|payment_term| BankTransfer { payment_term }), account)
}

/// A line of text that shoppers are shown; `None` if it is not set or cannot be shown.
fn line(reader: &mut SettingsReader, name: &'static str, example: &str) -> Option<String> {
    let text = reader.raw(name)?;
    match domain::address::tidy(&text, true) {
        Some(line) => Some(line),
        None => {
            reader.refuse(name, "is not one line of at most 100 characters", example);
            None
        }
    }
}

/// Reads an amount such as `50` or `50.00`, in minor units of a currency with two decimals.
pub fn parse_amount(text: &str) -> Result<i64, String> {
    let problem = || format!("has `{text}`, which is no amount such as 50.00");
    let (whole, cents) = text.split_once('.').unwrap_or((text, "00"));
    let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain(whole) || !is_plain(cents) || cents.len() != 2 {
        return Err(problem());
    }
    let minor = format!("{whole}{cents}").parse().ok();
    minor.filter(|minor| *minor <= MAX_AMOUNT).ok_or_else(problem)
}

/// How many refused parcels of a phone number end payment on delivery for it.
pub fn max_refused_parcels(reader: &mut SettingsReader) -> Option<u32> {
    reader.read("MARIGOLD_CASH_ON_DELIVERY_REFUSALS", "2", |text| {
        text.parse().ok().filter(|count| *count >= 1).ok_or_else(|| "is not 1 or more".to_owned())
    })
}

fn looks_like_iban(number: &str) -> bool {
    let mut letters = number.bytes().filter(|byte| *byte != b' ');
    let mut next = |is: fn(&u8) -> bool| letters.next().is_some_and(|byte| is(&byte));
    next(u8::is_ascii_uppercase)
        && next(u8::is_ascii_uppercase)
        && next(u8::is_ascii_digit)
        && next(u8::is_ascii_digit)
}

/// Whether the check digits of an IBAN are right: the number, with its first four characters moved
/// to the end and letters as 10 to 35, leaves 1 when it is divided by 97 (ISO 13616, ISO 7064).
fn is_iban(number: &str) -> bool {
    let plain: Vec<u8> = number.bytes().filter(|byte| *byte != b' ').collect();
    let Some((start, rest)) = plain.split_at_checked(4) else { return false };
    let mut remainder = 0_u32;
    for byte in rest.iter().chain(start) {
        remainder = match byte {
            b'0'..=b'9' => remainder * 10 + u32::from(byte - b'0'),
            b'A'..=b'Z' => remainder * 100 + u32::from(byte - b'A') + 10,
            _ => return false,
        } % 97;
    }
    (15..=34).contains(&plain.len()) && remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digits_of_an_iban_are_checked() {
        // Examples of the IBAN registry.
        for (number, is_right) in [
            ("DE89370400440532013000", true),
            ("GB29 NWBK 6016 1331 9268 19", true),
            ("FR1420041010050500013M02606", true),
            ("BR9700360305000010009795493P1", true),
            ("DE89370400440532013001", false),
            ("DE98370400440532013000", false),
            ("DE8937040044", false),
            ("DE89-3704-0044-0532-0130-00", false),
            ("de89370400440532013000", false),
            ("", false),
        ] {
            assert_eq!(is_iban(number), is_right, "{number}");
        }
    }

    #[test]
    fn a_number_that_is_no_iban_is_told_from_a_mistyped_one() {
        for (number, is_meant) in [
            ("DE89370400440532013001", true),
            ("GB29 NWBK 6016 1331 9268 18", true),
            ("0001234567", false),
            ("Account 12345, branch 6", false),
            ("IFSC HDFC0000001", false),
            ("", false),
            ("D", false),
            ("DE", false),
        ] {
            assert_eq!(looks_like_iban(number), is_meant, "{number}");
        }
    }
}
