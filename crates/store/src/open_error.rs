//! Where a database is, and why it could not be opened.

use std::{fmt, path::PathBuf};

use crate::{Error, TlsProblem};

/// The address of a database without user and password, for logs and messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    File(PathBuf),
    /// A database of a PostgreSQL server.
    Server {
        /// A host name, an address, or the folder of the server's Unix socket.
        host: String,
        port: u16,
        database: String,
    },
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "SQLite file {}", path.display()),
            Self::Server { host, port, database } => {
                write!(f, "PostgreSQL at {host}:{port}, database {database}")
            }
        }
    }
}

/// Why a database could not be opened, with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the URL cannot be read: {reason}")]
    Url { reason: String },
    /// The SQLite file cannot be created or opened.
    #[error("{location} cannot be opened: {reason}")]
    File { location: Location, reason: String },
    /// Nothing listens on the port of the server.
    #[error("{location} refused the connection. Start PostgreSQL there, or correct host and port")]
    Refused { location: Location },
    /// The name of the server cannot be resolved, or there is no route to it.
    #[error("{location} cannot be reached: {reason}. Correct host and port")]
    Unreachable {
        location: Location,
        /// The error of the operating system.
        reason: String,
    },
    /// The server did not answer in time.
    #[error("{location} did not answer within {millis} ms. Correct host and port, or the network")]
    NoAnswer { location: Location, millis: u128 },
    /// The server refused the user, the password or the database.
    #[error("{location} rejected the connection: {reason}")]
    Rejected {
        location: Location,
        /// The error of the server.
        reason: String,
    },
    /// The connection cannot be encrypted as the URL demands.
    #[error("{location} cannot be reached over TLS: {problem}")]
    Tls { location: Location, problem: TlsProblem },
    /// What is wrong with the way past the pooler.
    #[error("DATABASE_DIRECT_URL cannot be used: {0}")]
    Direct(Box<OpenError>),
    /// A pooler gives statements the answers of others.
    #[error(
        "{location} is behind a pooler that mixes up the statements of its clients ({reason}). Let \
         the pooler work in session mode, use PgBouncer 1.21 or later with \
         max_prepared_statements, or let DATABASE_URL name PostgreSQL itself"
    )]
    Pooler {
        location: Location,
        /// What went wrong in the self-test.
        reason: String,
    },
    /// A pooler in transaction mode, which has no sessions.
    #[error(
        "{location} is behind a pooler in transaction mode. Migrations and notifications need a \
         session: set DATABASE_DIRECT_URL to the address of PostgreSQL itself, or let the pooler \
         work in session mode"
    )]
    DirectUrlMissing { location: Location },
    #[error(
        "DATABASE_DIRECT_URL ({location}) leads through a pooler in transaction mode too. Let it \
         name PostgreSQL itself"
    )]
    DirectUrlPooled { location: Location },
    #[error(
        "DATABASE_DIRECT_URL ({location}) leads to another database than DATABASE_URL. Let both \
         name the same one"
    )]
    DirectUrlElsewhere { location: Location },
}

pub(crate) fn url_error(error: sqlx::Error) -> Error {
    let reason = match error {
        sqlx::Error::Configuration(cause) => cause.to_string(),
        other => other.to_string(),
    };
    OpenError::Url { reason }.into()
}
