//! The lock of a database that is set up: created, migrated, filled with the first rows. Of several
//! processes that start at the same time, one does it and the others wait until it has.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::Path,
};

use sqlx::{Connection as _, PgConnection};

use crate::{Db, Location, OpenError, Result, engine::Engine};

/// The advisory lock of PostgreSQL, which is a lock of one database.
const LOCK: i64 = 0x7365_7475_705f_6d67;
const TRY_LOCK: &str = "select pg_try_advisory_lock($1)";
const WAIT_FOR_LOCK: &str = "select pg_advisory_lock($1)";

/// The lock, held until it is released or dropped, or until the process ends.
pub struct SetupLock(Held);

enum Held {
    /// The folder of an SQLite file. The file itself has the locks of SQLite.
    Folder(File),
    /// A session of its own, past a pooler: a transaction pooler would give the lock to others.
    Session(PgConnection),
}

impl SetupLock {
    /// Lets the next process continue.
    pub async fn release(self) {
        match self.0 {
            Held::Folder(folder) => drop(folder),
            // The server releases the lock when the session ends, however it ends.
            Held::Session(connection) => drop(connection.close().await),
        }
    }
}

impl Db {
    /// Waits until no other process sets this database up, and keeps the others waiting.
    pub async fn lock_setup(&self) -> Result<SetupLock> {
        match (&self.engine, self.location()) {
            (Engine::Postgres(server), _) => lock_server(server.migrating().await?).await,
            (Engine::Sqlite { .. }, Location::File(path)) => lock_folder_of(path).await,
            (Engine::Sqlite { .. }, location) => {
                let reason = "it is no file".to_owned();
                Err(OpenError::File { location: location.clone(), reason }.into())
            }
        }
    }
}

async fn lock_server(mut connection: PgConnection) -> Result<SetupLock> {
    let is_free: bool = sqlx::query_scalar(TRY_LOCK).bind(LOCK).fetch_one(&mut connection).await?;
    if !is_free {
        tell_waiting();
        sqlx::query(WAIT_FOR_LOCK).bind(LOCK).execute(&mut connection).await?;
    }
    Ok(SetupLock(Held::Session(connection)))
}

/// Locks the folder of an SQLite file, under whatever name the file was opened.
pub(crate) async fn lock_folder_of(database: &Path) -> Result<SetupLock> {
    let path = database.to_owned();
    let locking = tokio::task::spawn_blocking(move || {
        let real = fs::canonicalize(&path).unwrap_or(path);
        let folder = real.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new(".")))?;
        match folder.try_lock() {
            Ok(()) => Ok(folder),
            Err(TryLockError::WouldBlock) => {
                tell_waiting();
                folder.lock().map(|()| folder)
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    });
    let locked = locking.await.unwrap_or_else(|_| Err(io::Error::other("the wait was ended")));
    match locked {
        Ok(folder) => Ok(SetupLock(Held::Folder(folder))),
        Err(error) => Err(OpenError::File {
            location: Location::File(database.to_owned()),
            reason: format!("its folder cannot be locked: {error}"),
        }
        .into()),
    }
}

fn tell_waiting() {
    tracing::info!(
        event = "database.setup_awaited",
        "another process sets the database up, and this one waits until it has"
    );
}
