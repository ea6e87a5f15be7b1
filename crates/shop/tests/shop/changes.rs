//! A payment code is bound to the order as it was shown. A change after it was sent makes the
//! code wrong.

use domain::{Address, OrderStatus, Refusal};
use shop::{Settings, audit::Event};

use crate::{
    checkout::{GOOD, taken, waiting},
    commerce::{
        Person, address, euro, products_on_sale, recorded, refusal, set_price, stock, with,
    },
    people,
    support::{TestShop, settings},
};

/// Checks that the right code is refused because something changed, and stays refused.
async fn ensure_changed(shop: &TestShop, person: &Person, code: &str) {
    let confirm = async || shop.checkout().confirm(&person.visitor, code).await;
    assert_eq!(refusal(confirm().await), Refusal::OrderChanged);
    assert_eq!(recorded(shop, Event::BindingChanged).await, 1);
    assert_eq!(refusal(confirm().await), Refusal::WrongOrExpired { left: 0 });
    assert_eq!((person.status(shop).await, taken(shop).await), (OrderStatus::AwaitingCode, 0));
}

#[tokio::test]
async fn x75_so17_sr10_a_changed_cart_ends_the_code_and_is_audited() {
    let shop = TestShop::new().await;
    let (person, thing, code) = waiting(&shop).await;
    let other_tab = products_on_sale(&shop, 5_00, 9).await;
    person.add_to_cart(&shop, &other_tab, 1).await;
    ensure_changed(&shop, &person, &code).await;
    let again = person.place_order(&shop).await;
    let token = shop.checkout().confirm(&person.visitor, &again).await.unwrap();
    let order = shop.orders().by_token(&person.visitor, &token).await.unwrap();
    assert_eq!(order.quote.total(), euro(19_90));
    assert_eq!((stock(&shop, &thing).await, stock(&shop, &other_tab).await), (8, 8));
}

#[tokio::test]
async fn x75_a_swap_at_the_same_price_ends_the_code_too() {
    let shop = TestShop::new().await;
    let (person, thing, code) = waiting(&shop).await;
    let other_product = products_on_sale(&shop, 10_00, 9).await;
    shop.carts().remove(&person.visitor, None, &thing).await.unwrap();
    person.add_to_cart(&shop, &other_product, 1).await;
    ensure_changed(&shop, &person, &code).await;
}

#[tokio::test]
async fn x75_an_emptied_cart_ends_the_code() {
    let shop = TestShop::new().await;
    let (person, thing, code) = waiting(&shop).await;
    shop.carts().remove(&person.visitor, None, &thing).await.unwrap();
    ensure_changed(&shop, &person, &code).await;
}

#[tokio::test]
async fn x76_sr08_a_changed_price_ends_the_code() {
    let shop = TestShop::new().await;
    let (person, thing, code) = waiting(&shop).await;
    set_price(&shop, &thing, 9_99).await;
    ensure_changed(&shop, &person, &code).await;
    person.place_order(&shop).await;
    let shown = shop.checkout().confirmation(&person.visitor).await.unwrap().unwrap();
    assert_eq!(shown.quote.total(), euro(14_89), "the new amount is shown");
}

#[tokio::test]
async fn x76_another_shipping_or_payment_method_ends_the_code() {
    let shop = TestShop::new().await;
    let (person, _, code) = waiting(&shop).await;
    shop.checkout().set_shipping(&person.visitor, "express").await.unwrap();
    ensure_changed(&shop, &person, &code).await;

    let shop = TestShop::new().await;
    let (person, _, code) = waiting(&shop).await;
    shop.checkout().set_method(&person.visitor, "demo_timeout").await.unwrap();
    ensure_changed(&shop, &person, &code).await;
}

#[tokio::test]
async fn x77_another_delivery_address_ends_the_code() {
    let shop = TestShop::new().await;
    let (person, _, code) = waiting(&shop).await;
    let elsewhere = Address { street: "2 Thief Street".into(), ..address() };
    shop.checkout().set_address(&person.visitor, elsewhere).await.unwrap();
    ensure_changed(&shop, &person, &code).await;
}

#[tokio::test]
async fn x77_another_payee_or_currency_ends_the_code() {
    for change in [
        Settings { shop_name: "Another Shop".into(), ..settings() },
        Settings { currency: domain::Currency::parse("USD").unwrap(), ..settings() },
    ] {
        let shop = TestShop::new().await;
        let (person, _, code) = waiting(&shop).await;
        let other = with(&shop, shop.gateway.clone(), change);
        let answer = other.checkout().confirm(&person.visitor, &code).await;
        if let Err(shop::Error::Refused(refused)) = answer {
            assert_eq!(refused, Refusal::OrderChanged);
        }
        assert_eq!(
            (person.status(&shop).await, taken(&shop).await),
            (OrderStatus::AwaitingCode, 0)
        );
    }
}

#[tokio::test]
async fn x79_sr09_a_code_for_a_small_order_does_not_pay_a_large_one() {
    let shop = TestShop::new().await;
    let (person, _, small) = waiting(&shop).await;
    let dear = products_on_sale(&shop, 100_000, 9).await;
    person.add_to_cart(&shop, &dear, 1).await;
    let large = person.place_order(&shop).await;
    assert_ne!(small, large);
    let answer = shop.checkout().confirm(&person.visitor, &small).await;
    assert_eq!(refusal(answer), Refusal::WrongOrExpired { left: 4 });
    assert_eq!(taken(&shop).await, 0);
    shop.checkout().confirm(&person.visitor, &large).await.unwrap();
}

#[tokio::test]
async fn x19_a_code_for_something_else_does_not_pay() {
    let shop = TestShop::new().await;
    let person = people::Person::new(&shop, 7).await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let visitor = person.signed_in(&shop).await;
    let login = shop.last_code(&person.phone).await;
    let buyer = Person { visitor, phone: person.phone.clone() };
    let payment = buyer.order(&shop, &thing, GOOD).await;
    assert_ne!(login, payment);
    let answer = shop.checkout().confirm(&buyer.visitor, &login).await;
    assert_eq!(refusal(answer), Refusal::WrongOrExpired { left: 4 });
    assert_eq!(taken(&shop).await, 0);
}
