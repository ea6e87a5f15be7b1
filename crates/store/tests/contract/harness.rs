//! Runs a test body on both engines: on an SQLite file always, and on a PostgreSQL
//! database of its own when `TEST_DATABASE_URL` names a server.

use store::Db;

/// Runs `body` on a new SQLite file.
pub async fn on_sqlite(body: impl AsyncFnOnce(Db)) {
    let folder = tempfile::tempdir().unwrap();
    let address = test_support::new_sqlite_database(&folder.path().join("test.db")).await;
    on(&address, body).await;
}

/// Runs `body` on a new PostgreSQL database, if there is a server.
pub async fn on_postgres(body: impl AsyncFnOnce(Db)) {
    test_support::with_postgres_database(async |address| on(&address, body).await).await;
}

async fn on(address: &str, body: impl AsyncFnOnce(Db)) {
    let db = test_support::open(address).await;
    body(db.clone()).await;
    db.close().await;
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
