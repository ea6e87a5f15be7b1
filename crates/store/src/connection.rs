//! One connection to whichever engine is open, and the way to run one statement
//! on it.

use sqlx::{Postgres, Sqlite, pool::PoolConnection};

use crate::Result;

/// A connection, inside a transaction or not. The nouns hang off it:
/// `connection.accounts().find(…)`.
pub struct Connection {
    pub(crate) handle: Handle,
    /// Whether the open transaction changed something that shoppers look at.
    pub(crate) has_changed_catalogue: bool,
}

/// The connection of whichever engine is open.
pub(crate) enum Handle {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// Runs one expression against whichever engine is open:
/// `on!(connection, c => sqlx::query(SQL).bind(x).execute(c).await)`.
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
                let $c = &mut **handle;
                $body
            }
        }
    };
}
pub(crate) use with_connection;

/// Runs one statement and answers how many rows it touched.
macro_rules! execute {
    ($connection:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::connection::with_connection!($connection, c => {
            sqlx::query($sql)$(.bind($bind))*.execute(c).await.map(|done| done.rows_affected())
        })
    };
}
pub(crate) use execute;

impl From<PoolConnection<Sqlite>> for Connection {
    fn from(handle: PoolConnection<Sqlite>) -> Self {
        Self { handle: Handle::Sqlite(handle), has_changed_catalogue: false }
    }
}

impl From<PoolConnection<Postgres>> for Connection {
    fn from(handle: PoolConnection<Postgres>) -> Self {
        Self { handle: Handle::Postgres(handle), has_changed_catalogue: false }
    }
}

impl Connection {
    /// Runs a statement that takes and gives nothing.
    pub(crate) async fn run(&mut self, sql: &'static str) -> Result<()> {
        execute!(self, sql)?;
        Ok(())
    }
}
