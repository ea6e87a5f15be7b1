//! Numbers of invoices.

use domain::{OrderEvent, OrderId, OrderStatus};
use futures::future::join_all;
use store::{Db, Error};

use super::{NOW, account, commit, line, look, order_names, place, product};
use crate::harness::contract;

/// Paid orders with these numbers, each of an account of its own.
async fn paid(db: &Db, numbers: std::ops::RangeInclusive<u128>) {
    let cup = product(db, 1, "Cup", 300, 500).await;
    for number in numbers {
        account(db, number).await;
        place(db, number, number, vec![line(&cup, 1)]).await.unwrap();
        let id = OrderId::from_bits(number);
        commit!(db, tx => async {
            tx.orders().confirm(&id, 1, super::CONFIRM, NOW).await?;
            tx.orders().advance(&id, OrderStatus::Paying, OrderEvent::Capture, NOW).await
        });
    }
}

async fn numbers(db: &Db, orders: std::ops::RangeInclusive<u128>) -> Vec<u64> {
    let mut found = Vec::new();
    for order in orders {
        let id = OrderId::from_bits(order);
        found.push(look!(db, rows => rows.invoices().find(&id)).unwrap().number);
    }
    found
}

contract!(x189_parallel_invoices_have_every_number_once, async |db| {
    paid(&db, 1..=64).await;
    let given = join_all((1..=64).chain(1..=64).map(|number| {
        let db = db.clone();
        tokio::spawn(async move {
            let id = OrderId::from_bits(number);
            store::repeatable_transaction!(db, |tx| {
                let assigned = tx.invoices().assign(&id, 2026, NOW).await?;
                Ok::<_, Error>(assigned)
            })
            .await
            .unwrap()
        })
    }))
    .await;
    assert_eq!(given.into_iter().filter(|one| *one.as_ref().unwrap()).count(), 64);
    let mut found = numbers(&db, 1..=64).await;
    found.sort_unstable();
    assert_eq!(found, (1..=64).collect::<Vec<_>>());
    assert!(look!(db, rows => rows.invoices().list_due(10)).is_empty());
});

contract!(x189_an_undone_transaction_leaves_no_gap, async |db| {
    paid(&db, 1..=20).await;
    let all = join_all((1..=20_u128).map(|number| {
        let db = db.clone();
        tokio::spawn(async move {
            let id = OrderId::from_bits(number);
            store::transaction!(db, |tx| {
                tx.invoices().assign(&id, 2026, NOW).await?;
                if number % 2 == 0 { Err(Error::Busy) } else { Ok(()) }
            })
            .await
        })
    }))
    .await;
    assert_eq!(all.into_iter().filter(|one| one.as_ref().unwrap().is_ok()).count(), 10);
    let mut found = Vec::new();
    for number in (1..=20).step_by(2) {
        found.extend(numbers(&db, number..=number).await);
    }
    found.sort_unstable();
    assert_eq!(found, (1..=10).collect::<Vec<_>>());
});

contract!(each_year_begins_with_one_and_an_order_has_one_invoice, async |db| {
    paid(&db, 1..=3).await;
    let due = look!(db, rows => rows.invoices().list_due(2));
    assert_eq!(due, [1, 2].map(OrderId::from_bits));
    let assign = async |order, year| {
        let id = OrderId::from_bits(order);
        commit!(db, tx => async { tx.invoices().assign(&id, year, NOW).await })
    };
    assert!(assign(1, 2026).await && assign(2, 2027).await && assign(3, 2027).await);
    assert!(!assign(1, 2027).await, "it has one of another year");
    assert_eq!(numbers(&db, 1..=3).await, [1, 1, 2]);
    let unknown = order_names(9).id;
    assert_eq!(look!(db, rows => rows.invoices().find(&unknown)), None);
});
