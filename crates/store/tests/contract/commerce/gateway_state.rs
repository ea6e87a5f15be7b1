//! What is kept of the state at a gateway: its id of a payment, the page that the shopper has to
//! complete, when the reconciler looks at the payment next, and which events were polled.

use domain::{OrderId, PaymentId, PaymentStatus, Timestamp, VariantId};
use futures::future::join_all;
use store::{Db, NewPayment, Payment, PaymentStep};

use super::{FIVE_MINUTES, MINUTE, NOW, account, commit, euro, line, look, place, waiting};
use crate::harness::contract;

fn id(number: u128) -> PaymentId {
    PaymentId::from_bits(number)
}

/// A payment of the order with its number. The reconciler looks at the first one in a minute.
fn payment(number: u128, gateway: &str) -> NewPayment {
    NewPayment {
        id: id(number),
        order: OrderId::from_bits(number),
        version: 1,
        authorisation: None,
        needs_code: true,
        gateway: gateway.into(),
        method: "card".into(),
        amount: euro(300),
        status: PaymentStatus::InFlight,
        expires_at: Some(NOW + FIVE_MINUTES),
        check_at: (number == 1).then_some(NOW + MINUTE),
    }
}

/// Two payments in flight, of two orders, at two gateways.
async fn two_payments(db: &Db) {
    waiting(db).await;
    account(db, 2).await;
    place(db, 2, 2, vec![line(&VariantId::from_bits(1), 1)]).await.unwrap();
    commit!(db, tx => async {
        assert!(tx.payments().begin(&payment(1, "demo"), NOW).await?);
        assert!(tx.payments().begin(&payment(2, "other"), NOW).await?);
        Ok::<_, store::Error>(())
    });
}

async fn find(db: &Db, number: u128) -> Payment {
    look!(db, rows => rows.payments().find(&id(number))).unwrap()
}

/// Claims what is due at a time for one minute.
async fn claim(db: &Db, now: Timestamp) -> Option<PaymentId> {
    let claimed = commit!(db, tx => async { tx.payments().claim(now, now + MINUTE).await });
    claimed.map(|payment| payment.id)
}

async fn set_reference(db: &Db, number: u128, reference: &'static str) {
    commit!(db, tx => async { tx.payments().set_reference(&id(number), reference).await });
}

async fn set_page(db: &Db, url: &'static str, until: Timestamp) {
    commit!(db, tx => async { tx.payments().set_page(&id(1), url, until).await });
}

async fn set_expiry(db: &Db, until: Timestamp) {
    commit!(db, tx => async { tx.payments().set_expiry(&id(1), until).await });
}

async fn check_never(db: &Db, status: PaymentStatus) {
    commit!(db, tx => async { tx.payments().check_never(&id(1), status).await });
}

contract!(a_payment_is_found_by_its_newest_reference_at_its_gateway_only, async |db: Db| {
    two_payments(&db).await;
    let found = async |gateway: &str, reference: &str| {
        let found = look!(db, rows => rows.payments().find_by_reference(gateway, reference));
        found.map(|payment| payment.id)
    };
    assert_eq!(found("demo", "").await, None, "no gateway has named one yet");
    assert_eq!(find(&db, 1).await.gateway_reference, None);
    // Two gateways may give the same id.
    set_reference(&db, 1, "ref_1").await;
    set_reference(&db, 2, "ref_1").await;
    assert_eq!(found("demo", "ref_1").await, Some(id(1)));
    assert_eq!(found("other", "ref_1").await, Some(id(2)));
    assert_eq!(found("third", "ref_1").await, None);
    for reference in ["REF_1", "ref_", "ref_%", "ref_1 "] {
        assert_eq!(found("demo", reference).await, None, "{reference}");
    }
    set_reference(&db, 1, "ref_2").await;
    assert_eq!(found("demo", "ref_1").await, None, "it has a newer id");
    assert_eq!(found("demo", "ref_2").await, Some(id(1)));
    assert_eq!(found("other", "ref_1").await, Some(id(2)));
});

contract!(a_reference_changes_nothing_else_of_its_payment, async |db: Db| {
    two_payments(&db).await;
    set_reference(&db, 1, "ref_1").await;
    set_reference(&db, 77, "ref_77").await;
    let kept = find(&db, 1).await;
    assert_eq!(kept.gateway_reference.as_deref(), Some("ref_1"));
    assert_eq!((kept.status, kept.page_url), (PaymentStatus::InFlight, None));
    assert_eq!(kept.expires_at, Some(NOW + FIVE_MINUTES));
    assert_eq!(find(&db, 2).await.gateway_reference, None);
    let unknown = look!(db, rows => rows.payments().find_by_reference("demo", "ref_77"));
    assert!(unknown.is_none(), "there is no such payment");
    assert_eq!(claim(&db, NOW).await, None);
    assert_eq!(claim(&db, NOW + MINUTE).await, Some(id(1)), "it is due when it was before");
});

contract!(a_payment_is_looked_at_when_the_time_for_its_page_is_over, async |db: Db| {
    two_payments(&db).await;
    set_page(&db, "https://gateway.example/1", NOW + MINUTE * 3).await;
    let kept = find(&db, 1).await;
    assert_eq!(kept.page_url.as_deref(), Some("https://gateway.example/1"));
    assert_eq!((kept.status, kept.expires_at), (PaymentStatus::InFlight, Some(NOW + MINUTE * 3)));
    let other = find(&db, 2).await;
    assert_eq!((other.page_url, other.expires_at), (None, Some(NOW + FIVE_MINUTES)));
    assert_eq!(claim(&db, NOW + MINUTE * 2).await, None, "the shopper is on the page");
    // The gateway gave another page, and with it more time.
    set_page(&db, "https://gateway.example/2", NOW + MINUTE * 9).await;
    let newer = find(&db, 1).await;
    assert_eq!(newer.page_url.as_deref(), Some("https://gateway.example/2"));
    assert_eq!(claim(&db, NOW + MINUTE * 8).await, None);
    assert_eq!(claim(&db, NOW + MINUTE * 9).await, Some(id(1)));
});

contract!(a_payment_with_a_new_time_limit_is_looked_at_then, async |db: Db| {
    two_payments(&db).await;
    set_page(&db, "https://gateway.example/1", NOW + FIVE_MINUTES).await;
    set_expiry(&db, NOW + MINUTE * 8).await;
    let later = find(&db, 1).await;
    assert_eq!(later.page_url.as_deref(), Some("https://gateway.example/1"));
    assert_eq!((later.status, later.expires_at), (PaymentStatus::InFlight, Some(NOW + MINUTE * 8)));
    assert_eq!(find(&db, 2).await.expires_at, Some(NOW + FIVE_MINUTES));
    assert_eq!(claim(&db, NOW + FIVE_MINUTES).await, None, "it has more time");
    set_expiry(&db, NOW + MINUTE * 2).await;
    assert_eq!(claim(&db, NOW + MINUTE).await, None);
    assert_eq!(claim(&db, NOW + MINUTE * 2).await, Some(id(1)), "it has less time");
    assert_eq!(find(&db, 1).await.expires_at, Some(NOW + MINUTE * 2), "a claim is no time limit");
    // A payment that is left alone is looked at again once it has a time limit.
    check_never(&db, PaymentStatus::InFlight).await;
    set_expiry(&db, NOW + MINUTE * 4).await;
    assert_eq!(claim(&db, NOW + MINUTE * 4).await, Some(id(1)));
});

contract!(a_payment_is_left_alone_in_the_status_that_was_seen_only, async |db: Db| {
    two_payments(&db).await;
    let step = PaymentStep {
        check_at: Some(NOW + MINUTE),
        ..PaymentStep::to(PaymentStatus::InFlight, PaymentStatus::Authorised)
    };
    assert!(commit!(db, tx => async { tx.payments().advance(&id(1), step, NOW).await }));
    commit!(db, tx => async { tx.payments().check_soon(&id(2), NOW + MINUTE * 2).await });
    check_never(&db, PaymentStatus::InFlight).await;
    assert_eq!(claim(&db, NOW + MINUTE).await, Some(id(1)), "it was authorised in the meantime");
    check_never(&db, PaymentStatus::Authorised).await;
    let (far, left) = (NOW + MINUTE * 99, find(&db, 1).await);
    assert_eq!(left.status, PaymentStatus::Authorised);
    assert_eq!(left.expires_at, Some(NOW + FIVE_MINUTES));
    assert_eq!(claim(&db, far).await, Some(id(2)), "the other one is still due");
    assert_eq!(claim(&db, far).await, None);
    commit!(db, tx => async { tx.payments().check_soon(&id(1), NOW).await });
    assert_eq!(claim(&db, NOW).await, Some(id(1)), "the gateway told something of it");
});

async fn cursor(db: &Db, gateway: &str) -> Option<String> {
    look!(db, rows => rows.gateway_events().cursor(gateway))
}

async fn set_cursor(db: &Db, gateway: &'static str, cursor: String, now: Timestamp) {
    commit!(db, tx => async { tx.gateway_events().set_cursor(gateway, &cursor, now).await });
}

contract!(each_gateway_has_the_cursor_that_was_kept_last, async |db: Db| {
    assert_eq!(cursor(&db, "demo").await, None, "nothing was polled yet");
    set_cursor(&db, "demo", "evt_9".into(), NOW + MINUTE).await;
    assert_eq!(cursor(&db, "demo").await.as_deref(), Some("evt_9"));
    assert_eq!(cursor(&db, "other").await, None);
    set_cursor(&db, "other", "evt_5".into(), NOW).await;
    // The ids of a gateway have no order, and the clock may have been set back.
    set_cursor(&db, "demo", "evt_10".into(), NOW).await;
    assert_eq!(cursor(&db, "demo").await.as_deref(), Some("evt_10"));
    assert_eq!(cursor(&db, "other").await.as_deref(), Some("evt_5"));
    set_cursor(&db, "demo", "evt_10".into(), NOW).await;
    assert_eq!(cursor(&db, "demo").await.as_deref(), Some("evt_10"), "the same one again");
    assert_eq!(cursor(&db, "DEMO").await, None);
});

contract!(first_cursors_that_are_kept_concurrently_all_succeed, async |db: Db| {
    let kept = join_all((0..10).map(|number| {
        let db = db.clone();
        tokio::spawn(async move { set_cursor(&db, "demo", format!("evt_{number}"), NOW).await })
    }))
    .await;
    assert!(kept.iter().all(Result::is_ok));
    let last = cursor(&db, "demo").await.unwrap();
    assert!((0..10).any(|number| last == format!("evt_{number}")), "{last}");
    set_cursor(&db, "demo", "evt_10".into(), NOW).await;
    assert_eq!(cursor(&db, "demo").await.as_deref(), Some("evt_10"), "there is one row");
});
