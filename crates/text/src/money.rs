//! Amounts as people read them.

use domain::Money;

use crate::{PageLanguage, Text};

/// How a language writes amounts.
struct Rules {
    /// Between groups of three digits.
    group: char,
    /// Before the minor digits.
    decimal: char,
    minus: char,
}

const ENGLISH: Rules = Rules { group: ',', decimal: '.', minus: '−' };

impl Text {
    /// An amount with its symbol, such as `€1,234.50`. The symbol names the currency, so
    /// nothing else needs to.
    pub fn money(&self, amount: Money) -> String {
        let rules = match self.language {
            PageLanguage::English | PageLanguage::Pseudo | PageLanguage::PseudoRightToLeft => {
                ENGLISH
            }
        };
        written(amount, &rules)
    }
}

fn written(amount: Money, rules: &Rules) -> String {
    let number = amount.decimal();
    let (sign, number) = match number.strip_prefix('-') {
        Some(number) => (Some(rules.minus), number),
        None => (None, number.as_str()),
    };
    let (whole, minor) = number.split_once('.').unwrap_or((number, ""));
    let mut text: String = sign.into_iter().collect();
    text.push_str(&amount.currency().symbol());
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(rules.group);
        }
        text.push(digit);
    }
    if !minor.is_empty() {
        text.push(rules.decimal);
        text.push_str(minor);
    }
    text
}

#[cfg(test)]
mod tests {
    use domain::Currency;

    use super::*;

    #[test]
    fn amounts_have_symbol_sign_and_groups_of_the_language() {
        for (minor, currency, expected) in [
            (0, "EUR", "€0.00"),
            (5, "EUR", "€0.05"),
            (-250, "EUR", "−€2.50"),
            (99_999, "EUR", "€999.99"),
            (123_450, "EUR", "€1,234.50"),
            (-123_456_789, "EUR", "−€1,234,567.89"),
            (1_000_000, "JPY", "¥1,000,000"),
            (999, "JPY", "¥999"),
            (i64::MIN, "JPY", "−¥9,223,372,036,854,775,808"),
        ] {
            let amount = Money::new(minor, Currency::parse(currency).unwrap());
            assert_eq!(Text::default().money(amount), expected);
        }
    }
}
