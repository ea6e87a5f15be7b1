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
    /// The price for this cart.
    pub price: Money,
    /// The subtotal from which on it costs nothing.
    pub free_from: Option<Money>,
}

/// Every country that is served, by its ISO 3166-1 code. The crate `text` has their names.
pub const COUNTRIES: &[&str] = &[
    "AT", "BE", "BR", "CN", "DK", "FR", "DE", "IN", "ID", "IE", "IT", "JP", "MX", "NL", "PL", "PT",
    "ES", "SE", "GB", "US",
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
        let price = self.price(subtotal)?;
        let free_from = (self == Self::Standard).then_some(FREE_FROM);
        Ok(ShippingOption { id: self.as_str(), price, free_from })
    }
}

/// Whether the shop delivers to a country, by its ISO 3166-1 code.
pub fn is_served(country: &str) -> bool {
    COUNTRIES.contains(&country)
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
            assert!(one.len() == 2 && one.bytes().all(|byte| byte.is_ascii_uppercase()));
            assert_eq!(COUNTRIES.iter().filter(|other| *other == one).count(), 1);
        }
    }
}
