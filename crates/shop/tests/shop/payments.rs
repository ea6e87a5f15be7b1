//! Wherever the process crashes, an order is paid once, or it is unpaid and its stock is free.
//!
//! A gateway that never responds plays the crash, because the work stops there for good.
//! Another shop on the same database plays the server after its restart.

use std::{sync::Arc, time::Duration};

use domain::{OrderStatus, PaymentStatus, Refusal, VariantId};
use futures::future::join_all;
use shop::Shop;

use crate::{
    commerce::{
        FaultyGateway, GatewayFault, Person, euro, products_on_sale, refusal, set_stock, shopper,
        stock, with_gateway,
    },
    support::TestShop,
};

const GOOD: &str = "demo_approve";
/// After this time the lease of a payment has ended.
const LEASE_OVER: Duration = Duration::from_secs(31);
/// After this time an authorisation has expired.
const STALE: Duration = Duration::from_secs(5 * 60);

struct Scene {
    shop: TestShop,
    gateway: Arc<FaultyGateway>,
    /// The server before the crash, with the faulty gateway.
    before: Shop,
    person: Person,
    thing: VariantId,
    code: String,
}

impl Scene {
    async fn new(fault: GatewayFault) -> Self {
        let shop = TestShop::new().await;
        let gateway = FaultyGateway::new(&shop, fault);
        let before = with_gateway(&shop, gateway.clone());
        let thing = products_on_sale(&shop, 10_00, 3).await;
        let person = shopper(&shop, 1).await;
        let code = person.order(&shop, &thing, GOOD).await;
        Self { shop, gateway, before, person, thing, code }
    }

    /// Confirms the payment, and is dropped when the request hangs.
    async fn crash_while_confirming(&self) {
        let checkout = self.before.checkout();
        tokio::select! {
            _ = checkout.confirm(&self.person.visitor, &self.code) => {
                panic!("the line was to break");
            }
            () = self.gateway.reached.notified() => {}
        }
    }

    /// Checks the final state: order, stock, and how often was charged.
    async fn ends(&self, status: OrderStatus, stock_left: u32, taken: usize) {
        assert_eq!(self.person.status(&self.shop).await, status);
        assert_eq!(stock(&self.shop, &self.thing).await, stock_left);
        let statements = self.shop.gateway.statements().await.unwrap();
        assert_eq!(statements.len(), taken);
        assert!(statements.iter().all(|one| one.amount == euro(14_90)));
    }
}

#[tokio::test]
async fn x127_a_crash_before_the_code_is_accepted_changes_nothing() {
    let scene = Scene::new(GatewayFault::None).await;
    // A crash inside a transaction leaves the same behind as one that is never committed.
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
async fn x127_a_crash_before_the_charge_still_pays_the_order_once() {
    let scene = Scene::new(GatewayFault::HangsBefore).await;
    scene.crash_while_confirming().await;
    scene.ends(OrderStatus::Paying, 2, 0).await;
    let after = scene.shop.another_process().await;
    assert_eq!(
        after.payments().reconcile_pending().await.unwrap(),
        0,
        "another process may hold the lease"
    );
    scene.shop.clock.advance(LEASE_OVER);
    assert_eq!(after.payments().reconcile_pending().await.unwrap(), 1);
    scene.ends(OrderStatus::Paid, 2, 1).await;
    assert_eq!(after.payments().reconcile_pending().await.unwrap(), 0);
}

#[tokio::test]
async fn x127_a_crash_after_the_charge_still_pays_the_order_once() {
    let scene = Scene::new(GatewayFault::HangsAfter).await;
    scene.crash_while_confirming().await;
    scene.ends(OrderStatus::Paying, 2, 1).await;
    scene.shop.clock.advance(LEASE_OVER);
    let after = scene.shop.another_process().await;
    assert_eq!(after.payments().reconcile_pending().await.unwrap(), 1);
    scene.ends(OrderStatus::Paid, 2, 1).await;
}

#[tokio::test]
async fn x127_x91_a_late_restart_voids_the_charge_and_frees_the_stock() {
    let scene = Scene::new(GatewayFault::HangsBefore).await;
    scene.crash_while_confirming().await;
    scene.shop.clock.advance(STALE);
    let after = scene.shop.another_process().await;
    assert_eq!(after.payments().reconcile_pending().await.unwrap(), 1);
    scene.ends(OrderStatus::AwaitingCode, 3, 0).await;
    // The code is consumed and the order has another version, so it is placed again.
    let answer = after.checkout().confirm(&scene.person.visitor, &scene.code).await;
    assert_eq!(refusal(answer), Refusal::PaymentDeclined);
    let again = scene.person.place_order(&scene.shop).await;
    after.checkout().confirm(&scene.person.visitor, &again).await.unwrap();
    scene.ends(OrderStatus::Paid, 2, 1).await;
}

#[tokio::test]
async fn x127_a_late_restart_still_counts_a_captured_charge() {
    let scene = Scene::new(GatewayFault::HangsAfter).await;
    scene.crash_while_confirming().await;
    scene.shop.clock.advance(STALE * 100);
    scene.shop.another_process().await.payments().reconcile_pending().await.unwrap();
    scene.ends(OrderStatus::Paid, 2, 1).await;
}

#[tokio::test]
async fn x127_a_crash_while_reconciling_is_completed_by_the_next_run() {
    for fault in [GatewayFault::HangsBefore, GatewayFault::HangsAfter] {
        let scene = Scene::new(fault).await;
        scene.crash_while_confirming().await;
        scene.shop.clock.advance(LEASE_OVER);
        let dying = with_gateway(&scene.shop, scene.gateway.clone());
        tokio::select! {
            _ = async { dying.payments().reconcile_pending().await } => panic!("the line was to break"),
            () = scene.gateway.reached.notified() => {}
        }
        let after = scene.shop.another_process().await;
        assert_eq!(after.payments().reconcile_pending().await.unwrap(), 0, "the lease still runs");
        scene.shop.clock.advance(LEASE_OVER);
        assert_eq!(after.payments().reconcile_pending().await.unwrap(), 1);
        scene.ends(OrderStatus::Paid, 2, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x127_parallel_reconcilers_settle_a_payment_once() {
    let scene = Scene::new(GatewayFault::AnswerLost).await;
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
async fn an_unreachable_gateway_keeps_order_and_stock_until_it_answers() {
    let scene = Scene::new(GatewayFault::NeverArrives).await;
    let token = scene.before.checkout().confirm(&scene.person.visitor, &scene.code).await.unwrap();
    let order = scene.before.orders().by_token(&scene.person.visitor, &token).await.unwrap();
    assert_eq!(order.payment, Some(PaymentStatus::InFlight));
    for _ in 0..20 {
        scene.shop.clock.advance(LEASE_OVER);
        scene.before.payments().reconcile_pending().await.unwrap();
        scene.ends(OrderStatus::Paying, 2, 0).await;
    }
    scene.gateway.set(GatewayFault::None);
    scene.shop.clock.advance(LEASE_OVER);
    scene.before.payments().reconcile_pending().await.unwrap();
    scene.ends(OrderStatus::AwaitingCode, 3, 0).await;
}

#[tokio::test]
async fn x90_a_used_authorisation_cannot_charge_again() {
    let scene = Scene::new(GatewayFault::None).await;
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
async fn a_charge_that_times_out_is_captured_once_by_the_reconciler() {
    let shop = TestShop::new().await;
    let thing = products_on_sale(&shop, 10_00, 3).await;
    let person = shopper(&shop, 1).await;
    let code = person.order(&shop, &thing, "demo_timeout").await;
    let token = shop.checkout().confirm(&person.visitor, &code).await.unwrap();
    assert_eq!(person.status(&shop).await, OrderStatus::Paying);
    shop.clock.advance(LEASE_OVER);
    shop.payments().reconcile_pending().await.unwrap();
    let order = shop.orders().by_token(&person.visitor, &token).await.unwrap();
    assert_eq!((order.status, order.payment), (OrderStatus::Paid, Some(PaymentStatus::Captured)));
    assert_eq!(shop.gateway.statements().await.unwrap().len(), 1);
    assert!(shop.carts().view(&person.visitor, None).await.unwrap().lines.is_empty());
}

#[tokio::test]
async fn a_declined_card_frees_the_stock_and_another_card_can_pay() {
    for card in ["demo_decline", "demo_insufficient_funds"] {
        let shop = TestShop::new().await;
        let thing = products_on_sale(&shop, 10_00, 3).await;
        let person = shopper(&shop, 1).await;
        let code = person.order(&shop, &thing, card).await;
        let confirm = async |code: &str| shop.checkout().confirm(&person.visitor, code).await;
        assert_eq!(refusal(confirm(&code).await), Refusal::PaymentDeclined);
        assert_eq!(refusal(confirm(&code).await), Refusal::PaymentDeclined);
        assert_eq!(person.status(&shop).await, OrderStatus::AwaitingCode);
        assert_eq!(stock(&shop, &thing).await, 3);
        assert_eq!(shop.carts().view(&person.visitor, None).await.unwrap().count, 1);

        shop.checkout().set_method(&person.visitor, GOOD).await.unwrap();
        let again = person.place_order(&shop).await;
        confirm(&again).await.unwrap();
        assert_eq!(person.status(&shop).await, OrderStatus::Paid);
        assert_eq!(stock(&shop, &thing).await, 2);
        assert_eq!(shop.gateway.statements().await.unwrap().len(), 1);
        assert_eq!(shop.orders().list(&person.visitor).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_cart_whose_payment_is_in_flight_places_no_second_order() {
    let scene = Scene::new(GatewayFault::NeverArrives).await;
    scene.before.checkout().confirm(&scene.person.visitor, &scene.code).await.unwrap();
    let place = scene.before.checkout().place(&scene.person.visitor).await;
    assert_eq!(refusal(place), Refusal::NotPossible);
    scene.ends(OrderStatus::Paying, 2, 0).await;
}

#[tokio::test]
async fn a_line_added_during_the_payment_stays_in_the_cart() {
    let scene = Scene::new(GatewayFault::AnswerLost).await;
    let later = products_on_sale(&scene.shop, 5_00, 5).await;
    scene.before.checkout().confirm(&scene.person.visitor, &scene.code).await.unwrap();
    scene.person.add_to_cart(&scene.shop, &later, 2).await;
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
        let code = person.order(&shop, &thing, cards[number as usize % cards.len()]).await;
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
    assert_eq!(shop.gateway.statements().await.unwrap().len(), paid);
    assert_eq!(stock(&shop, &thing).await as usize, 10 - paid);
}
