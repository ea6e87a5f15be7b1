//! PgBouncer between the shop and PostgreSQL. These tests do nothing without
//! `TEST_DATABASE_URL`, and say so where PgBouncer is missing.

use std::{collections::BTreeSet, time::Duration};

use domain::ChallengeId;
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use store::{Db, Error, OpenError, OpenOptions};
use test_support::{
    PgBouncer,
    PgBouncerVersion::{self, V1_18, V1_24},
};

const TIMEOUT: Duration = Duration::from_secs(20);

/// What each kind of pooler leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Works,
    /// It mixes up statements.
    Refused,
    DirectUrlMissing,
    DirectUrlPooled,
    DirectUrlElsewhere,
}

/// Where `DATABASE_DIRECT_URL` leads to.
#[derive(Clone, Copy, Debug)]
enum Direct {
    NotSet,
    Server,
    Pooler,
    OtherDatabase,
}

fn outcome(checked: store::Result<()>) -> Outcome {
    let Err(error) = checked else { return Outcome::Works };
    let Error::Open(error) = error else { panic!("{error:?}") };
    match *error {
        OpenError::Pooler { .. } => Outcome::Refused,
        OpenError::DirectUrlMissing { .. } => Outcome::DirectUrlMissing,
        OpenError::DirectUrlPooled { .. } => Outcome::DirectUrlPooled,
        OpenError::DirectUrlElsewhere { .. } => Outcome::DirectUrlElsewhere,
        other => panic!("{other}"),
    }
}

fn database_of(address: &str) -> String {
    let options: PgConnectOptions = address.parse().unwrap();
    options.get_database().unwrap().to_owned()
}

/// Opens the database behind the pooler.
async fn open(pooler: &PgBouncer, address: &str, direct: Direct) -> Db {
    let pooled = pooler.address(&database_of(address));
    let direct_url = match direct {
        Direct::NotSet => None,
        Direct::Server => Some(address.to_owned()),
        Direct::Pooler => Some(pooled.clone()),
        Direct::OtherDatabase => Some(address.replace(&database_of(address), "postgres")),
    };
    let options = OpenOptions { direct_url, max_connections: 8, ..OpenOptions::default() };
    Db::open_with(&pooled, &options).await.unwrap()
}

/// Checks what one kind of pooler leads to.
async fn expect(version: PgBouncerVersion, settings: &str, direct: Direct, expected: Outcome) {
    test_support::with_postgres_database(async |address| {
        let Some(pooler) = PgBouncer::start(version, &address, settings) else { return };
        let db = open(&pooler, &address, direct).await;
        let found = outcome(db.check_pooler().await);
        assert_eq!(found, expected, "{version:?} {settings} {direct:?}");
        db.close().await;
    })
    .await;
}

const SESSION: &str = "pool_mode = session";
const TRANSACTION: &str = "pool_mode = transaction\ndefault_pool_size = 4";
const STATEMENT: &str = "pool_mode = statement";
const FORGETFUL: &str = "pool_mode = transaction\nmax_prepared_statements = 0";
const KEEPING: &str =
    "pool_mode = transaction\ndefault_pool_size = 4\nmax_prepared_statements = 100";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_in_session_mode_works() {
    expect(V1_18, SESSION, Direct::NotSet, Outcome::Works).await;
    expect(V1_18, SESSION, Direct::Server, Outcome::Works).await;
    expect(V1_24, SESSION, Direct::NotSet, Outcome::Works).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_mixes_up_statements_is_refused() {
    expect(V1_18, TRANSACTION, Direct::NotSet, Outcome::Refused).await;
    expect(V1_18, TRANSACTION, Direct::Server, Outcome::Refused).await;
    expect(V1_18, STATEMENT, Direct::Server, Outcome::Refused).await;
    expect(V1_24, FORGETFUL, Direct::Server, Outcome::Refused).await;
    expect(V1_24, STATEMENT, Direct::Server, Outcome::Refused).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_keeps_statements_apart_needs_a_direct_url() {
    expect(V1_24, KEEPING, Direct::NotSet, Outcome::DirectUrlMissing).await;
    expect(V1_24, KEEPING, Direct::Pooler, Outcome::DirectUrlPooled).await;
    expect(V1_24, KEEPING, Direct::OtherDatabase, Outcome::DirectUrlElsewhere).await;
    expect(V1_24, KEEPING, Direct::Server, Outcome::Works).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_a_pooler_works_with_and_without_a_direct_url() {
    test_support::with_postgres_database(async |address| {
        for direct_url in [None, Some(address.clone())] {
            let options = OpenOptions { direct_url, max_connections: 2, ..OpenOptions::default() };
            let db = Db::open_with(&address, &options).await.unwrap();
            db.check_pooler().await.unwrap();
            db.close().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_names_what_would_do_and_no_secret() {
    test_support::with_postgres_database(async |address| {
        let Some(pooler) = PgBouncer::start(V1_18, &address, TRANSACTION) else { return };
        let db = open(&pooler, &address, Direct::NotSet).await;
        let said = db.check_pooler().await.unwrap_err().to_string();
        let database = database_of(&address);
        for remedy in ["session mode", "PgBouncer 1.21", "PostgreSQL itself", &database] {
            assert!(said.contains(remedy), "{said}");
        }
        assert!(!said.contains("marigold@"), "{said}");
        db.close().await;
    })
    .await;
}

/// Other clients hold connections of the pooler, so the two of the self-test may get different
/// ones at first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_pooler_is_recognised_too() {
    test_support::with_postgres_database(async |address| {
        let Some(pooler) = PgBouncer::start(V1_24, &address, KEEPING) else { return };
        let busy: PgConnectOptions = pooler.address(&database_of(&address)).parse().unwrap();
        let busy = busy.extra_float_digits(None);
        let mut others = Vec::new();
        for _ in 0..3 {
            let mut other = PgConnection::connect_with(&busy).await.unwrap();
            sqlx::raw_sql("select 1").execute(&mut other).await.unwrap();
            others.push(other);
        }
        sqlx::raw_sql("begin").execute(&mut others[0]).await.unwrap();
        let db = open(&pooler, &address, Direct::NotSet).await;
        assert_eq!(outcome(db.check_pooler().await), Outcome::DirectUrlMissing);
        db.close().await;
    })
    .await;
}

const LISTENERS: &str = "select count(*) from pg_stat_activity
    where datname = current_database() and query ilike 'listen%' and application_name = $1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_and_notifications_go_past_a_pooler_that_works() {
    test_support::with_postgres_database(async |address| {
        let Some(pooler) = PgBouncer::start(V1_24, &address, KEEPING) else { return };
        let mark = if address.contains('?') { '&' } else { '?' };
        let direct = format!("{address}{mark}application_name=direct");
        let options =
            OpenOptions { direct_url: Some(direct), max_connections: 8, ..OpenOptions::default() };
        let db = Db::open_with(&pooler.address(&database_of(&address)), &options).await.unwrap();
        db.check_pooler().await.unwrap();
        db.migrate().await.unwrap();
        let mut notifications = db.challenge_notifications().await.unwrap().unwrap();
        let mut connection = PgConnection::connect(&address).await.unwrap();
        for (name, expected) in [("direct", 1), ("", 0)] {
            let count: i64 =
                sqlx::query_scalar(LISTENERS).bind(name).fetch_one(&mut connection).await.unwrap();
            assert_eq!(count, expected, "listeners of {name:?}");
        }
        for number in 1..=20 {
            let id = ChallengeId::from_bits(number);
            db.notify_challenges(&BTreeSet::from([id.clone()])).await.unwrap();
            let received = tokio::time::timeout(TIMEOUT, notifications.recv()).await.unwrap();
            assert_eq!(received, Some(id));
        }
        drop(notifications);
        db.close().await;
    })
    .await;
}
