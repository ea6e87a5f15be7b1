//! Money in whole minor units of one currency. Overflow is an error.

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency.
pub use iso_currency::Currency as IsoCurrency;

/// The currency of an amount, serialised as its ISO 4217 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(IsoCurrency);

/// An amount in minor units (cents, pence) of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why a calculation has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result does not fit into 64 bits.
    #[error("the amount is too large")]
    Overflow,
    /// The amounts have different currencies.
    #[error("amounts of different currencies cannot be added")]
    CurrencyMismatch,
}

impl Currency {
    /// The euro, in which the demo shop sells.
    pub const EUR: Self = Self(IsoCurrency::EUR);

    /// Reads a three-letter ISO 4217 code.
    pub fn parse(code: &str) -> Option<Self> {
        IsoCurrency::from_code(code).map(Self)
    }

    /// The three-letter ISO 4217 code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The symbol, such as `€`.
    pub fn symbol(self) -> String {
        self.0.symbol().to_string()
    }

    /// The number of minor digits: two for the euro, none for the yen.
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).ok_or_else(|| serde::de::Error::custom("not an ISO 4217 code"))
    }
}

impl Money {
    /// An amount of `minor` minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Zero in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The amount in minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum of two amounts.
    ///
    /// # Errors
    /// When the currencies differ, or the sum overflows.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// What is left of this amount without the other.
    ///
    /// # Errors
    /// When the currencies differ, or the difference overflows.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The amount multiplied by `times`.
    ///
    /// # Errors
    /// When the product overflows.
    pub fn checked_mul(self, times: u32) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_mul(i64::from(times)).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }
}

impl Money {
    /// The plain number, for forms and programs: `1234.50`. How people read amounts depends on
    /// their language: see `text::Text::money`.
    pub fn decimal(self) -> String {
        let unit = 10_u64.pow(self.currency.exponent());
        let amount = self.minor.unsigned_abs();
        let sign = if self.minor < 0 { "-" } else { "" };
        match self.currency.exponent() {
            0 => format!("{sign}{amount}"),
            digits => {
                let width = digits as usize;
                format!("{sign}{}.{:0width$}", amount / unit, amount % unit)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euro(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    #[test]
    fn decimal_writes_a_plain_number() {
        assert_eq!(euro(123_405).decimal(), "1234.05");
        assert_eq!(euro(-5).decimal(), "-0.05");
        assert_eq!(Money::new(1_000, Currency::parse("JPY").unwrap()).decimal(), "1000");
    }

    #[test]
    fn x85_overflow_is_an_error_and_never_wraps() {
        assert_eq!(euro(i64::MAX).checked_add(euro(1)), Err(MoneyError::Overflow));
        assert_eq!(euro(i64::MAX).checked_mul(2), Err(MoneyError::Overflow));
        assert_eq!(euro(i64::MIN).checked_sub(euro(1)), Err(MoneyError::Overflow));
    }

    #[test]
    fn amounts_of_two_currencies_cannot_be_added() {
        let dollar = Money::new(1, Currency::parse("USD").unwrap());
        assert_eq!(euro(1).checked_add(dollar), Err(MoneyError::CurrencyMismatch));
        assert_eq!(euro(1).checked_sub(dollar), Err(MoneyError::CurrencyMismatch));
    }
}
