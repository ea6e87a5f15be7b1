//! Security §4.3: typed codes and phone numbers.

use std::time::Duration;

use domain::{Problem, Purpose, Refusal, code::CodeFormat};
use shop::{Mode, Settings, phones};

use super::support::{issue, refusal, request, verify};
use crate::support::{TestShop, phone, settings};

const LOGIN: Purpose = Purpose::Login;

#[tokio::test]
async fn x34_codes_with_spaces_and_other_digits_are_accepted() {
    let shop = TestShop::new().await;
    for (number, shape) in
        (1..).zip(["123 456", " 123-456\n", "123\u{a0}456", "１２３４５６", "١٢٣٤٥٦"])
    {
        let visitor = shop.visitor();
        issue(&shop, &visitor, &request(LOGIN, u128::from(number), &phone(number))).await.unwrap();
        let mut digits =
            shop.last_code(&phone(number)).await.chars().collect::<Vec<_>>().into_iter();
        let requested_identifier: String = shape
            .chars()
            .map(|character| match u32::from(character) {
                0x30..=0x39 => digits.next().unwrap(),
                0xff10..=0xff19 => dressed(digits.next().unwrap(), 0xff10),
                0x660..=0x669 => dressed(digits.next().unwrap(), 0x660),
                _ => character,
            })
            .collect();
        verify(&shop, &visitor, LOGIN, &requested_identifier).await.unwrap();
    }
}

fn dressed(digit: char, zero: u32) -> char {
    char::from_u32(zero + digit.to_digit(10).unwrap()).unwrap()
}

#[tokio::test]
async fn x38_a_malformed_code_costs_no_attempt_but_is_limited() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    let junk = [
        ("", CodeFormat::Empty),
        ("12345", CodeFormat::Length),
        ("1234567", CodeFormat::Length),
        ("+12345", CodeFormat::NotDigits),
        ("1e5", CodeFormat::NotDigits),
        ("¹²³⁴⁵⁶", CodeFormat::NotDigits),
    ];
    for (requested_identifier, format) in junk.into_iter().cycle().take(60) {
        let answer = refusal(verify(&shop, &visitor, LOGIN, requested_identifier).await);
        assert_eq!(answer, Problem::Code(format).into(), "{requested_identifier:?}");
    }
    let view = shop.codes().status(&visitor, LOGIN).await.unwrap().unwrap();
    assert_eq!(view.attempts_left, 5);
    let answer = refusal(verify(&shop, &visitor, LOGIN, "12345").await);
    assert_eq!(answer, Refusal::TooMany { seconds: 60 });
    assert_eq!(
        refusal(verify(&shop, &visitor, LOGIN, &code).await),
        Refusal::TooMany { seconds: 60 }
    );
    shop.clock.advance(Duration::from_secs(60));
    verify(&shop, &visitor, LOGIN, &code).await.unwrap();
}

fn production() -> Settings {
    Settings { mode: Mode::Production, ..settings() }
}

#[test]
fn x40_one_number_has_one_form_however_it_is_typed() {
    for requested_identifier in [
        "+4915123456789",
        "004915123456789",
        "+49 151 23456789",
        "+49 (151) 234-567.89",
        "\u{ff0b}49 151 23456789",
        "\u{202a}+49 151 23456789\u{202c}",
        "tel:+49-151-23456789",
        "+49 (0)151 23456789",
        "+49\u{a0}151\u{a0}23456789",
        "+４９ １５１ ２３４５６７８９",
    ] {
        let parsed = phones::parse(requested_identifier, &production());
        assert_eq!(
            parsed.map(|p| p.expose().to_owned()),
            Ok("+4915123456789".into()),
            "{requested_identifier:?}"
        );
    }
}

#[test]
fn x40_text_that_is_no_phone_number_is_refused() {
    for requested_identifier in [
        "",
        "+",
        "15123456789",
        "0151 23456789",
        "+0 151 23456789",
        "+4915123456789;ext=5",
        "+49 151 23456789 x5",
        "+49 151 23456789 ext. 5",
        "+49 151 2345678900000",
        "++4915123456789",
        "49+15123456789",
        "call me",
        "+49151\u{0}23456789",
    ] {
        assert!(
            phones::parse(requested_identifier, &production()).is_err(),
            "{requested_identifier:?}"
        );
    }
    let long = format!("+49151{}", "2".repeat(1_000_000));
    assert_eq!(phones::parse(&long, &production()), Err(Problem::PhoneTooLong));
}

#[test]
fn x41_premium_satellite_short_and_unassigned_numbers_are_refused() {
    for requested_identifier in [
        "+49 900 1234567",
        "+44 909 8790000",
        "+1 900 234 5678",
        "+881 6 1234 5678",
        "+882 16 1234567",
        "+999 1234567",
        "+44 112",
        "+1 800 234 5678",
    ] {
        assert!(
            phones::parse(requested_identifier, &production()).is_err(),
            "{requested_identifier:?}"
        );
    }
}

#[test]
fn x41_a_country_the_shop_does_not_serve_is_refused_by_name() {
    for requested_identifier in ["+33 6 12 34 56 78", "+7 912 345 67 89", "+881 6 1234 5678"] {
        assert!(phones::parse(requested_identifier, &production()).is_err());
    }
    assert_eq!(phones::parse("+33 6 12 34 56 78", &production()), Err(Problem::PhoneCountry));
}

#[test]
fn fictional_numbers_are_for_demonstrations_only() {
    for requested_identifier in
        ["+44 7700 900000", "+447700900999", "+1 212 555 0100", "+1 415 555 0199"]
    {
        assert!(phones::parse(requested_identifier, &settings()).is_ok(), "{requested_identifier}");
        assert_eq!(
            phones::parse(requested_identifier, &production()),
            Err(Problem::PhoneInvalid),
            "{requested_identifier}"
        );
    }
    for requested_identifier in ["+1 555 555 0100", "+44 7700 9009999", "+44 7700 90099"] {
        assert!(
            phones::parse(requested_identifier, &settings()).is_err(),
            "{requested_identifier}"
        );
    }
}
