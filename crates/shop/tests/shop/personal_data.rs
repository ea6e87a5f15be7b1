//! A copy of an account's data, and the deletion of the account.

use std::time::Duration;

use domain::{MessageKind, Refusal};
use serde_json::Value;

use crate::{
    commerce::products_on_sale,
    people::{PASSWORD, Person, again, recorded, refusal},
    support::TestShop,
};

const MINUTE: Duration = Duration::from_secs(60);

/// A signed-in shopper who bought something.
async fn bought(shop: &TestShop) -> (Person, shop::Visitor, String) {
    let thing = products_on_sale(shop, 10_00, 9).await;
    let person = Person::new(shop, 1).await;
    let visitor = person.signed_in(shop).await;
    let buyer = crate::commerce::Person { visitor: visitor.clone(), phone: person.phone.clone() };
    let token = buyer.buy(shop, &thing).await;
    shop.invoices().assign_due().await.unwrap();
    let number = shop.orders().by_token(&visitor, &token).await.unwrap().number;
    (person, visitor, number)
}

#[tokio::test]
async fn x190_a_copy_needs_the_password_and_holds_everything_but_secrets() {
    let shop = TestShop::new().await;
    let (person, visitor, number) = bought(&shop).await;
    let data = shop.personal_data();
    assert_eq!(refusal(data.export(&visitor).await), Refusal::StepUpNeeded);
    let wrong = data.permit_export(&visitor, "not the violet kettle".into()).await;
    assert_eq!(refusal(wrong), Refusal::WrongPassword);
    assert_eq!(refusal(data.export(&visitor).await), Refusal::StepUpNeeded);
    data.permit_export(&visitor, PASSWORD.into()).await.unwrap();
    let text = data.export(&visitor).await.unwrap();
    let copy: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(copy["account"]["email"], "person1@example.com");
    assert_eq!(copy["account"]["phone"], person.phone.expose());
    assert_eq!(copy["orders"][0]["number"], number.as_str());
    assert_eq!(copy["orders"][0]["invoice"], "INV-2026-000001");
    assert_eq!(copy["orders"][0]["lines"][0]["price"], "10.00 EUR");
    assert_eq!(copy["orders"][0]["delivery_address"]["city"], "London");
    assert_eq!(copy["sign_ins"].as_array().unwrap().len(), 1);
    assert!(!copy["messages"].as_array().unwrap().is_empty());
    for secret in ["argon2", "password_hash", "nonce", "digest", PASSWORD] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let other = person.signed_in(&shop).await;
    assert_eq!(refusal(data.export(&other).await), Refusal::StepUpNeeded, "another sign-in");
    shop.clock.advance(MINUTE * 10);
    assert_eq!(refusal(data.export(&visitor).await), Refusal::StepUpNeeded, "it is late");
    assert_eq!(refusal(data.export(&shop.visitor()).await), Refusal::SignInNeeded);
}

#[tokio::test]
async fn x191_a_deleted_account_signs_in_nowhere_and_its_owner_is_told() {
    let shop = TestShop::new().await;
    let (person, visitor, number) = bought(&shop).await;
    let (elsewhere, token) = person.trusted(&shop).await;
    let data = shop.personal_data();
    let wrong = data.delete_account(&visitor, "not the violet kettle".into()).await;
    assert_eq!(refusal(wrong), Refusal::WrongPassword);
    assert!(again(&shop, &visitor).await.is_some());
    data.delete_account(&visitor, PASSWORD.into()).await.unwrap();
    assert!(again(&shop, &visitor).await.is_none());
    assert!(again(&shop, &elsewhere).await.is_none());
    assert_eq!(person.count(&shop, MessageKind::AccountDeleted).await, 1);
    assert_eq!(recorded(&shop, "user_deleted").await, 1);
    let begun = shop
        .sign_in()
        .begin(&shop.visitor(), "person1@example.com", PASSWORD.into(), Some(&token))
        .await;
    assert_eq!(refusal(begun.map(drop)), Refusal::WrongCredentials);
    let twice = data.delete_account(&visitor, PASSWORD.into()).await;
    assert_eq!(refusal(twice), Refusal::SignInNeeded);

    // The order is found by its number, and address and phone are free again.
    shop.clock.advance(MINUTE * 60);
    let browser = shop.visitor();
    shop.order_lookup().begin(&browser, &number, "person1@example.com").await.unwrap();
    let code = shop.last_code(&person.phone).await;
    let found = shop.order_lookup().verify(&browser, &code).await.unwrap();
    let order = shop.orders().by_token(&browser, &found).await.unwrap();
    assert_eq!(order.invoice.unwrap().number, "INV-2026-000001");
    shop.clock.advance(MINUTE * 60);
    let fresh = crate::people::form(1);
    shop.registration().begin(&browser, fresh).await.unwrap();
}

#[tokio::test]
async fn x191_the_merchants_account_is_not_deleted_here() {
    let shop = TestShop::new().await;
    let visitor = Person::merchant(&shop, 5).await.signed_in(&shop).await;
    assert!(!shop.personal_data().view(&visitor).await.unwrap().may_delete);
    let refused = shop.personal_data().delete_account(&visitor, PASSWORD.into()).await;
    assert_eq!(refusal(refused), Refusal::NotPossible);
    assert!(again(&shop, &visitor).await.is_some());
}

#[tokio::test]
async fn x189_every_paid_order_gets_the_next_number_once() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 99).await;
    let mut tokens = Vec::new();
    for number in 1..=5 {
        let person = crate::commerce::shopper(&shop, number).await;
        let token = person.buy(&shop, &thing).await;
        tokens.push((person.visitor, token));
        shop.clock.advance(MINUTE);
    }
    let waits = crate::commerce::shopper(&shop, 6).await;
    waits.order(&shop, &thing, "demo_approve").await;
    let neighbour = shop.another_process().await;
    let (one, other) = (shop.invoices(), neighbour.invoices());
    let (one, other) = tokio::join!(one.assign_due(), other.assign_due());
    assert_eq!(one.unwrap() + other.unwrap(), 5);
    assert_eq!(shop.invoices().assign_due().await.unwrap(), 0);
    let mut numbers = Vec::new();
    for (visitor, token) in &tokens {
        let order = shop.orders().by_token(visitor, token).await.unwrap();
        numbers.push(order.invoice.unwrap().number);
    }
    numbers.sort();
    let expected: Vec<_> = (1..=5).map(|number| format!("INV-2026-{number:06}")).collect();
    assert_eq!(numbers, expected);
}
