//! The checkout, the code of the payment and the paid order.

use std::time::Duration;

use domain::{Address, AdjustmentKind, Field, Money, OrderStatus, Problem, Quote, Refusal};
use futures::future::join_all;
use shop::Step;

use crate::{
    commerce::{
        Person, address, euro, merchant, pieces, products_on_sale, refusal, set_stock, shopper,
        stock, wrong,
    },
    people,
    support::TestShop,
};

fn shipping(quote: &Quote) -> Money {
    quote.adjusted_by(AdjustmentKind::Shipping).unwrap()
}

/// A card that is accepted.
pub const GOOD: &str = "demo_approve";

/// How often was charged.
pub async fn taken(shop: &TestShop) -> usize {
    shop.gateway.statements().await.unwrap().len()
}

/// A shopper whose order of one product for €10 waits for this code.
pub async fn waiting(shop: &TestShop) -> (Person, domain::VariantId, String) {
    let thing = products_on_sale(shop, 10_00, 9).await;
    let person = shopper(shop, 1).await;
    let code = person.order(shop, &thing, GOOD).await;
    (person, thing, code)
}

#[tokio::test]
async fn sb01_a_checkout_step_out_of_order_is_refused() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let person = shopper(&shop, 1).await;
    let (checkout, visitor) = (shop.checkout(), &person.visitor);
    assert_eq!(refusal(checkout.view(visitor).await), Refusal::CartEmpty);
    assert_eq!(refusal(checkout.set_address(visitor, address()).await), Refusal::CartEmpty);
    person.add_to_cart(&shop, &thing, 1).await;

    assert_eq!(checkout.view(visitor).await.unwrap().next, Step::Address);
    assert_eq!(refusal(checkout.set_shipping(visitor, "express").await), Refusal::NotPossible);
    assert_eq!(refusal(checkout.set_method(visitor, GOOD).await), Refusal::NotPossible);
    assert!(matches!(refusal(checkout.place(visitor).await), Refusal::Invalid(_)));
    checkout.set_address(visitor, address()).await.unwrap();
    assert_eq!(checkout.view(visitor).await.unwrap().next, Step::Shipping);
    assert_eq!(refusal(checkout.set_method(visitor, GOOD).await), Refusal::NotPossible);
    checkout.set_shipping(visitor, "express").await.unwrap();
    assert_eq!(checkout.view(visitor).await.unwrap().next, Step::Payment);
    assert!(matches!(refusal(checkout.place(visitor).await), Refusal::Invalid(_)));
    checkout.set_method(visitor, GOOD).await.unwrap();
    assert_eq!(checkout.view(visitor).await.unwrap().next, Step::Review);
    assert!(checkout.confirmation(visitor).await.unwrap().is_none());
    checkout.place(visitor).await.unwrap();
    assert!(checkout.confirmation(visitor).await.unwrap().is_some());
}

#[tokio::test]
async fn a_guest_needs_to_sign_in_for_the_checkout() {
    let shop = TestShop::new().await;
    let guest = shop.visitor();
    let checkout = shop.checkout();
    assert_eq!(refusal(checkout.view(&guest).await), Refusal::SignInNeeded);
    assert_eq!(refusal(checkout.place(&guest).await), Refusal::SignInNeeded);
    assert_eq!(refusal(checkout.confirm(&guest, "123456").await), Refusal::SignInNeeded);
}

#[tokio::test]
async fn x78_only_what_the_shop_offers_can_be_chosen() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let person = shopper(&shop, 1).await;
    person.add_to_cart(&shop, &thing, 1).await;
    let (checkout, visitor) = (shop.checkout(), &person.visitor);
    let choice = |field| Refusal::Invalid(vec![Problem::Choice(field)]);
    for way in ["", "free", "Standard", "standard; drop table orders"] {
        assert_eq!(refusal(checkout.set_shipping(visitor, way).await), choice(Field::Shipping));
    }
    for method in ["", "cash", "demo_approve "] {
        assert_eq!(refusal(checkout.set_method(visitor, method).await), choice(Field::Payment));
    }
    let nowhere = Address { country: "XX".into(), ..address() };
    assert_eq!(refusal(checkout.set_address(visitor, nowhere).await), choice(Field::Country));
    let bad = Address { country: "XX".into(), city: String::new(), ..address() };
    let both = vec![Problem::Line(Field::City), Problem::Choice(Field::Country)];
    assert_eq!(refusal(checkout.set_address(visitor, bad).await), Refusal::Invalid(both));
}

#[tokio::test]
async fn totals_come_from_the_rows_and_standard_shipping_is_free_from_sixty_euros() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 20_00, 9).await;
    let person = shopper(&shop, 1).await;
    person.add_to_cart(&shop, &thing, 2).await;
    person.fill_checkout(&shop, GOOD).await;
    let quote = shop.checkout().view(&person.visitor).await.unwrap().quote;
    assert_eq!((shipping(&quote), quote.total()), (euro(4_90), euro(44_90)));
    person.add_to_cart(&shop, &thing, 1).await;
    let quote = shop.checkout().view(&person.visitor).await.unwrap().quote;
    assert_eq!((shipping(&quote), quote.total()), (euro(0), euro(60_00)));
    shop.checkout().set_shipping(&person.visitor, "express").await.unwrap();
    let quote = shop.checkout().view(&person.visitor).await.unwrap().quote;
    assert_eq!(quote.total(), euro(71_90));
}

#[tokio::test]
async fn so10_sr07_the_shopper_sees_exactly_what_is_bound_and_charged() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let person = shopper(&shop, 1).await;
    person.add_to_cart(&shop, &thing, 3).await;
    person.fill_checkout(&shop, GOOD).await;
    let code = person.place_order(&shop).await;
    let shown = shop.checkout().confirmation(&person.visitor).await.unwrap().unwrap();
    assert_eq!(shown.payee, "Marigold");
    assert_eq!(shown.address, address());
    assert_eq!(shown.quote.total(), euro(34_90));
    assert_eq!((shown.quote.lines().len(), shown.quote.pieces()), (1, 3));
    assert!(shown.order_number.starts_with("M-2026-"));
    assert!(shown.code.is_live() && shown.code.masked_phone.ends_with("01"));
    let token = shop.checkout().confirm(&person.visitor, &code).await.unwrap();
    let order = shop.orders().by_token(&person.visitor, &token).await.unwrap();
    assert_eq!((order.status, order.number), (OrderStatus::Paid, shown.order_number));
    assert_eq!(order.quote, shown.quote);
    let charged = shop.gateway.statements().await.unwrap();
    assert_eq!((charged.len(), charged[0].amount), (1, shown.quote.total()));
    assert!(shop.carts().view(&person.visitor, None).await.unwrap().lines.is_empty());
    assert_eq!(stock(&shop, &thing).await, 6);
    assert!(shop.checkout().confirmation(&person.visitor).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x80_twenty_parallel_confirmations_make_one_payment() {
    let shop = TestShop::new().await;
    let (person, thing, code) = waiting(&shop).await;
    let answers = join_all((0..20).map(|_| {
        let (shop, visitor, code) = (shop.clone(), person.visitor.clone(), code.clone());
        tokio::spawn(async move { shop.checkout().confirm(&visitor, &code).await })
    }))
    .await;
    let tokens: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().unwrap()).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!((taken(&shop).await, stock(&shop, &thing).await), (1, 8));
    assert_eq!(person.status(&shop).await, OrderStatus::Paid);
    assert_eq!(shop.orders().list(&person.visitor).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x134_parallel_confirmations_on_two_servers_make_one_payment() {
    let shop = TestShop::new().await;
    let (person, thing, code) = waiting(&shop).await;
    let other_process = shop.another_process().await;
    let answers = join_all((0..20).map(|number| {
        let server = if number % 2 == 0 { shop.clone() } else { other_process.clone() };
        let (visitor, code) = (person.visitor.clone(), code.clone());
        tokio::spawn(async move { server.checkout().confirm(&visitor, &code).await })
    }))
    .await;
    assert!(answers.into_iter().any(|answer| answer.unwrap().is_ok()));
    assert_eq!((taken(&shop).await, stock(&shop, &thing).await), (1, 8));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x83_sb03_fifty_buyers_of_the_last_piece_make_one_order() {
    let shop = TestShop::new().await;
    let last = products_on_sale(&shop, 10_00, 1).await;
    let mut ready = Vec::new();
    for number in 0..50 {
        let person = shopper(&shop, number).await;
        let code = person.order(&shop, &last, GOOD).await;
        ready.push((person, code));
    }
    let answers = join_all(ready.iter().map(|(person, code)| {
        let (shop, visitor, code) = (shop.clone(), person.visitor.clone(), code.clone());
        tokio::spawn(async move { shop.checkout().confirm(&visitor, &code).await })
    }))
    .await;
    let mut bought = 0;
    for answer in answers {
        match answer.unwrap() {
            Ok(_) => bought += 1,
            answer => assert_eq!(refusal(answer), Refusal::OutOfStock { left: 0 }),
        }
    }
    assert_eq!((bought, taken(&shop).await, stock(&shop, &last).await), (1, 1, 0));
    let mut paid = 0;
    for (person, _) in &ready {
        paid += usize::from(person.status(&shop).await == OrderStatus::Paid);
    }
    assert_eq!(paid, 1);
}

#[tokio::test]
async fn a_sold_out_order_charges_nothing_and_keeps_the_code_valid() {
    let shop = TestShop::new().await;
    let (person, thing, code) = waiting(&shop).await;
    set_stock(&shop, &thing, 0).await;
    let answer = shop.checkout().confirm(&person.visitor, &code).await;
    assert_eq!(refusal(answer), Refusal::OutOfStock { left: 0 });
    assert_eq!((person.status(&shop).await, taken(&shop).await), (OrderStatus::AwaitingCode, 0));
    set_stock(&shop, &thing, 2).await;
    shop.checkout().confirm(&person.visitor, &code).await.unwrap();
    assert_eq!(stock(&shop, &thing).await, 1);
}

#[tokio::test]
async fn an_order_reserves_all_of_its_lines_or_none() {
    let shop = TestShop::new().await;
    let (person, thing, _) = waiting(&shop).await;
    let other = products_on_sale(&shop, 5_00, 5).await;
    person.add_to_cart(&shop, &other, 5).await;
    let code = person.place_order(&shop).await;
    set_stock(&shop, &other, 4).await;
    let answer = shop.checkout().confirm(&person.visitor, &code).await;
    assert_eq!(refusal(answer), Refusal::OutOfStock { left: 4 });
    assert_eq!((stock(&shop, &thing).await, stock(&shop, &other).await), (9, 4));
}

#[tokio::test]
async fn an_order_beyond_the_stock_cannot_be_placed() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 5).await;
    let person = shopper(&shop, 1).await;
    person.add_to_cart(&shop, &thing, 5).await;
    person.fill_checkout(&shop, GOOD).await;
    set_stock(&shop, &thing, 3).await;
    let answer = shop.checkout().place(&person.visitor).await;
    assert_eq!(refusal(answer), Refusal::OutOfStock { left: 3 });
    assert!(shop.messages(&person.phone).await.is_empty(), "and no code is sent");
}

#[tokio::test]
async fn x88_the_order_of_another_account_cannot_be_paid() {
    let shop = TestShop::new().await;
    let (person, _, code) = waiting(&shop).await;
    let mut thief = shopper(&shop, 2).await;
    let answer = shop.checkout().confirm(&thief.visitor, &code).await;
    assert_eq!(refusal(answer), Refusal::WrongOrExpired { left: 0 });
    // It is refused even in the same browser.
    thief.visitor.browser = person.visitor.browser.clone();
    assert!(shop.checkout().confirmation(&thief.visitor).await.unwrap().is_none());
    assert!(shop.checkout().confirm(&thief.visitor, &code).await.is_err());
    assert_eq!((person.status(&shop).await, taken(&shop).await), (OrderStatus::AwaitingCode, 0));
}

#[tokio::test]
async fn x23_a_payment_code_is_valid_only_in_its_browser() {
    let shop = TestShop::new().await;
    let (person, _, code) = waiting(&shop).await;
    let elsewhere = shop::Visitor { browser: shop.visitor().browser, ..person.visitor.clone() };
    let answer = shop.checkout().confirm(&elsewhere, &code).await;
    assert_eq!(refusal(answer), Refusal::WrongOrExpired { left: 0 });
    shop.checkout().confirm(&person.visitor, &code).await.unwrap();
}

#[tokio::test]
async fn x24_x25_x89_without_the_code_nothing_is_paid() {
    let shop = TestShop::new().await;
    let (person, thing, code) = waiting(&shop).await;
    for requested_identifier in ["", "verified=true", "000000; paid", "1234567", &wrong(&code)] {
        assert!(
            shop.checkout().confirm(&person.visitor, requested_identifier).await.is_err(),
            "{requested_identifier}"
        );
    }
    let token = shop.orders().list(&person.visitor).await.unwrap()[0].token.clone();
    let order = shop.orders().by_token(&person.visitor, &token).await.unwrap();
    assert_eq!((order.status, order.payment), (OrderStatus::AwaitingCode, None));
    shop.payments().reconcile_pending().await.unwrap();
    assert_eq!((taken(&shop).await, stock(&shop, &thing).await), (0, 9));
    // The merchant cannot do it either.
    let seller = merchant(&shop, 2).await.visitor;
    let merchant = shop.merchant(&seller).unwrap();
    let id = merchant.orders(None).await.unwrap().orders[0].id.clone();
    let version = merchant.order(&id).await.unwrap().version;
    assert_eq!(refusal(merchant.ship(&id, version).await), Refusal::NotPossible);
}

#[tokio::test]
async fn x91_sr05_a_payment_code_expires_after_five_minutes() {
    let shop = TestShop::new().await;
    let (person, _, code) = waiting(&shop).await;
    shop.clock.advance(Duration::from_secs(300));
    let answer = shop.checkout().confirm(&person.visitor, &code).await;
    assert_eq!(refusal(answer), Refusal::WrongOrExpired { left: 0 });
    assert_eq!(taken(&shop).await, 0);
    let again = person.place_order(&shop).await;
    shop.clock.advance(Duration::from_secs(299));
    shop.checkout().confirm(&person.visitor, &again).await.unwrap();
}

#[tokio::test]
async fn x92_a_trusted_device_pays_nothing_without_the_code() {
    let shop = TestShop::new().await;
    let person = people::Person::new(&shop, 7).await;
    let (visitor, _) = person.trusted(&shop).await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let buyer = Person { visitor, phone: person.phone.clone() };
    let code = buyer.order(&shop, &thing, GOOD).await;
    let status = buyer.status(&shop).await;
    assert_eq!((status, taken(&shop).await), (OrderStatus::AwaitingCode, 0));
    assert!(shop.checkout().confirm(&buyer.visitor, "").await.is_err());
    assert!(shop.checkout().confirm(&buyer.visitor, &wrong(&code)).await.is_err());
    assert_eq!(taken(&shop).await, 0);
    shop.checkout().confirm(&buyer.visitor, &code).await.unwrap();
}

#[tokio::test]
async fn placing_again_revises_the_order_and_ends_the_older_code() {
    let shop = TestShop::new().await;
    let (person, _, first) = waiting(&shop).await;
    assert_eq!(person.place_order(&shop).await, first, "unchanged, and within a minute");
    shop.clock.advance(std::time::Duration::from_secs(60));
    let second = person.place_order(&shop).await;
    assert_ne!(first, second, "a new version has a new code");
    let answer = shop.checkout().confirm(&person.visitor, &first).await;
    assert_eq!(refusal(answer), Refusal::WrongOrExpired { left: 4 });
    shop.checkout().confirm(&person.visitor, &second).await.unwrap();
    assert_eq!(shop.orders().list(&person.visitor).await.unwrap().len(), 1);
}

#[tokio::test]
async fn x85_a_total_that_overflows_is_an_error_and_no_order() {
    let shop = TestShop::new().await;
    let person = shopper(&shop, 1).await;
    let dear = products_on_sale(&shop, i64::MAX - 1, 9).await;
    person.add_to_cart(&shop, &dear, 1).await;
    person.fill_checkout(&shop, GOOD).await;
    let cheap = products_on_sale(&shop, 10_00, 9).await;
    shop.carts().add(&person.visitor, None, &cheap, pieces(1)).await.unwrap();
    assert!(matches!(shop.checkout().place(&person.visitor).await, Err(shop::Error::Failed(_))));
    assert!(shop.orders().list(&person.visitor).await.unwrap().is_empty());
}
