//! The merchant's pages.

use std::time::Duration;

use domain::{Field, OrderId, OrderStatus, PaymentStatus, Problem, Refusal};
use futures::future::join_all;
use shop::{Shop, Visitor, merchant::Merchant};

use crate::{
    commerce::{
        FaultyGateway, GatewayFault, Person, euro, merchant, products_on_sale, refusal, shopper,
        stock, with_gateway,
    },
    support::TestShop,
};

async fn only_order(shop: &TestShop, seller: &Person) -> OrderId {
    let orders = shop.merchant(&seller.visitor).unwrap().orders(None).await.unwrap().orders;
    assert_eq!(orders.len(), 1);
    orders[0].id.clone()
}

#[tokio::test]
async fn sb09_only_the_merchant_gets_the_type_that_has_the_use_cases() {
    // Every use case of the merchant is a method of `Merchant`, which nothing else returns.
    let _: for<'s> fn(&'s Shop, &Visitor) -> shop::Result<Merchant<'s>> = Shop::merchant;
    let shop = TestShop::new().await;
    let (seller, person) = (merchant(&shop, 2).await, shopper(&shop, 1).await);
    assert!(shop.merchant(&seller.visitor).is_ok());
    for visitor in [person.visitor.clone(), shop.visitor()] {
        assert_eq!(refusal(shop.merchant(&visitor)), Refusal::NotFound);
    }
}

#[tokio::test]
async fn an_order_is_shipped_once_and_only_when_paid() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let (seller, person) = (merchant(&shop, 2).await, shopper(&shop, 1).await);
    let code = person.order(&shop, &thing, "demo_approve").await;
    let id = only_order(&shop, &seller).await;
    let ship = async || shop.merchant(&seller.visitor).unwrap().ship(&id).await;
    assert_eq!(refusal(ship().await), Refusal::NotPossible);
    let token = shop.checkout().confirm(&person.visitor, &code).await.unwrap();
    ship().await.unwrap();
    assert_eq!(refusal(ship().await), Refusal::NotPossible);
    let order = shop.orders().by_token(&person.visitor, &token).await.unwrap();
    assert_eq!(order.status, OrderStatus::Shipped);
    assert!(order.shipped_at.is_some());
    let nowhere = shop.merchant(&seller.visitor).unwrap().ship(&OrderId::from_bits(1)).await;
    assert_eq!(refusal(nowhere), Refusal::NotFound);
}

#[tokio::test]
async fn only_an_unpaid_order_can_be_cancelled_which_ends_its_code() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let (seller, person) = (merchant(&shop, 2).await, shopper(&shop, 1).await);
    let code = person.order(&shop, &thing, "demo_approve").await;
    let id = only_order(&shop, &seller).await;
    shop.merchant(&seller.visitor).unwrap().cancel(&id).await.unwrap();
    assert!(shop.checkout().confirm(&person.visitor, &code).await.is_err());
    let cancel = shop.merchant(&seller.visitor).unwrap().cancel(&id).await;
    assert_eq!(refusal(cancel), Refusal::NotPossible);
    let order = shop.merchant(&seller.visitor).unwrap().order(&id).await.unwrap();
    assert_eq!((order.status, order.payment), (OrderStatus::Cancelled, None));
    assert!(shop.gateway.statements().await.unwrap().is_empty());

    shop.clock.advance(Duration::from_secs(60));
    person.buy(&shop, &products_on_sale(&shop, 5_00, 5).await).await;
    let paid =
        shop.merchant(&seller.visitor).unwrap().orders(None).await.unwrap().orders[0].id.clone();
    let cancel = shop.merchant(&seller.visitor).unwrap().cancel(&paid).await;
    assert_eq!(refusal(cancel), Refusal::NotPossible);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x93_twenty_parallel_refunds_pay_back_once() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let (seller, person) = (merchant(&shop, 2).await, shopper(&shop, 1).await);
    let code = person.order(&shop, &thing, "demo_approve").await;
    let id = only_order(&shop, &seller).await;
    let unpaid = shop.merchant(&seller.visitor).unwrap().refund(&id).await;
    assert_eq!(refusal(unpaid), Refusal::NotPossible);
    shop.checkout().confirm(&person.visitor, &code).await.unwrap();
    let answers = join_all((0..20).map(|_| {
        let (shop, visitor, id) = (shop.clone(), seller.visitor.clone(), id.clone());
        tokio::spawn(async move { shop.merchant(&visitor).unwrap().refund(&id).await })
    }))
    .await;
    let given = answers.into_iter().filter(|answer| matches!(answer, Ok(Ok(())))).count();
    assert_eq!(given, 1);
    let order = shop.merchant(&seller.visitor).unwrap().order(&id).await.unwrap();
    let ends = (order.status, order.payment);
    assert_eq!(ends, (OrderStatus::Refunded, Some(PaymentStatus::Refunded)));
    let statements = shop.gateway.statements().await.unwrap();
    assert!(statements.len() == 1 && statements[0].is_refunded);
    let again = shop.merchant(&seller.visitor).unwrap().refund(&id).await;
    assert_eq!(refusal(again), Refusal::NotPossible);
}

#[tokio::test]
async fn x127_a_refund_without_an_answer_is_completed_later_and_once() {
    for fault in [GatewayFault::NeverArrives, GatewayFault::AnswerLost] {
        let shop = TestShop::new().await;
        let thing = products_on_sale(&shop, 10_00, 9).await;
        let (seller, person) = (merchant(&shop, 2).await, shopper(&shop, 1).await);
        person.buy(&shop, &thing).await;
        let id = only_order(&shop, &seller).await;
        let broken = with_gateway(&shop, FaultyGateway::new(&shop, fault));
        broken.merchant(&seller.visitor).unwrap().refund(&id).await.unwrap();
        let order = shop.merchant(&seller.visitor).unwrap().order(&id).await.unwrap();
        assert_eq!(order.payment, Some(PaymentStatus::Refunding));
        let ship = shop.merchant(&seller.visitor).unwrap().ship(&id).await;
        assert_eq!(refusal(ship), Refusal::NotPossible, "not while the money goes back");
        shop.clock.advance(Duration::from_secs(31));
        assert_eq!(shop.payments().reconcile_pending().await.unwrap(), 1);
        assert_eq!(person.status(&shop).await, OrderStatus::Refunded);
        assert!(shop.gateway.statements().await.unwrap()[0].is_refunded);
        assert_eq!(shop.payments().reconcile_pending().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_charge_that_was_never_captured_is_not_refunded() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let (seller, person) = (merchant(&shop, 2).await, shopper(&shop, 1).await);
    person.buy(&shop, &thing).await;
    let id = only_order(&shop, &seller).await;
    let another_bank = TestShop::new().await.gateway.clone();
    let confused = with_gateway(&shop, another_bank);
    let refund = confused.merchant(&seller.visitor).unwrap().refund(&id).await;
    assert_eq!(refusal(refund), Refusal::NotPossible);
    let order = shop.merchant(&seller.visitor).unwrap().order(&id).await.unwrap();
    assert_eq!((order.status, order.payment), (OrderStatus::Paid, Some(PaymentStatus::Captured)));
    shop.merchant(&seller.visitor).unwrap().refund(&id).await.unwrap();
}

#[tokio::test]
async fn prices_and_stock_are_set_by_plain_numbers_only() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let seller = merchant(&shop, 2).await.visitor;
    let merchant = shop.merchant(&seller).unwrap();
    merchant.set_price(&thing, "12,50").await.unwrap();
    merchant.set_stock(&thing, "3").await.unwrap();
    let variant = merchant.products().await.unwrap().remove(0).variants.remove(0);
    assert_eq!((variant.price, variant.stock), (euro(12_50), 3));
    let card = shop.catalogue().list(&shop::Filter::default()).await.unwrap().products.remove(0);
    assert_eq!(card.from, euro(12_50), "the list follows");
    for entered in ["-1", "NaN", "1e309", "9223372036854775808", ""] {
        let price = merchant.set_price(&thing, entered).await;
        assert_eq!(refusal(price), Refusal::Invalid(vec![Problem::Line(Field::Price)]));
        let pieces = merchant.set_stock(&thing, entered).await;
        assert_eq!(refusal(pieces), Refusal::Invalid(vec![Problem::Line(Field::Stock)]));
    }
    assert_eq!(stock(&shop, &thing).await, 3);
    let unknown = domain::VariantId::from_bits(u128::MAX);
    assert_eq!(refusal(merchant.set_price(&unknown, "1").await), Refusal::NotFound);
}

#[tokio::test]
async fn x114_the_message_log_shows_no_number_and_no_code() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let (seller, person) = (merchant(&shop, 2).await, shopper(&shop, 1).await);
    let code = person.order(&shop, &thing, "demo_approve").await;
    let messages = shop.merchant(&seller.visitor).unwrap().messages(None).await.unwrap().messages;
    assert_eq!(messages.len(), 1);
    let text = format!("{messages:?}");
    assert!(messages[0].masked_phone.ends_with("01"));
    assert!(!text.contains("7700900") && !text.contains(&code));
    assert_eq!(messages[0].provider, "simulator");
}

#[tokio::test]
async fn orders_come_in_pages_of_fifty() {
    let shop = TestShop::new().await;
    let seller = merchant(&shop, 999).await;
    for number in 0..53 {
        let thing = products_on_sale(&shop, 10_00, 9).await;
        shop.clock.advance(Duration::from_secs(1));
        shopper(&shop, number).await.order(&shop, &thing, "demo_approve").await;
    }
    let first = shop.merchant(&seller.visitor).unwrap().orders(None).await.unwrap();
    let second =
        shop.merchant(&seller.visitor).unwrap().orders(first.next.as_deref()).await.unwrap();
    assert_eq!((first.orders.len(), second.orders.len()), (50, 3));
    assert!(second.next.is_none());
    assert!(first.orders[49].created_at > second.orders[0].created_at);
}
