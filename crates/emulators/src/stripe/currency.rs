//! The currencies and their amounts (<https://docs.stripe.com/currencies>).

use super::problem::Problem;

/// The currencies that cards can be charged in.
pub(super) const ALL: &[&str] = &[
    "usd", "aed", "afn", "all", "amd", "ang", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd",
    "bdt", "bhd", "bif", "bmd", "bnd", "bob", "brl", "bsd", "bwp", "byn", "bzd", "cad", "cdf",
    "chf", "clp", "cny", "cop", "crc", "cve", "czk", "djf", "dkk", "dop", "dzd", "egp", "etb",
    "eur", "fjd", "fkp", "gbp", "gel", "gip", "gmd", "gnf", "gtq", "gyd", "hkd", "hnl", "htg",
    "huf", "idr", "ils", "inr", "isk", "jmd", "jod", "jpy", "kes", "kgs", "khr", "kmf", "krw",
    "kwd", "kyd", "kzt", "lak", "lbp", "lkr", "lrd", "lsl", "mad", "mdl", "mga", "mkd", "mmk",
    "mnt", "mop", "mur", "mvr", "mwk", "mxn", "myr", "mzn", "nad", "ngn", "nio", "nok", "npr",
    "nzd", "omr", "pab", "pen", "pgk", "php", "pkr", "pln", "pyg", "qar", "ron", "rsd", "rub",
    "rwf", "sar", "sbd", "scr", "sek", "sgd", "shp", "sle", "sos", "srd", "std", "szl", "thb",
    "tjs", "tnd", "top", "try", "ttd", "twd", "tzs", "uah", "ugx", "uyu", "uzs", "vnd", "vuv",
    "wst", "xaf", "xcd", "xof", "xpf", "yer", "zar", "zmw",
];

/// Amounts are whole units ("Zero-decimal currencies").
const ZERO_DECIMALS: &[&str] = &[
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
    "xof", "xpf",
];

/// The last of the three decimals must be 0 ("Three-decimal currencies").
const THREE_DECIMALS: &[&str] = &["bhd", "jod", "kwd", "omr", "tnd"];

/// Whole units, written with two decimals for compatibility ("Special cases").
const WHOLE_UNITS: &[&str] = &["isk", "ugx"];

/// "Minimum and maximum charge amounts", in minor units. The minimum of any other currency is that
/// of the settlement currency after conversion, which is not emulated.
const MINIMUMS: &[(&str, i64)] = &[
    ("usd", 50),
    ("aed", 200),
    ("aud", 50),
    ("brl", 50),
    ("cad", 50),
    ("chf", 50),
    ("czk", 1_500),
    ("dkk", 250),
    ("eur", 50),
    ("gbp", 30),
    ("hkd", 400),
    ("huf", 17_500),
    ("inr", 50),
    ("jpy", 50),
    ("mxn", 1_000),
    ("myr", 200),
    ("nok", 300),
    ("nzd", 50),
    ("pln", 200),
    ("ron", 200),
    ("sek", 300),
    ("sgd", 50),
    ("thb", 1_000),
];

/// Digits of the highest amount, where they are not eight.
const MAX_DIGITS: &[(&str, u32)] =
    &[("idr", 12), ("lbp", 12), ("cop", 10), ("huf", 10), ("jpy", 10), ("inr", 9)];

/// The currency of a parameter, in lower case.
pub(super) fn parse(given: &str, param: &str) -> Result<String, Problem> {
    let currency = given.to_ascii_lowercase();
    if ALL.contains(&currency.as_str()) {
        return Ok(currency);
    }
    let message = format!(
        "Invalid currency: {currency}. Stripe currently supports these currencies: {}",
        ALL.join(", ")
    );
    Err(Problem::malformed(param, message))
}

/// Checks an amount that is to be charged.
pub(super) fn check_amount(amount: i64, currency: &str, param: &str) -> Result<(), Problem> {
    if amount < 1 {
        let message = "This value must be greater than or equal to 1.";
        return Err(Problem::malformed(param, message).with_code("parameter_invalid_integer"));
    }
    check_granularity(amount, currency, param)?;
    let minimum =
        MINIMUMS.iter().find(|(each, _)| *each == currency).map_or(1, |(_, least)| *least);
    if amount < minimum {
        let message = format!("Amount must be at least {}", display(minimum, currency));
        return Err(Problem::invalid(message).with_code("amount_too_small").at(param));
    }
    let digits = MAX_DIGITS.iter().find(|(each, _)| *each == currency).map_or(8, |(_, most)| *most);
    let maximum = 10_i64.pow(digits) - 1;
    if amount > maximum {
        let message = format!("Amount must be no more than {}", display(maximum, currency));
        return Err(Problem::invalid(message).with_code("amount_too_large").at(param));
    }
    Ok(())
}

/// Checks that a currency has amounts of this granularity.
pub(super) fn check_granularity(amount: i64, currency: &str, param: &str) -> Result<(), Problem> {
    let step = if THREE_DECIMALS.contains(&currency) {
        10
    } else if WHOLE_UNITS.contains(&currency) {
        100
    } else {
        1
    };
    if amount % step == 0 {
        return Ok(());
    }
    let message = format!(
        "Invalid amount for {currency}: it must be a multiple of {step} in the currency's minor unit"
    );
    Err(Problem::invalid(message).with_code("charge_invalid_parameter").at(param))
}

/// An amount for people: `12.34 EUR`.
pub(super) fn display(amount: i64, currency: &str) -> String {
    let decimals: usize = if ZERO_DECIMALS.contains(&currency) {
        0
    } else if THREE_DECIMALS.contains(&currency) {
        3
    } else {
        2
    };
    let digits = format!("{:0>width$}", amount.abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let point = if decimals == 0 { "" } else { "." };
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{whole}{point}{fraction} {}", currency.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::{check_amount, display, parse};

    fn code(amount: i64, currency: &str) -> Option<String> {
        check_amount(amount, currency, "amount").err().map(|problem| problem.name())
    }

    #[test]
    fn amounts_keep_the_rules_of_their_currency() {
        for (amount, currency, expected) in [
            (50, "usd", None),
            (49, "usd", Some("amount_too_small")),
            (30, "gbp", None),
            (29, "gbp", Some("amount_too_small")),
            (49, "jpy", Some("amount_too_small")),
            (5_120, "kwd", None),
            (5_124, "kwd", Some("charge_invalid_parameter")),
            (5_001, "bhd", Some("charge_invalid_parameter")),
            (500, "ugx", None),
            (501, "ugx", Some("charge_invalid_parameter")),
            (150, "isk", Some("charge_invalid_parameter")),
            (1_001, "mga", None),
            (99_999_999, "usd", None),
            (100_000_000, "usd", Some("amount_too_large")),
            (100_000_000, "idr", None),
            (0, "usd", Some("parameter_invalid_integer")),
            (-5, "usd", Some("parameter_invalid_integer")),
        ] {
            assert_eq!(code(amount, currency).as_deref(), expected, "{amount} {currency}");
        }
    }

    #[test]
    fn amounts_are_shown_with_the_decimals_of_their_currency() {
        for (amount, currency, shown) in [
            (1_234, "eur", "12.34 EUR"),
            (5, "usd", "0.05 USD"),
            (500, "jpy", "500 JPY"),
            (5_120, "kwd", "5.120 KWD"),
            (500, "ugx", "5.00 UGX"),
        ] {
            assert_eq!(display(amount, currency), shown);
        }
    }

    #[test]
    fn an_unknown_currency_is_refused_and_capitals_are_read() {
        assert_eq!(parse("EUR", "currency").unwrap(), "eur");
        assert!(parse("xxx", "currency").is_err());
    }
}
