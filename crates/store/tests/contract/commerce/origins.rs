//! Where orders were placed, and how many of the same origin hold stock.

use domain::{AuthorisationId, OrderEvent, OrderId, OrderStatus, PaymentId, PaymentStatus};
use store::{Authorisation, Db, HeldOrders, NewPayment, OrderOrigin};

use super::{FIVE_MINUTES, MINUTE, NOW, account, commit, euro, line, place, product};
use crate::harness::contract;

fn origin(order: u128, browser: &str, address: &str, phone: &str) -> OrderOrigin {
    OrderOrigin {
        order: OrderId::from_bits(order),
        browser: browser.into(),
        address: address.into(),
        phone: phone.into(),
    }
}

/// An order that was placed there; a confirmed one holds its stock.
async fn order(db: &Db, number: u128, origin: OrderOrigin, is_confirmed: bool) {
    let cup = product(db, u32::try_from(number).unwrap(), "Cup", 300, 5).await;
    account(db, number).await;
    place(db, number, number, vec![line(&cup, 1)]).await.unwrap();
    commit!(db, tx => async {
        tx.order_origins().note(&origin, NOW).await?;
        if is_confirmed {
            tx.orders()
                .advance(&origin.order, OrderStatus::AwaitingCode, OrderEvent::Confirm, NOW)
                .await?;
        }
        Ok::<_, store::Error>(())
    });
}

async fn held_beside(db: &Db, order: u128, is_today: bool) -> (u32, u32, u32) {
    let since = if is_today { NOW - MINUTE } else { NOW };
    let order = OrderId::from_bits(order);
    let held = commit!(db, tx => tx.order_origins().count_held_beside(&order, since));
    let HeldOrders { of_browser, of_address, of_phone, confirmed_of_phone: _ } = held;
    (of_browser, of_address, of_phone)
}

contract!(orders_that_hold_stock_are_counted_by_their_origin, async |db: Db| {
    order(&db, 1, origin(1, "b1", "a1", "p1"), true).await;
    order(&db, 2, origin(2, "b1", "a1", "p2"), true).await;
    order(&db, 3, origin(3, "b2", "a1", "p1"), true).await;
    order(&db, 4, origin(4, "b1", "a1", "p1"), false).await;
    order(&db, 5, origin(5, "b9", "a9", "p9"), true).await;
    assert_eq!(held_beside(&db, 4, true).await, (2, 3, 2), "its own and waiting ones do not count");
    assert_eq!(held_beside(&db, 4, false).await, (2, 0, 2), "of an address only recent ones count");
    assert_eq!(held_beside(&db, 1, true).await, (1, 2, 1));
    assert_eq!(held_beside(&db, 77, true).await, (0, 0, 0), "an order without an origin");
    // Placed again elsewhere, the origin is the new one.
    commit!(db, tx => async {
        tx.order_origins().note(&origin(4, "b9", "a9", "p9"), NOW).await
    });
    assert_eq!(held_beside(&db, 4, true).await, (1, 1, 1));
});

contract!(origins_of_settled_orders_are_forgotten, async |db: Db| {
    order(&db, 1, origin(1, "b1", "a1", "p1"), true).await;
    order(&db, 2, origin(2, "b1", "a1", "p1"), true).await;
    order(&db, 3, origin(3, "b1", "a1", "p1"), false).await;
    commit!(db, tx => async {
        tx.orders()
            .advance(&OrderId::from_bits(1), OrderStatus::Paying, OrderEvent::Capture, NOW)
            .await
    });
    assert_eq!(held_beside(&db, 3, true).await, (1, 1, 1), "a paid order holds nothing");
    assert_eq!(commit!(db, tx => tx.order_origins().forget_settled()), 1);
    assert_eq!(held_beside(&db, 1, true).await, (0, 0, 0), "it has no origin any more");
    assert_eq!(held_beside(&db, 3, true).await, (1, 1, 1), "the others are kept");
});

/// An order that is accepted to be paid later, with a code or because none was needed.
async fn accepted(db: &Db, number: u128, origin: OrderOrigin, has_code: bool) {
    order(db, number, origin, false).await;
    let id = OrderId::from_bits(number);
    let right = Authorisation {
        id: AuthorisationId::from_bits(number),
        order: id.clone(),
        version: 1,
        binding_digest: "agreed".into(),
        granted_at: NOW,
        expires_at: NOW + FIVE_MINUTES,
    };
    let payment = NewPayment {
        id: PaymentId::from_bits(number),
        order: id.clone(),
        version: 1,
        authorisation: has_code.then(|| right.id.clone()),
        needs_code: has_code,
        gateway: "cash-on-delivery".into(),
        method: "cash-on-delivery".into(),
        amount: euro(300),
        status: PaymentStatus::Expected,
        expires_at: None,
        check_at: None,
    };
    commit!(db, tx => async {
        tx.payments().grant(&right).await?;
        tx.orders().advance(&id, OrderStatus::AwaitingCode, OrderEvent::Accept, NOW).await?;
        tx.payments().begin(&payment, NOW).await
    });
}

contract!(confirmed_orders_that_are_paid_later_are_counted_on_their_own, async |db: Db| {
    for number in 1..=3 {
        accepted(&db, number, origin(number, "b1", "a1", "p1"), true).await;
    }
    accepted(&db, 4, origin(4, "b1", "a1", "p2"), true).await;
    accepted(&db, 5, origin(5, "b1", "a1", "p1"), false).await;
    order(&db, 6, origin(6, "b1", "a1", "p1"), true).await;
    order(&db, 7, origin(7, "b1", "a1", "p1"), false).await;
    let held = async || {
        let order = OrderId::from_bits(7);
        commit!(db, tx => async { tx.order_origins().count_held_beside(&order, NOW - MINUTE).await })
    };
    let undecided = HeldOrders { of_browser: 2, of_address: 2, of_phone: 2, confirmed_of_phone: 3 };
    assert_eq!(held().await, undecided, "one without a code, and one whose payment is under way");
    let shipped = OrderId::from_bits(1);
    commit!(db, tx => async {
        tx.orders().advance(&shipped, OrderStatus::Confirmed, OrderEvent::Ship, NOW).await
    });
    assert_eq!(held().await.confirmed_of_phone, 2, "what is shipped is not held");
});
