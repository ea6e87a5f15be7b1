//! The price of a message, as the merchant copies it from a provider's price list.
//!
//! A message may cost less than a cent, and [`crate::Money`] counts whole minor units. Prices
//! therefore count millionths of the currency's unit.

use std::fmt;

use crate::{Channel, money::Currency};

/// Millionths in one unit of a currency.
const MICROS: u64 = 1_000_000;
/// In units of the currency. A higher price is most likely missing its decimal point.
const MAX_PRICE_UNITS: u64 = 100;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// The price of one message of a provider and a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessagePrice {
    /// The name of the provider in the settings.
    pub provider: String,
    /// The channel of the message.
    pub channel: Channel,
    /// The dial code of the recipients; `None` for all that have no price of their own.
    pub dial_code: Option<u16>,
    /// Millionths of the currency's unit.
    pub micros: u64,
    /// The currency of the provider's bill.
    pub currency: Currency,
    /// The first day on which the price is valid.
    pub since: Date,
}

/// Why a text is not a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// A part is missing, or there is one too many.
    #[error("is not written as provider:channel:dial-code=amount currency date")]
    Shape,
    /// The channel is unknown.
    #[error("names a channel that is neither `whatsapp` nor `sms`")]
    Channel,
    /// The dial code is not valid.
    #[error("has no dial code: 1 to 999, or * for all others")]
    DialCode,
    /// The amount is not valid.
    #[error("has no amount such as 0.0382: at most 100, and six digits after the point")]
    Amount,
    /// The currency is unknown.
    #[error("has no currency of three letters such as USD")]
    Currency,
    /// The date is not valid.
    #[error("has no date such as 2026-10-01")]
    Date,
}

impl Date {
    /// Reads a date in ISO 8601, such as `2026-10-01`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_shaped = text.len() == 10
            && text.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let mut parts = text.split('-').filter(|_| is_shaped);
        let year: u16 = parts.next()?.parse().ok()?;
        let (month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let is_leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days).contains(&day).then_some(Self { year, month, day })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl MessagePrice {
    /// Reads a price such as `meta:whatsapp:44=0.0382 USD 2026-10-01`.
    ///
    /// # Errors
    /// The part that is wrong.
    pub fn parse(text: &str) -> Result<Self, PriceError> {
        let (what, price) = text.split_once('=').ok_or(PriceError::Shape)?;
        let mut what = what.trim().split(':');
        let mut price = price.split_whitespace();
        let (Some(provider), Some(channel), Some(dial_code), None) =
            (what.next(), what.next(), what.next(), what.next())
        else {
            return Err(PriceError::Shape);
        };
        let (Some(amount), Some(currency), Some(since), None) =
            (price.next(), price.next(), price.next(), price.next())
        else {
            return Err(PriceError::Shape);
        };
        let dial_code = match dial_code {
            "*" => None,
            digits => Some(
                digits
                    .parse()
                    .ok()
                    .filter(|code| (1..=999).contains(code))
                    .ok_or(PriceError::DialCode)?,
            ),
        };
        Ok(Self {
            provider: provider.to_owned(),
            channel: Channel::parse(channel).ok_or(PriceError::Channel)?,
            dial_code,
            micros: parse_micros(amount).ok_or(PriceError::Amount)?,
            currency: Currency::parse(currency).ok_or(PriceError::Currency)?,
            since: Date::parse(since).ok_or(PriceError::Date)?,
        })
    }

    /// The amount and the currency, with two to six digits after the point: `0.0382 USD`.
    pub fn amount(&self) -> String {
        let digits = format!("{:06}", self.micros % MICROS);
        let kept = digits.trim_end_matches('0').len().max(2);
        let (units, digits) = (self.micros / MICROS, digits.get(..kept).unwrap_or(&digits));
        format!("{units}.{digits} {}", self.currency.code())
    }
}

/// Reads a decimal number as millionths.
fn parse_micros(text: &str) -> Option<u64> {
    let (units, digits) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(units) || !is_number(digits) || digits.len() > 6 {
        return None;
    }
    let units: u64 = units.parse().ok().filter(|units| *units <= MAX_PRICE_UNITS)?;
    let millionths: u64 = format!("{digits:0<6}").parse().ok()?;
    Some(units * MICROS + millionths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_to_the_millionth() {
        let price = MessagePrice::parse("meta:whatsapp:44=0.0382 USD 2026-10-01").unwrap();
        assert_eq!((price.provider.as_str(), price.channel), ("meta", Channel::WhatsApp));
        assert_eq!((price.dial_code, price.micros), (Some(44), 38_200));
        assert_eq!(
            (price.amount().as_str(), price.since.to_string().as_str()),
            ("0.0382 USD", "2026-10-01")
        );
        let price = MessagePrice::parse("twilio:sms:* = 0.05  EUR 2026-10-01").unwrap();
        assert_eq!((price.dial_code, price.amount().as_str()), (None, "0.05 EUR"));
        let whole = MessagePrice::parse("bird:sms:1=1 USD 2026-02-28").unwrap();
        assert_eq!(whole.amount(), "1.00 USD");
    }

    #[test]
    fn an_invalid_price_is_refused_with_the_part_that_is_wrong() {
        for (text, problem) in [
            ("meta:whatsapp:44", PriceError::Shape),
            ("meta:whatsapp=0.1 USD 2026-10-01", PriceError::Shape),
            ("meta:whatsapp:44=0.1 USD", PriceError::Shape),
            ("meta:whatsapp:44=0.1 USD 2026-10-01 more", PriceError::Shape),
            ("meta:pigeon:44=0.1 USD 2026-10-01", PriceError::Channel),
            ("meta:sms:0=0.1 USD 2026-10-01", PriceError::DialCode),
            ("meta:sms:UK=0.1 USD 2026-10-01", PriceError::DialCode),
            ("meta:sms:44=-0.1 USD 2026-10-01", PriceError::Amount),
            ("meta:sms:44=0.1234567 USD 2026-10-01", PriceError::Amount),
            ("meta:sms:44=382 USD 2026-10-01", PriceError::Amount),
            ("meta:sms:44=.1 USD 2026-10-01", PriceError::Amount),
            ("meta:sms:44=0.1 DOLLAR 2026-10-01", PriceError::Currency),
            ("meta:sms:44=0.1 USD 2026-02-30", PriceError::Date),
            ("meta:sms:44=0.1 USD 1.10.2026", PriceError::Date),
        ] {
            assert_eq!(MessagePrice::parse(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn a_date_respects_leap_years() {
        assert!(Date::parse("2028-02-29").is_some() && Date::parse("2000-02-29").is_some());
        assert!(Date::parse("2026-02-29").is_none() && Date::parse("2100-02-29").is_none());
        assert!(Date::parse("2026-10-01") < Date::parse("2026-11-01"));
    }
}
