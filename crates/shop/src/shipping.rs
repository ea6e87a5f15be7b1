//! Shipping methods, their prices, and the countries that are served. Prices come from
//! here and never from a form.
//!
//! There are prices in euro only. A shop in another currency gets [`UnpricedCurrency`]
//! instead of a number that would mean something else.

use domain::{Currency, Money};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Standard shipping is free from this subtotal on.
const FREE_FROM: Money = Money::new(60_00, Currency::EUR);
const STANDARD_PRICE: Money = Money::new(4_90, Currency::EUR);
const EXPRESS_PRICE: Money = Money::new(11_90, Currency::EUR);

/// There are no shipping prices in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are no shipping prices in {}", .0.code())]
pub struct UnpricedCurrency(pub Currency);

/// A shipping method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Shipping {
    /// Three to five working days. It is free from [`FREE_FROM`] on.
    Standard,
    /// The next working day.
    Express,
}

/// A shipping method as the checkout offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShippingOption {
    /// The word in the form and the row.
    pub id: &'static str,
    /// The name on pages.
    pub label: &'static str,
    /// How long it takes, as pages state it.
    pub detail: &'static str,
    /// The price for this cart.
    pub price: Money,
}

/// A country that is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// The ISO 3166-1 code: two capital letters.
    pub code: &'static str,
    /// Its English name.
    pub name: &'static str,
}

/// Every country that is served.
pub const COUNTRIES: &[Country] = &[
    Country { code: "AT", name: "Austria" },
    Country { code: "BE", name: "Belgium" },
    Country { code: "BR", name: "Brazil" },
    Country { code: "DK", name: "Denmark" },
    Country { code: "FR", name: "France" },
    Country { code: "DE", name: "Germany" },
    Country { code: "IN", name: "India" },
    Country { code: "ID", name: "Indonesia" },
    Country { code: "IE", name: "Ireland" },
    Country { code: "IT", name: "Italy" },
    Country { code: "NL", name: "Netherlands" },
    Country { code: "PL", name: "Poland" },
    Country { code: "PT", name: "Portugal" },
    Country { code: "ES", name: "Spain" },
    Country { code: "SE", name: "Sweden" },
    Country { code: "GB", name: "United Kingdom" },
    Country { code: "US", name: "United States" },
];

impl Shipping {
    /// Every method.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The word in the form and the row.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads a word of the form or the row.
    pub fn parse(word: &str) -> Option<Self> {
        word.parse().ok()
    }

    /// The name on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Express => "Express",
        }
    }

    /// The price of shipping an order of this subtotal.
    pub fn price(self, subtotal: Money) -> Result<Money, UnpricedCurrency> {
        if subtotal.currency() != Currency::EUR {
            return Err(UnpricedCurrency(subtotal.currency()));
        }
        Ok(match self {
            Self::Standard if subtotal.minor() >= FREE_FROM.minor() => Money::zero(Currency::EUR),
            Self::Standard => STANDARD_PRICE,
            Self::Express => EXPRESS_PRICE,
        })
    }

    /// The method as the checkout offers it for an order of this subtotal.
    pub(crate) fn offer(self, subtotal: Money) -> Result<ShippingOption, UnpricedCurrency> {
        let detail = match self {
            Self::Standard => "Three to five working days; free from €60",
            Self::Express => "The next working day, if ordered before noon",
        };
        let price = self.price(subtotal)?;
        Ok(ShippingOption { id: self.as_str(), label: self.label(), detail, price })
    }
}

/// The country of an ISO 3166 code; `None` if it is not served.
pub fn country(code: &str) -> Option<Country> {
    COUNTRIES.iter().copied().find(|country| country.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_shipping_is_free_from_the_threshold_on_and_express_never() {
        let euro = |minor| Money::new(minor, Currency::EUR);
        assert_eq!(Shipping::Standard.price(euro(59_99)), Ok(euro(4_90)));
        assert_eq!(Shipping::Standard.price(euro(60_00)), Ok(euro(0)));
        assert_eq!(Shipping::Express.price(euro(60_000)), Ok(euro(11_90)));
    }

    #[test]
    fn shipping_has_no_price_in_another_currency() {
        let yen = Currency::parse("JPY").unwrap();
        for method in Shipping::ALL {
            assert_eq!(method.price(Money::new(60_00, yen)), Err(UnpricedCurrency(yen)));
        }
    }

    #[test]
    fn stored_words_are_pinned() {
        assert_eq!(
            Shipping::ALL,
            ["standard", "express"].map(|word| Shipping::parse(word).unwrap())
        );
    }

    #[test]
    fn every_country_has_two_capitals_and_one_entry() {
        for one in COUNTRIES {
            assert!(one.code.len() == 2 && one.code.bytes().all(|byte| byte.is_ascii_uppercase()));
            assert_eq!(COUNTRIES.iter().filter(|other| other.code == one.code).count(), 1);
        }
    }
}
