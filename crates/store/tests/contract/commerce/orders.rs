//! Orders and their changes of status.

use domain::{
    Art, ArtKind, Buyer, CartId, Colour, EmailAddress, LineItem, OrderEvent, OrderStatus, Pattern,
    PhoneNumber, ProductRef, VariantId, VariantRef,
};
use futures::future::join_all;

use super::{
    CONFIRM, MINUTE, NOW, account, account_id, address, commit, line, look, order_header,
    order_names, place, product, waiting,
};
use crate::harness::contract;

contract!(placing_again_revises_only_the_order_that_waits, async |db| {
    let first = waiting(&db).await;
    let cup = VariantId::from_bits(1);
    let second = place(&db, 2, 1, vec![line(&cup, 3)]).await.unwrap();
    assert_eq!((second.names.id.clone(), second.version), (first.names.id.clone(), 2));
    assert_eq!((second.pieces, second.header.address.clone()), (3, address()));
    let lines = look!(db, rows => rows.orders().lines(&first.names.id));
    assert_eq!(lines, [line(&cup, 3)]);

    let id = first.names.id.clone();
    assert!(!commit!(db, tx => tx.orders().confirm(&id, 1, CONFIRM, NOW)), "an old version");
    let id = first.names.id.clone();
    assert!(commit!(db, tx => tx.orders().confirm(&id, 2, CONFIRM, NOW)));
    assert!(place(&db, 3, 1, vec![line(&cup, 1)]).await.is_none(), "while it is being paid");
    let id = first.names.id.clone();
    commit!(db, tx => tx.orders().advance(&id, OrderStatus::Paying, OrderEvent::Capture, NOW));
    assert!(place(&db, 4, 1, vec![line(&cup, 1)]).await.is_some(), "once it is paid");
});

contract!(an_orders_lines_stay_as_they_were_when_it_was_placed, async |db| {
    account(&db, 1).await;
    let cup = product(&db, 1, "Cup", 300, 5).await;
    let line = line(&cup, 2);
    // The product has another name, address and drawing by now.
    let before = LineItem {
        product: ProductRef {
            slug: "old-cup".into(),
            name: "Old cup".into(),
            art: Art { kind: ArtKind::Vase, pattern: Pattern::Stripes },
        },
        variant: VariantRef { size: "200 ml".into(), colour: Colour::Ink, ..line.variant },
        ..line
    };
    let order = place(&db, 1, 1, vec![before.clone()]).await.unwrap();
    assert_eq!(look!(db, rows => rows.orders().lines(&order.names.id)), [before]);
});

contract!(x80_placing_one_cart_concurrently_makes_one_order, async |db| {
    account(&db, 1).await;
    let cup = product(&db, 1, "Cup", 300, 5).await;
    join_all((10..30).map(|number| {
        let (db, lines) = (db.clone(), vec![line(&cup, 1)]);
        tokio::spawn(async move {
            // On PostgreSQL two of them may exclude each other's lines; the shop
            // holds the cart meanwhile.
            let hold = CartId::from_bits(1);
            let (names, header) = (order_names(number), order_header(1, 300));
            commit!(db, tx => async {
                let owner = account_id(1);
                tx.carts().of_account_or_create(&owner, &hold, NOW).await?;
                tx.carts().lock(&hold, NOW).await?;
                tx.orders().place(&names, &header, &lines, NOW).await
            })
        })
    }))
    .await;
    assert_eq!(look!(db, rows => rows.orders().list(&account_id(1), 50)).len(), 1);
});

contract!(so16_an_order_changes_status_only_from_its_current_one, async |db| {
    let order = waiting(&db).await;
    let id = order.names.id.clone();
    let advance = async |from, event| {
        let id = id.clone();
        commit!(db, tx => async { tx.orders().advance(&id, from, event, NOW + MINUTE).await })
    };
    assert!(!advance(OrderStatus::Paying, OrderEvent::Capture).await, "it is not there");
    assert!(!advance(OrderStatus::AwaitingCode, OrderEvent::Capture).await, "no such move");
    let confirmed = id.clone();
    assert!(commit!(db, tx => tx.orders().confirm(&confirmed, 1, CONFIRM, NOW)));
    assert!(advance(OrderStatus::Paying, OrderEvent::Decline).await);
    let back = look!(db, rows => rows.orders().find(&id)).unwrap();
    assert_eq!((back.status, back.version), (OrderStatus::AwaitingCode, 2));
    let confirmed = id.clone();
    assert!(commit!(db, tx => tx.orders().confirm(&confirmed, 2, CONFIRM, NOW)));
    assert!(advance(OrderStatus::Paying, OrderEvent::Capture).await);
    assert!(advance(OrderStatus::Paid, OrderEvent::Ship).await);
    assert!(!advance(OrderStatus::Paid, OrderEvent::Refund).await);
    let shipped = look!(db, rows => rows.orders().find(&id)).unwrap();
    assert_eq!((shipped.status, shipped.version), (OrderStatus::Shipped, 2));
    assert_eq!((shipped.paid_at, shipped.shipped_at), (Some(NOW + MINUTE), Some(NOW + MINUTE)));
});

contract!(the_pieces_of_an_order_go_back_into_stock_once, async |db| {
    let id = waiting(&db).await.names.id;
    let marked = join_all((1..=20).map(|minute| {
        let (db, id) = (db.clone(), id.clone());
        tokio::spawn(async move {
            commit!(db, tx => async { tx.orders().mark_restocked(&id, NOW + MINUTE * minute).await })
        })
    }))
    .await;
    assert_eq!(marked.into_iter().filter(|one| *one.as_ref().unwrap()).count(), 1);
    let order = look!(db, rows => rows.orders().find(&id)).unwrap();
    assert!(order.restocked_at.is_some_and(|at| at > NOW));
});

contract!(x93_a_locked_order_shows_what_earlier_transactions_changed, async |db| {
    let id = waiting(&db).await.names.id;
    let paid = id.clone();
    commit!(db, tx => async {
        tx.orders().confirm(&paid, 1, CONFIRM, NOW).await?;
        tx.orders().advance(&paid, OrderStatus::Paying, OrderEvent::Capture, NOW).await
    });
    let saw_it_paid = join_all((0..20).map(|number| {
        let (db, id) = (db.clone(), id.clone());
        let event = [OrderEvent::Ship, OrderEvent::Refund][number % 2];
        tokio::spawn(async move {
            commit!(db, tx => async {
                let held = tx.orders().hold(&id, NOW + MINUTE).await?;
                if held.is_none_or(|order| order.status != OrderStatus::Paid) {
                    return Ok(false);
                }
                assert!(tx.orders().advance(&id, OrderStatus::Paid, event, NOW + MINUTE).await?);
                Ok::<_, store::Error>(true)
            })
        })
    }))
    .await;
    assert_eq!(saw_it_paid.into_iter().filter(|one| *one.as_ref().unwrap()).count(), 1);
    let unknown = order_names(99).id;
    assert!(commit!(db, tx => tx.orders().hold(&unknown, NOW)).is_none());
});

contract!(an_order_is_confirmed_or_cancelled_and_never_both, async |db| {
    let order = waiting(&db).await;
    let moved = join_all((0..20).map(|number| {
        let (db, id) = (db.clone(), order.names.id.clone());
        tokio::spawn(async move {
            if number % 2 == 0 {
                commit!(db, tx => tx.orders().confirm(&id, 1, CONFIRM, NOW))
            } else {
                commit!(db, tx => tx.orders().cancel_waiting(NOW + MINUTE, NOW)) == 1
            }
        })
    }))
    .await;
    assert_eq!(moved.into_iter().filter(|one| *one.as_ref().unwrap()).count(), 1);
});

contract!(x116_an_order_is_found_by_its_owner_only, async |db| {
    let order = waiting(&db).await;
    account(&db, 2).await;
    let token = order.names.token;
    let found = look!(db, rows => rows.orders().find_by_token(&token, &account_id(1)));
    assert!(found.is_some());
    assert!(look!(db, rows => rows.orders().find_by_token(&token, &account_id(2))).is_none());
    assert!(look!(db, rows => rows.orders().list(&account_id(2), 10)).is_empty());
    let page = look!(db, rows => rows.orders().page(None, 10));
    assert_eq!(page.len(), 1);
    let last = page[0].names.id.clone();
    assert!(look!(db, rows => rows.orders().page(Some(&last), 10)).is_empty());
});

contract!(what_waits_too_long_is_cancelled, async |db| {
    let order = waiting(&db).await;
    assert_eq!(commit!(db, tx => tx.orders().cancel_waiting(NOW, NOW)), 0);
    assert_eq!(commit!(db, tx => tx.orders().cancel_waiting(NOW + MINUTE, NOW)), 1);
    let id = order.names.id;
    let cancelled = look!(db, rows => rows.orders().find(&id)).unwrap();
    assert_eq!(cancelled.status, OrderStatus::Cancelled);
    let (listed, all) = (
        look!(db, rows => rows.orders().list(&account_id(1), 9)),
        look!(db, rows => rows.orders().list_all(&account_id(1), 9)),
    );
    assert_eq!((listed.len(), all.len()), (0, 1), "a copy of the account's data has it");
    assert!(!commit!(db, tx => tx.orders().confirm(&id, 1, CONFIRM, NOW)));
});

contract!(a_guests_order_keeps_email_and_phone_and_is_revised, async |db| {
    let cup = product(&db, 1, "Cup", 300, 5).await;
    let guest = |email: &str| Buyer::Guest {
        email: EmailAddress::parse(email).unwrap(),
        phone: PhoneNumber::from_e164("+447700900123").unwrap(),
    };
    let place = async |number: u128, buyer: Buyer| {
        let header = store::OrderHeader { buyer, ..order_header(1, 300) };
        let (names, lines) = (order_names(number), vec![line(&cup, 1)]);
        commit!(db, tx => async { tx.orders().place(&names, &header, &lines, NOW).await })
    };
    let first = place(1, guest("typo@example.com")).await.unwrap();
    let second = place(2, guest("guest@example.com")).await.unwrap();
    assert_eq!((second.names.id, second.version), (first.names.id, 2));
    assert_eq!(second.header.buyer, guest("guest@example.com"));
});
