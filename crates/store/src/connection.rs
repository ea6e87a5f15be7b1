//! A connection to SQLite or PostgreSQL, and how a statement runs on either.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sqlx::{Postgres, Sqlite, pool::PoolConnection};

use crate::{Error, Result, engine::Server};

/// A connection, inside a transaction or outside one. Its methods give the repositories:
/// `connection.accounts().find(…)`.
pub struct Connection {
    pub(crate) handle: Handle,
    /// Whether the open transaction changed products, prices, stock or what is listed.
    pub(crate) has_changed_catalogue: bool,
}

/// A statement whose text differs between the engines.
#[derive(Clone, Copy)]
pub(crate) struct EngineSql {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// The statement by which a node claims rows to work on: `$update` ends with the column
/// that identifies a row, `$select` finds rows that are due, and `$guard` repeats its
/// condition.
///
/// On PostgreSQL, rows that another node is claiming are skipped instead of waited for.
/// The array makes the engine evaluate the sub-select once; as `in (…)` it may be
/// evaluated again for each row, and then claims more rows than its limit. SQLite has one
/// writer at a time and no such locks.
macro_rules! claim_sql {
    ($update:literal, $select:literal, $guard:literal) => {
        $crate::connection::EngineSql {
            sqlite: concat!($update, " in (", $select, ") ", $guard),
            postgres: concat!(
                $update,
                " = any (array(",
                $select,
                " for update skip locked)) ",
                $guard
            ),
        }
    };
}
pub(crate) use claim_sql;

pub(crate) enum Handle {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(ServerConnection),
}

/// A connection to a PostgreSQL server, which may be out of reach without the connection being
/// closed. Such a statement would wait for as long as TCP repeats it, which is a quarter of an
/// hour.
pub(crate) struct ServerConnection {
    pub(crate) connection: PoolConnection<Postgres>,
    /// How long the server may take to answer one statement.
    pub(crate) answer_timeout: Duration,
    /// Whether a statement was sent whose answer has not come.
    pub(crate) is_waiting: bool,
    /// How many connections of the pool are in use, this one included.
    in_use: Arc<AtomicU32>,
}

impl Drop for ServerConnection {
    /// Closes a connection that still waits for an answer. In the pool it would first wait for
    /// that answer, and so take the place of one that works.
    fn drop(&mut self) {
        self.in_use.fetch_sub(1, Ordering::Relaxed);
        if self.is_waiting {
            self.connection.close_on_drop();
        }
    }
}

/// The error of a statement that the server did not answer in time.
pub(crate) fn unanswered() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "a statement was not answered in time"))
}

/// Evaluates an expression with the `sqlx` connection of the engine that is open:
/// `with_connection!(connection, c => sqlx::query(SQL).bind(x).fetch_one(c).await)`. It is
/// compiled once for each engine, because `sqlx` has a type for each.
macro_rules! with_connection {
    ($connection:expr, $c:ident => $body:expr) => {
        match &mut $connection.handle {
            $crate::connection::Handle::Sqlite(handle) => {
                let _timer = $crate::metrics::StatementTimer::start("sqlite");
                let $c = &mut **handle;
                $body
            }
            $crate::connection::Handle::Postgres(handle) => {
                let _timer = $crate::metrics::StatementTimer::start("postgres");
                handle.is_waiting = true;
                let $c = &mut *handle.connection;
                match ::tokio::time::timeout(handle.answer_timeout, async { $body }).await {
                    Ok(answer) => {
                        handle.is_waiting = false;
                        answer
                    }
                    Err(_) => Err($crate::connection::unanswered()),
                }
            }
        }
    };
}
pub(crate) use with_connection;

/// Runs a statement with its parameters, and returns how many rows it changed.
macro_rules! execute {
    ($connection:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::connection::with_connection!($connection, c => {
            sqlx::query($sql)$(.bind($bind))*.execute(c).await.map(|done| done.rows_affected())
        })
    };
}
pub(crate) use execute;

/// Runs a query with its parameters, by a function of `sqlx` and a method of its query.
macro_rules! fetch {
    ($query:ident, $method:ident, $connection:expr, $sql:expr $(, $bind:expr)*) => {
        $crate::connection::with_connection!($connection, c => {
            sqlx::$query($sql)$(.bind($bind))*.$method(c).await
        })
    };
}
pub(crate) use fetch;

/// All rows of a query.
macro_rules! fetch_all {
    ($($argument:expr),+ $(,)?) => {
        $crate::connection::fetch!(query_as, fetch_all, $($argument),+)
    };
}
pub(crate) use fetch_all;

/// The row of a query that has one row at most.
macro_rules! fetch_optional {
    ($($argument:expr),+ $(,)?) => {
        $crate::connection::fetch!(query_as, fetch_optional, $($argument),+)
    };
}
pub(crate) use fetch_optional;

/// The row of a query that always has one.
macro_rules! fetch_one {
    ($($argument:expr),+ $(,)?) => {
        $crate::connection::fetch!(query_as, fetch_one, $($argument),+)
    };
}
pub(crate) use fetch_one;

/// The column of a query that always has one row.
macro_rules! fetch_scalar {
    ($($argument:expr),+ $(,)?) => {
        $crate::connection::fetch!(query_scalar, fetch_one, $($argument),+)
    };
}
pub(crate) use fetch_scalar;

/// The column of a query that has one row at most.
macro_rules! fetch_optional_scalar {
    ($($argument:expr),+ $(,)?) => {
        $crate::connection::fetch!(query_scalar, fetch_optional, $($argument),+)
    };
}
pub(crate) use fetch_optional_scalar;

impl From<PoolConnection<Sqlite>> for Connection {
    fn from(handle: PoolConnection<Sqlite>) -> Self {
        Self { handle: Handle::Sqlite(handle), has_changed_catalogue: false }
    }
}

impl Connection {
    /// A connection to a PostgreSQL server.
    pub(crate) fn to_server(connection: PoolConnection<Postgres>, server: &Server) -> Self {
        let in_use = Arc::clone(&server.in_use);
        in_use.fetch_add(1, Ordering::Relaxed);
        let answer_timeout = server.limits.answer_timeout;
        let handle = ServerConnection { connection, answer_timeout, is_waiting: false, in_use };
        Self { handle: Handle::Postgres(handle), has_changed_catalogue: false }
    }

    /// Fails if a statement was not answered. Then no further one is sent: it would be answered
    /// with the answer of that one, if at all.
    pub(crate) fn check_answers(&self) -> Result<()> {
        match &self.handle {
            Handle::Postgres(handle) if handle.is_waiting => Err(Error::Unavailable(unanswered())),
            _ => Ok(()),
        }
    }

    /// The text of a statement for the engine of this connection.
    pub(crate) const fn text(&self, sql: EngineSql) -> &'static str {
        match self.handle {
            Handle::Sqlite(_) => sql.sqlite,
            Handle::Postgres(_) => sql.postgres,
        }
    }

    /// Runs a statement without parameters or result.
    pub(crate) async fn run(&mut self, sql: &'static str) -> Result<()> {
        execute!(self, sql)?;
        Ok(())
    }
}
