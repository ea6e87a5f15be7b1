//! PostgreSQL: the template is a database on the server that `TEST_DATABASE_URL` names.

use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use store::Db;

/// The advisory lock that the process holds which makes the template; all others wait.
const TEMPLATE_LOCK: i64 = 0x6d61_7269_676f_6c64;

/// Runs `body` with the address of a new PostgreSQL database with every table, and
/// drops the database afterwards. It does nothing without `TEST_DATABASE_URL`.
pub async fn with_postgres_database(body: impl AsyncFnOnce(String)) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Some(server) = server() else { return };
    let mut connection = PgConnection::connect_with(&server).await.unwrap();
    let template = template(&server, &mut connection).await;
    let name = format!("test_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
    run(&mut connection, format!("drop database if exists {name} with (force)")).await;
    run(&mut connection, format!("create database {name} template {template}")).await;
    body(address(&server, &name)).await;
    run(&mut connection, format!("drop database {name} with (force)")).await;
    connection.close().await.unwrap();
}

/// The same with a database that has no tables.
pub async fn with_empty_postgres_database(body: impl AsyncFnOnce(String)) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Some(server) = server() else { return };
    let mut connection = PgConnection::connect_with(&server).await.unwrap();
    let name = format!("empty_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
    run(&mut connection, format!("drop database if exists {name} with (force)")).await;
    run(&mut connection, format!("create database {name}")).await;
    body(address(&server, &name)).await;
    run(&mut connection, format!("drop database {name} with (force)")).await;
    connection.close().await.unwrap();
}

#[expect(clippy::disallowed_methods, reason = "the one setting of the tests")]
fn server() -> Option<PgConnectOptions> {
    std::env::var("TEST_DATABASE_URL").ok().map(|address| address.parse().unwrap())
}

/// The name of the template database, which is made if it is missing.
async fn template(server: &PgConnectOptions, connection: &mut PgConnection) -> String {
    let name = format!("template_{}", store::migrations_digest().get(..32).unwrap_or_default());
    if !exists(connection, &name).await {
        // The lock ends with the connection, so also if this process is ended.
        run(connection, format!("select pg_advisory_lock({TEMPLATE_LOCK})")).await;
        if !exists(connection, &name).await {
            make(server, connection, &name).await;
        }
        run(connection, format!("select pg_advisory_unlock({TEMPLATE_LOCK})")).await;
    }
    name
}

async fn exists(connection: &mut PgConnection, name: &str) -> bool {
    let sql = "select exists (select from pg_database where datname = $1)";
    sqlx::query_scalar(sql).bind(name).fetch_one(connection).await.unwrap()
}

/// Makes the template under another name and renames it, so that a database with the
/// final name is complete. Connections to it are refused from then on, because PostgreSQL
/// copies no database that is in use.
async fn make(server: &PgConnectOptions, connection: &mut PgConnection, name: &str) {
    let unfinished = format!("unfinished_{name}");
    run(connection, format!("drop database if exists {unfinished} with (force)")).await;
    run(connection, format!("create database {unfinished}")).await;
    let db = Db::open(&address(server, &unfinished)).await.unwrap();
    db.migrate().await.unwrap();
    db.close().await;
    run(connection, format!("alter database {unfinished} allow_connections false")).await;
    run(connection, format!("alter database {unfinished} rename to {name}")).await;
}

fn address(server: &PgConnectOptions, database: &str) -> String {
    server.clone().database(database).to_url_lossy().to_string()
}

async fn run(connection: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn count(address: &str, sql: &'static str) -> i64 {
        let mut connection = PgConnection::connect(address).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
    }

    #[tokio::test]
    async fn a_new_postgres_database_has_every_table_and_ends_with_its_test() {
        let mut ended = None;
        with_postgres_database(async |address| {
            let migrations = count(&address, "select count(*) from _sqlx_migrations").await;
            assert!(migrations >= 5, "{migrations}");
            assert_eq!(count(&address, "select count(*) from products").await, 0);
            ended = Some(address);
        })
        .await;
        if let Some(address) = ended {
            assert!(PgConnection::connect(&address).await.is_err(), "the database is dropped");
        }
    }
}
