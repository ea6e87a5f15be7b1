//! Authorisations and payments.

use domain::{
    Actor, AuthorisationId, HistoryKind, OrderId, PaymentId, PaymentStatus, RefundId, Timestamp,
    VariantId,
};
use futures::future::join_all;
use store::{Authorisation, Db, HistoryEntry, NewPayment, PaymentStep, Refund, StoredDispute};

use super::{FIVE_MINUTES, MINUTE, NOW, account_id, commit, euro, look, pieces, product, waiting};
use crate::harness::contract;

fn right(number: u128, version: u32) -> Authorisation {
    Authorisation {
        id: AuthorisationId::from_bits(number),
        order: OrderId::from_bits(1),
        version,
        binding_digest: "agreed".into(),
        granted_at: NOW,
        expires_at: NOW + FIVE_MINUTES,
    }
}

contract!(x90_so19_an_authorisation_is_used_once_in_time_and_for_its_order_only, async |db| {
    waiting(&db).await;
    let given = right(1, 1);
    let using = async |right: Authorisation, now| commit!(db, tx => async { tx.payments().consume_authorisation(&right, now).await });
    assert!(!using(given.clone(), NOW).await, "x89: it was never granted");
    let granted = given.clone();
    assert!(commit!(db, tx => tx.payments().grant(&granted)));
    assert!(!commit!(db, tx => async { tx.payments().grant(&right(2, 1)).await }), "one a version");
    let other = Authorisation { binding_digest: "other".into(), ..given.clone() };
    assert!(!using(other, NOW).await, "another amount, payee or address");
    assert!(!using(Authorisation { version: 2, ..given.clone() }, NOW).await);
    let foreign = Authorisation { order: OrderId::from_bits(2), ..given.clone() };
    assert!(!using(foreign, NOW).await);
    assert!(!using(given.clone(), NOW + FIVE_MINUTES).await, "x91: too old");
    let used = join_all((0..20).map(|_| {
        let (db, given) = (db.clone(), given.clone());
        tokio::spawn(async move {
            commit!(db, tx => async { tx.payments().consume_authorisation(&given, NOW + MINUTE).await })
        })
    }))
    .await;
    assert_eq!(used.into_iter().filter(|one| *one.as_ref().unwrap()).count(), 1);
});

fn payment(number: u128, authorisation: u128) -> NewPayment {
    NewPayment {
        id: PaymentId::from_bits(number),
        order: OrderId::from_bits(1),
        version: 1,
        authorisation: Some(AuthorisationId::from_bits(authorisation)),
        needs_code: true,
        gateway: "demo".into(),
        method: "card".into(),
        amount: euro(300),
        status: PaymentStatus::InFlight,
        expires_at: Some(NOW + FIVE_MINUTES),
        check_at: Some(NOW + MINUTE),
    }
}

/// A payment that is authorised before the code.
fn before_the_code(number: u128) -> NewPayment {
    NewPayment { authorisation: None, ..payment(number, 0) }
}

/// A payment in flight, which the reconciler leaves alone for a minute.
async fn in_flight(db: &Db) {
    waiting(db).await;
    commit!(db, tx => async {
        tx.payments().grant(&right(1, 1)).await?;
        assert!(tx.payments().begin(&payment(1, 1), NOW).await?);
        Ok::<_, store::Error>(())
    });
}

async fn advance(db: &Db, from: PaymentStatus, to: PaymentStatus) -> bool {
    advance_until(db, from, to, None).await
}

async fn advance_until(
    db: &Db,
    from: PaymentStatus,
    to: PaymentStatus,
    check_at: Option<Timestamp>,
) -> bool {
    commit!(db, tx => async {
        let step = PaymentStep { from, to, failure: Some("why"), check_at };
        tx.payments().advance(&PaymentId::from_bits(1), step, NOW).await
    })
}

contract!(x80_an_order_has_one_payment_under_way_or_done, async |db| {
    in_flight(&db).await;
    let again = async |number, authorisation| {
        commit!(db, tx => async {
            tx.payments().begin(&payment(number, authorisation), NOW).await
        })
    };
    commit!(db, tx => async { tx.payments().grant(&right(2, 2)).await });
    assert!(!again(2, 2).await, "while one is in flight");
    assert!(advance(&db, PaymentStatus::InFlight, PaymentStatus::Declined).await);
    assert!(!again(3, 1).await, "by the same right");
    assert!(again(4, 2).await, "after one was declined");
    let newest = look!(db, rows => rows.payments().find_of_order(&OrderId::from_bits(1))).unwrap();
    assert_eq!((newest.id, newest.amount), (PaymentId::from_bits(4), euro(300)));
    let first = look!(db, rows => rows.payments().find(&PaymentId::from_bits(1))).unwrap();
    assert_eq!(first.status, PaymentStatus::Declined);
    assert!(look!(db, rows => rows.payments().find(&PaymentId::from_bits(2))).is_none());
});

contract!(x93_of_concurrent_changes_of_a_payment_one_succeeds, async |db| {
    in_flight(&db).await;
    let moved = join_all((0..20).map(|number| {
        let db = db.clone();
        let to = [PaymentStatus::Captured, PaymentStatus::Declined][number % 2];
        tokio::spawn(async move { advance(&db, PaymentStatus::InFlight, to).await })
    }))
    .await;
    assert_eq!(moved.into_iter().filter(|one| *one.as_ref().unwrap()).count(), 1);
    assert!(!advance(&db, PaymentStatus::Captured, PaymentStatus::Refunded).await, "no such move");
});

contract!(a_payment_that_is_due_has_one_claimer_at_a_time, async |db| {
    in_flight(&db).await;
    let claim = async |now: Timestamp| commit!(db, tx => async { tx.payments().claim(now, now + MINUTE).await });
    assert!(claim(NOW).await.is_none(), "the caller that began it works on it");
    let claimed = join_all((0..10).map(|_| claim(NOW + MINUTE))).await;
    let claimed: Vec<_> = claimed.into_iter().flatten().collect();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].expires_at, Some(NOW + FIVE_MINUTES));
    assert!(claim(NOW + MINUTE * 2).await.is_some(), "a claim runs out");
    assert!(advance(&db, PaymentStatus::InFlight, PaymentStatus::Captured).await);
    assert!(claim(NOW + MINUTE * 9).await.is_none(), "what is settled is not claimed");
    commit!(db, tx => async { tx.payments().check_soon(&PaymentId::from_bits(1), NOW).await });
    assert!(claim(NOW).await.is_some(), "but for a hint of the gateway");
    let due = Some(NOW + MINUTE * 3);
    assert!(advance_until(&db, PaymentStatus::Captured, PaymentStatus::Refunding, due).await);
    assert!(claim(NOW + MINUTE * 2).await.is_none());
    let refunding = claim(NOW + MINUTE * 9).await.unwrap();
    assert_eq!(refunding.status, PaymentStatus::Refunding);
});

contract!(a_payment_that_was_refused_is_claimed_again_at_its_time, async |db| {
    in_flight(&db).await;
    assert!(advance(&db, PaymentStatus::InFlight, PaymentStatus::Cancelling).await);
    let id = PaymentId::from_bits(1);
    let again = id.clone();
    commit!(db, tx => async {
        tx.payments().check_at(&again, PaymentStatus::Cancelling, NOW + MINUTE * 3).await?;
        tx.payments().check_at(&again, PaymentStatus::Captured, NOW).await
    });
    let claim = async |now: Timestamp| commit!(db, tx => async { tx.payments().claim(now, now + MINUTE).await });
    assert!(claim(NOW + MINUTE * 2).await.is_none(), "another status changes nothing");
    let claimed = claim(NOW + MINUTE * 3).await.unwrap();
    assert_eq!((claimed.id, claimed.updated_at), (id, NOW), "to claim it is no change of status");
});

contract!(x89_no_money_is_taken_of_a_payment_without_its_code, async |db| {
    waiting(&db).await;
    assert!(commit!(db, tx => async { tx.payments().begin(&before_the_code(1), NOW).await }));
    assert!(advance(&db, PaymentStatus::InFlight, PaymentStatus::Authorised).await);
    let capture = async || {
        store::transaction!(db, |tx| {
            let step = PaymentStep::to(PaymentStatus::Authorised, PaymentStatus::Capturing);
            tx.payments().advance(&PaymentId::from_bits(1), step, NOW).await
        })
        .await
    };
    assert!(capture().await.is_err(), "the table itself refuses it");
    commit!(db, tx => async {
        tx.payments().grant(&right(1, 1)).await?;
        tx.payments().set_authorisation(&PaymentId::from_bits(1), &right(1, 1).id).await
    });
    assert!(capture().await.unwrap());
});

contract!(a_payment_that_is_given_up_makes_room_for_the_next, async |db| {
    waiting(&db).await;
    assert!(commit!(db, tx => async { tx.payments().begin(&before_the_code(1), NOW).await }));
    let again = async |number| commit!(db, tx => async { tx.payments().begin(&before_the_code(number), NOW).await });
    assert!(!again(2).await);
    assert!(advance(&db, PaymentStatus::InFlight, PaymentStatus::Cancelling).await);
    assert!(again(3).await, "while the older one is being released");
    assert!(advance(&db, PaymentStatus::Cancelling, PaymentStatus::Cancelled).await);
    let current = look!(db, rows => rows.payments().find_of_order(&OrderId::from_bits(1)));
    assert_eq!(current.unwrap().id, PaymentId::from_bits(3));
});

contract!(x93_refunds_never_exceed_what_was_captured, async |db| {
    in_flight(&db).await;
    let id = PaymentId::from_bits(1);
    assert!(advance(&db, PaymentStatus::InFlight, PaymentStatus::Captured).await);
    let captured = id.clone();
    commit!(db, tx => async { tx.payments().set_captured(&captured, euro(300)).await });
    let refunded = join_all((0..10).map(|_| {
        let (db, id) = (db.clone(), id.clone());
        tokio::spawn(async move {
            commit!(db, tx => async { tx.payments().add_refunded(&id, euro(100)).await })
        })
    }))
    .await;
    assert_eq!(refunded.into_iter().filter(|one| *one.as_ref().unwrap()).count(), 3);
    let payment = look!(db, rows => rows.payments().find(&PaymentId::from_bits(1))).unwrap();
    assert_eq!((payment.captured, payment.refunded), (euro(300), euro(300)));
});

contract!(a_refund_is_requested_once_and_answered_once, async |db| {
    in_flight(&db).await;
    let refund = Refund {
        id: RefundId::from_bits(1),
        payment: PaymentId::from_bits(1),
        amount: euro(100),
        restocks: true,
    };
    let (first, again) = (refund.clone(), refund.clone());
    assert!(commit!(db, tx => async { tx.refunds().insert(&first, NOW).await }));
    assert!(!commit!(db, tx => async { tx.refunds().insert(&again, NOW).await }));
    let found = look!(db, rows => rows.refunds().find_requested(&PaymentId::from_bits(1)));
    let found = found.unwrap();
    assert_eq!((found.amount, found.restocks), (euro(100), true));
    assert!(
        commit!(db, tx => async { tx.refunds().end(&RefundId::from_bits(1), true, NOW).await })
    );
    assert!(
        !commit!(db, tx => async { tx.refunds().end(&RefundId::from_bits(1), false, NOW).await })
    );
    let left = look!(db, rows => rows.refunds().find_requested(&PaymentId::from_bits(1)));
    assert!(left.is_none());
});

contract!(the_history_of_an_order_keeps_its_order_and_its_details, async |db| {
    waiting(&db).await;
    let order = OrderId::from_bits(1);
    let placed = HistoryEntry::new(HistoryKind::Placed, Actor::Shopper, NOW).by(&account_id(1));
    let paid =
        HistoryEntry::new(HistoryKind::Paid, Actor::Gateway, NOW).because("reason").of(euro(300));
    let paid = HistoryEntry { request_id: Some("req_1".into()), ..paid };
    let (first, second, id) = (placed.clone(), paid.clone(), order.clone());
    commit!(db, tx => async {
        tx.order_events().add(&id, &first).await?;
        tx.order_events().add(&id, &second).await
    });
    let added = join_all((0..10).map(|_| {
        let (db, id) = (db.clone(), order.clone());
        tokio::spawn(async move {
            let entry = HistoryEntry::new(HistoryKind::Shipped, Actor::Merchant, NOW);
            commit!(db, tx => async { tx.order_events().add(&id, &entry).await });
        })
    }))
    .await;
    assert!(added.iter().all(Result::is_ok));
    let history = look!(db, rows => rows.order_events().list(&OrderId::from_bits(1)));
    assert_eq!(history.len(), 12);
    assert_eq!(history[..2], [placed, paid]);
});

contract!(a_dispute_that_has_ended_does_not_begin_again, async |db| {
    in_flight(&db).await;
    let dispute = |status: &str| StoredDispute {
        id: "dp_1".into(),
        payment: PaymentId::from_bits(1),
        reason: "fraudulent".into(),
        amount: euro(300),
        status: status.into(),
        respond_by: Some(NOW + MINUTE),
    };
    for (told, kept) in [
        ("response_needed", "response_needed"),
        ("under_review", "under_review"),
        ("lost", "lost"),
        ("response_needed", "lost"),
        ("won", "won"),
    ] {
        let row = dispute(told);
        commit!(db, tx => async { tx.gateway_events().put_dispute("demo", &row, NOW).await });
        let rows = look!(db, rows => rows.gateway_events().disputes(&OrderId::from_bits(1)));
        assert_eq!(rows, [dispute(kept)], "after {told}");
    }
});

contract!(bought_lines_leave_the_cart_and_later_lines_stay, async |db| {
    let order = waiting(&db).await;
    let bell = product(&db, 2, "Bell", 200, 5).await;
    let cart = order.header.cart.clone();
    let id = order.names.id.clone();
    commit!(db, tx => async {
        tx.carts().of_account_or_create(&account_id(1), &cart, NOW).await?;
        tx.carts().set(&cart, &VariantId::from_bits(1), pieces(1), NOW).await?;
        tx.carts().set(&cart, &bell, pieces(1), NOW).await?;
        tx.carts().remove_bought(&cart, &id).await
    });
    let left = look!(db, rows => rows.carts().lines(&order.header.cart));
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].item.product.name, "Bell");
});
