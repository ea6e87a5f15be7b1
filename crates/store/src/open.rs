//! Opens a database. An error names the file or the server, and never a user or a
//! password.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use sqlx::{
    Connection as _, PgConnection, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    Durability, Error, Location, OpenError, OpenOptions, Result, TlsProblem,
    catalogue_version::CatalogueVersion,
    engine::{Engine, Server, ServerLimits},
    open_error::url_error,
    server_options, setup_lock,
    writer::Writer,
    writer_thread::{WriterThread, joined},
};

/// The most connections that read an SQLite file at the same time.
const MAX_READERS: u32 = 8;
/// How long a statement waits for another process that locks the SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a PostgreSQL server may take to accept the first connection.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The most connections past a pooler: one receives notifications, one migrates.
const MAX_DIRECT_CONNECTIONS: u32 = 2;

/// Opens an SQLite file. The file and its folder are made if they are missing.
pub(crate) async fn open_sqlite(
    url: &str,
    settings: &OpenOptions,
    catalogue: CatalogueVersion,
) -> Result<(Engine, Location)> {
    let options = url.parse::<SqliteConnectOptions>().map_err(url_error)?;
    open_sqlite_file(options, settings, catalogue).await
}

pub(crate) async fn open_sqlite_file(
    options: SqliteConnectOptions,
    settings: &OpenOptions,
    catalogue: CatalogueVersion,
) -> Result<(Engine, Location)> {
    let options = sqlite_options(options, settings.durability);
    let path = options.get_filename().to_owned();
    let location = Location::File(path.clone());
    if let Some(folder) = path.parent()
        && let Err(error) = fs::create_dir_all(folder)
    {
        let reason = format!("its folder cannot be made: {error}");
        return Err(OpenError::File { location, reason }.into());
    }
    // The first process that opens a new file changes its journal, which must not be done twice.
    let _lock = setup_lock::lock_folder_of(&path).await?;
    let thread = WriterThread::start()?;
    let writers = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone());
    let opened = joined(thread.spawn(writers)).await?;
    let writers = opened.map_err(|error| sqlite_error(&location, error))?;
    let writer = Arc::new(Writer::new(writers, thread, catalogue));
    let readers = open_readers(options, settings.acquire_timeout);
    Ok((Engine::Sqlite { readers, writer }, location))
}

/// The file of an SQLite URL; `None` for another URL, or one that cannot be read.
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    let options = url.starts_with("sqlite:").then(|| url.parse::<SqliteConnectOptions>().ok())?;
    Some(options?.get_filename().to_owned())
}

fn sqlite_options(options: SqliteConnectOptions, durability: Durability) -> SqliteConnectOptions {
    options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match durability {
            Durability::Full => SqliteSynchronous::Full,
            Durability::Normal => SqliteSynchronous::Normal,
        })
        .foreign_keys(true)
        // Otherwise, what a savepoint may have to undo is written to temporary files.
        .pragma("temp_store", "memory")
        .busy_timeout(BUSY_TIMEOUT)
}

fn open_readers(options: SqliteConnectOptions, acquire_timeout: Duration) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(MAX_READERS)
        .acquire_timeout(acquire_timeout)
        // A connection to a file is not lost, so testing it before its use would only cost
        // a statement.
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

/// Opens a database of a PostgreSQL server, and the way past its pooler if there is one.
pub(crate) async fn open_postgres(
    url: &str,
    options: &OpenOptions,
    timeout: Duration,
) -> Result<(Engine, Location)> {
    let (pool, location) = open_pool(url, options, options.max_connections, timeout).await?;
    let direct = match &options.direct_url {
        Some(url) => {
            let opened = open_pool(url, options, MAX_DIRECT_CONNECTIONS, timeout).await;
            Some(opened.map_err(of_direct_url)?.0)
        }
        None => None,
    };
    let limits = ServerLimits {
        max_connections: options.max_connections,
        answer_timeout: options.answer_timeout(),
    };
    let server = Server { pool, direct, limits, in_use: Arc::default() };
    Ok((Engine::Postgres(server), location))
}

fn of_direct_url(error: Error) -> Error {
    match error {
        Error::Open(error) => OpenError::Direct(error).into(),
        other => other,
    }
}

/// The first connection is made outside of the pool, because the pool would silently retry when
/// a server refuses it.
async fn open_pool(
    url: &str,
    settings: &OpenOptions,
    max_connections: u32,
    timeout: Duration,
) -> Result<(PgPool, Location)> {
    let plain = server_options::read(url)?;
    let location = server_location(&plain);
    let limited = server_options::with_time_limit(plain.clone(), settings.statement_timeout);
    let options = match connect(&limited, timeout).await {
        Ok(()) => limited,
        Err(Unopened::Failed(error)) if server_options::is_time_limit_refused(&error) => {
            // `Db::check_pooler` says so, if there is no other time limit.
            connect(&plain, timeout).await.map_err(|unopened| unopened.at(&location, timeout))?;
            plain
        }
        Err(unopened) => return Err(unopened.at(&location, timeout).into()),
    };
    let pool = PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(settings.acquire_timeout)
        .connect_lazy_with(options);
    Ok((pool, location))
}

/// Why a server could not be connected to.
enum Unopened {
    Failed(sqlx::Error),
    NoAnswer,
}

impl Unopened {
    fn at(self, location: &Location, timeout: Duration) -> OpenError {
        let location = location.clone();
        match self {
            Self::Failed(error) => postgres_error(location, error),
            Self::NoAnswer => OpenError::NoAnswer { location, millis: timeout.as_millis() },
        }
    }
}

/// Why a server gives no connection now, if it gives none within this time.
pub(crate) async fn problem(options: &PgConnectOptions, timeout: Duration) -> Option<OpenError> {
    let unopened = connect(options, timeout).await.err()?;
    Some(unopened.at(&server_location(options), timeout))
}

/// Makes one connection and closes it.
async fn connect(options: &PgConnectOptions, timeout: Duration) -> Result<(), Unopened> {
    match tokio::time::timeout(timeout, PgConnection::connect_with(options)).await {
        Ok(Ok(connection)) => connection.close().await.map_err(Unopened::Failed),
        Ok(Err(error)) => Err(Unopened::Failed(error)),
        Err(_) => Err(Unopened::NoAnswer),
    }
}

pub(crate) fn server_location(options: &PgConnectOptions) -> Location {
    let socket = options.get_socket().map(|path| path.display().to_string());
    Location::Server {
        host: socket.unwrap_or_else(|| options.get_host().to_owned()),
        port: options.get_port(),
        // PostgreSQL's default is the name of the user.
        database: options.get_database().unwrap_or(options.get_username()).to_owned(),
    }
}

/// A lock of another process is reported as [`Error::Busy`].
pub(crate) fn sqlite_error(location: &Location, error: sqlx::Error) -> Error {
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
    if let Some(problem) = TlsProblem::of(&error) {
        return OpenError::Tls { location, problem };
    }
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
    async fn a_refusing_server_is_named_without_user_and_password() {
        // Port 1 is reserved for the superuser, and nothing listens on it.
        let said = problem("postgres://shop:hunter2@127.0.0.1:1/orders").await;
        assert!(said.contains("127.0.0.1:1, database orders refused"), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("shop"), "{said}");
    }

    #[tokio::test]
    async fn a_silent_server_is_an_error_after_the_timeout() {
        // The operating system accepts the connection, and nothing answers on it.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("postgres://shop:hunter2@{address}/orders");
        let error = open_postgres(&url, &OpenOptions::default(), Duration::from_millis(10))
            .await
            .err()
            .unwrap();
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
