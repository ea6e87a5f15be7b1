//! Wrong codes that end the confirmation of a payment, and what is needed afterwards.

use std::time::Duration;

use domain::{Purpose, Refusal};
use shop::Visitor;

use crate::{
    commerce::{self, products_on_sale, refusal, stock, wrong},
    people::{PASSWORD, Person},
    support::TestShop,
};

const GOOD: &str = "demo_approve";
const QUARTER: Duration = Duration::from_secs(15 * 60);

/// A signed-in shopper, as a buyer.
async fn buyer(shop: &TestShop, person: &Person) -> commerce::Person {
    commerce::Person { visitor: person.signed_in(shop).await, phone: person.phone.clone() }
}

async fn is_password_needed(shop: &TestShop, visitor: &Visitor) -> bool {
    shop.checkout().view(visitor).await.unwrap().is_password_needed
}

/// How many attempts the visitor's payment code has had.
async fn attempts(shop: &TestShop, visitor: &Visitor) -> u32 {
    let mut rows = shop.db.read().await.unwrap();
    let digest = visitor.browser.digest();
    let newest = rows.challenges().find_newest(&digest, Purpose::Payment).await.unwrap();
    newest.unwrap().attempts
}

#[tokio::test]
async fn x82_so15_five_wrong_codes_end_the_whole_authorisation() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let buyer = buyer(&shop, &Person::new(&shop, 1).await).await;
    let code = buyer.order(&shop, &thing, GOOD).await;
    let (checkout, visitor) = (shop.checkout(), &buyer.visitor);
    for left in (1..5).rev() {
        let answer = checkout.confirm(visitor, &wrong(&code)).await;
        assert_eq!(refusal(answer), Refusal::WrongOrExpired { left });
    }
    assert!(!is_password_needed(&shop, visitor).await);
    for requested_identifier in [wrong(&code), code.clone()] {
        let answer = checkout.confirm(visitor, &requested_identifier).await;
        assert_eq!(refusal(answer), Refusal::ConfirmationEnded);
    }
    let resend = shop.codes().resend(visitor, Purpose::Payment).await;
    assert!(resend.is_err(), "a resend does not revive it");

    // Both factors are needed again: the password, and a code after the wait.
    assert!(is_password_needed(&shop, visitor).await);
    assert_eq!(refusal(checkout.place(visitor).await), Refusal::StepUpNeeded);
    let answer = checkout.place_again(visitor, "wrong horse battery".into()).await;
    assert_eq!(refusal(answer), Refusal::WrongPassword);
    let answer = refusal(checkout.place_again(visitor, PASSWORD.into()).await);
    assert!(matches!(answer, Refusal::TooMany { .. }), "{answer:?}");
    shop.clock.advance(QUARTER);
    assert_eq!(refusal(checkout.place(visitor).await), Refusal::StepUpNeeded);
    checkout.place_again(visitor, PASSWORD.into()).await.unwrap();
    assert!(!is_password_needed(&shop, visitor).await);
    let fresh = shop.last_code(&buyer.phone).await;
    assert!(checkout.confirm(visitor, &code).await.is_err());
    assert_eq!(
        (shop.gateway.statements().await.unwrap().len(), stock(&shop, &thing).await),
        (0, 9)
    );
    checkout.confirm(visitor, &fresh).await.unwrap();
    assert_eq!(
        (shop.gateway.statements().await.unwrap().len(), stock(&shop, &thing).await),
        (1, 8)
    );
}

#[tokio::test]
async fn x82_placing_the_order_again_does_not_reset_the_attempts() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let (owner, other) = (Person::new(&shop, 1).await, Person::new(&shop, 2).await);
    let first = buyer(&shop, &owner).await;
    let mut code = first.order(&shop, &thing, GOOD).await;
    for wrong_codes in [4, 1] {
        for _ in 0..wrong_codes {
            refusal(shop.checkout().confirm(&first.visitor, &wrong(&code)).await);
        }
        if wrong_codes == 4 {
            code = first.place_order(&shop).await;
        }
    }
    assert_eq!(refusal(shop.checkout().place(&first.visitor).await), Refusal::StepUpNeeded);
    buyer(&shop, &other).await.order(&shop, &thing, GOOD).await;

    // A new sign-in includes the password.
    shop.clock.advance(QUARTER);
    let second = buyer(&shop, &owner).await;
    assert!(!is_password_needed(&shop, &second.visitor).await);
    let code = second.place_order(&shop).await;
    shop.checkout().confirm(&second.visitor, &code).await.unwrap();
}

#[tokio::test]
async fn x82_a_disconnect_at_the_fifth_wrong_code_still_ends_it() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let buyer = buyer(&shop, &Person::new(&shop, 1).await).await;
    let code = buyer.order(&shop, &thing, GOOD).await;
    let (checkout, visitor) = (shop.checkout(), &buyer.visitor);
    let requested_identifier = wrong(&code);
    for _ in 0..4 {
        refusal(checkout.confirm(visitor, &requested_identifier).await);
    }
    let mut last = Box::pin(checkout.confirm(visitor, &requested_identifier));
    while attempts(&shop, visitor).await < 5 && futures::poll!(&mut last).is_pending() {}
    drop(last);
    while !is_password_needed(&shop, visitor).await {
        tokio::task::yield_now().await;
    }
}
