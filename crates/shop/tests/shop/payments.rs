//! Paid once, or not at all and the stock is free: wherever the power fails.
//!
//! A crash is a line to the bank that never answers: the work stops there for
//! good, and another shop over the same rows is the server after its restart.

use std::{sync::Arc, time::Duration};

use domain::{OrderStatus, PaymentStatus, Refusal, VariantId};
use futures::future::join_all;
use shop::Shop;

use crate::{
    commerce::{
        BrokenLine, Person, Trouble, euro, products_on_sale, refusal, set_stock, shopper, stock,
        with_gateway,
    },
    support::TestShop,
};

const GOOD: &str = "demo_approve";
/// Longer than anybody holds a payment alone.
const LEASE_OVER: Duration = Duration::from_secs(31);
/// Longer than an authorisation lasts.
const STALE: Duration = Duration::from_secs(5 * 60);

struct Scene {
    shop: TestShop,
    line: Arc<BrokenLine>,
    /// The server before the crash, on the broken line.
    before: Shop,
    person: Person,
    thing: VariantId,
    code: String,
}

impl Scene {
    async fn new(trouble: Trouble) -> Self {
        let shop = TestShop::new().await;
        let line = BrokenLine::to(&shop, trouble);
        let before = with_gateway(&shop, line.clone());
        let thing = products_on_sale(&shop, 10_00, 3).await;
        let person = shopper(&shop, 1).await;
        let code = person.orders(&shop, &thing, GOOD).await;
        Self { shop, line, before, person, thing, code }
    }

    /// Confirms, and dies when the request has come as far as it will.
    async fn die_confirming(&self) {
        let checkout = self.before.checkout();
        tokio::select! {
            _ = checkout.confirm(&self.person.visitor, &self.code) => {
                panic!("the line was to break");
            }
            () = self.line.reached.notified() => {}
        }
    }

    /// What is true in the end: order, stock, and how often money was taken.
    async fn ends(&self, status: OrderStatus, stock_left: u32, taken: usize) {
        assert_eq!(self.person.status(&self.shop).await, status);
        assert_eq!(stock(&self.shop, &self.thing).await, stock_left);
        let statements = self.shop.bank.statements().await.unwrap();
        assert_eq!(statements.len(), taken);
        assert!(statements.iter().all(|one| one.amount == euro(14_90)));
    }
}

#[tokio::test]
async fn x127_killed_before_the_code_is_accepted_nothing_happened() {
    let scene = Scene::new(Trouble::None).await;
    // A transaction that never commits is what a crash inside it leaves behind.
    set_stock(&scene.shop, &scene.thing, 0).await;
    let answer = scene.before.checkout().confirm(&scene.person.visitor, &scene.code).await;
    assert!(matches!(refusal(answer), Refusal::OutOfStock { .. }));
    scene.ends(OrderStatus::AwaitingCode, 0, 0).await;
    let after = scene.shop.another_process().await;
    assert_eq!(after.payments().reconcile_pending().await.unwrap(), 0);
    set_stock(&scene.shop, &scene.thing, 3).await;
    after.checkout().confirm(&scene.person.visitor, &scene.code).await.unwrap();
    scene.ends(OrderStatus::Paid, 2, 1).await;
}

#[tokio::test]
async fn x127_killed_before_the_bank_was_asked_the_order_is_paid_once_after_a_restart() {
    let scene = Scene::new(Trouble::HangsBefore).await;
    scene.die_confirming().await;
    scene.ends(OrderStatus::Paying, 2, 0).await;
    let after = scene.shop.another_process().await;
    assert_eq!(after.payments().reconcile_pending().await.unwrap(), 0, "somebody may be at it");
    scene.shop.clock.advance(LEASE_OVER);
    assert_eq!(after.payments().reconcile_pending().await.unwrap(), 1);
    scene.ends(OrderStatus::Paid, 2, 1).await;
    assert_eq!(after.payments().reconcile_pending().await.unwrap(), 0);
}

#[tokio::test]
async fn x127_killed_after_the_bank_was_asked_the_order_is_paid_once_after_a_restart() {
    let scene = Scene::new(Trouble::HangsAfter).await;
    scene.die_confirming().await;
    scene.ends(OrderStatus::Paying, 2, 1).await;
    scene.shop.clock.advance(LEASE_OVER);
    let after = scene.shop.another_process().await;
    assert_eq!(after.payments().reconcile_pending().await.unwrap(), 1);
    scene.ends(OrderStatus::Paid, 2, 1).await;
}

#[tokio::test]
async fn x127_x91_restarted_too_late_the_charge_is_voided_and_the_stock_is_free() {
    let scene = Scene::new(Trouble::HangsBefore).await;
    scene.die_confirming().await;
    scene.shop.clock.advance(STALE);
    let after = scene.shop.another_process().await;
    assert_eq!(after.payments().reconcile_pending().await.unwrap(), 1);
    scene.ends(OrderStatus::AwaitingCode, 3, 0).await;
    // The code is spent and the version is another; the order is placed anew.
    let answer = after.checkout().confirm(&scene.person.visitor, &scene.code).await;
    assert_eq!(refusal(answer), Refusal::PaymentDeclined);
    let again = scene.person.places(&scene.shop).await;
    after.checkout().confirm(&scene.person.visitor, &again).await.unwrap();
    scene.ends(OrderStatus::Paid, 2, 1).await;
}

#[tokio::test]
async fn x127_restarted_too_late_for_money_that_was_taken_it_counts_all_the_same() {
    let scene = Scene::new(Trouble::HangsAfter).await;
    scene.die_confirming().await;
    scene.shop.clock.advance(STALE * 100);
    scene.shop.another_process().await.payments().reconcile_pending().await.unwrap();
    scene.ends(OrderStatus::Paid, 2, 1).await;
}

#[tokio::test]
async fn x127_killed_while_settling_the_next_one_settles() {
    for trouble in [Trouble::HangsBefore, Trouble::HangsAfter] {
        let scene = Scene::new(trouble).await;
        scene.die_confirming().await;
        scene.shop.clock.advance(LEASE_OVER);
        let dying = with_gateway(&scene.shop, scene.line.clone());
        tokio::select! {
            _ = async { dying.payments().reconcile_pending().await } => panic!("the line was to break"),
            () = scene.line.reached.notified() => {}
        }
        let after = scene.shop.another_process().await;
        assert_eq!(after.payments().reconcile_pending().await.unwrap(), 0, "the lease still runs");
        scene.shop.clock.advance(LEASE_OVER);
        assert_eq!(after.payments().reconcile_pending().await.unwrap(), 1);
        scene.ends(OrderStatus::Paid, 2, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x127_many_settling_at_once_settle_once() {
    let scene = Scene::new(Trouble::AnswerLost).await;
    scene.before.checkout().confirm(&scene.person.visitor, &scene.code).await.unwrap();
    scene.ends(OrderStatus::Paying, 2, 1).await;
    scene.shop.clock.advance(LEASE_OVER);
    let servers = [
        scene.shop.another_process().await,
        scene.shop.another_process().await,
        scene.shop.another_process().await,
    ];
    let settled = join_all((0..12).map(|number| {
        let server = servers[number % 3].clone();
        tokio::spawn(async move { server.payments().reconcile_pending().await.unwrap() })
    }))
    .await;
    assert_eq!(settled.into_iter().map(|one| one.unwrap()).sum::<usize>(), 1);
    scene.ends(OrderStatus::Paid, 2, 1).await;
}

#[tokio::test]
async fn a_bank_out_of_reach_keeps_the_order_and_its_stock_until_it_answers() {
    let scene = Scene::new(Trouble::NeverArrives).await;
    let token = scene.before.checkout().confirm(&scene.person.visitor, &scene.code).await.unwrap();
    let order = scene.before.orders().by_token(&scene.person.visitor, &token).await.unwrap();
    assert_eq!(order.payment, Some(PaymentStatus::InFlight));
    for _ in 0..20 {
        scene.shop.clock.advance(LEASE_OVER);
        scene.before.payments().reconcile_pending().await.unwrap();
        scene.ends(OrderStatus::Paying, 2, 0).await;
    }
    scene.line.set(Trouble::None);
    scene.shop.clock.advance(LEASE_OVER);
    scene.before.payments().reconcile_pending().await.unwrap();
    scene.ends(OrderStatus::AwaitingCode, 3, 0).await;
}

#[tokio::test]
async fn x90_a_used_authorisation_charges_nothing_more() {
    let scene = Scene::new(Trouble::None).await;
    let confirm =
        async || scene.before.checkout().confirm(&scene.person.visitor, &scene.code).await.unwrap();
    let first = confirm().await;
    assert_eq!(confirm().await, first, "the same answer again");
    scene.shop.clock.advance(STALE);
    assert_eq!(confirm().await, first);
    scene.before.payments().reconcile_pending().await.unwrap();
    scene.ends(OrderStatus::Paid, 2, 1).await;
    let place = scene.before.checkout().place(&scene.person.visitor).await;
    assert_eq!(refusal(place), Refusal::CartEmpty);
}

#[tokio::test]
async fn a_card_that_answers_late_is_charged_once_by_its_own_bank() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 3).await;
    let person = shopper(&shop, 1).await;
    let code = person.orders(&shop, &thing, "demo_timeout").await;
    let token = shop.checkout().confirm(&person.visitor, &code).await.unwrap();
    assert_eq!(person.status(&shop).await, OrderStatus::Paying);
    shop.clock.advance(LEASE_OVER);
    shop.payments().reconcile_pending().await.unwrap();
    let order = shop.orders().by_token(&person.visitor, &token).await.unwrap();
    assert_eq!((order.status, order.payment), (OrderStatus::Paid, Some(PaymentStatus::Captured)));
    assert_eq!(shop.bank.statements().await.unwrap().len(), 1);
    assert!(shop.carts().view(&person.visitor, None).await.unwrap().lines.is_empty());
}

#[tokio::test]
async fn a_declined_card_gives_the_stock_back_and_another_card_may_pay() {
    for card in ["demo_decline", "demo_insufficient_funds"] {
        let shop = TestShop::new().await;
        let thing = products_on_sale(&shop, 10_00, 3).await;
        let person = shopper(&shop, 1).await;
        let code = person.orders(&shop, &thing, card).await;
        let confirm = async |code: &str| shop.checkout().confirm(&person.visitor, code).await;
        assert_eq!(refusal(confirm(&code).await), Refusal::PaymentDeclined);
        assert_eq!(refusal(confirm(&code).await), Refusal::PaymentDeclined);
        assert_eq!(person.status(&shop).await, OrderStatus::AwaitingCode);
        assert_eq!(stock(&shop, &thing).await, 3);
        assert_eq!(shop.carts().view(&person.visitor, None).await.unwrap().count, 1);

        shop.checkout().set_method(&person.visitor, GOOD).await.unwrap();
        let again = person.places(&shop).await;
        confirm(&again).await.unwrap();
        assert_eq!(person.status(&shop).await, OrderStatus::Paid);
        assert_eq!(stock(&shop, &thing).await, 2);
        assert_eq!(shop.bank.statements().await.unwrap().len(), 1);
        assert_eq!(shop.orders().list(&person.visitor).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn while_a_payment_is_under_way_no_second_order_of_the_basket_is_placed() {
    let scene = Scene::new(Trouble::NeverArrives).await;
    scene.before.checkout().confirm(&scene.person.visitor, &scene.code).await.unwrap();
    let place = scene.before.checkout().place(&scene.person.visitor).await;
    assert_eq!(refusal(place), Refusal::NotPossible);
    scene.ends(OrderStatus::Paying, 2, 0).await;
}

#[tokio::test]
async fn what_is_added_while_paying_stays_in_the_basket() {
    let scene = Scene::new(Trouble::AnswerLost).await;
    let later = products_on_sale(&scene.shop, 5_00, 5).await;
    scene.before.checkout().confirm(&scene.person.visitor, &scene.code).await.unwrap();
    scene.person.wants(&scene.shop, &later, 2).await;
    scene.shop.clock.advance(LEASE_OVER);
    scene.shop.payments().reconcile_pending().await.unwrap();
    scene.ends(OrderStatus::Paid, 2, 1).await;
    let cart = scene.shop.carts().view(&scene.person.visitor, None).await.unwrap();
    assert_eq!((cart.lines.len(), cart.lines[0].priced.item.variant.id == later), (1, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sb02_stock_orders_and_money_always_agree() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 10).await;
    let cards = [GOOD, "demo_decline", "demo_timeout", GOOD, "demo_insufficient_funds"];
    let mut ready = Vec::new();
    for number in 0..30 {
        let person = shopper(&shop, number).await;
        let code = person.orders(&shop, &thing, cards[number as usize % cards.len()]).await;
        ready.push((person, code));
    }
    join_all(ready.iter().map(|(person, code)| {
        let (shop, visitor, code) = (shop.clone(), person.visitor.clone(), code.clone());
        tokio::spawn(async move { shop.checkout().confirm(&visitor, &code).await.is_ok() })
    }))
    .await;
    shop.clock.advance(LEASE_OVER);
    shop.payments().reconcile_pending().await.unwrap();
    let mut paid = 0;
    for (person, _) in &ready {
        match person.status(&shop).await {
            OrderStatus::Paid => paid += 1,
            status => assert_eq!(status, OrderStatus::AwaitingCode),
        }
    }
    assert_eq!(shop.bank.statements().await.unwrap().len(), paid);
    assert_eq!(stock(&shop, &thing).await as usize, 10 - paid);
}
