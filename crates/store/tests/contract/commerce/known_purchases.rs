//! What earlier orders tell about a purchase: what of it is known, and which parcels were refused.

use domain::{
    Address, Buyer, CartId, DeclineReason, EmailAddress, OrderEvent, OrderId, OrderStatus,
    PaymentId, PaymentStatus, PhoneNumber, VariantId,
};
use store::{Db, KnownPurchase, NewPayment, OrderHeader, PaymentStep};

use super::{
    CONFIRM, MINUTE, NOW, account, account_id, address, commit, euro, line, look, order_header,
    order_names, product, waiting,
};
use crate::harness::contract;

/// Another address, which differs in nothing but its postcode.
fn next_door() -> Address {
    Address { postcode: "E1 1AB".into(), ..address() }
}

fn known(browser: bool, address: bool, method: bool) -> KnownPurchase {
    KnownPurchase { browser, address, method }
}

/// What is known of a purchase of account 1 by a browser, to its usual address, by card.
async fn known_by(db: &Db, browser: &str) -> KnownPurchase {
    look!(db, rows => rows.orders().find_known(&account_id(1), browser, &address(), "card"))
}

/// An order of one cup, in a cart of its own.
async fn place(db: &Db, number: u128, header: OrderHeader) {
    let header = OrderHeader { cart: CartId::from_bits(number), ..header };
    commit!(db, tx => async {
        let lines = [line(&VariantId::from_bits(1), 1)];
        let placed = tx.orders().place(&order_names(number), &header, &lines, NOW).await?;
        assert!(placed.is_some());
        Ok::<_, store::Error>(())
    });
}

async fn set_browser(db: &Db, order: u128, browser: &'static str) {
    commit!(db, tx => async { tx.orders().set_browser(&OrderId::from_bits(order), browser).await });
}

/// Moves an order that waits for its code by these events.
async fn advance(db: &Db, order: u128, events: &[OrderEvent]) {
    let mut from = OrderStatus::AwaitingCode;
    for event in events.iter().copied() {
        let id = OrderId::from_bits(order);
        assert!(commit!(db, tx => async { tx.orders().advance(&id, from, event, NOW).await }));
        from = from.after(event).unwrap();
    }
}

/// An account and a cup that it may order.
async fn shopper(db: &Db) {
    account(db, 1).await;
    product(db, 1, "Cup", 300, 5).await;
}

contract!(a_purchase_is_known_once_its_order_is_paid, async |db: Db| {
    waiting(&db).await;
    set_browser(&db, 1, "b1").await;
    assert_eq!(known_by(&db, "b1").await, KnownPurchase::default(), "it waits for its code");
    advance(&db, 1, &[CONFIRM.1]).await;
    assert_eq!(known_by(&db, "b1").await, KnownPurchase::default(), "it is being paid");
    let id = OrderId::from_bits(1);
    assert!(commit!(db, tx => async {
        tx.orders().advance(&id, OrderStatus::Paying, OrderEvent::Capture, NOW).await
    }));
    assert_eq!(known_by(&db, "b1").await, known(true, true, true));
});

contract!(a_purchase_on_delivery_is_known_once_its_money_came, async |db: Db| {
    shopper(&db).await;
    for (number, browser) in [(1, "b1"), (2, "b2")] {
        place(&db, number, order_header(1, 300)).await;
        set_browser(&db, number, browser).await;
        advance(&db, number, &[OrderEvent::Accept, OrderEvent::Ship]).await;
    }
    let refused = OrderId::from_bits(2);
    assert!(commit!(db, tx => async {
        tx.orders().advance(&refused, OrderStatus::Shipped, OrderEvent::Refuse, NOW).await
    }));
    assert_eq!(known_by(&db, "b1").await, KnownPurchase::default(), "it was only shipped");
    let paid = OrderId::from_bits(1);
    commit!(db, tx => async { tx.orders().set_paid(&paid, NOW + MINUTE).await });
    assert_eq!(known_by(&db, "b1").await, known(true, true, true));
    assert_eq!(known_by(&db, "b2").await, known(false, true, true), "its parcel was refused");
});

contract!(browser_address_and_method_are_known_each_by_itself, async |db: Db| {
    shopper(&db).await;
    account(&db, 2).await;
    let elsewhere =
        OrderHeader { address: next_door(), method: "wallet".into(), ..order_header(1, 300) };
    for (number, browser, header) in [(1, "b1", order_header(1, 300)), (2, "b2", elsewhere)] {
        place(&db, number, header).await;
        set_browser(&db, number, browser).await;
        advance(&db, number, &[OrderEvent::Confirm, OrderEvent::Capture]).await;
    }
    let lower = Address { postcode: "e1 1aa".into(), ..address() };
    for (owner, browser, address, method, expected) in [
        (1, "b1", address(), "card", known(true, true, true)),
        (1, "b2", next_door(), "wallet", known(true, true, true)),
        (1, "b2", address(), "wallet", known(true, true, true)),
        (1, "b3", address(), "card", known(false, true, true)),
        (1, "", address(), "card", known(false, true, true)),
        (1, "b1", lower, "card", known(true, false, true)),
        (1, "b1", Address::default(), "card", known(true, false, true)),
        (1, "b1", next_door(), "transfer", known(true, true, false)),
        (1, "b3", Address::default(), "transfer", known(false, false, false)),
        (2, "b1", address(), "card", known(false, false, false)),
        (3, "b1", address(), "card", known(false, false, false)),
    ] {
        let owner = account_id(owner);
        let found = look!(db, rows => rows.orders().find_known(&owner, browser, &address, method));
        assert_eq!(found, expected, "{owner:?} {browser} {} {method}", address.postcode);
    }
});

contract!(an_order_keeps_the_browser_that_placed_it_last, async |db: Db| {
    shopper(&db).await;
    for number in [1, 2] {
        place(&db, number, order_header(1, 300)).await;
        advance(&db, number, &[OrderEvent::Confirm, OrderEvent::Capture]).await;
    }
    assert_eq!(known_by(&db, "").await, known(false, true, true), "neither has a browser yet");
    set_browser(&db, 1, "b1").await;
    set_browser(&db, 2, "b2").await;
    set_browser(&db, 1, "b3").await;
    set_browser(&db, 77, "b4").await;
    for (browser, is_known) in [("b1", false), ("b2", true), ("b3", true), ("b4", false)] {
        assert_eq!(known_by(&db, browser).await.browser, is_known, "{browser}");
    }
    let order = look!(db, rows => rows.orders().find(&OrderId::from_bits(1))).unwrap();
    assert_eq!((order.version, order.updated_at), (1, NOW), "the code stays bound to it");
});

fn guest(number: u128, phone: &str) -> OrderHeader {
    let email = EmailAddress::parse(&format!("guest{number}@example.com")).unwrap();
    let buyer = Buyer::Guest { email, phone: PhoneNumber::from_e164(phone).unwrap() };
    OrderHeader { buyer, ..order_header(1, 300) }
}

/// An order that was to be paid on delivery, whose payment failed for this reason, if it did.
async fn on_delivery(db: &Db, number: u128, header: OrderHeader, failure: Option<DeclineReason>) {
    place(db, number, header).await;
    let new = NewPayment {
        id: PaymentId::from_bits(number),
        order: OrderId::from_bits(number),
        version: 1,
        authorisation: None,
        needs_code: false,
        gateway: "outside".into(),
        method: "cash".into(),
        amount: euro(300),
        status: PaymentStatus::Expected,
        expires_at: None,
        check_at: None,
    };
    commit!(db, tx => async {
        assert!(tx.payments().begin(&new, NOW).await?);
        if let Some(failure) = failure {
            let step = PaymentStep::to(PaymentStatus::Expected, PaymentStatus::Declined);
            let step = PaymentStep { failure: Some(failure.as_str()), ..step };
            assert!(tx.payments().advance(&new.id, step, NOW).await?);
        }
        Ok::<_, store::Error>(())
    });
}

contract!(refused_parcels_are_counted_by_the_phone_of_account_or_guest, async |db: Db| {
    shopper(&db).await;
    account(&db, 2).await;
    let count = async |phone: &str| {
        let phone = PhoneNumber::from_e164(phone).unwrap();
        look!(db, rows => rows.orders().count_refused_parcels(&phone))
    };
    let (own, others, guests) = ("+447700900001", "+447700900002", "+447700900123");
    let refused = Some(DeclineReason::ParcelRefused);
    for (number, header, failure, expected) in [
        (1, order_header(1, 300), None, (0, 0, 0)),
        (2, order_header(1, 300), Some(DeclineReason::Expired), (0, 0, 0)),
        (3, order_header(1, 300), refused, (1, 0, 0)),
        (4, order_header(1, 300), refused, (2, 0, 0)),
        (5, guest(5, own), refused, (3, 0, 0)),
        (6, guest(6, guests), refused, (3, 0, 1)),
        (7, guest(7, guests), Some(DeclineReason::Canceled), (3, 0, 1)),
        (8, order_header(2, 300), refused, (3, 1, 1)),
    ] {
        on_delivery(&db, number, header, failure).await;
        let counted = (count(own).await, count(others).await, count(guests).await);
        assert_eq!(counted, expected, "after order {number}");
    }
    assert_eq!(count("+447700900124").await, 0, "nobody ordered with this number");
});
