//! The numbering plans of the countries, from the data of libphonenumber (crate `phonenumber`).
//!
//! The crate's own `number_type` and `is_valid` look at the number without its leading zeros.
//! In Benin, Congo and Côte d'Ivoire every mobile begins with one, in Italy and San Marino
//! landlines do. They also take a number whose beginning fits, such as one of Monaco with a digit
//! too many. So only the patterns of the crate are used here, on the whole number.

use domain::Problem;
use phonenumber::{
    Metadata, Type,
    metadata::{DATABASE, Descriptor},
};
use regex::Regex;

/// The longest country code has three digits (ITU-T E.164).
const MAX_COUNTRY_CODE_LEN: usize = 3;

/// The types that no person is reached at.
const IMPERSONAL: [Type; 8] = [
    Type::PremiumRate,
    Type::TollFree,
    Type::SharedCost,
    Type::Voip,
    Type::PersonalNumber,
    Type::Pager,
    Type::Uan,
    Type::Voicemail,
];

/// What a valid number is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Mobile,
    Landline,
    /// Countries such as the United States do not tell the two apart.
    MobileOrLandline,
    /// A premium rate, a switchboard, a pager: no person has WhatsApp there.
    Impersonal,
}

/// A number, split by its numbering plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// The country calling code, such as `44`.
    pub code: u16,
    /// What follows it, without the prefix of domestic calls, and with zeros that count.
    national: String,
}

impl Number {
    pub fn e164(&self) -> String {
        format!("+{}{}", self.code, self.national)
    }

    /// `None` if the number is not valid.
    pub fn kind(&self) -> Option<Kind> {
        kind(self.code, &self.national)
    }

    /// Refuses a number that is not valid, or that no person is reached at.
    pub fn check_personal(&self) -> Result<(), Problem> {
        match self.kind() {
            Some(Kind::Mobile | Kind::Landline | Kind::MobileOrLandline) => Ok(()),
            Some(Kind::Impersonal) => Err(Problem::PhoneImpersonal),
            None => Err(self.wrong_length().unwrap_or(Problem::PhoneInvalid)),
        }
    }

    fn wrong_length(&self) -> Option<Problem> {
        let plans = plans(self.code);
        let personal = plans.iter().flat_map(|plan| {
            [plan.descriptors().mobile(), plan.descriptors().fixed_line()].into_iter().flatten()
        });
        let lengths = personal.flat_map(Descriptor::possible_length);
        let length = u16::try_from(self.national.len()).unwrap_or(u16::MAX);
        let (shortest, longest) = (lengths.clone().min()?, lengths.max()?);
        if length < *shortest {
            Some(Problem::PhoneTooShort)
        } else if length > *longest {
            Some(Problem::PhoneTooLong)
        } else {
            None
        }
    }
}

/// Reads the digits after `+`.
pub fn read(digits: &str) -> Result<Number, Problem> {
    let (code, typed) = country_code(digits).ok_or(Problem::PhoneUnknownCountryCode)?;
    let national = without_domestic_prefix(code, typed);
    let is_valid = kind(code, &national).is_some();
    let current = (!is_valid).then(|| renumbered(code, typed)).flatten();
    Ok(Number { code, national: current.unwrap_or(national) })
}

/// Splits the digits after `+` into country code and the rest.
pub fn country_code(digits: &str) -> Option<(u16, &str)> {
    if digits.starts_with('0') {
        return None;
    }
    (1..=MAX_COUNTRY_CODE_LEN).find_map(|length| {
        let (code, national) = digits.split_at_checked(length)?;
        let code = code.parse().ok()?;
        (!plans(code).is_empty()).then_some((code, national))
    })
}

/// Whether the code is of a country, and not of satellites or free calls of the whole world.
pub fn is_country_code(code: u16) -> bool {
    const WORLD: &str = "001";
    plans(code).iter().any(|plan| plan.id() != WORLD)
}

/// The plans of the countries that share a country code, the main one first.
fn plans(code: u16) -> Vec<&'static Metadata> {
    DATABASE.by_code(&code).unwrap_or_default()
}

/// The number without what is only dialled within the country, such as the `0` of
/// `+44 (0)7700 900111`. The rules are those of libphonenumber: the main country decides, and a
/// valid number stays as it is unless the rest is valid too.
fn without_domestic_prefix(code: u16, national: &str) -> String {
    let plans = plans(code);
    let Some(plan) = plans.first() else { return national.to_owned() };
    let rest = after_prefix(plan, national);
    let general = plan.descriptors().general();
    match rest {
        Some(rest) if !fits(general, national) || fits(general, &rest) => rest,
        _ => national.to_owned(),
    }
}

/// What follows the prefix of domestic calls; `None` without one. Some countries have a rule to
/// move or replace digits, if the last group of the pattern is there.
fn after_prefix(plan: &Metadata, national: &str) -> Option<String> {
    let Some(pattern) = plan.national_prefix_for_parsing() else {
        return national.strip_prefix(plan.national_prefix()?).map(str::to_owned);
    };
    let groups = pattern.captures(national)?;
    let prefix = groups.get(0).filter(|prefix| prefix.start() == 0)?;
    let last = groups.get(groups.len().saturating_sub(1)).filter(|_| groups.len() > 1);
    match plan.national_prefix_transform_rule().filter(|_| last.is_some()) {
        Some(rule) => Some(pattern.replace(national, rule).into_owned()),
        None => national.get(prefix.end()..).map(str::to_owned),
    }
}

/// A number of before a change of its country's plan, as it is today. People go on writing the
/// old one for years. It is read only where today's plan does not have the number.
fn renumbered(code: u16, typed: &str) -> Option<String> {
    let current = match code {
        // Brazil's mobiles got a ninth digit, 9, behind the area code (until 2016).
        55 => {
            let national = without_domestic_prefix(code, typed);
            let (area, subscriber) = national.split_at_checked(2)?;
            (subscriber.len() == 8).then(|| format!("{area}9{subscriber}"))?
        }
        // Mexico dropped the 1 of mobiles behind +52, and the domestic 01, 044 and 045 (2019).
        52 => {
            let before = ["044", "045", "01", "1"].into_iter();
            before
                .filter_map(|old| typed.strip_prefix(old))
                .find(|rest| rest.len() == 10)?
                .to_owned()
        }
        // Benin put 01 before every number (2024).
        229 if typed.len() == 8 => format!("01{typed}"),
        _ => return None,
    };
    kind(code, &current).is_some().then_some(current)
}

fn kind(code: u16, national: &str) -> Option<Kind> {
    let plans = plans(code);
    let plan = plans.into_iter().find(|plan| match plan.leading_digits() {
        Some(digits) => digits.find(national).is_some_and(|found| found.start() == 0),
        None => kind_in(plan, national).is_some(),
    })?;
    kind_in(plan, national)
}

/// The order is that of libphonenumber: a number that fits a special rate is of that rate.
fn kind_in(plan: &Metadata, national: &str) -> Option<Kind> {
    let plan = plan.descriptors();
    let is = |pattern: Option<&Descriptor>| pattern.is_some_and(|pattern| fits(pattern, national));
    if !fits(plan.general(), national) {
        return None;
    }
    if IMPERSONAL.into_iter().any(|one| is(plan.get(one))) {
        return Some(Kind::Impersonal);
    }
    match (is(plan.mobile()), is(plan.fixed_line())) {
        (true, true) => Some(Kind::MobileOrLandline),
        (true, false) => Some(Kind::Mobile),
        (false, true) => Some(Kind::Landline),
        (false, false) => None,
    }
}

/// Whether the whole number fits a pattern. The compiled pattern of the crate finds a beginning,
/// which is mostly the whole; otherwise another branch of the pattern may still fit to the end.
fn fits(pattern: &Descriptor, national: &str) -> bool {
    let lengths = pattern.possible_length();
    let has_length = lengths.is_empty()
        || u16::try_from(national.len()).is_ok_and(|length| lengths.contains(&length));
    let regex = pattern.national_number();
    let Some(found) = regex.find(national).filter(|found| has_length && found.start() == 0) else {
        return false;
    };
    found.end() == national.len()
        || Regex::new(&format!("(?x)^(?:{})$", regex.as_str()))
            .is_ok_and(|whole| whole.is_match(national))
}
