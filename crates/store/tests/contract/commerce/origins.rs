//! Where orders were placed, and how many of the same origin hold stock.

use domain::{OrderEvent, OrderId, OrderStatus};
use store::{Db, HeldOrders, OrderOrigin};

use super::{MINUTE, NOW, account, commit, line, place, product};
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
    let HeldOrders { of_browser, of_address, of_phone } = held;
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
