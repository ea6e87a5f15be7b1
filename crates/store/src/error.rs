//! What can go wrong with rows. The cause stays inside: nothing above this room
//! sees an `sqlx` type, and `Display` says nothing that came from a row.

use crate::{Location, OpenError};

/// The result of a statement.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failed statement, transaction, migration or opening.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database could not be opened.
    #[error(transparent)]
    Open(Box<OpenError>),
    /// Another process held the database for too long; nothing was done.
    #[error("the database is busy")]
    Busy,
    /// The process is stopping; nothing was done.
    #[error("the database is closing")]
    ShuttingDown,
    /// A commit that several transactions shared failed; nothing was done.
    #[error("a shared commit failed")]
    CommitFailed,
    /// A row broke a promise that the schema or the program makes.
    #[error("a row of {table} has an impossible {column}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The tables were made before the first release, by migrations that this program
    /// does not have; nothing was changed.
    #[error(
        "{location} was made by an older version of Marigold, and this version cannot convert \
         its tables. Back the database up. Then move it out of the way, or let DATABASE_URL \
         name another database; Marigold makes new tables there when it starts"
    )]
    OldDatabase {
        /// The database.
        location: Box<Location>,
    },
    /// The tables do not fit this program.
    #[error("the database schema does not fit this version")]
    Schema(#[source] Box<sqlx::migrate::MigrateError>),
    /// Anything else the engine reports.
    #[error("a statement failed")]
    Statement(#[source] sqlx::Error),
}

impl Error {
    /// A row that broke a promise.
    pub(crate) fn corrupt(table: &'static str, column: &'static str) -> Self {
        Self::Corrupt { table, column }
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
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::PoolClosed => Self::ShuttingDown,
            sqlx::Error::Database(database) if is_busy(database.as_ref()) => Self::Busy,
            _ => Self::Statement(error),
        }
    }
}

/// SQLITE_BUSY and its extended codes, and SQLITE_LOCKED.
fn is_busy(error: &dyn sqlx::error::DatabaseError) -> bool {
    error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .and_then(|_| error.code())
        .and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Schema(Box::new(error))
    }
}
