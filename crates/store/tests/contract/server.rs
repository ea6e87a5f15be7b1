//! How a PostgreSQL server is connected to: TLS, the size of the pool, and time limits. These
//! tests do nothing without `TEST_DATABASE_URL`.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::AccountId;
use sqlx::{Connection as _, PgConnection};
use store::{Db, Error, OpenOptions};
use test_support::{Issuer, PgBouncer, PgBouncerVersion::V1_18, TlsPostgres};
use tokio::sync::{Barrier, Notify};

/// How long a test waits for what must end sooner.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Whether the answering connection is encrypted.
const IS_ENCRYPTED: &str = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";

/// Opens a database, and says whether a connection to the same address is encrypted, or why it
/// cannot be opened.
async fn open(address: &str) -> Result<bool, String> {
    let db = Db::open(address).await.map_err(|error| error.to_string())?;
    db.close().await;
    // The mode of libpq, which `Db` follows, and sqlx does not in all cases.
    let mut connection = PgConnection::connect(address).await.map_err(|error| error.to_string())?;
    Ok(sqlx::query_scalar(IS_ENCRYPTED).fetch_one(&mut connection).await.unwrap())
}

fn with_root(mode: &str, file: &Path) -> String {
    format!("sslmode={mode}&sslrootcert={}", file.display())
}

/// What a host and the parameters of TLS lead to: whether the connection is encrypted, or words
/// of the refusal.
type Case = (&'static str, String, Result<bool, &'static str>);

async fn expect(server: &TlsPostgres, cases: impl IntoIterator<Item = Case>) {
    for (host, parameters, expected) in cases {
        let address = server.address(host, &parameters);
        match (open(&address).await, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{host} {parameters}"),
            (Err(said), Err(words)) => {
                assert!(said.contains(words) && !said.contains("marigold@"), "{said}");
            }
            (found, expected) => panic!("{host} {parameters}: {found:?} is not {expected:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_verified_as_its_url_demands() {
    test_support::with_postgres_database(async |_| {
        let Some(server) = TlsPostgres::start() else { return };
        let (right, wrong) = (server.authority(), server.other_authority());
        let missing = right.with_file_name("missing.pem");
        let (unknown, other_host) = ("no known authority issued", "is for another host");
        expect(
            &server,
            [
                ("localhost", "sslmode=disable".into(), Ok(false)),
                ("localhost", String::new(), Ok(true)),
                ("localhost", "sslmode=require".into(), Ok(true)),
                ("127.0.0.1", "sslmode=require".into(), Ok(true)),
                ("localhost", with_root("require", &right), Ok(true)),
                ("localhost", with_root("require", &wrong), Err(unknown)),
                ("127.0.0.1", with_root("verify-ca", &right), Ok(true)),
                ("localhost", with_root("verify-ca", &wrong), Err(unknown)),
                ("localhost", with_root("verify-full", &right), Ok(true)),
                ("127.0.0.1", with_root("verify-full", &right), Err(other_host)),
                ("localhost", with_root("verify-full", &wrong), Err(unknown)),
                ("localhost", "sslmode=verify-full".into(), Err(unknown)),
                ("localhost", with_root("verify-full", &missing), Err("cannot be read")),
            ],
        )
        .await;
        server.change_certificate(Issuer::Itself);
        let is_authority = "is one of an authority (CA:TRUE)";
        expect(&server, [("localhost", with_root("verify-full", &right), Err(is_authority))]).await;
        server.switch_tls_off();
        let no_tls = "it offers no TLS, which sslmode demands";
        expect(
            &server,
            [
                ("localhost", "sslmode=prefer".into(), Ok(false)),
                ("localhost", "sslmode=require".into(), Err(no_tls)),
                ("localhost", with_root("verify-full", &right), Err(no_tls)),
            ],
        )
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_direct_url_is_verified_and_named() {
    test_support::with_postgres_database(async |_| {
        let Some(server) = TlsPostgres::start() else { return };
        let (right, wrong) = (server.authority(), server.other_authority());
        let url = server.address("localhost", &with_root("verify-full", &right));
        let options = |file: &Path| OpenOptions {
            direct_url: Some(server.address("localhost", &with_root("verify-full", file))),
            ..OpenOptions::default()
        };
        let db = Db::open_with(&url, &options(&right)).await.unwrap();
        db.check_pooler().await.unwrap();
        db.migrate().await.unwrap();
        assert!(db.challenge_notifications().await.unwrap().is_some());
        db.close().await;
        let said = Db::open_with(&url, &options(&wrong)).await.err().unwrap().to_string();
        assert!(said.starts_with("DATABASE_DIRECT_URL cannot be used: PostgreSQL at"), "{said}");
        assert!(said.contains("no known authority issued"), "{said}");
    })
    .await;
}

async fn open_with(address: &str, options: OpenOptions) -> Db {
    Db::open_with(address, &options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_of_five_serves_many_transactions_five_at_a_time() {
    test_support::with_postgres_database(async |address| {
        let options = OpenOptions { max_connections: 5, ..OpenOptions::default() };
        let db = open_with(&address, options).await;
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let work = (0..400).map(|_| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            store::transaction!(db, |tx| {
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                let missing = AccountId::from_bits(1);
                let ended = tx.accounts().lock(&missing).await.map(drop);
                running.fetch_sub(1, Ordering::SeqCst);
                ended
            })
        });
        for ended in futures::future::join_all(work).await {
            ended.unwrap();
        }
        let most = most.load(Ordering::SeqCst);
        assert!((2..=5).contains(&most), "{most} at the same time");
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_gets_no_connection_in_time_is_told_to_come_back() {
    test_support::with_postgres_database(async |address| {
        let acquire_timeout = Duration::from_millis(300);
        let options = OpenOptions { max_connections: 5, acquire_timeout, ..Default::default() };
        let db = open_with(&address, options).await;
        let (all, end) = (Arc::new(Barrier::new(6)), Arc::new(Notify::new()));
        let held: Vec<_> = (0..5)
            .map(|_| {
                let (db, all, end) = (db.clone(), Arc::clone(&all), Arc::clone(&end));
                tokio::spawn(async move {
                    store::transaction!(db, |_tx| {
                        let ended = end.notified();
                        all.wait().await;
                        ended.await;
                        Ok::<_, Error>(())
                    })
                    .await
                })
            })
            .collect();
        all.wait().await;
        let refused = tokio::time::timeout(TIMEOUT, db.read()).await.unwrap();
        assert!(matches!(refused.err(), Some(Error::Busy)));
        end.notify_waiters();
        for one in held {
            one.await.unwrap().unwrap();
        }
        assert!(db.read().await.is_ok(), "the connections are free again");
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_beyond_the_time_limit_ends_and_its_visitor_may_try_again() {
    test_support::with_postgres_database(async |address| {
        let statement_timeout = Duration::from_millis(300);
        let options = OpenOptions { statement_timeout, ..OpenOptions::default() };
        let db = open_with(&address, options).await;
        db.migrate().await.unwrap();
        // Another transaction holds the row, so that the statement waits for it.
        let account = crate::commerce::account(&db, 1).await;
        let mut other = PgConnection::connect(&address).await.unwrap();
        sqlx::raw_sql("begin; select 1 from accounts for update")
            .execute(&mut other)
            .await
            .unwrap();
        let locked = store::transaction!(db, |tx| tx.accounts().lock(&account).await);
        let ended = tokio::time::timeout(TIMEOUT, locked).await.unwrap();
        assert!(matches!(ended.err(), Some(Error::Busy)));
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_refuses_the_time_limit_works_without_it() {
    test_support::with_postgres_database(async |address| {
        let session = "pool_mode = session";
        let Some(pooler) = PgBouncer::start(V1_18, &address, session) else { return };
        let options: sqlx::postgres::PgConnectOptions = address.parse().unwrap();
        let db = Db::open(&pooler.address(options.get_database().unwrap())).await.unwrap();
        db.migrate().await.unwrap();
        assert!(db.read().await.is_ok());
        db.close().await;
    })
    .await;
}
