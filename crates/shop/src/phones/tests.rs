//! What is read as a number, against the examples of libphonenumber and as people write them.

use domain::Problem;

use super::{plan, typed};
use plan::Kind;

/// Region, kind and number; `scripts/example-numbers` writes it.
const EXAMPLES: &str = include_str!("../../data/example_numbers.txt");

fn examples() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    EXAMPLES.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap();
        (word(), word(), word())
    })
}

/// The number in E.164 and its kind; `None` if it is not valid.
fn read(text: &str) -> Result<(String, Option<Kind>), Problem> {
    let number = plan::read(&typed::read(text)?)?;
    Ok((number.e164(), number.kind()))
}

#[test]
fn example_numbers_of_every_region_keep_their_digits_and_kind() {
    let mut wrong = Vec::new();
    for (region, word, number) in examples() {
        let kind = match word {
            "mobile" => Kind::Mobile,
            "landline" => Kind::Landline,
            _ => Kind::MobileOrLandline,
        };
        let answer = read(number);
        if answer != Ok((number.to_owned(), Some(kind))) {
            wrong.push(format!("{region} {word} {number}: {answer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(examples().filter(|(_, word, _)| *word != "landline").count() > 240);
}

#[test]
fn one_number_has_one_form_in_every_spelling_of_its_country() {
    for (text, e164) in [
        // Zeros that count.
        ("+229 01 95 12 34 56", "+2290195123456"),
        ("+242 06 123 4567", "+242061234567"),
        ("+225 01 23 45 67 89", "+2250123456789"),
        ("+39 02 1234 5678", "+390212345678"),
        ("+378 0549 886377", "+3780549886377"),
        // San Marino's own landlines without their area code.
        ("+378 886377", "+3780549886377"),
        // Benin before 2024.
        ("+229 95 12 34 56", "+2290195123456"),
        // Brazil: the ninth digit, the zero and the carrier's code.
        ("+55 11 96123-4567", "+5511961234567"),
        ("+55 11 6123-4567", "+5511961234567"),
        ("+55 (11) 8765-4321", "+5511987654321"),
        ("+55 (011) 98765-4321", "+5511987654321"),
        ("+55 (0xx11) 98765-4321", "+5511987654321"),
        ("0055 (0XX11) 8765-4321", "+5511987654321"),
        ("+55 0 15 11 98765-4321", "+5511987654321"),
        ("+55 21 2345-6789", "+552123456789"),
        // Mexico before 2019.
        ("+52 1 222 123 4567", "+522221234567"),
        ("+52 044 222 123 4567", "+522221234567"),
        ("+52 045 222 123 4567", "+522221234567"),
        ("+52 01 222 123 4567", "+522221234567"),
        ("+52 222 123 4567", "+522221234567"),
        // Argentina writes 15 at home and 9 from abroad.
        ("+54 11 15 2345 6789", "+5491123456789"),
        ("+54 9 11 2345 6789", "+5491123456789"),
        // The zero of domestic calls.
        ("+44 (0)7700 900111", "+447700900111"),
        ("+44 07700 900111", "+447700900111"),
        ("00 44 (0) 7400 123456", "+447400123456"),
        ("+7 8 912 345 67 89", "+79123456789"),
        ("+36 06 20 123 4567", "+36201234567"),
        // Digits of other scripts.
        ("+٩٧١ ٥٠ ١٢٣ ٤٥٦٧", "+971501234567"),
        ("+۹۸ ۹۱۲ ۳۴۵ ۶۷۸۹", "+989123456789"),
        ("+९१ ८१२३४ ५६७८९", "+918123456789"),
        ("＋８１（９０）１２３４－５６７８", "+819012345678"),
        ("tel:+33-6-12-34-56-78", "+33612345678"),
    ] {
        let answer = read(text).map(|(number, _)| number);
        assert_eq!(answer.as_deref(), Ok(e164), "{text}");
    }
}

#[test]
fn a_refused_number_says_what_is_missing_or_wrong() {
    let refused = |text: &str| {
        typed::read(text).and_then(|digits| plan::read(&digits)?.check_personal()).err()
    };
    for (text, problem) in [
        ("07700 900111", Problem::PhoneWithoutCountryCode),
        ("044 55 1234 5678", Problem::PhoneWithoutCountryCode),
        ("(0xx11) 98765-4321", Problem::PhoneWithoutCountryCode),
        ("(212) 555-0100", Problem::PhoneWithoutCountryCode),
        ("٠٥٠ ١٢٣ ٤٥٦٧", Problem::PhoneWithoutCountryCode),
        ("+999 1234567", Problem::PhoneUnknownCountryCode),
        ("+044 7700 900111", Problem::PhoneUnknownCountryCode),
        ("+44 7400 1234", Problem::PhoneTooShort),
        ("+44 112", Problem::PhoneTooShort),
        ("+229 95 12", Problem::PhoneTooShort),
        ("+44 7400 1234567", Problem::PhoneTooLong),
        ("+49 151 23456789 ext. 5", Problem::PhoneCharacters),
        ("+55 11 9xx65-4321", Problem::PhoneCharacters),
        ("call me", Problem::PhoneCharacters),
        ("+1 800 234 5678", Problem::PhoneImpersonal),
        ("+39 800 123456", Problem::PhoneImpersonal),
        ("+44 909 8790000", Problem::PhoneImpersonal),
        ("+33 9 99", Problem::PhoneTooShort),
        ("+1 212 155 0100", Problem::PhoneInvalid),
        ("", Problem::PhoneInvalid),
    ] {
        assert_eq!(refused(text), Some(problem), "{text}");
    }
}
