//! What only PostgreSQL has: transactions that run side by side, and notifications.
//! These tests do nothing without `TEST_DATABASE_URL`.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::{
    AccountId, AuthorisationId, ChallengeId, Channel, Language, MessageId, MessageKind, OrderId,
    PaymentId, PaymentStatus, PhoneNumber,
};
use sqlx::{Connection as _, PgConnection};
use store::{Authorisation, Db, Error, NewMessage, NewPayment, Recipient};
use tokio::sync::Barrier;

use crate::{
    commerce::{FIVE_MINUTES, MINUTE, NOW, account, commit, euro, line, place, product},
    harness::on_postgres,
};

/// How long a test waits for what must happen without waiting for a lock.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Claims in one transaction, and in a second one while the first is still open.
macro_rules! claim_twice {
    ($db:expr, $tx:ident => $claim:expr) => {{
        let other = $db.clone();
        store::transaction!($db, |$tx| {
            let first = $claim.await?;
            let second = store::transaction!(other, |$tx| $claim.await);
            let second = tokio::time::timeout(TIMEOUT, second).await;
            Ok::<_, Error>((first, second.expect("the second claim does not wait")?))
        })
        .await
        .unwrap()
    }};
}

fn message(number: u128) -> NewMessage {
    NewMessage {
        id: MessageId::from_bits(number),
        kind: MessageKind::AccountExists,
        channel: Channel::WhatsApp,
        language: Language::English,
        to: Recipient::Phone(PhoneNumber::from_e164("+447700900111").unwrap()),
        account: Some(AccountId::from_bits(1)),
        challenge: None,
        created_at: NOW,
        expires_at: NOW + MINUTE,
    }
}

/// Two transactions lock two accounts in opposite orders, and PostgreSQL undoes one of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_a_deadlock_undid_runs_again() {
    on_postgres(async |db: Db| {
        let accounts = [account(&db, 1).await, account(&db, 2).await];
        let (both, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicUsize::new(0)));
        let lock = |first: usize, second: usize| {
            let (db, both, runs) = (db.clone(), Arc::clone(&both), Arc::clone(&runs));
            let [first, second] = [accounts[first].clone(), accounts[second].clone()];
            async move {
                store::repeatable_transaction!(db, |tx| {
                    tx.accounts().lock(&first).await?;
                    if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                        both.wait().await;
                    }
                    tx.accounts().lock(&second).await
                })
                .await
            }
        };
        let (one, other) = tokio::join!(lock(0, 1), lock(1, 0));
        assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
        assert_eq!(runs.load(Ordering::SeqCst), 3);
    })
    .await;
}

#[tokio::test]
async fn concurrent_claims_take_different_messages_without_waiting() {
    on_postgres(async |db: Db| {
        commit!(db, tx => async {
            tx.messages().insert(&message(1)).await?;
            tx.messages().insert(&message(2)).await
        });
        let (first, second) = claim_twice!(db, tx => tx.messages().claim(1, NOW + MINUTE, NOW));
        let ids: Vec<_> = first.into_iter().chain(second).map(|message| message.new.id).collect();
        assert_eq!(ids, [MessageId::from_bits(1), MessageId::from_bits(2)]);
    })
    .await;
}

/// An order of account `number` whose payment is due at once.
async fn unsettled_payment(db: &Db, number: u32) {
    let cup = product(db, number, "Cup", 300, 5).await;
    let number = u128::from(number);
    account(db, number).await;
    place(db, number, number, vec![line(&cup, 1)]).await.unwrap();
    let right = Authorisation {
        id: AuthorisationId::from_bits(number),
        order: OrderId::from_bits(number),
        version: 1,
        binding_digest: "digest".into(),
        granted_at: NOW,
        expires_at: NOW + FIVE_MINUTES,
    };
    let payment = NewPayment {
        id: PaymentId::from_bits(number),
        order: OrderId::from_bits(number),
        version: 1,
        authorisation: Some(AuthorisationId::from_bits(number)),
        needs_code: true,
        gateway: "demo".into(),
        method: "card".into(),
        amount: euro(300),
        status: PaymentStatus::InFlight,
        expires_at: None,
        check_at: Some(NOW),
    };
    commit!(db, tx => async {
        tx.payments().grant(&right).await?;
        tx.payments().begin(&payment, NOW).await
    });
}

#[tokio::test]
async fn concurrent_claims_take_different_payments_without_waiting() {
    on_postgres(async |db: Db| {
        unsettled_payment(&db, 1).await;
        unsettled_payment(&db, 2).await;
        let (first, second) = claim_twice!(db, tx => tx.payments().claim(NOW, NOW + MINUTE));
        assert_eq!(first.unwrap().id, PaymentId::from_bits(1));
        assert_eq!(second.unwrap().id, PaymentId::from_bits(2));
    })
    .await;
}

#[tokio::test]
async fn changed_challenges_are_notified_to_another_node() {
    test_support::with_postgres_database(async |address| {
        let (here, there) =
            (test_support::open(&address).await, test_support::open(&address).await);
        let mut notifications = there.challenge_notifications().await.unwrap().unwrap();
        for changed in [vec![1], vec![2, 3]] {
            let changed: BTreeSet<_> = changed.into_iter().map(ChallengeId::from_bits).collect();
            here.notify_challenges(&changed).await.unwrap();
            let mut received = BTreeSet::new();
            while received.len() < changed.len() {
                let next = tokio::time::timeout(TIMEOUT, notifications.recv()).await.unwrap();
                received.extend(next);
            }
            assert_eq!(received, changed);
        }
        here.close().await;
        let (received, ()) = tokio::join!(notifications.recv(), there.close());
        assert_eq!(received, None, "closing the database ends the notifications");
    })
    .await;
}

const END_OTHER_CONNECTIONS: &str = "select count(pg_terminate_backend(pid)) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()";

#[tokio::test]
async fn notifications_continue_after_their_connection_was_lost() {
    test_support::with_postgres_database(async |address| {
        let there = test_support::open(&address).await;
        let mut notifications = there.challenge_notifications().await.unwrap().unwrap();
        let mut connection = PgConnection::connect(&address).await.unwrap();
        let ended: i64 =
            sqlx::query_scalar(END_OTHER_CONNECTIONS).fetch_one(&mut connection).await.unwrap();
        assert!(ended >= 1);
        let here = test_support::open(&address).await;
        let id = ChallengeId::from_bits(1);
        let notify_always = async {
            loop {
                here.notify_challenges(&BTreeSet::from([id.clone()])).await.unwrap();
            }
        };
        let received = async {
            tokio::select! {
                received = notifications.recv() => received,
                () = notify_always => None,
            }
        };
        assert_eq!(tokio::time::timeout(TIMEOUT, received).await.unwrap(), Some(id.clone()));
    })
    .await;
}

#[tokio::test]
async fn a_database_of_older_migrations_is_refused_and_named() {
    test_support::with_postgres_database(async |address| {
        let mut connection = PgConnection::connect(&address).await.unwrap();
        sqlx::query("update _sqlx_migrations set checksum = '\\x0123' where version = 1")
            .execute(&mut connection)
            .await
            .unwrap();
        let db = test_support::open(&address).await;
        let error = db.migrate().await.unwrap_err();
        assert!(matches!(error, Error::OldDatabase { .. }), "{error}");
        assert!(error.to_string().contains(&db.location().to_string()), "{error}");
    })
    .await;
}
