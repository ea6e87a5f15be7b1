//! Placed orders.

use std::time::Duration;

use domain::{OrderStatus, OrderToken, PaymentStatus, Refusal};

use crate::{
    commerce::{products_on_sale, refusal, shopper, stock},
    support::TestShop,
};

#[tokio::test]
async fn x116_x53_an_order_is_found_by_its_owner_only() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let (owner, other) = (shopper(&shop, 1).await, shopper(&shop, 2).await);
    let token = owner.buy(&shop, &thing).await;
    assert!(shop.orders().by_token(&owner.visitor, &token).await.is_ok());
    let answer = shop.orders().by_token(&other.visitor, &token).await;
    assert_eq!(refusal(answer), Refusal::NotFound);
    let guess = shop.orders().by_token(&owner.visitor, &OrderToken::from_bits(1)).await;
    assert_eq!(refusal(guess), Refusal::NotFound, "wrong and foreign look alike");
    let guest = shop.orders().by_token(&shop.visitor(), &token).await;
    assert_eq!(refusal(guest), Refusal::SignInNeeded);
    assert!(shop.orders().list(&other.visitor).await.unwrap().is_empty());
}

#[tokio::test]
async fn x72_opening_the_receipt_charges_nothing() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let person = shopper(&shop, 1).await;
    person.order(&shop, &thing, "demo_approve").await;
    let token = shop.orders().list(&person.visitor).await.unwrap()[0].token.clone();
    for _ in 0..5 {
        let order = shop.orders().by_token(&person.visitor, &token).await.unwrap();
        assert_eq!((order.status, order.paid_at), (OrderStatus::AwaitingCode, None));
    }
    assert!(shop.gateway.statements().await.unwrap().is_empty());
    assert_eq!(stock(&shop, &thing).await, 9);
}

#[tokio::test]
async fn an_account_lists_its_orders_newest_first() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let person = shopper(&shop, 1).await;
    let first = person.buy(&shop, &thing).await;
    shop.clock.advance(Duration::from_secs(60));
    let second = person.buy(&shop, &thing).await;
    let orders = shop.orders().list(&person.visitor).await.unwrap();
    assert_eq!(orders.iter().map(|order| &order.token).collect::<Vec<_>>(), [&second, &first]);
    assert_eq!((orders[0].count, orders[0].status), (1, OrderStatus::Paid));
    assert_ne!(orders[0].number, orders[1].number);
}

#[tokio::test]
async fn an_order_keeps_its_terms_when_products_change() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let person = shopper(&shop, 1).await;
    let token = person.buy(&shop, &thing).await;
    crate::commerce::set_price(&shop, &thing, 99_00).await;
    let order = shop.orders().by_token(&person.visitor, &token).await.unwrap();
    assert_eq!(order.quote.lines()[0].item.unit.minor(), 10_00);
    assert_eq!(order.payment, Some(PaymentStatus::Captured));
}

#[tokio::test]
async fn an_unconfirmed_order_is_cancelled_after_a_while() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let (late, quick) = (shopper(&shop, 1).await, shopper(&shop, 2).await);
    let code = late.order(&shop, &thing, "demo_approve").await;
    quick.buy(&shop, &thing).await;
    shop.clock.advance(Duration::from_secs(60 * 60));
    shop.orders().sweep().await.unwrap();
    assert_eq!(late.status(&shop).await, OrderStatus::AwaitingCode, "not a moment too early");
    shop.clock.advance(Duration::from_millis(1));
    shop.orders().sweep().await.unwrap();
    assert!(shop.orders().list(&late.visitor).await.unwrap().is_empty());
    assert!(shop.checkout().confirm(&late.visitor, &code).await.is_err());
    assert_eq!(quick.status(&shop).await, OrderStatus::Paid, "what is paid stays");
    // The cart is unchanged, and the order can be placed again.
    let again = late.place_order(&shop).await;
    shop.checkout().confirm(&late.visitor, &again).await.unwrap();
}
