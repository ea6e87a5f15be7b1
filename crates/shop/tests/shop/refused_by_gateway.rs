//! Requests that the gateway refuses for good, for a setting of the merchant or a fault of the shop:
//! the payment ends, its stock is free, and the shopper is told to pay in another way.

use domain::{DeclineReason, HistoryKind, OrderStatus, Refusal};
use shop::{NextStep, Placed};
use test_shop::{CardFault, CardStep};

use crate::{
    authorise_first::{PAGE_CLOSED, STOCK, Scene},
    commerce::refusal,
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
