//! Notices of withdrawal, and what shoppers agreed to.

use domain::{
    Language, OrderEvent, OrderId, OrderStatus, OrderToken, PermissionId, Timestamp, WithdrawalId,
};
use futures::future::join_all;
use store::{Db, LegalText, OrderConsent, OrderPermission, Withdrawal};

use super::{MINUTE, NOW, commit, look, waiting};
use crate::harness::contract;

fn id(number: u128) -> WithdrawalId {
    WithdrawalId::from_bits(number)
}

fn notice(number: u128, order: Option<u128>, received_at: Timestamp) -> Withdrawal {
    Withdrawal {
        id: id(number),
        order: order.map(OrderId::from_bits),
        name: "Ada Buyer".into(),
        order_number: "M-2026-000001".into(),
        contact: "person1@example.com".into(),
        browser_digest: format!("browser {}", number % 2),
        language: Language::German,
        received_at,
        handled_at: None,
    }
}

async fn insert(db: &Db, notice: Withdrawal) -> bool {
    commit!(db, tx => async { tx.withdrawals().insert(&notice).await })
}

contract!(an_order_is_reached_at_its_buyer_once_it_is_confirmed, async |db| {
    let order = waiting(&db).await;
    let number = order.names.number.clone();
    let found = async |number: &str| look!(db, rows => rows.withdrawals().contact_of_order(number));
    assert_eq!(found(&number).await, None, "an order that waits for its code is no contract");
    let advance = async |from, event| {
        let id = order.names.id.clone();
        assert!(commit!(db, tx => async { tx.orders().advance(&id, from, event, NOW).await }));
    };
    for (from, event, is_contract) in [
        (OrderStatus::AwaitingCode, OrderEvent::BeginAuthorisation, false),
        (OrderStatus::AwaitingAuthorisation, OrderEvent::Authorise, false),
        (OrderStatus::Authorised, OrderEvent::Decline, false),
        (OrderStatus::AwaitingCode, OrderEvent::Confirm, true),
        (OrderStatus::Paying, OrderEvent::Decline, false),
        (OrderStatus::AwaitingCode, OrderEvent::Accept, true),
        (OrderStatus::Confirmed, OrderEvent::Ship, true),
        (OrderStatus::Shipped, OrderEvent::Refund, true),
    ] {
        advance(from, event).await;
        assert_eq!(found(&number).await.is_some(), is_contract, "{from:?} {event:?}");
    }
    let contact = found(&number).await.unwrap();
    assert_eq!(contact.order, OrderId::from_bits(1));
    assert_eq!(contact.email.as_str(), "person1@example.com");
    assert_eq!(contact.phone.expose(), "+447700900001");
    assert_eq!(found("M-2026-000002").await, None);
});

contract!(a_notice_is_taken_down_once_and_read_back, async |db| {
    waiting(&db).await;
    let taken = join_all((0..10).map(|_| insert(&db, notice(1, Some(1), NOW)))).await;
    assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1);
    assert!(insert(&db, notice(2, None, NOW + MINUTE)).await);
    let found = look!(db, rows => rows.withdrawals().find(&id(1)));
    assert_eq!(found, Some(notice(1, Some(1), NOW)));
    assert_eq!(look!(db, rows => rows.withdrawals().find(&id(3))), None);
    let of_order = look!(db, rows => rows.withdrawals().of_order(&OrderId::from_bits(1)));
    assert_eq!(of_order, [notice(1, Some(1), NOW)]);
});

contract!(a_browser_finds_its_newest_notice_of_late, async |db| {
    for (number, minutes) in [(1, 0), (2, 1), (3, 2)] {
        insert(&db, notice(number, None, NOW + MINUTE * minutes)).await;
    }
    let newest = async |browser: &str, after| {
        let found = look!(db, rows => rows.withdrawals().newest_of_browser(browser, after));
        found.map(|notice| notice.id)
    };
    assert_eq!(newest("browser 1", NOW).await, Some(id(3)));
    assert_eq!(newest("browser 0", NOW).await, Some(id(2)));
    assert_eq!(newest("browser 0", NOW + MINUTE).await, None);
    assert_eq!(newest("browser 2", NOW).await, None);
});

contract!(the_merchant_pages_through_notices_and_deals_with_each_once, async |db| {
    waiting(&db).await;
    for number in 1..=3 {
        let order = (number != 2).then_some(1);
        insert(&db, notice(number, order, NOW + MINUTE * u32::try_from(number).unwrap())).await;
    }
    let page = async |after: Option<WithdrawalId>| {
        let found = look!(db, rows => rows.withdrawals().page(after.as_ref(), 2));
        found.into_iter().map(|notice| notice.id).collect::<Vec<_>>()
    };
    assert_eq!(page(None).await, [id(3), id(2)]);
    assert_eq!(page(Some(id(2))).await, [id(1)]);
    assert_eq!(look!(db, rows => rows.withdrawals().count_open()), 2, "one has no order");
    let handle = async || commit!(db, tx => async { tx.withdrawals().handle(&id(1), NOW).await });
    let handled = [handle().await, handle().await];
    assert_eq!(handled, [true, false]);
    assert_eq!(look!(db, rows => rows.withdrawals().count_open()), 1);
    let found = look!(db, rows => rows.withdrawals().find(&id(1))).unwrap();
    assert_eq!(found.handled_at, Some(NOW));
    let reopen = async || commit!(db, tx => async { tx.withdrawals().reopen(&id(1)).await });
    let reopened = [reopen().await, reopen().await];
    assert_eq!(reopened, [true, false]);
});

contract!(a_notice_is_claimed_for_its_receipt_once, async |db| {
    for number in 1..=5 {
        insert(&db, notice(number, None, NOW)).await;
    }
    let claim =
        async || commit!(db, tx => async { tx.withdrawals().claim_unreceipted(2, NOW).await });
    let claimed = join_all((0..6).map(|_| claim())).await.concat();
    let mut ids: Vec<_> = claimed.into_iter().map(|notice| notice.id).collect();
    ids.extend(claim().await.into_iter().map(|notice| notice.id));
    ids.sort();
    assert_eq!(ids, [1, 2, 3, 4, 5].map(id));
});

fn text(version: &str) -> LegalText {
    LegalText {
        version: version.into(),
        kind: "terms".into(),
        language: "en".into(),
        body: format!("# Terms {version}"),
    }
}

fn consent(version: &str, consented_at: Timestamp) -> OrderConsent {
    OrderConsent {
        terms_version: version.into(),
        privacy_version: version.into(),
        returns_version: version.into(),
        button: "buy_now".into(),
        consented_at,
    }
}

contract!(an_order_keeps_what_was_agreed_to_last, async |db| {
    let order = waiting(&db).await;
    assert_eq!(order.status, OrderStatus::AwaitingCode);
    let id = order.names.id;
    assert_eq!(look!(db, rows => rows.consents().find(&id)), None);
    for (version, at) in [("a", NOW), ("b", NOW + MINUTE)] {
        let order = id.clone();
        commit!(db, tx => async {
            tx.consents().keep_text(&text(version), at).await?;
            tx.consents().keep_text(&text(version), at).await?;
            tx.consents().record(&order, &consent(version, at)).await
        });
    }
    assert_eq!(look!(db, rows => rows.consents().find(&id)), Some(consent("b", NOW + MINUTE)));
    assert_eq!(look!(db, rows => rows.consents().text("a")), Some(text("a")));
    assert_eq!(look!(db, rows => rows.consents().text("c")), None);
});

contract!(a_browser_reads_the_order_that_it_found_for_a_while, async |db| {
    let order = waiting(&db).await.names;
    let permission = OrderPermission {
        id: PermissionId::from_bits(1),
        order: order.id.clone(),
        browser_digest: "browser".into(),
        created_at: NOW,
        expires_at: NOW + MINUTE,
    };
    commit!(db, tx => async { tx.order_permissions().insert(&permission).await });
    let find = async |token: &OrderToken, browser: &str, now| look!(db, rows => rows.order_permissions().find(token, browser, now));
    assert_eq!(find(&order.token, "browser", NOW).await, Some(order.id.clone()));
    assert_eq!(find(&order.token, "another", NOW).await, None);
    assert_eq!(find(&OrderToken::from_bits(9), "browser", NOW).await, None);
    assert_eq!(find(&order.token, "browser", NOW + MINUTE).await, None);
    let delete =
        async |now| commit!(db, tx => async { tx.order_permissions().delete_expired(now).await });
    assert_eq!(delete(NOW).await, 0);
    assert_eq!(delete(NOW + MINUTE).await, 1);
});
