//! Errors of the database. No `sqlx` type leaves this crate, and `Display` contains
//! nothing that was read from a row.

use sqlx::error::DatabaseError;

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
    /// PostgreSQL is stopped, out of reach or silent. If this happens at a commit, the transaction
    /// may have been committed all the same.
    #[error("PostgreSQL cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// There is no room for what is to be written; nothing was changed.
    #[error("the disk of the database is full")]
    Full,
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
            sqlx::Error::Database(database) if is_full(database.as_ref()) => Self::Full,
            sqlx::Error::Database(database) if is_going_away(database.as_ref()) => {
                Self::Unavailable(error)
            }
            sqlx::Error::Io(_) => Self::Unavailable(error),
            _ => Self::Statement(error),
        }
    }
}

/// SQLITE_BUSY and its extended codes, and SQLITE_LOCKED.
fn is_locked(error: &dyn DatabaseError) -> bool {
    sqlite_code(error).is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// SQLITE_FULL; SQLITE_IOERR_SHMSIZE, when there is no room for the index of the write-ahead log;
/// and PostgreSQL's `disk_full`.
fn is_full(error: &dyn DatabaseError) -> bool {
    sqlite_code(error).is_some_and(|code| matches!(code, 13 | 4874))
        || error.code().as_deref() == Some("53100")
}

/// PostgreSQL refuses connections, or ends them: it stops, starts, or has too many of them.
fn is_going_away(error: &dyn DatabaseError) -> bool {
    let code = error.code();
    let code = code.as_deref().unwrap_or_default();
    matches!(code, "57P01" | "57P02" | "57P03" | "53300") || code.starts_with("08")
}

/// The extended result code, if this is an error of SQLite.
fn sqlite_code(error: &dyn DatabaseError) -> Option<u32> {
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>()?;
    error.code()?.parse().ok()
}

/// PostgreSQL's statement time-out, lock time-out, and time-out of a silent transaction.
fn is_timed_out(error: &dyn sqlx::error::DatabaseError) -> bool {
    matches!(error.code().as_deref(), Some("57014" | "55P03" | "25P03"))
}

/// PostgreSQL's deadlock and serialisation failure. Both undo the whole transaction.
fn is_conflict(error: &dyn DatabaseError) -> bool {
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
