//! Amounts as Stripe writes them: whole numbers of a minor unit that is Stripe's own.
//!
//! The table is apart from the ISO 4217 exponents of [`Money`] and from the digits that pages show,
//! because Stripe differs from both. Source: <https://docs.stripe.com/currencies>, sections
//! "Presentment currencies", "Zero-decimal currencies", "Three-decimal currencies" and "Special
//! cases". Nothing is ever rounded: an amount that Stripe cannot represent is refused.

use domain::{Currency, Money};

/// How Stripe writes the amounts of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rule {
    /// The number of decimal digits of an amount.
    digits: u32,
    /// Every amount is a multiple of this number.
    step: i64,
}

/// Cents: what holds for most currencies.
const TWO_DECIMALS: Rule = Rule { digits: 2, step: 1 };
/// The amount is a number of whole units.
const ZERO_DECIMALS: Rule = Rule { digits: 0, step: 1 };
/// Thousandths, of which the last digit must be 0.
const THREE_DECIMALS: Rule = Rule { digits: 3, step: 10 };
/// A currency without decimals that is written with two, which must be 00.
const WHOLE_UNITS: Rule = Rule { digits: 2, step: 100 };

/// The currencies that are not written with two decimals.
///
/// UGX is in two places of Stripe's page; the section "Special cases" is the more specific one.
/// HUF and TWD are special for payouts only, and charged with two decimals.
const SPECIAL: [(&str, Rule); 22] = [
    ("BIF", ZERO_DECIMALS),
    ("CLP", ZERO_DECIMALS),
    ("DJF", ZERO_DECIMALS),
    ("GNF", ZERO_DECIMALS),
    ("JPY", ZERO_DECIMALS),
    ("KMF", ZERO_DECIMALS),
    ("KRW", ZERO_DECIMALS),
    ("MGA", ZERO_DECIMALS),
    ("PYG", ZERO_DECIMALS),
    ("RWF", ZERO_DECIMALS),
    ("VND", ZERO_DECIMALS),
    ("VUV", ZERO_DECIMALS),
    ("XAF", ZERO_DECIMALS),
    ("XOF", ZERO_DECIMALS),
    ("XPF", ZERO_DECIMALS),
    ("BHD", THREE_DECIMALS),
    ("JOD", THREE_DECIMALS),
    ("KWD", THREE_DECIMALS),
    ("OMR", THREE_DECIMALS),
    ("TND", THREE_DECIMALS),
    ("ISK", WHOLE_UNITS),
    ("UGX", WHOLE_UNITS),
];

/// The other currencies in which Stripe charges.
const PLAIN: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BWP BYN BZD CAD \
    CDF CHF CNY COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF \
    IDR ILS INR JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR \
    MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS \
    SRD SZL THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD XCG YER ZAR ZMW";

/// The smallest amounts that Stripe charges, in its minor units. Where Stripe converts the money to
/// another currency, the smallest amount of that one counts, which only Stripe can tell; so a
/// currency that is not listed here has no bound of ours.
/// Source: <https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>.
const MINIMUM: [(&str, i64); 30] = [
    ("AED", 200),
    ("ARS", 50),
    ("AUD", 50),
    ("BRL", 50),
    ("CAD", 50),
    ("CHF", 50),
    ("COP", 50),
    ("CZK", 1_500),
    ("DKK", 250),
    ("EUR", 50),
    ("GBP", 30),
    ("HKD", 400),
    ("HUF", 17_500),
    ("IDR", 50),
    ("ILS", 50),
    ("INR", 50),
    ("JPY", 50),
    ("KRW", 50),
    ("MXN", 1_000),
    ("MYR", 200),
    ("NOK", 300),
    ("NZD", 50),
    ("PHP", 50),
    ("PLN", 200),
    ("RON", 200),
    ("SEK", 300),
    ("SGD", 50),
    ("THB", 1_000),
    ("USD", 50),
    ("ZAR", 50),
];

/// The largest amount of a card payment: twelve digits. Card networks may allow less.
/// Source: as above.
const MAXIMUM: i64 = 999_999_999_999;

/// An amount that Stripe cannot charge, capture or refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Stripe does not charge in this currency.
    #[error("Stripe does not charge in {}", .0.code())]
    Currency(Currency),
    /// The amount has a fraction that Stripe does not accept in this currency.
    #[error("Stripe accepts no such fraction of {}", .0.code())]
    Fraction(Currency),
    /// The amount is zero or negative.
    #[error("the amount is not positive")]
    NotPositive,
    /// The amount is below the smallest one that Stripe charges.
    #[error("the amount is below the smallest one that Stripe charges")]
    TooSmall,
    /// The amount is above the largest one that Stripe charges.
    #[error("the amount is above the largest one that Stripe charges")]
    TooLarge,
}

/// Converts an amount to capture or refund, which may be smaller than the smallest charge.
pub fn to_stripe(money: Money) -> Result<i64, AmountError> {
    let currency = money.currency();
    let rule = rule(currency)?;
    if money.minor() <= 0 {
        return Err(AmountError::NotPositive);
    }
    let amount = rescale(money.minor(), currency.exponent(), rule.digits)
        .ok_or(AmountError::Fraction(currency))?;
    match amount {
        amount if amount % rule.step != 0 => Err(AmountError::Fraction(currency)),
        amount if amount > MAXIMUM => Err(AmountError::TooLarge),
        amount => Ok(amount),
    }
}

/// Converts the amount of a new charge, which also has a lower bound.
pub fn to_charge(money: Money) -> Result<i64, AmountError> {
    let amount = to_stripe(money)?;
    let code = money.currency().code();
    match MINIMUM.iter().find(|(listed, _)| *listed == code) {
        Some((_, minimum)) if amount < *minimum => Err(AmountError::TooSmall),
        _ => Ok(amount),
    }
}

/// Reads an amount that Stripe states, with its currency as Stripe writes it. `None` if it is no
/// amount of that currency.
pub fn from_stripe(amount: i64, currency: &str) -> Option<Money> {
    let currency = Currency::parse(&currency.to_ascii_uppercase())?;
    let rule = rule(currency).ok()?;
    Some(Money::new(rescale(amount, rule.digits, currency.exponent())?, currency))
}

/// The code of a currency as Stripe writes it.
pub fn code(currency: Currency) -> String {
    currency.code().to_ascii_lowercase()
}

fn rule(currency: Currency) -> Result<Rule, AmountError> {
    let code = currency.code();
    let special = SPECIAL.iter().find(|(listed, _)| *listed == code).map(|(_, rule)| *rule);
    let plain = || PLAIN.split_whitespace().any(|listed| listed == code).then_some(TWO_DECIMALS);
    special.or_else(plain).ok_or(AmountError::Currency(currency))
}

/// An amount with other decimals; `None` if it would need rounding, or overflows.
fn rescale(amount: i64, from: u32, to: u32) -> Option<i64> {
    let factor = 10_i64.checked_pow(from.abs_diff(to))?;
    if to >= from {
        return amount.checked_mul(factor);
    }
    (amount % factor == 0).then_some(amount / factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, Currency::parse(code).unwrap())
    }

    /// `Money` counts in ISO 4217 minor units: 2 decimals for MGA, HUF, TWD, IDR, COP and RSD, none
    /// for ISK and UGX, 3 for the dinars. The second number is Stripe's.
    #[test]
    fn x160_every_special_currency_is_charged_in_stripes_minor_units() {
        for (minor, code, stripe) in [
            (1_099, "USD", 1_099),
            (1_099, "EUR", 1_099),
            (500, "JPY", 500),
            (500, "BIF", 500),
            (500, "CLP", 500),
            (500, "DJF", 500),
            (500, "GNF", 500),
            (500, "KMF", 500),
            (500, "KRW", 500),
            (500, "PYG", 500),
            (500, "RWF", 500),
            (500, "VND", 500),
            (500, "VUV", 500),
            (500, "XAF", 500),
            (500, "XOF", 500),
            (500, "XPF", 500),
            // 500 ariary have 50,000 minor units in ISO 4217, and are 500 for Stripe.
            (50_000, "MGA", 500),
            // 5 krónur and 5 shillings are 500 for Stripe.
            (5, "ISK", 500),
            (5, "UGX", 500),
            // 5.120 dinars.
            (5_120, "KWD", 5_120),
            (5_120, "BHD", 5_120),
            (5_120, "JOD", 5_120),
            (5_120, "OMR", 5_120),
            (5_120, "TND", 5_120),
            // Two decimals at Stripe and in ISO 4217, whatever pages show.
            (100_045, "HUF", 100_045),
            (80_045, "TWD", 80_045),
            (1_500_000, "IDR", 1_500_000),
            (1_500_000, "COP", 1_500_000),
            (1_500_000, "RSD", 1_500_000),
        ] {
            assert_eq!(to_charge(money(minor, code)), Ok(stripe), "{code}");
            let back = from_stripe(stripe, &code.to_lowercase());
            assert_eq!(back, Some(money(minor, code)), "{code}");
        }
    }

    #[test]
    fn x160_an_amount_that_stripe_cannot_represent_is_refused_and_not_rounded() {
        for (minor, code) in [
            (50_050, "MGA"),
            (1, "MGA"),
            (5_124, "KWD"),
            (5_121, "BHD"),
            (5_125, "JOD"),
            (5_129, "OMR"),
            (1, "TND"),
        ] {
            let refused = Err(AmountError::Fraction(Currency::parse(code).unwrap()));
            assert_eq!(to_stripe(money(minor, code)), refused, "{code}");
        }
        assert_eq!(from_stripe(550, "isk"), None);
        assert_eq!(from_stripe(1, "ugx"), None);
    }

    #[test]
    fn x160_a_currency_in_which_stripe_does_not_charge_is_refused() {
        for code in ["IQD", "LYD", "IRR", "CUP", "KPW", "SYP", "MRU", "CLF", "XAU", "BGN"] {
            let currency = Currency::parse(code).unwrap();
            let refused = Err(AmountError::Currency(currency));
            assert_eq!(to_stripe(Money::new(1_000, currency)), refused, "{code}");
        }
        assert_eq!(from_stripe(100, "iqd"), None);
        assert_eq!(from_stripe(100, "???"), None);
    }

    #[test]
    fn an_amount_outside_the_documented_bounds_is_refused() {
        for (minor, code, expected) in [
            (49, "EUR", Err(AmountError::TooSmall)),
            (50, "EUR", Ok(50)),
            (29, "GBP", Err(AmountError::TooSmall)),
            (30, "GBP", Ok(30)),
            (49, "JPY", Err(AmountError::TooSmall)),
            (17_499, "HUF", Err(AmountError::TooSmall)),
            (1, "RSD", Ok(1)),
            (0, "EUR", Err(AmountError::NotPositive)),
            (-100, "EUR", Err(AmountError::NotPositive)),
            (999_999_999_999, "EUR", Ok(999_999_999_999)),
            (1_000_000_000_000, "EUR", Err(AmountError::TooLarge)),
            (i64::MAX, "UGX", Err(AmountError::Fraction(Currency::parse("UGX").unwrap()))),
        ] {
            assert_eq!(to_charge(money(minor, code)), expected, "{minor} {code}");
        }
        assert_eq!(to_stripe(money(1, "EUR")), Ok(1), "a refund may be smaller than a charge");
    }

    #[test]
    fn every_listed_currency_exists_and_is_listed_once() {
        let special = SPECIAL.iter().map(|(code, _)| *code);
        let mut codes: Vec<&str> = special.chain(PLAIN.split_whitespace()).collect();
        for code in &codes {
            let currency = Currency::parse(code).unwrap_or_else(|| panic!("{code}"));
            let is_plain = PLAIN.contains(code);
            assert!(!is_plain || currency.exponent() == 2, "{code} is not plain");
        }
        for (code, _) in MINIMUM {
            assert!(codes.contains(&code), "{code}");
        }
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }
}
