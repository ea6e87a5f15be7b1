//! The merchant's pages.

use std::time::Duration;

use domain::{
    Field, OrderId, OrderStatus, OrderVersion, Outdated, PaymentStatus, Problem, ProductId,
    Refusal, StockChangeId, VariantId,
};
use futures::future::join_all;
use shop::{
    Shop, Visitor,
    merchant::{Merchant, MerchantVariant},
};
use store::transaction;

use crate::{
    commerce::{
        FaultyGateway, GatewayFault, Person, euro, merchant, pieces, products_on_sale, refusal,
        set_price, set_stock, shopper, stock, with_gateway,
    },
    support::TestShop,
};

async fn only_order(shop: &TestShop, seller: &Person) -> OrderId {
    let orders = shop.merchant(&seller.visitor).unwrap().orders(None).await.unwrap().orders;
    assert_eq!(orders.len(), 1);
    orders[0].id.clone()
}

/// The version of an order that its page shows now.
async fn shown(shop: &TestShop, seller: &Person, id: &OrderId) -> OrderVersion {
    shop.merchant(&seller.visitor).unwrap().order(id).await.unwrap().version
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
    let ship = async || {
        let shown = shown(&shop, &seller, &id).await;
        shop.merchant(&seller.visitor).unwrap().ship(&id, shown).await
    };
    assert_eq!(refusal(ship().await), Refusal::NotPossible);
    let token = shop.checkout().confirm(&person.visitor, &code).await.unwrap();
    ship().await.unwrap();
    assert_eq!(refusal(ship().await), Refusal::NotPossible);
    let order = shop.orders().by_token(&person.visitor, &token).await.unwrap();
    assert_eq!(order.status, OrderStatus::Shipped);
    assert!(order.shipped_at.is_some());
    let shown = OrderVersion { status: OrderStatus::Paid, number: 1 };
    let nowhere = shop.merchant(&seller.visitor).unwrap().ship(&OrderId::from_bits(1), shown).await;
    assert_eq!(refusal(nowhere), Refusal::NotFound);
}

#[tokio::test]
async fn only_an_unpaid_order_can_be_cancelled_which_ends_its_code() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let (seller, person) = (merchant(&shop, 2).await, shopper(&shop, 1).await);
    let code = person.order(&shop, &thing, "demo_approve").await;
    let id = only_order(&shop, &seller).await;
    let waiting = shown(&shop, &seller, &id).await;
    shop.merchant(&seller.visitor).unwrap().cancel(&id, waiting).await.unwrap();
    assert!(shop.checkout().confirm(&person.visitor, &code).await.is_err());
    let cancelled = shown(&shop, &seller, &id).await;
    let cancel = shop.merchant(&seller.visitor).unwrap().cancel(&id, cancelled).await;
    assert_eq!(refusal(cancel), Refusal::NotPossible);
    let order = shop.merchant(&seller.visitor).unwrap().order(&id).await.unwrap();
    assert_eq!((order.status, order.payment), (OrderStatus::Cancelled, None));
    assert!(shop.gateway.statements().await.unwrap().is_empty());

    shop.clock.advance(Duration::from_secs(60));
    person.buy(&shop, &products_on_sale(&shop, 5_00, 5).await).await;
    let paid =
        shop.merchant(&seller.visitor).unwrap().orders(None).await.unwrap().orders[0].id.clone();
    let shown = shown(&shop, &seller, &paid).await;
    let cancel = shop.merchant(&seller.visitor).unwrap().cancel(&paid, shown).await;
    assert_eq!(refusal(cancel), Refusal::NotPossible);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x93_twenty_parallel_refunds_pay_back_once() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let (seller, person) = (merchant(&shop, 2).await, shopper(&shop, 1).await);
    let code = person.order(&shop, &thing, "demo_approve").await;
    let id = only_order(&shop, &seller).await;
    let waiting = shown(&shop, &seller, &id).await;
    let unpaid = shop.merchant(&seller.visitor).unwrap().refund(&id, waiting).await;
    assert_eq!(refusal(unpaid), Refusal::NotPossible);
    shop.checkout().confirm(&person.visitor, &code).await.unwrap();
    let paid = shown(&shop, &seller, &id).await;
    let answers = join_all((0..20).map(|_| {
        let (shop, visitor, id) = (shop.clone(), seller.visitor.clone(), id.clone());
        tokio::spawn(async move { shop.merchant(&visitor).unwrap().refund(&id, paid).await })
    }))
    .await;
    let given = answers.into_iter().filter(|answer| matches!(answer, Ok(Ok(())))).count();
    assert_eq!(given, 1);
    let order = shop.merchant(&seller.visitor).unwrap().order(&id).await.unwrap();
    let ends = (order.status, order.payment);
    assert_eq!(ends, (OrderStatus::Refunded, Some(PaymentStatus::Refunded)));
    let statements = shop.gateway.statements().await.unwrap();
    assert!(statements.len() == 1 && statements[0].is_refunded);
    let refunded = shown(&shop, &seller, &id).await;
    let again = shop.merchant(&seller.visitor).unwrap().refund(&id, refunded).await;
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
        let paid = shown(&shop, &seller, &id).await;
        broken.merchant(&seller.visitor).unwrap().refund(&id, paid).await.unwrap();
        let order = shop.merchant(&seller.visitor).unwrap().order(&id).await.unwrap();
        assert_eq!(order.payment, Some(PaymentStatus::Refunding));
        let ship = shop.merchant(&seller.visitor).unwrap().ship(&id, paid).await;
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
    let paid = shown(&shop, &seller, &id).await;
    let refund = confused.merchant(&seller.visitor).unwrap().refund(&id, paid).await;
    assert_eq!(refusal(refund), Refusal::NotPossible);
    let order = shop.merchant(&seller.visitor).unwrap().order(&id).await.unwrap();
    assert_eq!((order.status, order.payment), (OrderStatus::Paid, Some(PaymentStatus::Captured)));
    shop.merchant(&seller.visitor).unwrap().refund(&id, paid).await.unwrap();
}

#[tokio::test]
async fn an_order_that_moved_on_is_neither_cancelled_nor_shipped_nor_refunded() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let (seller, person) = (merchant(&shop, 2).await, shopper(&shop, 1).await);
    person.order(&shop, &thing, "demo_approve").await;
    let id = only_order(&shop, &seller).await;
    let merchant = shop.merchant(&seller.visitor).unwrap();
    let first = shown(&shop, &seller, &id).await;
    person.add_to_cart(&shop, &thing, 1).await;
    shop.checkout().place(&person.visitor).await.unwrap();
    let second = shown(&shop, &seller, &id).await;
    assert_eq!((first.number, second.number), (1, 2), "the shopper revised it");
    let outdated = |shown, now| Refusal::Outdated(Outdated::Order { shown, now });
    assert_eq!(refusal(merchant.cancel(&id, first).await), outdated(first, second));
    let code = shop.last_code(&person.phone).await;
    shop.checkout().confirm(&person.visitor, &code).await.unwrap();
    let paid = shown(&shop, &seller, &id).await;
    assert_eq!(refusal(merchant.cancel(&id, second).await), outdated(second, paid));
    merchant.ship(&id, paid).await.unwrap();
    let shipped = shown(&shop, &seller, &id).await;
    assert_eq!(refusal(merchant.refund(&id, paid).await), outdated(paid, shipped));
    assert_eq!(refusal(merchant.ship(&id, paid).await), outdated(paid, shipped), "a double click");
    assert!(!shop.gateway.statements().await.unwrap()[0].is_refunded);
    merchant.refund(&id, shipped).await.unwrap();
    let refunded = shown(&shop, &seller, &id).await;
    assert_eq!(refusal(merchant.refund(&id, shipped).await), outdated(shipped, refunded));
}

/// The stock and the price of a variant, and whether its product is listed.
async fn product_now(shop: &TestShop, variant: &VariantId) -> (u32, i64, bool) {
    let mut rows = shop.db.read().await.unwrap();
    let found = rows.variants().find(variant).await.unwrap().unwrap();
    let all = rows.products().all().await.unwrap();
    let product = all.into_iter().find(|product| product.id == found.product).unwrap();
    (found.stock, found.price.minor(), product.is_listed)
}

#[tokio::test]
async fn prices_and_stock_are_set_by_plain_numbers_only() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 9).await;
    let seller = merchant(&shop, 2).await.visitor;
    let merchant = shop.merchant(&seller).unwrap();
    merchant.set_price(&thing, 10_00, "12,50").await.unwrap();
    merchant.set_stock(&thing, 9, "3").await.unwrap();
    let variant = merchant.products().await.unwrap().remove(0).variants.remove(0);
    assert_eq!((variant.price, variant.stock), (euro(12_50), 3));
    let card = shop.catalogue().list(&shop::Filter::default()).await.unwrap().products.remove(0);
    assert_eq!(card.from, euro(12_50), "the list follows");
    for entered in ["-1", "NaN", "1e309", "9223372036854775808", ""] {
        let price = merchant.set_price(&thing, 12_50, entered).await;
        assert_eq!(refusal(price), Refusal::Invalid(vec![Problem::Line(Field::Price)]));
        let pieces = merchant.set_stock(&thing, 3, entered).await;
        assert_eq!(refusal(pieces), Refusal::Invalid(vec![Problem::Line(Field::Stock)]));
    }
    assert_eq!(stock(&shop, &thing).await, 3);
    let unknown = domain::VariantId::from_bits(u128::MAX);
    assert_eq!(refusal(merchant.set_price(&unknown, 1, "1").await), Refusal::NotFound);
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

/// What happens between loading the page and sending its form.
#[derive(Clone, Copy, Debug)]
enum Meanwhile {
    Nothing,
    Sold(u32),
    Returned(u32),
    Received(&'static str),
    StockSet(u32),
    PriceSet(i64),
    Hidden,
}

/// The form that is sent. The page showed nine pieces for ten euros, on the shelf.
#[derive(Clone, Copy, Debug)]
enum Form {
    Stock(&'static str),
    Price(&'static str),
    Pieces(&'static str),
    Hide,
    Show,
}

const STOCK: u32 = 9;
const PRICE: i64 = 10_00;

fn price(shown: i64, now: i64) -> Outdated {
    Outdated::Price { shown: euro(shown), now: euro(now) }
}

fn outdated_stock(now: u32) -> Option<Refusal> {
    Some(Refusal::Outdated(Outdated::Stock { shown: STOCK, now }))
}

#[tokio::test]
async fn a_form_of_an_older_page_overwrites_nobodys_work() {
    use {Form::*, Meanwhile::*};
    let listing = |is_listed| Some(Refusal::Outdated(Outdated::Listing { is_listed }));
    let pieces = || Some(Refusal::Invalid(vec![Problem::Line(Field::Pieces)]));
    let cases = [
        (Nothing, Stock("20"), None, (20, PRICE, true)),
        (Sold(1), Stock("20"), outdated_stock(8), (8, PRICE, true)),
        (Sold(9), Stock("20"), outdated_stock(0), (0, PRICE, true)),
        (Returned(2), Stock("9"), outdated_stock(11), (11, PRICE, true)),
        (StockSet(4), Stock("20"), outdated_stock(4), (4, PRICE, true)),
        (Received("+5"), Stock("12"), outdated_stock(14), (14, PRICE, true)),
        // What is wanted is there already: a double click, or two who counted the same.
        (StockSet(20), Stock("20"), None, (20, PRICE, true)),
        (Sold(9), Stock("0"), None, (0, PRICE, true)),
        // Another number of the same variant is nobody's work on this one.
        (PriceSet(11_00), Stock("20"), None, (20, 11_00, true)),
        (Sold(1), Price("12"), None, (8, 12_00, true)),
        (Hidden, Price("12"), None, (9, 12_00, false)),
        (PriceSet(11_00), Price("12"), Some(price(PRICE, 11_00).into()), (9, 11_00, true)),
        (PriceSet(12_00), Price("12"), None, (9, 12_00, true)),
        // A difference needs no older value, but it stays within its bounds.
        (Sold(1), Pieces("+5"), None, (13, PRICE, true)),
        (StockSet(4), Pieces("-4"), None, (0, PRICE, true)),
        (Sold(6), Pieces("-4"), pieces(), (3, PRICE, true)),
        (StockSet(999_999), Pieces("2"), pieces(), (999_999, PRICE, true)),
        (Nothing, Hide, None, (9, PRICE, false)),
        (Hidden, Hide, listing(false), (9, PRICE, false)),
        (Nothing, Show, listing(true), (9, PRICE, true)),
    ];
    let shop = TestShop::new().await;
    let seller = merchant(&shop, 2).await.visitor;
    let merchant = shop.merchant(&seller).unwrap();
    for (meanwhile, form, expected, after) in cases {
        let thing = products_on_sale(&shop, PRICE, STOCK).await;
        let listed = merchant.products().await.unwrap();
        let is_it = |variant: &MerchantVariant| variant.id == thing;
        let product = listed.iter().find(|product| product.variants.iter().any(is_it)).unwrap();
        let page = product.variants.iter().find(|variant| is_it(variant)).unwrap();
        happen(&shop, &merchant, &thing, &product.id, meanwhile).await;
        let (stock, price) = (page.stock, page.price.minor());
        let sent = match form {
            Stock(typed) => merchant.set_stock(&thing, stock, typed).await,
            Price(typed) => merchant.set_price(&thing, price, typed).await,
            Pieces(typed) => merchant.change_stock(&thing, &page.next_change, typed).await,
            Hide => merchant.set_listed(&product.id, false).await,
            Show => merchant.set_listed(&product.id, true).await,
        };
        let case = format!("{meanwhile:?}, then {form:?}");
        match expected {
            None => sent.expect(&case),
            Some(expected) => assert_eq!(refusal(sent), expected, "{case}"),
        }
        assert_eq!(product_now(&shop, &thing).await, after, "{case}");
    }
}

async fn happen(
    shop: &TestShop,
    merchant: &Merchant<'_>,
    thing: &VariantId,
    product: &ProductId,
    meanwhile: Meanwhile,
) {
    let (wanted, price) = (thing.clone(), euro(PRICE));
    match meanwhile {
        Meanwhile::Nothing => {}
        Meanwhile::Sold(number) => {
            let taken = transaction!(shop.db, |tx| {
                tx.variants().reserve(&wanted, pieces(number), price).await
            });
            assert!(taken.await.unwrap());
        }
        Meanwhile::Returned(number) => {
            let back =
                transaction!(shop.db, |tx| tx.variants().release(&wanted, pieces(number)).await);
            assert!(back.await.unwrap());
        }
        Meanwhile::Received(typed) => {
            let change = StockChangeId::from_bits(shop_bits(thing));
            merchant.change_stock(thing, &change, typed).await.unwrap();
        }
        Meanwhile::StockSet(number) => set_stock(shop, thing, number).await,
        Meanwhile::PriceSet(minor) => set_price(shop, thing, minor).await,
        Meanwhile::Hidden => merchant.set_listed(product, false).await.unwrap(),
    }
}

/// The bits of the id of a variant, for an id that no other test case has.
fn shop_bits(variant: &VariantId) -> u128 {
    u128::from_str_radix(variant.as_str(), 16).unwrap() << 64
}

#[tokio::test]
async fn a_delivery_that_is_sent_twice_is_added_once() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, PRICE, STOCK).await;
    let seller = merchant(&shop, 2).await.visitor;
    let merchant = shop.merchant(&seller).unwrap();
    let change = merchant.products().await.unwrap()[0].variants[0].next_change.clone();
    let twice = tokio::join!(
        merchant.change_stock(&thing, &change, "+5"),
        merchant.change_stock(&thing, &change, "+5"),
    );
    let answers = [twice.0, twice.1];
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(stock(&shop, &thing).await, 14);
    let again = merchant.change_stock(&thing, &change, "+5").await;
    assert_eq!(refusal(again), Outdated::StockChange { now: 14 }.into());
    let next = merchant.products().await.unwrap()[0].variants[0].next_change.clone();
    merchant.change_stock(&thing, &next, "+5").await.unwrap();
    assert_eq!(stock(&shop, &thing).await, 19, "the next page is another delivery");
    // One that was refused is not made, and can be made right.
    let next = merchant.products().await.unwrap()[0].variants[0].next_change.clone();
    assert!(merchant.change_stock(&thing, &next, "-20").await.is_err());
    merchant.change_stock(&thing, &next, "-19").await.unwrap();
    assert_eq!(stock(&shop, &thing).await, 0);
}
