//! PostgreSQL that is stopped, out of reach or silent. These tests do nothing without
//! `TEST_DATABASE_URL`.

use std::time::Duration;

use domain::Timestamp;
use store::{Db, Error, OpenOptions, transaction};
use test_support::{Cut, Proxy, Swallowed};
use tokio::time::Instant;

/// How long the store waits in these tests.
const TIMEOUT: Duration = Duration::from_millis(400);
/// How long it may take to say that there is no answer: a connection and a statement, on a slow
/// machine.
const MAX_WAIT: Duration = Duration::from_secs(5);
const EXPIRES_AT: Timestamp = Timestamp::from_millis(i64::MAX);

async fn opened(proxy: &Proxy) -> Db {
    let options = OpenOptions {
        acquire_timeout: TIMEOUT,
        statement_timeout: TIMEOUT,
        max_connections: 2,
        ..OpenOptions::default()
    };
    Db::open_with(&proxy.database(), &options).await.unwrap()
}

async fn write(db: &Db, key: &'static str) -> Result<bool, Error> {
    transaction!(db, |tx| tx.sessions().create(key, "data", EXPIRES_AT).await).await
}

async fn read(db: &Db, key: &str) -> Result<bool, Error> {
    let found = db.read().await?.sessions().load(key, Timestamp::from_millis(0)).await?;
    Ok(found.is_some())
}

fn assert_away<T: std::fmt::Debug>(answer: Result<T, Error>, started: Instant) {
    assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
    assert!(started.elapsed() < MAX_WAIT, "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x172_a_silent_server_is_given_up_and_used_again_later() {
    test_support::with_postgres_database(async |address| {
        let proxy = Proxy::start(&address).await;
        let db = opened(&proxy).await;
        assert!(write(&db, "before").await.unwrap());
        for packet in [1, 2, 3, 4] {
            for swallowed in [Swallowed::Lost, Swallowed::Late] {
                proxy.cut(Cut::Request(packet));
                // More questions than connections, so that all of them are hung.
                for _ in 0..4 {
                    let started = Instant::now();
                    let (written, found) = tokio::join!(write(&db, "during"), read(&db, "before"));
                    if written.is_err() && found.is_err() {
                        assert_away(written, started);
                        assert_away(found, started);
                    }
                }
                assert!(db.connection_problem(TIMEOUT).await.is_some());
                proxy.restore(swallowed).await;
                assert!(db.connection_problem(MAX_WAIT).await.is_none());
                let mut works = false;
                for _ in 0..10 {
                    works = read(&db, "before").await.is_ok_and(|found| found);
                    if works {
                        break;
                    }
                }
                assert!(works, "packet {packet}: the connections are replaced");
            }
        }
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_server_is_named_and_used_again_later() {
    test_support::with_postgres_database(async |address| {
        let mut proxy = Proxy::start(&address).await;
        let db = opened(&proxy).await;
        assert!(write(&db, "before").await.unwrap());
        proxy.stop().await;
        for _ in 0..3 {
            let started = Instant::now();
            assert_away(read(&db, "before").await, started);
            let started = Instant::now();
            assert_away(write(&db, "during").await, started);
        }
        let problem = db.connection_problem(TIMEOUT).await.unwrap().to_string();
        assert!(problem.contains("refused the connection"), "{problem}");
        proxy.resume().await;
        assert!(db.connection_problem(MAX_WAIT).await.is_none());
        assert!(read(&db, "before").await.unwrap() && write(&db, "after").await.unwrap());
        db.close().await;
    })
    .await;
}
