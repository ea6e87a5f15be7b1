//! One connection to whichever engine is open, and the way to run one statement
//! on it.

use sqlx::{Postgres, Sqlite, pool::PoolConnection};

use crate::Result;

/// A connection, inside a transaction or not. The nouns hang off it:
/// `connection.accounts().find(…)`.
pub enum Connection {
    /// SQLite.
    Sqlite(PoolConnection<Sqlite>),
    /// PostgreSQL.
    Postgres(PoolConnection<Postgres>),
}

/// Runs one expression against whichever engine is open:
/// `on!(connection, c => sqlx::query(SQL).bind(x).execute(c).await)`.
macro_rules! on {
    ($connection:expr, $c:ident => $body:expr) => {
        match $connection {
            $crate::Connection::Sqlite(handle) => {
                let $c = &mut **handle;
                $body
            }
            $crate::Connection::Postgres(handle) => {
                let $c = &mut **handle;
                $body
            }
        }
    };
}
pub(crate) use on;

/// Runs one statement and answers how many rows it touched.
macro_rules! touch {
    ($connection:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::connection::on!($connection, c => {
            sqlx::query($sql)$(.bind($bind))*.execute(c).await.map(|done| done.rows_affected())
        })
    };
}
pub(crate) use touch;

impl Connection {
    /// Runs a statement that takes and gives nothing.
    pub(crate) async fn run(&mut self, sql: &'static str) -> Result<()> {
        touch!(self, sql)?;
        Ok(())
    }
}
