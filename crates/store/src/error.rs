//! Errors of the database. No `sqlx` type leaves this crate, and `Display` contains
//! nothing that was read from a row.

use crate::{Location, OpenError, metrics};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failed statement, transaction, migration or opening.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Open(Box<OpenError>),
    /// No connection was free in time, a statement took too long, or another process held a lock;
    /// nothing was changed. Counted in `marigold_store_busy_total`.
    #[error("the database is busy")]
    Busy,
    /// Another transaction was in the way, and the engine undid this one; nothing was changed.
    #[error("another transaction was in the way")]
    Conflict,
    /// The process is stopping; nothing was changed.
    #[error("the database is closing")]
    ShuttingDown,
    /// A commit that several transactions shared failed; none of them changed anything.
    #[error("a shared commit failed")]
    CommitFailed,
    /// A row holds a value that the program never writes.
    #[error("a row of the table {table} holds an invalid value in its column {column}")]
    Corrupt { table: &'static str, column: &'static str },
    /// The tables were made before the first release, by migrations that this program
    /// does not have; nothing was changed.
    #[error(
        "{location} was made by an older version of Marigold, and this version cannot convert \
         its tables. Back the database up. Then move it out of the way, or let DATABASE_URL \
         name another database; Marigold makes new tables there when it starts"
    )]
    OldDatabase { location: Box<Location> },
    /// The tables were made by a newer version, or a migration failed.
    #[error("the tables of the database do not fit this version of Marigold")]
    Schema(#[source] Box<sqlx::migrate::MigrateError>),
    /// Any other error of the engine or the driver.
    #[error("a statement failed")]
    Statement(#[source] sqlx::Error),
}

impl Error {
    pub(crate) fn corrupt(table: &'static str, column: &'static str) -> Self {
        Self::Corrupt { table, column }
    }

    /// Visitors are told to come back, which is no error in the log, so it is counted.
    fn busy(reason: &'static str) -> Self {
        metrics::count_busy(reason);
        Self::Busy
    }
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        Self::Open(Box::new(error))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => Self::busy("no_free_connection"),
            sqlx::Error::PoolClosed => Self::ShuttingDown,
            sqlx::Error::Database(database) if is_locked(database.as_ref()) => Self::busy("locked"),
            sqlx::Error::Database(database) if is_timed_out(database.as_ref()) => {
                Self::busy("statement_timeout")
            }
            sqlx::Error::Database(database) if is_conflict(database.as_ref()) => Self::Conflict,
            _ => Self::Statement(error),
        }
    }
}

/// SQLITE_BUSY and its extended codes, and SQLITE_LOCKED.
fn is_locked(error: &dyn sqlx::error::DatabaseError) -> bool {
    error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .and_then(|_| error.code())
        .and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// PostgreSQL's statement time-out, lock time-out, and time-out of a silent transaction.
fn is_timed_out(error: &dyn sqlx::error::DatabaseError) -> bool {
    matches!(error.code().as_deref(), Some("57014" | "55P03" | "25P03"))
}

/// PostgreSQL's deadlock and serialisation failure. Both undo the whole transaction.
fn is_conflict(error: &dyn sqlx::error::DatabaseError) -> bool {
    matches!(error.code().as_deref(), Some("40P01" | "40001"))
}

/// An error of the work of a transaction that [`Db::write_repeatable`](crate::Db::write_repeatable)
/// may repeat.
pub trait TransactionError: From<Error> {
    /// Whether it is [`Error::Conflict`].
    fn is_conflict(&self) -> bool;
}

impl TransactionError for Error {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict)
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Schema(Box::new(error))
    }
}
