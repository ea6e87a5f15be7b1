//! Refunds of payments that were authorised first: pieces that go back into stock, and refunds that
//! the gateway refuses.

use std::time::Duration;

use domain::{HistoryKind, OrderStatus, RefundId, Refusal};
use shop::Returned;

use crate::{
    authorise_first::{HOLD_OVER, LEASE_OVER, STOCK, Scene},
    commerce::{merchant, refusal},
    support::on_both_engines,
};

/// Longer than the longest wait for a gateway that has refused.
const BACK_OFF_OVER: Duration = Duration::from_secs(6 * 60 * 60 + 1);

on_both_engines!(pieces_go_back_into_stock_once_whatever_is_refunded, async |db| {
    let scene = Scene::new(db).await;
    let code = scene.authorised().await;
    scene.confirm(&code).await.unwrap();
    let seller = merchant(&scene.shop, 2).await.visitor;
    let desk = scene.shop.merchant(&seller).unwrap();
    let id = desk.orders(None).await.unwrap().orders[0].id.clone();
    let refund = async |key: u128, amount: &str, restocks| {
        let shown = desk.order(&id).await.unwrap().version;
        desk.refund_part(&id, shown, &RefundId::from_bits(key), amount, restocks).await
    };
    scene.cards.set_refuses_refunds(true);
    assert_eq!(refusal(refund(1, "1", true).await), Refusal::NotPossible);
    assert_eq!(scene.stock().await, STOCK - 1, "a refund that is refused puts nothing back");
    scene.cards.set_refuses_refunds(false);
    for (key, amount, restocks, may_restock, stock) in [
        (2, "1", false, true, STOCK - 1),
        (3, "2", true, true, STOCK),
        (3, "2", true, false, STOCK),
        (4, "2", true, false, STOCK),
        (5, "1", false, false, STOCK),
        (6, "8.90", true, false, STOCK),
    ] {
        assert_eq!(desk.order(&id).await.unwrap().may.restock, may_restock, "before {key}");
        refund(key, amount, restocks).await.unwrap();
        assert_eq!(scene.stock().await, stock, "after {key}");
    }
    assert_eq!(desk.order(&id).await.unwrap().status, OrderStatus::Refunded);
});

on_both_engines!(a_refused_refund_of_a_lost_order_is_shown_and_asked_less_often, async |db| {
    let scene = Scene::new(db).await;
    scene.place().await;
    scene.cards.take(&scene.cards.newest().id);
    assert_eq!(scene.come_back().await, Returned::EnterCode);
    scene.cards.set_refuses_refunds(true);
    scene.shop.clock.advance(HOLD_OVER);
    for _ in 0..200 {
        scene.shop.clock.advance(LEASE_OVER);
        scene.shop.payments().reconcile_pending().await.unwrap();
    }
    let requests = scene.cards.refund_requests();
    assert!((5..=12).contains(&requests), "{requests} requests in 200 rounds");
    assert_eq!((scene.status().await.0, scene.stock().await), (OrderStatus::AwaitingCode, STOCK));
    let told = |history: Vec<HistoryKind>| {
        history.into_iter().filter(|kind| *kind == HistoryKind::RefundRefused).count()
    };
    assert_eq!(told(scene.history().await), 1, "the merchant is told once");
    scene.cards.set_refuses_refunds(false);
    scene.shop.clock.advance(BACK_OFF_OVER);
    scene.shop.payments().reconcile_pending().await.unwrap();
    assert!(!scene.agrees().await);
    assert_eq!(scene.cards.newest().refunded_minor(), 14_90);
    assert_eq!(scene.history().await.last(), Some(&HistoryKind::Released));
});
