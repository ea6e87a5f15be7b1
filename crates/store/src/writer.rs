//! Writing transactions.
//!
//! SQLite has one writer at a time, and a commit that survives a power cut costs
//! a disk flush. So transactions queue, in order, on one connection; each runs in
//! a savepoint of its own, and those that are already waiting join the same
//! commit. A transaction alone commits alone and at once.

use std::{
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
};

use futures::FutureExt;
use sqlx::{PgPool, SqlitePool};
use tokio::sync::{Mutex, MutexGuard, watch};

use crate::{BoxFuture, CatalogueVersion, Connection, Error, Result, connection::Handle};

/// The most transactions that share one commit.
const LARGEST_BATCH: u32 = 64;

pub(crate) struct Writer {
    pool: SqlitePool,
    batch: Mutex<Batch>,
    waiting: AtomicUsize,
    commits: AtomicU64,
    catalogue: CatalogueVersion,
}

/// How a transaction's own work ended: by itself, or in a panic.
type Ended<T, E> = std::thread::Result<Result<T, E>>;

/// The open commit, if any, and who waits for it.
#[derive(Default)]
struct Batch {
    connection: Option<Connection>,
    outcome: Option<watch::Sender<Option<bool>>>,
    size: u32,
}

impl Writer {
    pub(crate) fn new(pool: SqlitePool, catalogue: CatalogueVersion) -> Self {
        Self {
            pool,
            batch: Mutex::default(),
            waiting: AtomicUsize::new(0),
            commits: AtomicU64::new(0),
            catalogue,
        }
    }

    /// How often something was committed; for measuring.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    pub(crate) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send,
        E: From<Error> + Send,
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, E>> + Send,
    {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut batch = self.batch.lock().await;
        self.waiting.fetch_sub(1, Ordering::SeqCst);

        let ended = batch.run(&self.pool, work).await;
        let outcome = batch.outcome.as_ref().map(watch::Sender::subscribe);
        let is_last = self.waiting.load(Ordering::SeqCst) == 0;
        if is_last || batch.size >= LARGEST_BATCH {
            batch.commit(&self.catalogue).await;
            self.commits.fetch_add(1, Ordering::Relaxed);
        }
        drop(batch);

        let value = ended?.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let Some(outcome) = outcome else { return Err(Error::CommitFailed.into()) };
        if committed(outcome).await { Ok(value) } else { Err(Error::CommitFailed.into()) }
    }

    pub(crate) async fn close(&self) {
        let mut batch: MutexGuard<'_, Batch> = self.batch.lock().await;
        batch.commit(&self.catalogue).await;
        batch.connection = None;
        drop(batch);
        self.pool.close().await;
    }
}

async fn committed(mut outcome: watch::Receiver<Option<bool>>) -> bool {
    matches!(outcome.wait_for(Option::is_some).await.as_deref(), Ok(Some(true)))
}

impl Batch {
    /// Runs one transaction inside the open commit, opening one if there is none.
    async fn run<T, E, F>(&mut self, pool: &SqlitePool, work: F) -> Result<Ended<T, E>>
    where
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, E>>,
    {
        let connection = self.begin(pool).await?;
        connection.run("savepoint work").await?;
        let ended = AssertUnwindSafe(work(connection)).catch_unwind().await;
        if !matches!(ended, Ok(Ok(_))) {
            connection.run("rollback to work").await?;
        }
        connection.run("release work").await?;
        self.size += 1;
        Ok(ended)
    }

    async fn begin(&mut self, pool: &SqlitePool) -> Result<&mut Connection> {
        let connection = match self.connection.take() {
            Some(connection) => self.connection.insert(connection),
            None => self.connection.insert(pool.acquire().await?.into()),
        };
        if self.outcome.is_none() {
            connection.run("begin immediate").await?;
            self.outcome = Some(watch::Sender::new(None));
            self.size = 0;
        }
        Ok(connection)
    }

    /// Commits, and tells everybody who shared the commit how it went.
    async fn commit(&mut self, catalogue: &CatalogueVersion) {
        let (Some(outcome), Some(connection)) = (self.outcome.take(), &mut self.connection) else {
            return;
        };
        let result = connection.run("commit").await;
        catalogue.count(connection);
        if let Err(error) = &result {
            tracing::error!(error = error as &dyn std::error::Error, "a commit failed");
            // After some failures the engine has already rolled back by itself.
            if connection.run("rollback").await.is_err() {
                self.discard();
            }
        }
        outcome.send_replace(Some(result.is_ok()));
    }

    /// Drops a connection whose state is unknown instead of reusing it.
    fn discard(&mut self) {
        if let Some(Connection { handle: Handle::Sqlite(mut handle), .. }) = self.connection.take()
        {
            handle.close_on_drop();
        }
    }
}

/// The same for PostgreSQL, where every transaction has a connection of its own.
pub(crate) async fn write_postgres<T, E, F>(
    pool: &PgPool,
    catalogue: &CatalogueVersion,
    work: F,
) -> Result<T, E>
where
    E: From<Error>,
    F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, E>>,
{
    let mut connection = Connection::from(pool.acquire().await.map_err(Error::from)?);
    connection.run("begin").await?;
    let ended: Ended<T, E> = AssertUnwindSafe(work(&mut connection)).catch_unwind().await;
    let end = if matches!(ended, Ok(Ok(_))) { "commit" } else { "rollback" };
    let closed = connection.run(end).await;
    catalogue.count(&mut connection);
    if let (Err(_), Handle::Postgres(handle)) = (&closed, &mut connection.handle) {
        handle.close_on_drop();
    }
    let value = ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    closed?;
    Ok(value)
}
