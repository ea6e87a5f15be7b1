//! Runs a test body on both engines: on an SQLite file always, and on
//! PostgreSQL, in a schema of its own, when `TEST_DATABASE_URL` names a server.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection as _, PgConnection};
use store::Db;

/// Runs `body` on a fresh SQLite file.
pub async fn on_sqlite(body: impl AsyncFnOnce(Db)) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.db");
    let db = Db::open(&format!("sqlite:{}", file.display())).await.unwrap();
    db.migrate().await.unwrap();
    body(db.clone()).await;
    db.close().await;
}

/// Runs `body` in a fresh PostgreSQL schema, if there is a server.
#[expect(clippy::disallowed_methods, reason = "the one setting of these tests")]
pub async fn on_postgres(body: impl AsyncFnOnce(Db)) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("TEST_DATABASE_URL") else { return };
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let schema = format!("test_{}_{number}", std::process::id());
    run(&server, format!("drop schema if exists {schema} cascade")).await;
    run(&server, format!("create schema {schema}")).await;
    let separator = if server.contains('?') { '&' } else { '?' };
    let db = Db::open(&format!("{server}{separator}options[search_path]={schema}")).await.unwrap();
    db.migrate().await.unwrap();
    body(db.clone()).await;
    db.close().await;
    run(&server, format!("drop schema {schema} cascade")).await;
}

async fn run(server: &str, sql: String) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
}

/// `contract!(a_sentence, async |db| { … });` makes one test per engine.
macro_rules! contract {
    ($name:ident, $body:expr) => {
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::harness::on_sqlite($body).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                $crate::harness::on_postgres($body).await;
            }
        }
    };
}
pub(crate) use contract;
