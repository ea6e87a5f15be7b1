//! Copies of an SQLite file. PostgreSQL has its own tools.

use std::{path::Path, time::Duration};

use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use crate::{Error, Location, OpenError, Result, open};

/// How long to wait for another process that locks the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A snapshot in one read transaction: writers go on, and none of their later commits is in it.
const COPY: &str = "vacuum into $1";
/// One row that says `ok`, or a row for each problem.
const CHECK_INTEGRITY: &str = "pragma integrity_check(10)";
const CHECK_FOREIGN_KEYS: &str = "select count(*) from pragma_foreign_key_check";
const COUNT_TABLES: &str =
    "select count(*) from sqlite_schema where name in ('_sqlx_migrations', 'accounts')";

/// Writes the state of a database at one moment to another file, which is empty or does not
/// exist. The database may be in use.
pub async fn copy_sqlite(database: &Path, to: &Path) -> Result<()> {
    let mut connection = connect(database, existing(database)).await?;
    let to = to.to_string_lossy().into_owned();
    sqlx::query(COPY).bind(to).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Checks that a file is an undamaged database of a shop. Nothing else may have it open.
pub async fn check_sqlite(file: &Path) -> Result<()> {
    let mut connection = connect(file, existing(file)).await?;
    let checked = check(&mut connection).await;
    connection.close().await.ok();
    let reason = match checked {
        Ok(None) => return Ok(()),
        Ok(Some(reason)) => reason,
        Err(error) => return Err(open_error(file, error)),
    };
    Err(OpenError::File { location: Location::File(file.to_owned()), reason }.into())
}

/// What is wrong with a database.
async fn check(connection: &mut SqliteConnection) -> sqlx::Result<Option<String>> {
    let found: Vec<String> =
        sqlx::query_scalar(CHECK_INTEGRITY).fetch_all(&mut *connection).await?;
    if found != ["ok"] {
        return Ok(Some("it is damaged".to_owned()));
    }
    let tables: i64 = sqlx::query_scalar(COUNT_TABLES).fetch_one(&mut *connection).await?;
    if tables < 2 {
        return Ok(Some("it is not a database of Marigold".to_owned()));
    }
    let orphans: i64 = sqlx::query_scalar(CHECK_FOREIGN_KEYS).fetch_one(&mut *connection).await?;
    Ok((orphans > 0).then(|| format!("{orphans} of its rows refer to rows that are missing")))
}

/// Writes what the write-ahead log of a database contains into the file, and ends the log.
///
/// # Errors
/// [`Error::Busy`] if another process has the database open; anything else means that it is
/// damaged.
pub async fn end_sqlite_log(database: &Path) -> Result<()> {
    let options = existing(database).journal_mode(SqliteJournalMode::Delete);
    Ok(connect(database, options).await?.close().await?)
}

fn existing(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file).create_if_missing(false).busy_timeout(BUSY_TIMEOUT)
}

async fn connect(file: &Path, options: SqliteConnectOptions) -> Result<SqliteConnection> {
    SqliteConnection::connect_with(&options).await.map_err(|error| open_error(file, error))
}

fn open_error(file: &Path, error: sqlx::Error) -> Error {
    open::sqlite_error(&Location::File(file.to_owned()), error)
}
