//! Opening a database, and why that fails: the file or server in the message, never a
//! user or a password.

use std::{fmt, fs, path::PathBuf, sync::Arc, time::Duration};

use sqlx::{
    Connection as _, PgConnection, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    Durability, Engine, Error, Result,
    catalogue_version::CatalogueVersion,
    writer::Writer,
    writer_thread::{WriterThread, joined},
};

/// Connections that read at the same time.
const READERS: u32 = 8;
/// How long a statement waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a PostgreSQL server may take to accept the first connection.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Which database a URL names, without user and password: for logs and messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// An SQLite file.
    File(PathBuf),
    /// A database of a PostgreSQL server.
    Server {
        /// A name, an address, or the folder of the server's Unix socket.
        host: String,
        /// The port.
        port: u16,
        /// The database's name.
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

/// Why a database could not be opened, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is malformed.
    #[error("the URL cannot be read: {reason}")]
    Url {
        /// What is wrong with it.
        reason: String,
    },
    /// The SQLite file cannot be made or used.
    #[error("{location} cannot be opened: {reason}")]
    File {
        /// The file.
        location: Location,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing listens on the server's port.
    #[error("{location} refused the connection. Start PostgreSQL there, or correct host and port")]
    Refused {
        /// The server.
        location: Location,
    },
    /// There is no way to the server.
    #[error("{location} cannot be reached: {reason}. Correct host and port")]
    Unreachable {
        /// The server.
        location: Location,
        /// What the operating system says.
        reason: String,
    },
    /// The server said nothing in time.
    #[error("{location} did not answer within {seconds} s. Correct host and port, or the network")]
    NoAnswer {
        /// The server.
        location: Location,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The server did not let the program in.
    #[error("{location} rejected the connection: {reason}")]
    Rejected {
        /// The server.
        location: Location,
        /// What the server says.
        reason: String,
    },
}

/// Opens an SQLite file; makes it, and the folder it is in, if missing.
pub(crate) async fn open_sqlite(
    url: &str,
    durability: Durability,
    catalogue: CatalogueVersion,
) -> Result<(Engine, Location)> {
    let options = sqlite_options(url, durability)?;
    let path = options.get_filename().to_owned();
    let location = Location::File(path.clone());
    if let Some(folder) = path.parent()
        && let Err(error) = fs::create_dir_all(folder)
    {
        let reason = format!("its folder cannot be made: {error}");
        return Err(OpenError::File { location, reason }.into());
    }
    let thread = WriterThread::start()?;
    let writers = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone());
    let opened = joined(thread.spawn(writers)).await?;
    let writers = opened.map_err(|error| sqlite_error(&location, error))?;
    let writer = Arc::new(Writer::new(writers, thread, catalogue));
    Ok((Engine::Sqlite { readers: open_readers(options), writer }, location))
}

fn sqlite_options(url: &str, durability: Durability) -> Result<SqliteConnectOptions> {
    let options = url.parse::<SqliteConnectOptions>().map_err(url_error)?;
    Ok(options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match durability {
            Durability::Full => SqliteSynchronous::Full,
            Durability::Normal => SqliteSynchronous::Normal,
        })
        .foreign_keys(true)
        // What a savepoint may have to undo is written to files otherwise.
        .pragma("temp_store", "memory")
        .busy_timeout(BUSY_TIMEOUT))
}

fn open_readers(options: SqliteConnectOptions) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS)
        // A file's connection does not go away by itself, so nothing is asked of it
        // before it is used.
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

/// Opens a database of a PostgreSQL server. The first connection is made apart from the
/// pool, which would try again and again, without a word, where a server refuses it.
pub(crate) async fn open_postgres(url: &str, timeout: Duration) -> Result<(Engine, Location)> {
    let options = url.parse::<PgConnectOptions>().map_err(url_error)?;
    let location = server_location(&options);
    match tokio::time::timeout(timeout, PgConnection::connect_with(&options)).await {
        Ok(Ok(connection)) => connection.close().await?,
        Ok(Err(error)) => return Err(postgres_error(location, error).into()),
        Err(_) => {
            return Err(OpenError::NoAnswer { location, seconds: timeout.as_secs() }.into());
        }
    }
    let pool = PgPoolOptions::new().max_connections(16).connect_lazy_with(options);
    Ok((Engine::Postgres(pool), location))
}

fn server_location(options: &PgConnectOptions) -> Location {
    let socket = options.get_socket().map(|path| path.display().to_string());
    Location::Server {
        host: socket.unwrap_or_else(|| options.get_host().to_owned()),
        port: options.get_port(),
        // PostgreSQL's own default is the user's name.
        database: options.get_database().unwrap_or(options.get_username()).to_owned(),
    }
}

fn url_error(error: sqlx::Error) -> Error {
    let reason = match error {
        sqlx::Error::Configuration(cause) => cause.to_string(),
        other => other.to_string(),
    };
    OpenError::Url { reason }.into()
}

/// Another process that holds the file is no fault of the file.
fn sqlite_error(location: &Location, error: sqlx::Error) -> Error {
    let reason = match Error::from(error) {
        Error::Statement(sqlx::Error::Database(error)) => {
            match error.code().and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
                // SQLITE_CANTOPEN
                Some(14) => "it is a folder, or this user may not write there".to_owned(),
                // SQLITE_NOTADB
                Some(26) => "it is not an SQLite database".to_owned(),
                _ => error.message().to_owned(),
            }
        }
        Error::Statement(error) => error.to_string(),
        known => return known,
    };
    OpenError::File { location: location.clone(), reason }.into()
}

fn postgres_error(location: Location, error: sqlx::Error) -> OpenError {
    match error {
        sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            OpenError::Refused { location }
        }
        sqlx::Error::Io(error) => OpenError::Unreachable { location, reason: error.to_string() },
        sqlx::Error::Database(error) => {
            OpenError::Rejected { location, reason: error.message().to_owned() }
        }
        error => OpenError::Rejected { location, reason: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Db;

    async fn problem(url: &str) -> String {
        Db::open(url).await.err().unwrap().to_string()
    }

    #[tokio::test]
    async fn a_server_that_refuses_is_named_without_user_and_password() {
        // Port 1 belongs to the superuser, and nobody listens on it.
        let said = problem("postgres://shop:hunter2@127.0.0.1:1/orders").await;
        assert!(said.contains("127.0.0.1:1, database orders refused"), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("shop"), "{said}");
    }

    #[tokio::test]
    async fn a_server_that_is_silent_is_given_up() {
        // The operating system accepts the connection; nobody answers on it.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("postgres://shop:hunter2@{address}/orders");
        let error = open_postgres(&url, Duration::from_millis(10)).await.err().unwrap();
        let said = error.to_string();
        assert!(said.contains(&format!("{address}, database orders did not answer")), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("letter.txt");
        fs::write(&file, "Dear Robin, ".repeat(100)).unwrap();
        let said = problem(&format!("sqlite:{}", file.display())).await;
        assert!(said.contains("letter.txt") && said.contains("not an SQLite database"), "{said}");
    }

    #[tokio::test]
    async fn a_folder_in_place_of_the_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let said = problem(&format!("sqlite:{}", folder.path().display())).await;
        assert!(said.contains(&folder.path().display().to_string()), "{said}");
        assert!(said.contains("it is a folder"), "{said}");
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_named_with_the_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("data"), "").unwrap();
        let file = folder.path().join("data/marigold.db");
        let said = problem(&format!("sqlite:{}", file.display())).await;
        assert!(said.contains("data/marigold.db cannot be opened: its folder"), "{said}");
    }

    #[tokio::test]
    async fn a_missing_folder_of_the_file_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/of/the/shop.db");
        let db = Db::open(&format!("sqlite:{}", file.display())).await.unwrap();
        assert_eq!(db.location(), &Location::File(file.clone()));
        db.close().await;
        assert!(file.exists());
    }
}
