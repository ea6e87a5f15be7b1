//! The same test on both databases: on an SQLite file always, and on PostgreSQL,
//! in a schema of its own, when `TEST_DATABASE_URL` names a server.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection, PgConnection, SqliteConnection};

use super::House;

/// Runs `body` in a house on a fresh SQLite file.
pub async fn on_sqlite(body: impl AsyncFnOnce(House)) {
    body(House::new().await).await;
}

/// Runs `body` in a house on a fresh PostgreSQL schema, if there is a server.
#[expect(clippy::disallowed_methods, reason = "the one setting of these tests")]
pub async fn on_postgres(body: impl AsyncFnOnce(House)) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("TEST_DATABASE_URL") else { return };
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let schema = format!("house_{}_{number}", std::process::id());
    run(&server, format!("drop schema if exists {schema} cascade")).await;
    run(&server, format!("create schema {schema}")).await;
    let separator = if server.contains('?') { '&' } else { '?' };
    body(House::on(format!("{server}{separator}options[search_path]={schema}")).await).await;
    run(&server, format!("drop schema {schema} cascade")).await;
}

async fn run(server: &str, sql: String) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
}

/// Runs one statement on an SQLite file, past the shop.
pub async fn run_on_sqlite(database: &str, sql: String) {
    let mut connection = SqliteConnection::connect(database).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
}

/// The first column of what an SQLite file answers, past the shop.
pub async fn ask_sqlite(database: &str, sql: String) -> Vec<String> {
    let mut connection = SqliteConnection::connect(database).await.unwrap();
    let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
    query.fetch_all(&mut connection).await.unwrap()
}

/// `on_both_engines!(a_sentence, async |house| { … });` makes one test per engine.
macro_rules! on_both_engines {
    ($name:ident, $body:expr) => {
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::tests::support::on_sqlite($body).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                $crate::tests::support::on_postgres($body).await;
            }
        }
    };
}
pub(crate) use on_both_engines;
