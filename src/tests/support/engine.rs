//! The same test on both engines: on an SQLite file always, and on a PostgreSQL
//! database of its own when `TEST_DATABASE_URL` names a server.

use sqlx::{Connection, SqliteConnection};

use super::TestApp;

/// Runs `body` with an app on a fresh SQLite file.
pub async fn on_sqlite(body: impl AsyncFnOnce(TestApp)) {
    body(TestApp::new().await).await;
}

/// Runs `body` in a shop on a new PostgreSQL database, if there is a server.
pub async fn on_postgres(body: impl AsyncFnOnce(TestApp)) {
    test_support::with_postgres_database(async |address| body(TestApp::on(address).await).await)
        .await;
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

/// `on_both_engines!(a_sentence, async |app| { … });` makes one test per engine.
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
