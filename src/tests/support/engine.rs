//! Runs a test on both engines: always on an SQLite file, and on a new PostgreSQL database if
//! `TEST_DATABASE_URL` names a server.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use whatsapp::MessageProvider;

use super::TestApp;

/// Runs `body` with an app on a fresh SQLite file.
pub async fn on_sqlite(body: impl AsyncFnOnce(TestApp)) {
    body(TestApp::new().await).await;
}

/// Runs `body` with an app on a new PostgreSQL database, if there is a server.
pub async fn on_postgres(body: impl AsyncFnOnce(TestApp)) {
    test_support::with_postgres_database(async |address| body(TestApp::on(address).await).await)
        .await;
}

/// Runs `body` on a new SQLite file and on a new PostgreSQL database, if there is a server, with
/// an app whose messages this provider sends.
pub async fn on_both_with_provider(
    provider: fn() -> Arc<dyn MessageProvider>,
    body: impl AsyncFn(TestApp),
) {
    body(TestApp::with_providers(vec![provider()]).await).await;
    test_support::with_postgres_database(async |address| {
        body(TestApp::with_providers_on(vec![provider()], address).await).await;
    })
    .await;
}

/// Runs one statement on an SQLite file, without the shop.
pub async fn run_on_sqlite(database: &str, sql: String) {
    let mut connection = SqliteConnection::connect(database).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
}

/// How many rows a table has, without the shop.
pub async fn count_rows(database: &str, table: &str) -> usize {
    let sql = AssertSqlSafe(format!("select count(*) from {table}"));
    let count: i64 = if database.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(database).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
    } else {
        let mut connection = PgConnection::connect(database).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
    };
    usize::try_from(count).unwrap()
}

/// The first column of the result of a query of an SQLite file, without the shop.
pub async fn ask_sqlite(database: &str, sql: String) -> Vec<String> {
    let mut connection = SqliteConnection::connect(database).await.unwrap();
    let query = sqlx::query_scalar(AssertSqlSafe(sql));
    query.fetch_all(&mut connection).await.unwrap()
}

/// `on_both_engines!(name_of_the_test, async |app| { … });` makes one test per engine.
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
