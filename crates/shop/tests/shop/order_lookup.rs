//! Finding an order without an account.

use std::time::Duration;

use domain::{Field, OrderToken, Problem, Purpose, Refusal};
use shop::{Visitor, codes::Policy};

use crate::{
    commerce::{Person, products_on_sale, refusal, shopper},
    support::{TestShop, phone},
};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// A paid order of shopper 1, and its number.
async fn bought(shop: &TestShop) -> (Person, OrderToken, String) {
    let thing = products_on_sale(shop, 10_00, 9).await;
    let person = shopper(shop, 1).await;
    let token = person.buy(shop, &thing).await;
    let number = shop.orders().by_token(&person.visitor, &token).await.unwrap().number;
    (person, token, number)
}

async fn begin(shop: &TestShop, visitor: &Visitor, number: &str, contact: &str) {
    shop.order_lookup().begin(visitor, number, contact).await.unwrap();
}

/// How many codes for an order the phone of this number got.
async fn codes(shop: &TestShop, number: u32) -> usize {
    let kind = domain::MessageKind::Code(Purpose::OrderLookup);
    crate::people::count(shop, &phone(number), kind).await
}

#[tokio::test]
async fn x186_the_right_code_opens_one_order_in_one_browser_for_an_hour() {
    let shop = TestShop::new().await;
    let (person, token, number) = bought(&shop).await;
    let thing = products_on_sale(&shop, 5_00, 9).await;
    let other = person.buy(&shop, &thing).await;
    let visitor = shop.visitor();
    shop.clock.advance(HOUR);
    begin(&shop, &visitor, &number.to_lowercase().replace('-', " "), "PERSON1@example.com").await;
    let code = shop.last_code(&phone(1)).await;
    let elsewhere = shop.order_lookup().verify(&shop.visitor(), &code).await;
    let refused = Refusal::WrongOrExpired { left: 0 };
    assert_eq!(refusal(elsewhere), refused, "the code is of another browser");
    let found = shop.order_lookup().verify(&visitor, &code).await.unwrap();
    assert_eq!(found, token);
    assert_eq!(shop.orders().by_token(&visitor, &token).await.unwrap().number, number);
    let read = async |visitor: &Visitor, token: &OrderToken| {
        refusal(shop.orders().by_token(visitor, token).await)
    };
    assert_eq!(read(&visitor, &other).await, Refusal::SignInNeeded, "it opens one order");
    assert_eq!(read(&shop.visitor(), &token).await, Refusal::SignInNeeded);
    assert_eq!(refusal(shop.orders().list(&visitor).await), Refusal::SignInNeeded);
    shop.clock.advance(HOUR);
    assert_eq!(read(&visitor, &token).await, Refusal::SignInNeeded, "an hour is over");
}

#[tokio::test]
async fn x187_a_code_goes_only_to_the_phone_of_the_order() {
    let shop = TestShop::new().await;
    let (_, _, number) = bought(&shop).await;
    shopper(&shop, 2).await;
    shop.clock.advance(HOUR);
    for (typed, contact) in [
        (&*number, "person2@example.com"),
        (&number, "+447700900002"),
        ("M-2026-222222", "person1@example.com"),
        ("M-2026-222222", "+447700900001"),
        ("12345", "nobody@example.com"),
    ] {
        let visitor = shop.visitor();
        begin(&shop, &visitor, typed, contact).await;
        let view = shop.codes().status(&visitor, Purpose::OrderLookup).await.unwrap().unwrap();
        assert!(view.is_live() && view.hides_delivery, "{typed} {contact}");
        assert_eq!((codes(&shop, 1).await, codes(&shop, 2).await), (0, 0), "{typed} {contact}");
    }
    begin(&shop, &shop.visitor(), &number, "+44 7700 900001").await;
    assert_eq!(codes(&shop, 1).await, 1);
}

#[tokio::test]
async fn an_order_that_waits_for_its_code_is_not_found() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let person = shopper(&shop, 1).await;
    person.order(&shop, &thing, "demo_approve").await;
    let number = shop.orders().list(&person.visitor).await.unwrap().remove(0).number;
    begin(&shop, &shop.visitor(), &number, "person1@example.com").await;
    assert_eq!(codes(&shop, 1).await, 0);
}

#[tokio::test]
async fn x187_known_and_unknown_numbers_reach_the_same_limit() {
    let shop = TestShop::new().await;
    let (_, _, number) = bought(&shop).await;
    shop.clock.advance(HOUR * 24);
    let mut seen = Vec::new();
    for typed in [&*number, "M-2026-222222"] {
        let mut answers = Vec::new();
        for _ in 0..5 {
            let visitor = shop.visitor();
            let answer = shop.order_lookup().begin(&visitor, typed, "person1@example.com").await;
            answers.push(answer.map_err(|error| refusal::<()>(Err(error))));
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0][2].is_ok(), "three an hour");
    assert!(matches!(seen[0][3], Err(Refusal::TooMany { .. })), "{:?}", seen[0]);
    // Who knows the number alone uses up nothing of the buyer.
    begin(&shop, &shop.visitor(), &number, "+447700900001").await;
}

#[tokio::test]
async fn x188_wrong_codes_end_look_ups_and_neither_resets_nor_sign_ins() {
    let policy = Policy {
        failures_before_disabling: 15,
        phone_sends_per_hour: 100,
        phone_sends_per_day: 100,
        ..Policy::demo()
    };
    let shop = TestShop::with_policy(policy).await;
    let (_, _, number) = bought(&shop).await;
    for _ in 0..3 {
        let visitor = shop.visitor();
        begin(&shop, &visitor, &number, "person1@example.com").await;
        let wrong = crate::people::wrong(&shop.last_code(&phone(1)).await);
        for _ in 0..5 {
            let answer = shop.order_lookup().verify(&visitor, &wrong).await;
            assert!(matches!(refusal(answer), Refusal::WrongOrExpired { .. }));
        }
        shop.clock.advance(HOUR);
    }
    let before = codes(&shop, 1).await;
    begin(&shop, &shop.visitor(), &number, "person1@example.com").await;
    assert_eq!(codes(&shop, 1).await, before, "the fourth is a decoy");
    shop.reset().begin(&shop.visitor(), "person1@example.com").await.unwrap();
    let kind = domain::MessageKind::Code(Purpose::Reset);
    assert_eq!(crate::people::count(&shop, &phone(1), kind).await, 1);
}

#[tokio::test]
async fn what_cannot_be_a_number_or_a_contact_is_refused_with_its_field() {
    let shop = TestShop::new().await;
    for (number, contact, field) in [
        ("", "person1@example.com", Field::OrderNumber),
        ("\u{200b}", "person1@example.com", Field::OrderNumber),
        ("M-2026\n222222", "person1@example.com", Field::OrderNumber),
        (&*"9".repeat(41), "person1@example.com", Field::OrderNumber),
        ("M-2026-222222", "", Field::Contact),
        ("M-2026-222222", "person1@", Field::Contact),
        ("M-2026-222222", "07700 900001", Field::Contact),
        ("M-2026-222222", "+33 6 12 34 56 78", Field::Contact),
    ] {
        let answer = shop.order_lookup().begin(&shop.visitor(), number, contact).await;
        let expected = Refusal::Invalid(vec![Problem::Line(field)]);
        assert_eq!(refusal(answer), expected, "{number:?} {contact:?}");
    }
}
