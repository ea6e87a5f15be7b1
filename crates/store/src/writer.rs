//! Transactions that write.
//!
//! SQLite has one writer at a time, and a commit that survives a power cut costs a disk
//! flush. Transactions therefore wait in a queue for one connection. Each runs in a
//! savepoint of its own, and those that are waiting already share one commit. A single
//! transaction is committed at once. All of them run on one thread ([`WriterThread`]).

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use futures::FutureExt;
use sqlx::{PgPool, SqlitePool};
use tokio::{
    sync::{Mutex, MutexGuard, watch},
    task::JoinHandle,
};

use crate::{
    BoxFuture, Connection, Error, Result, catalogue_version::CatalogueVersion, connection::Handle,
    writer_thread::WriterThread,
};

/// The most transactions that share one commit.
const MAX_BATCH_SIZE: u32 = 64;

pub(crate) struct Writer {
    pool: SqlitePool,
    thread: WriterThread,
    batch: Mutex<Batch>,
    waiting: AtomicUsize,
    commits: AtomicU64,
    catalogue: CatalogueVersion,
}

/// The result of the work of a transaction, or the panic that ended it.
type Ended<T, E> = std::thread::Result<Result<T, E>>;

/// The connection, and the open commit if there is one.
#[derive(Default)]
struct Batch {
    connection: Option<Connection>,
    open: Option<Open>,
}

/// A commit that is not made yet. The savepoint of the last transaction is still open, so
/// that ending it and going on is one call: a call changes threads twice, which costs more
/// than most statements do.
#[derive(Default)]
struct Open {
    /// Tells the transactions that share the commit whether it succeeded.
    outcome: watch::Sender<Option<bool>>,
    size: u32,
    is_last_refused: bool,
}

impl Open {
    /// Ends the last transaction and begins the next.
    const fn next(&self) -> &'static str {
        if self.is_last_refused { "rollback to work" } else { "release work; savepoint work" }
    }

    /// Ends the last transaction and commits them all.
    const fn end(&self) -> &'static str {
        if self.is_last_refused { "rollback to work; commit" } else { "release work; commit" }
    }
}

impl Writer {
    pub(crate) fn new(pool: SqlitePool, thread: WriterThread, catalogue: CatalogueVersion) -> Self {
        Self {
            pool,
            thread,
            batch: Mutex::default(),
            waiting: AtomicUsize::new(0),
            commits: AtomicU64::new(0),
            catalogue,
        }
    }

    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Runs a transaction on the thread of the writer.
    pub(crate) fn spawn<T, E, F>(self: &Arc<Self>, work: F) -> JoinHandle<Result<T, E>>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let writer = Arc::clone(self);
        self.thread.spawn(async move { writer.write(work).await })
    }

    async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send,
        E: From<Error> + Send,
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, E>> + Send,
    {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut batch = self.batch.lock().await;
        self.waiting.fetch_sub(1, Ordering::SeqCst);

        let ended = batch.run(&self.pool, work).await;
        let outcome = batch.open.as_ref().map(|open| open.outcome.subscribe());
        let is_full = batch.open.as_ref().is_some_and(|open| open.size >= MAX_BATCH_SIZE);
        if is_full || self.waiting.load(Ordering::SeqCst) == 0 {
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
    /// Runs a transaction in the open commit, or opens one.
    async fn run<T, E, F>(&mut self, pool: &SqlitePool, work: F) -> Result<Ended<T, E>>
    where
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, E>>,
    {
        let (connection, open) = match self.begin(pool).await {
            Ok(begun) => begun,
            Err(error) => {
                self.discard();
                return Err(error);
            }
        };
        let ended = AssertUnwindSafe(work(connection)).catch_unwind().await;
        open.is_last_refused = !matches!(ended, Ok(Ok(_)));
        open.size += 1;
        Ok(ended)
    }

    async fn begin(&mut self, pool: &SqlitePool) -> Result<(&mut Connection, &mut Open)> {
        let connection = match self.connection.take() {
            Some(connection) => self.connection.insert(connection),
            None => self.connection.insert(pool.acquire().await?.into()),
        };
        let open = match self.open.take() {
            Some(open) => {
                connection.run(open.next()).await?;
                self.open.insert(open)
            }
            None => {
                connection.run("begin immediate; savepoint work").await?;
                self.open.insert(Open::default())
            }
        };
        Ok((connection, open))
    }

    /// Commits, and tells all transactions of the commit the result.
    async fn commit(&mut self, catalogue: &CatalogueVersion) {
        let (Some(open), Some(connection)) = (self.open.take(), &mut self.connection) else {
            return;
        };
        let result = connection.run(open.end()).await;
        catalogue.count(connection);
        if let Err(error) = &result {
            tracing::error!(
                event = "database.commit_failed",
                transactions = open.size,
                error = error as &dyn std::error::Error,
                "A commit failed, and the transactions that shared it changed nothing",
            );
            self.discard();
        }
        open.outcome.send_replace(Some(result.is_ok()));
    }

    /// Closes a connection whose state is unknown: the engine may have undone everything, as
    /// it does when the disk is full. The transactions of the open commit learn of it
    /// because the sender of their outcome is dropped.
    fn discard(&mut self) {
        self.open = None;
        if let Some(Connection { handle: Handle::Sqlite(mut handle), .. }) = self.connection.take()
        {
            handle.close_on_drop();
        }
    }
}

/// Runs a transaction on PostgreSQL, on a connection of its own.
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
