//! Requests that the gateway refuses for good, for a setting of the merchant or a fault of the shop:
//! the payment ends, its stock is free, and the shopper is told to pay in another way.

use domain::{DeclineReason, HistoryKind, OrderStatus, PaymentStatus, RefundId, Refusal};
use shop::{NextStep, Placed, Returned};
use test_shop::{CARD_SIGNATURE, CardFault, CardStep};

use crate::{
    authorise_first::{LEASE_OVER, PAGE_CLOSED, STOCK, Scene, call},
    commerce::{merchant, refusal},
    support::{on_both_engines, on_each_engine},
};

const REFUSALS: [CardFault; 2] = [CardFault::Rejected, CardFault::IdReused];

/// The order can be placed again, and the page of the order says why.
async fn has_ended(scene: &Scene, fault: CardFault) {
    let found = (scene.status().await.0, scene.stock().await);
    assert_eq!(found, (OrderStatus::AwaitingCode, STOCK), "{fault:?}");
    let again = NextStep::PlaceAgain { declined: Some(DeclineReason::Unavailable) };
    assert_eq!(scene.next_step().await, again, "{fault:?}");
    assert_eq!(scene.history().await.last(), Some(&HistoryKind::Declined), "{fault:?}");
}

async fn refused_at_authorisation(db: Option<String>, fault: CardFault) {
    let scene = Scene::new(db).await;
    scene.cards.set_fault(Some((CardStep::Authorize, fault)));
    let placed = scene.shop.checkout().place(scene.visitor()).await;
    assert_eq!(refusal(placed), Refusal::PaymentUnavailable, "{fault:?}");
    has_ended(&scene, fault).await;
    scene.cards.set_fault(None);
    scene.recover(2).await;
    let code = scene.authorised().await;
    scene.confirm(&code).await.unwrap();
    assert!(scene.agrees().await, "{fault:?}");
}

async fn refused_at_capture(db: Option<String>, fault: CardFault) {
    let scene = Scene::new(db).await;
    let code = scene.authorised().await;
    scene.cards.set_fault(Some((CardStep::Capture, fault)));
    let confirmed = scene.confirm(&code).await;
    assert_eq!(refusal(confirmed), Refusal::PaymentUnavailable, "{fault:?}");
    has_ended(&scene, fault).await;
    scene.cards.set_fault(None);
    scene.recover(2).await;
    assert!(!scene.agrees().await, "{fault:?}");
}

#[tokio::test]
async fn a_payment_that_the_gateway_refuses_ends_and_frees_the_stock() {
    for fault in REFUSALS {
        on_each_engine(async |db| refused_at_authorisation(db, fault).await).await;
        on_each_engine(async |db| refused_at_capture(db, fault).await).await;
    }
}

async fn refused_after_it_was_done(db: Option<String>, fault: CardFault) {
    let scene = Scene::new(db).await;
    let code = scene.authorised().await;
    scene.cards.set_fault(Some((CardStep::Capture, CardFault::AnswerLost)));
    scene.confirm(&code).await.unwrap();
    assert_eq!(scene.status().await.0, OrderStatus::Paying, "{fault:?}");
    scene.cards.set_fault(Some((CardStep::Capture, fault)));
    scene.recover(1).await;
    assert!(scene.agrees().await, "{fault:?}");
}

#[tokio::test]
async fn a_capture_that_is_refused_because_it_was_done_pays_the_order() {
    for fault in REFUSALS {
        on_each_engine(async |db| refused_after_it_was_done(db, fault).await).await;
    }
}

on_both_engines!(a_gateway_that_tells_nothing_of_a_payment_holds_stock_for_its_time, async |db| {
    let scene = Scene::new(db).await;
    scene.cards.set_fault(Some((CardStep::Authorize, CardFault::AnswerLost)));
    assert!(matches!(scene.place().await, Placed::Done(_)));
    scene.cards.set_fault(Some((CardStep::Find, CardFault::Rejected)));
    scene.recover(2).await;
    assert_eq!(scene.status().await.0, OrderStatus::AwaitingAuthorisation, "not too early");
    scene.shop.clock.advance(PAGE_CLOSED);
    scene.recover(1).await;
    assert_eq!((scene.status().await.0, scene.stock().await), (OrderStatus::AwaitingCode, STOCK));
    scene.cards.set_fault(None);
    scene.recover(2).await;
    assert!(!scene.agrees().await);
});

/// Lets time pass in a shop whose settings name no gateway any more.
async fn without_gateway(scene: &Scene) {
    let after = scene.shop.without_gateways();
    scene.shop.clock.advance(PAGE_CLOSED);
    for _ in 0..3 {
        scene.shop.clock.advance(LEASE_OVER);
        after.payments().reconcile_pending().await.unwrap();
    }
}

async fn gateway_removed(db: Option<String>, status: PaymentStatus) {
    let scene = Scene::new(db).await;
    match status {
        PaymentStatus::InFlight => {
            scene.cards.set_fault(Some((CardStep::Authorize, CardFault::AnswerLost)));
            scene.place().await;
            scene.cards.set_fault(None);
        }
        PaymentStatus::ActionNeeded => drop(scene.place().await),
        _ => drop(scene.authorised().await),
    }
    assert_eq!(scene.status().await.1, Some(status));
    without_gateway(&scene).await;
    let found = (scene.status().await.0, scene.stock().await);
    assert_eq!(found, (OrderStatus::AwaitingCode, STOCK), "{status:?}");
    scene.recover(2).await;
    assert!(!scene.agrees().await, "{status:?}: released when the gateway is back");
}

#[tokio::test]
async fn a_payment_of_a_removed_gateway_ends_in_time_and_frees_the_stock() {
    for status in [PaymentStatus::InFlight, PaymentStatus::ActionNeeded, PaymentStatus::Authorised]
    {
        on_each_engine(async |db| gateway_removed(db, status).await).await;
    }
}

on_both_engines!(money_that_a_removed_gateway_may_have_taken_keeps_its_order, async |db| {
    let scene = Scene::new(db).await;
    let code = scene.authorised().await;
    scene.cards.set_fault(Some((CardStep::Capture, CardFault::AnswerLost)));
    scene.confirm(&code).await.unwrap();
    without_gateway(&scene).await;
    assert_eq!((scene.status().await.0, scene.stock().await), (OrderStatus::Paying, STOCK - 1));
    scene.recover(1).await;
    assert!(scene.agrees().await);
});

/// An amount other than that of the order, captured outside of the shop, was given back.
async fn part_went_back(scene: &Scene, minor: i64) {
    scene.recover(2).await;
    assert!(!scene.agrees().await, "{minor}");
    assert_eq!(scene.status().await.0, OrderStatus::AwaitingCode, "{minor}");
    assert_eq!(scene.cards.newest().refunded_minor(), minor);
}

async fn other_amount_captured(db: Option<String>, minor: i64) {
    let scene = Scene::new(db).await;
    let code = scene.authorised().await;
    scene.cards.take_part(&scene.cards.newest().id, minor);
    assert_eq!(refusal(scene.confirm(&code).await), Refusal::PaymentUnavailable, "{minor}");
    part_went_back(&scene, minor).await;
}

#[tokio::test]
async fn a_capture_of_another_amount_outside_does_not_pay_the_order() {
    for minor in [1, 7_00, 14_89, 14_91] {
        on_each_engine(async |db| other_amount_captured(db, minor).await).await;
    }
}

on_both_engines!(a_part_that_was_captured_while_the_page_was_open_goes_back, async |db| {
    let scene = Scene::new(db).await;
    scene.place().await;
    scene.cards.take_part(&scene.cards.newest().id, 7_00);
    assert_eq!(scene.come_back().await, Returned::SeeOrder);
    part_went_back(&scene, 7_00).await;
});

on_both_engines!(a_part_that_was_captured_while_the_line_was_down_goes_back, async |db| {
    let scene = Scene::new(db).await;
    let code = scene.authorised().await;
    scene.cards.set_fault(Some((CardStep::Capture, CardFault::NeverArrives)));
    scene.confirm(&code).await.unwrap();
    assert_eq!(scene.status().await.0, OrderStatus::Paying);
    scene.cards.take_part(&scene.cards.newest().id, 7_00);
    scene.cards.set_fault(None);
    scene.shop.clock.advance(PAGE_CLOSED);
    part_went_back(&scene, 7_00).await;
});

/// The gateway says several times that the payment has changed.
async fn hint(scene: &Scene) {
    let id = scene.cards.newest().id;
    for number in 1..=3 {
        let text = format!("evt_{number} {id} changed");
        call(&scene.shop, &scene.cards, CARD_SIGNATURE, &text).await;
        scene.shop.payments().reconcile_pending().await.unwrap();
    }
}

async fn failed_refunds(scene: &Scene) -> usize {
    let history = scene.history().await;
    history.into_iter().filter(|kind| *kind == HistoryKind::RefundRefused).count()
}

async fn refund_fails_late(db: Option<String>, amount: &str) {
    let scene = Scene::new(db).await;
    let code = scene.authorised().await;
    scene.confirm(&code).await.unwrap();
    let seller = merchant(&scene.shop, 2).await.visitor;
    let desk = scene.shop.merchant(&seller).unwrap();
    let order = desk.orders(None).await.unwrap().orders[0].id.clone();
    let version = desk.order(&order).await.unwrap().version;
    desk.refund_part(&order, version, &RefundId::from_bits(1), amount, false).await.unwrap();
    assert_eq!(failed_refunds(&scene).await, 0, "{amount}");
    scene.cards.fail_refunds(&scene.cards.newest().id);
    hint(&scene).await;
    assert_eq!(failed_refunds(&scene).await, 1, "{amount}: the merchant is told once");
}

#[tokio::test]
async fn a_refund_that_fails_after_it_was_done_is_told_to_the_merchant_once() {
    for amount in ["4.90", "14.90"] {
        on_each_engine(async |db| refund_fails_late(db, amount).await).await;
    }
}

on_both_engines!(a_refund_of_a_lost_order_that_fails_later_is_told_and_repeated, async |db| {
    let scene = Scene::new(db).await;
    scene.place().await;
    scene.cards.take(&scene.cards.newest().id);
    scene.end_of_time().await;
    assert!(!scene.agrees().await);
    scene.cards.fail_refunds(&scene.cards.newest().id);
    hint(&scene).await;
    scene.recover(2).await;
    assert_eq!(failed_refunds(&scene).await, 1);
    assert!(!scene.agrees().await);
});
