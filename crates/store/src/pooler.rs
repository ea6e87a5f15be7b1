//! A pooler between the shop and PostgreSQL, such as PgBouncer.
//!
//! In session mode a client of the pooler has one connection of the server until it leaves, and
//! nothing differs. In transaction mode the server's connection changes between transactions.
//! Then a prepared statement may be missing or be that of another client, which gives **the answer
//! of another query without an error**; `LISTEN` stays behind on a connection that serves others;
//! and two clients get the same session lock. So a pooler in transaction mode must keep prepared
//! statements apart, and everything that needs a session goes past it (`DATABASE_DIRECT_URL`).

use futures::{StreamExt as _, stream};
use sqlx::{ConnectOptions as _, PgConnection, PgPool, Row as _, postgres::PgConnectOptions};

use crate::{Db, Location, OpenError, Result, engine::Engine, open};

/// A pooler that serves others at the same moment may hand out different connections by chance.
const PROBES: u32 = 3;
/// The statements that run at the same time in the self-test, and in all.
const CONCURRENT_STATEMENTS: usize = 8;
const TEST_STATEMENTS: u32 = 128;

/// Statements whose answers differ although their types are the same: an answer to the wrong one
/// is noticed by nothing but its content.
const STATEMENTS: [&str; 8] = [
    "select 'a' || $1::text",
    "select 'b' || $1::text",
    "select 'c' || $1::text",
    "select 'd' || $1::text",
    "select 'e' || $1::text",
    "select 'f' || $1::text",
    "select 'g' || $1::text",
    "select 'h' || $1::text",
];

/// Identifies a database of a server: two servers do not start in the same microsecond.
const IDENTITY: &str =
    "select current_database() || ' ' || extract(epoch from pg_postmaster_start_time())::text";

/// The time limit of statements of a connection; 0 is none.
const TIME_LIMIT: &str = "select current_setting('statement_timeout')";

impl Db {
    /// Proves that every statement gets its own answer, whatever stands between the shop and
    /// PostgreSQL, and warns if statements have no time limit there. Call it before
    /// [`Db::migrate`]. It does nothing on SQLite.
    ///
    /// # Errors
    /// [`OpenError`], with what to do about it.
    pub async fn check_pooler(&self) -> Result<()> {
        let Engine::Postgres(server) = &self.engine else { return Ok(()) };
        let location = || self.location().clone();
        let broken = |reason| OpenError::Pooler { location: location(), reason };
        let options = server.pool.connect_options();
        let probe = shares_connections(&options);
        let probed = tokio::time::timeout(open::CONNECT_TIMEOUT, probe).await;
        let is_pooled = match probed {
            Ok(shared) => shared.map_err(|error| broken(describe(&error)))?,
            Err(_) => return Err(broken("two clients get no connection at once".into()).into()),
        };
        keeps_statements_apart(&server.pool).await.map_err(broken)?;
        match &server.direct {
            None if is_pooled => Err(OpenError::DirectUrlMissing { location: location() }.into()),
            None => Ok(()),
            Some(direct) => check_direct(&server.pool, direct).await,
        }?;
        warn_without_time_limit(&server.pool, &location()).await
    }
}

/// Says that no time limit of statements is in force. PgBouncer passes on none: it refuses the
/// parameters of the start of a connection, or ignores them if it is told to. Then the limit is
/// that of the user or of the database, which starts as none.
async fn warn_without_time_limit(pool: &PgPool, location: &Location) -> Result<()> {
    let limit: String = sqlx::query_scalar(TIME_LIMIT).fetch_one(pool).await?;
    if limit == "0" {
        tracing::warn!(
            event = "database.time_limit_missing",
            database = %location,
            "No time limit of statements is in force, because a pooler drops it. Set it for the \
             user of the database: alter role … set statement_timeout = '10s'",
        );
    }
    Ok(())
}

/// The direct connection must be one, and lead to the same database.
async fn check_direct(pool: &PgPool, direct: &PgPool) -> Result<()> {
    let options = direct.connect_options();
    let location = open::server_location(&options);
    if shares_connections(&options).await? {
        return Err(OpenError::DirectUrlPooled { location }.into());
    }
    if identity(pool).await? != identity(direct).await? {
        return Err(OpenError::DirectUrlElsewhere { location }.into());
    }
    Ok(())
}

/// Whether two clients get the same connection of the server. One is asked before and while the
/// other is in a transaction: it either had the connection that the other has now, or has to
/// change to another one.
async fn shares_connections(options: &PgConnectOptions) -> sqlx::Result<bool> {
    let (mut one, mut other) = (options.connect().await?, options.connect().await?);
    for _ in 0..PROBES {
        let before = server_process(&mut one).await?;
        sqlx::raw_sql("begin").execute(&mut other).await?;
        let inside = server_process(&mut other).await?;
        let after = server_process(&mut one).await?;
        sqlx::raw_sql("rollback").execute(&mut other).await?;
        if before == inside || before != after {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The process of the server that answers. The query is not prepared, so it works through every
/// pooler.
async fn server_process(connection: &mut PgConnection) -> sqlx::Result<i32> {
    sqlx::raw_sql("select pg_backend_pid()").fetch_one(connection).await?.try_get(0)
}

/// Runs different statements at the same time over the pool, and compares the answers. After a
/// failure the others still end: a connection that goes back to the pool in the middle of a
/// statement makes sqlx log warnings beside the reason of the refusal.
async fn keeps_statements_apart(pool: &PgPool) -> Result<(), String> {
    let statements = (0..TEST_STATEMENTS).zip(STATEMENTS.iter().cycle());
    let tested = stream::iter(statements).map(|(number, sql)| answers_itself(pool, number, sql));
    let tested: Vec<_> = tested.buffer_unordered(CONCURRENT_STATEMENTS).collect().await;
    tested.into_iter().collect()
}

async fn answers_itself(pool: &PgPool, number: u32, sql: &'static str) -> Result<(), String> {
    let number = number.to_string();
    let answer: String = sqlx::query_scalar(sql)
        .bind(&number)
        .fetch_one(pool)
        .await
        .map_err(|error| format!("a statement failed: {}", describe(&error)))?;
    // The letter of the statement, between its first two quotation marks, and the number.
    let letter = sql.split('\'').nth(1).unwrap_or_default();
    if answer == format!("{letter}{number}") {
        Ok(())
    } else {
        Err("a statement got the answer of another one".to_owned())
    }
}

async fn identity(pool: &PgPool) -> sqlx::Result<String> {
    sqlx::query_scalar(IDENTITY).fetch_one(pool).await
}

/// The message of the server alone; sqlx adds nothing that helps here.
fn describe(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        error => error.to_string(),
    }
}
