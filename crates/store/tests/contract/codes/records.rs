//! Wrong codes and the audit log.

use domain::{AccountId, Timestamp};
use futures::future::join_all;
use store::{AuditEvent, Db, FailureCount};

use super::{MINUTE, NOW};
use crate::harness::contract;

async fn fail(db: &Db) -> Option<FailureCount> {
    db.write(|tx| Box::pin(async move { tx.failures().add("s", NOW).await })).await.unwrap()
}

async fn find(db: &Db) -> Option<FailureCount> {
    db.read().await.unwrap().failures().find("s").await.unwrap()
}

contract!(x05_concurrent_failures_are_all_counted, async |db: Db| {
    assert_eq!(find(&db).await, None);
    join_all((0..40).map(|_| fail(&db))).await;
    assert_eq!(find(&db).await.unwrap().consecutive, 40);
});

contract!(x05_concurrent_failures_are_limited_like_sequential_ones, async |db: Db| {
    let fail_and_wait = || {
        db.write::<_, store::Error, _>(|tx| {
            Box::pin(async move {
                let count = tx.failures().add("s", NOW).await?;
                if count.is_some_and(|count| count.consecutive == 5) {
                    tx.failures().wait("s", NOW + MINUTE).await?;
                }
                Ok(count.is_some())
            })
        })
    };
    let counted = join_all((0..40).map(|_| fail_and_wait())).await;
    assert_eq!(counted.into_iter().filter(|counted| *counted.as_ref().unwrap()).count(), 5);
    assert_eq!(find(&db).await.unwrap().consecutive, 5);
});

contract!(a_right_code_deletes_failures_unless_codes_are_off, async |db: Db| {
    let clear = || db.write(|tx| Box::pin(async move { tx.failures().clear("s").await }));
    fail(&db).await;
    clear().await.unwrap();
    assert_eq!(find(&db).await, None);
    fail(&db).await;
    for is_first in [true, false] {
        let done = db.write(|tx| Box::pin(async move { tx.failures().disable("s", NOW).await }));
        assert_eq!(done.await.unwrap(), is_first);
    }
    clear().await.unwrap();
    assert_eq!(find(&db).await.unwrap().disabled_at, Some(NOW));
    let old = NOW + MINUTE;
    let swept = store::transaction!(db, |tx| tx.failures().delete_old(old).await);
    assert_eq!(swept.await.unwrap(), 0);
    let back = db.write(|tx| Box::pin(async move { tx.failures().recover("s").await }));
    assert!(back.await.unwrap());
    assert_eq!(find(&db).await, None);
});

contract!(wrong_codes_are_deleted_only_up_to_the_last_one_that_was_shown, async |db: Db| {
    let recover = async |until| {
        let recover = store::transaction!(db, |tx| tx.failures().recover_until("s", until).await);
        recover.await.unwrap()
    };
    assert!(!recover(NOW).await, "there are none");
    assert_eq!(fail(&db).await.unwrap().updated_at, NOW);
    assert!(!recover(Timestamp::from_millis(NOW.as_millis() - 1)).await);
    assert_eq!(find(&db).await.unwrap().updated_at, NOW);
    assert!(recover(NOW).await);
    assert_eq!(find(&db).await, None);
});

contract!(of_20_concurrent_disablings_of_codes_one_is_the_first, async |db: Db| {
    fail(&db).await;
    let all =
        join_all((0..20).map(|_| {
            db.write(|tx| Box::pin(async move { tx.failures().disable("s", NOW).await }))
        }))
        .await;
    assert_eq!(all.into_iter().filter(|one| matches!(one, Ok(true))).count(), 1);
});

contract!(sr06_a_warning_is_recorded_once_and_deleted_with_its_failures, async |db: Db| {
    assert_eq!(fail(&db).await.unwrap().warned_at, None);
    for (later, is_first) in [(0, true), (1, false)] {
        let now = NOW + MINUTE * later;
        let warn = store::transaction!(db, |tx| tx.failures().warn("s", now).await);
        assert_eq!(warn.await.unwrap(), is_first);
    }
    assert_eq!(find(&db).await.unwrap().warned_at, Some(NOW));
    assert_eq!(fail(&db).await.unwrap().warned_at, Some(NOW), "the next failure knows of it");
    let back = db.write(|tx| Box::pin(async move { tx.failures().clear_warning("s").await }));
    back.await.unwrap();
    assert_eq!(find(&db).await.unwrap().warned_at, None);
    assert!(
        db.write(|tx| Box::pin(async move { tx.failures().warn("s", NOW).await })).await.unwrap()
    );
    db.write(|tx| Box::pin(async move { tx.failures().clear("s").await })).await.unwrap();
    assert_eq!(fail(&db).await.unwrap().warned_at, None);
});

contract!(a_wait_is_stored_and_old_failures_are_deleted, async |db: Db| {
    fail(&db).await;
    db.write(|tx| Box::pin(async move { tx.failures().wait("s", NOW + MINUTE).await }))
        .await
        .unwrap();
    assert_eq!(find(&db).await.unwrap().wait_until, NOW + MINUTE);
    let old = NOW + MINUTE;
    let swept = store::transaction!(db, |tx| tx.failures().delete_old(old).await);
    assert_eq!(swept.await.unwrap(), 1);
});

contract!(audit_events_are_listed_in_order_and_deleted_when_old, async |db: Db| {
    let account = AccountId::from_bits(1);
    for (id, name) in [(1, "authn_code_fail"), (2, "authn_code_success")] {
        let event = AuditEvent {
            name: name.to_owned(),
            account: Some(account.clone()),
            detail: "login".to_owned(),
            at: NOW,
        };
        store::transaction!(db, |tx| tx.audit().insert(id, &event).await).await.unwrap();
    }
    let mut connection = db.read().await.unwrap();
    let names: Vec<_> = connection.audit().list(&account, 10).await.unwrap();
    let names: Vec<_> = names.into_iter().map(|event| event.name).collect();
    assert_eq!(names, ["authn_code_fail", "authn_code_success"]);
    assert_eq!(connection.audit().count("authn_code_fail").await.unwrap(), 1);
    for (since, times) in [(NOW - MINUTE, 1), (NOW, 0)] {
        let counted = connection.audit().count_since("authn_code_fail", since).await.unwrap();
        assert_eq!(counted, times);
    }
    drop(connection);
    let swept = db.write(|tx| Box::pin(async move { tx.audit().delete_old(NOW + MINUTE).await }));
    assert_eq!(swept.await.unwrap(), 2);
});
