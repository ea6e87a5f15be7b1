//! How parcels travel, and where to. The prices are the shop's, never the form's.

use domain::{Currency, Money};

/// From this subtotal on, in minor units, standard shipping costs nothing.
const FREE_FROM: i64 = 60_00;
const STANDARD: i64 = 4_90;
const EXPRESS: i64 = 11_90;

/// A way for a parcel to travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shipping {
    /// The usual way.
    Standard,
    /// The quick way.
    Express,
}

/// A way for a parcel to travel, as it is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShippingOption {
    /// The word in the form and the row.
    pub id: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What it means for the shopper.
    pub detail: &'static str,
    /// What it costs for this basket.
    pub price: Money,
}

/// A country the shop sends parcels to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166, two capitals.
    pub code: &'static str,
    /// Its English name.
    pub name: &'static str,
}

/// Where parcels go.
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
    /// Every way.
    pub const ALL: [Self; 2] = [Self::Standard, Self::Express];

    /// The word in the form and the row.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Express => "express",
        }
    }

    /// Reads the word in the form and the row.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == word)
    }

    /// What it is called.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Express => "Express",
        }
    }

    /// What it costs to send goods of this worth.
    pub fn price(self, subtotal: Money) -> Money {
        let minor = match self {
            Self::Standard if subtotal.minor() >= FREE_FROM => 0,
            Self::Standard => STANDARD,
            Self::Express => EXPRESS,
        };
        Money::new(minor, subtotal.currency())
    }

    /// How it is offered to the buyer of goods of this worth.
    pub(crate) fn offer(self, subtotal: Money) -> ShippingOption {
        let detail = match self {
            Self::Standard => "Three to five working days; free from €60",
            Self::Express => "The next working day, if ordered before noon",
        };
        let price = self.price(subtotal);
        ShippingOption { id: self.as_str(), label: self.label(), detail, price }
    }
}

/// From which subtotal on standard shipping is free.
pub const fn free_from(currency: Currency) -> Money {
    Money::new(FREE_FROM, currency)
}

/// The country of a code, if parcels go there.
pub fn country(code: &str) -> Option<Country> {
    COUNTRIES.iter().copied().find(|country| country.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_shipping_is_free_from_the_threshold_on_and_express_never() {
        let euro = |minor| Money::new(minor, Currency::EUR);
        assert_eq!(Shipping::Standard.price(euro(59_99)), euro(4_90));
        assert_eq!(Shipping::Standard.price(euro(60_00)), euro(0));
        assert_eq!(Shipping::Express.price(euro(60_000)), euro(11_90));
    }

    #[test]
    fn every_country_has_two_capitals_and_one_entry() {
        for one in COUNTRIES {
            assert!(one.code.len() == 2 && one.code.bytes().all(|byte| byte.is_ascii_uppercase()));
            assert_eq!(COUNTRIES.iter().filter(|other| other.code == one.code).count(), 1);
        }
    }
}
