//! Orders and their changes of status.

use domain::{
    Art, ArtKind, Buyer, CartId, Colour, EmailAddress, LineItem, OrderEvent, OrderStatus, Pattern,
    PaymentId, PaymentStatus, PhoneNumber, ProductRef, Timestamp, VariantId, VariantRef,
};
use futures::future::join_all;
use store::NewPayment;

use super::{
    CONFIRM, MINUTE, NOW, account, account_id, address, commit, euro, line, look, order_header,
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

contract!(a_cart_has_an_authorising_order_until_its_payment_is_decided, async |db| {
    let order = waiting(&db).await;
    let cart = order.header.cart;
    let found = async |cart: &CartId| {
        let found = look!(db, rows => rows.orders().find_authorising(cart));
        found.map(|order| (order.names.id, order.status))
    };
    let mut status = OrderStatus::AwaitingCode;
    assert_eq!(found(&cart).await, None, "it waits for its code, and nothing was asked for");
    for (event, is_found) in [
        (OrderEvent::BeginAuthorisation, true),
        (OrderEvent::Decline, false),
        (OrderEvent::BeginAuthorisation, true),
        (OrderEvent::Authorise, true),
        (OrderEvent::Confirm, false),
        (OrderEvent::Capture, false),
    ] {
        let (id, from) = (order.names.id.clone(), status);
        assert!(commit!(db, tx => async { tx.orders().advance(&id, from, event, NOW).await }));
        status = from.after(event).unwrap();
        let expected = is_found.then(|| (order.names.id.clone(), status));
        assert_eq!(found(&cart).await, expected, "after {event:?}");
        assert_eq!(found(&CartId::from_bits(2)).await, None, "the cart of nobody");
    }
    let next = place(&db, 2, 1, vec![line(&VariantId::from_bits(1), 1)]).await.unwrap().names.id;
    let (id, begin) = (next.clone(), OrderEvent::BeginAuthorisation);
    commit!(db, tx => async { tx.orders().confirm(&id, 1, (CONFIRM.0, begin), NOW).await });
    let expected = Some((next, OrderStatus::AwaitingAuthorisation));
    assert_eq!(found(&cart).await, expected, "and not the one that was paid before");
});

contract!(the_money_of_a_shipped_order_comes_once_and_leaves_its_status, async |db| {
    let id = waiting(&db).await.names.id;
    account(&db, 2).await;
    let other = place(&db, 2, 2, vec![line(&VariantId::from_bits(1), 1)]).await.unwrap();
    let shipped = id.clone();
    commit!(db, tx => async {
        let accept = (OrderStatus::AwaitingCode, OrderEvent::Accept);
        assert!(tx.orders().confirm(&shipped, 1, accept, NOW).await?);
        tx.orders().advance(&shipped, OrderStatus::Confirmed, OrderEvent::Ship, NOW).await
    });
    let before = look!(db, rows => rows.orders().find(&id)).unwrap();
    assert_eq!((before.status, before.paid_at), (OrderStatus::Shipped, None));
    for (order, minutes) in [(id.clone(), 1), (id.clone(), 2), (order_names(77).id, 3)] {
        commit!(db, tx => async { tx.orders().set_paid(&order, NOW + MINUTE * minutes).await });
        let paid = look!(db, rows => rows.orders().find(&id)).unwrap();
        assert_eq!((paid.status, paid.version), (OrderStatus::Shipped, 1));
        assert_eq!((paid.paid_at, paid.shipped_at), (Some(NOW + MINUTE), Some(NOW)));
    }
    assert_eq!(look!(db, rows => rows.orders().find(&other.names.id)).unwrap().paid_at, None);
});

/// A payment of this order from outside of the shop, such as on delivery.
fn expected_outside(number: u128, expires_at: Option<Timestamp>) -> NewPayment {
    NewPayment {
        id: PaymentId::from_bits(number),
        order: order_names(number).id,
        version: 1,
        authorisation: None,
        needs_code: false,
        gateway: "outside".into(),
        method: "cash".into(),
        amount: euro(300),
        status: PaymentStatus::Expected,
        expires_at,
        check_at: expires_at,
    }
}

contract!(paid_orders_and_those_paid_on_delivery_count_as_to_be_shipped, async |db| {
    let count = async || look!(db, rows => rows.orders().count_to_ship());
    let advance = async |number: u128, from: OrderStatus, event: OrderEvent| {
        let id = order_names(number).id;
        assert!(commit!(db, tx => async { tx.orders().advance(&id, from, event, NOW).await }));
    };
    let begin = async |payment: NewPayment| {
        assert!(commit!(db, tx => async { tx.payments().begin(&payment, NOW).await }));
    };
    let cup = waiting(&db).await.names.id;
    assert_eq!((cup, count().await), (order_names(1).id, 0), "it waits for its code");
    for number in [2, 3] {
        account(&db, number).await;
        place(&db, number, number, vec![line(&VariantId::from_bits(1), 1)]).await.unwrap();
        advance(number, OrderStatus::AwaitingCode, OrderEvent::Accept).await;
    }
    advance(1, OrderStatus::AwaitingCode, OrderEvent::Confirm).await;
    assert_eq!(count().await, 0, "one is being paid, and nothing is expected of the others");
    advance(1, OrderStatus::Paying, OrderEvent::Capture).await;
    assert_eq!(count().await, 1, "it is paid");
    begin(expected_outside(2, Some(NOW + MINUTE))).await;
    assert_eq!(count().await, 1, "a transfer has to come first");
    begin(expected_outside(3, None)).await;
    assert_eq!(count().await, 2, "the parcel comes before its money");
    advance(2, OrderStatus::Confirmed, OrderEvent::Capture).await;
    assert_eq!(count().await, 3, "the transfer came");
    for (number, from) in [(1, OrderStatus::Paid), (3, OrderStatus::Confirmed)] {
        advance(number, from, OrderEvent::Ship).await;
    }
    assert_eq!(count().await, 1, "the others were shipped");
    advance(2, OrderStatus::Paid, OrderEvent::Refund).await;
    assert_eq!(count().await, 0, "its money went back");
});
