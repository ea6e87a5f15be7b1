//! Authorisations and payments.

use domain::{AuthorisationId, OrderId, PaymentId, PaymentStatus, Timestamp, VariantId};
use futures::future::join_all;
use store::{Authorisation, Db, NewPayment};

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
        authorisation: AuthorisationId::from_bits(authorisation),
        gateway: "demo".into(),
        gateway_reference: None,
        method: "card".into(),
        amount: euro(300),
    }
}

/// A payment in flight, leased for a minute.
async fn in_flight(db: &Db) {
    waiting(db).await;
    commit!(db, tx => async {
        tx.payments().grant(&right(1, 1)).await?;
        assert!(tx.payments().begin(&payment(1, 1), NOW, NOW + MINUTE).await?);
        Ok::<_, store::Error>(())
    });
}

async fn advance(db: &Db, from: PaymentStatus, to: PaymentStatus) -> bool {
    commit!(db, tx => async {
        let id = PaymentId::from_bits(1);
        tx.payments().advance(&id, (from, to), Some("why"), NOW, None).await
    })
}

contract!(x80_an_order_has_one_payment_under_way_or_done, async |db| {
    in_flight(&db).await;
    let again = async |number, authorisation| {
        commit!(db, tx => async {
            tx.payments().begin(&payment(number, authorisation), NOW, NOW).await
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

contract!(a_payment_in_flight_has_one_claimer_at_a_time, async |db| {
    in_flight(&db).await;
    let claim = async |now: Timestamp| commit!(db, tx => async { tx.payments().claim(now, now + MINUTE).await });
    assert!(claim(NOW).await.is_none(), "the caller that began it holds the lease");
    let claimed = join_all((0..10).map(|_| claim(NOW + MINUTE))).await;
    let claimed: Vec<_> = claimed.into_iter().flatten().collect();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].authorised_until, NOW + FIVE_MINUTES);
    assert!(claim(NOW + MINUTE * 2).await.is_some(), "a lease runs out");
    assert!(advance(&db, PaymentStatus::InFlight, PaymentStatus::Captured).await);
    assert!(claim(NOW + MINUTE * 9).await.is_none(), "what is settled is not claimed");
    assert!(advance(&db, PaymentStatus::Captured, PaymentStatus::Refunding).await);
    let refunding = claim(NOW + MINUTE * 9).await.unwrap();
    assert_eq!(refunding.status, PaymentStatus::Refunding);
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
