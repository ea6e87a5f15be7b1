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
use sqlx::SqlitePool;
use tokio::{
    sync::{Mutex, MutexGuard, watch},
    task::JoinHandle,
};

use crate::{
    BoxFuture, Connection, Error, Result, catalogue_version::CatalogueVersion, connection::Handle,
    engine::Server, writer_thread::WriterThread,
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

/// How a commit ended.
#[derive(Clone, Copy)]
enum Outcome {
    Committed,
    Full,
    Failed,
}

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
    /// Tells the transactions that share the commit how it ended.
    outcome: watch::Sender<Option<Outcome>>,
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
        match ended_as(outcome).await {
            Outcome::Committed => Ok(value),
            Outcome::Full => Err(Error::Full.into()),
            Outcome::Failed => Err(Error::CommitFailed.into()),
        }
    }

    pub(crate) async fn close(&self) {
        let mut batch: MutexGuard<'_, Batch> = self.batch.lock().await;
        batch.commit(&self.catalogue).await;
        batch.connection = None;
        drop(batch);
        self.pool.close().await;
    }
}

async fn ended_as(mut outcome: watch::Receiver<Option<Outcome>>) -> Outcome {
    let ended = outcome.wait_for(Option::is_some).await;
    ended.ok().and_then(|outcome| *outcome).unwrap_or(Outcome::Failed)
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
                error = %domain::Causes(error),
                "A commit failed, and the transactions that shared it changed nothing",
            );
            self.discard();
        }
        open.outcome.send_replace(Some(match result {
            Ok(()) => Outcome::Committed,
            Err(Error::Full) => Outcome::Full,
            Err(_) => Outcome::Failed,
        }));
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

/// Runs a transaction on PostgreSQL, on a connection of its own. A connection whose answer is
/// overdue is closed as it is, which undoes the transaction.
pub(crate) async fn write_postgres<T, E, F>(
    server: &Server,
    catalogue: &CatalogueVersion,
    work: F,
) -> Result<T, E>
where
    E: From<Error>,
    F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, E>>,
{
    let mut connection = server.acquire().await?;
    connection.run("begin").await?;
    let ended: Ended<T, E> = AssertUnwindSafe(work(&mut connection)).catch_unwind().await;
    let end = if matches!(ended, Ok(Ok(_))) { "commit" } else { "rollback" };
    let closed = match connection.check_answers() {
        Ok(()) => connection.run(end).await,
        unanswered => unanswered,
    };
    catalogue.count(&mut connection);
    if let (Err(_), Handle::Postgres(handle)) = (&closed, &mut connection.handle) {
        handle.connection.close_on_drop();
    }
    let value = ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    closed?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, task::Poll};

    use tokio::sync::oneshot;

    use super::*;
    use crate::{Db, Durability, OpenOptions, connection::with_connection, engine::Engine};

    async fn opened(folder: &tempfile::TempDir, durability: Durability) -> Db {
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let options = OpenOptions { durability, ..OpenOptions::default() };
        Db::open_with(&url, &options).await.unwrap()
    }

    async fn number(db: &Db, sql: &'static str) -> i64 {
        let mut connection = db.read().await.unwrap();
        with_connection!(connection, c => sqlx::query_scalar(sql).fetch_one(c).await).unwrap()
    }

    #[tokio::test]
    async fn the_writer_waits_for_the_disk_at_each_commit() {
        // 2 is FULL and 1 is NORMAL; the shop opens its database with the default.
        assert_eq!(OpenOptions::default().durability, Durability::Full);
        for (durability, expected) in [(Durability::Full, 2), (Durability::Normal, 1)] {
            let folder = tempfile::tempdir().unwrap();
            let db = opened(&folder, durability).await;
            let read = transaction!(db, |tx| {
                let number = with_connection!(tx, c => {
                    sqlx::query_scalar::<_, i64>("pragma synchronous").fetch_one(c).await
                })?;
                let journal = with_connection!(tx, c => {
                    sqlx::query_scalar::<_, String>("pragma journal_mode").fetch_one(c).await
                })?;
                Ok::<_, Error>((number, journal))
            });
            assert_eq!(read.await.unwrap(), (expected, "wal".to_owned()));
        }
    }

    /// Lets everything else run until this many transactions wait for the writer.
    async fn until_waiting(db: &Db, count: usize) {
        let Engine::Sqlite { writer, .. } = &db.engine else { panic!("it is SQLite") };
        poll_fn(|context| {
            if writer.waiting.load(Ordering::SeqCst) == count {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    /// Begins a transaction that ends when the returned sender is dropped.
    fn hold(db: &Db) -> (oneshot::Receiver<()>, oneshot::Sender<()>) {
        let (begin, has_begun) = oneshot::channel();
        let (release, is_released) = oneshot::channel::<()>();
        let db = db.clone();
        tokio::spawn(async move {
            transaction!(db, |_tx| {
                begin.send(()).ok();
                is_released.await.ok();
                Ok::<_, Error>(())
            })
            .await
        });
        (has_begun, release)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_transaction_returns_after_the_commit_that_it_shares() {
        let folder = tempfile::tempdir().unwrap();
        let db = opened(&folder, Durability::Full).await;
        transaction!(db, |tx| tx.run("create table t (n bigint)").await).await.unwrap();
        let (first, release_first) = hold(&db);
        first.await.unwrap();
        let inserting = tokio::spawn({
            let db = db.clone();
            async move { transaction!(db, |tx| tx.run("insert into t values (1)").await).await }
        });
        until_waiting(&db, 1).await;
        let (last, release_last) = hold(&db);
        until_waiting(&db, 2).await;
        drop(release_first);
        // The insert has ended by now, and its commit waits for the transaction behind it.
        last.await.unwrap();
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        assert!(!inserting.is_finished(), "it is not committed yet");
        assert_eq!(number(&db, "select count(*) from t").await, 0);
        drop(release_last);
        inserting.await.unwrap().unwrap();
        assert_eq!(number(&db, "select count(*) from t").await, 1);
    }

    #[tokio::test]
    async fn a_full_database_is_named_and_takes_rows_again_later() {
        let folder = tempfile::tempdir().unwrap();
        let db = opened(&folder, Durability::Full).await;
        transaction!(db, |tx| tx.run("create table t (n blob)").await).await.unwrap();
        let pages = number(&db, "pragma page_count").await;
        let limit = format!("pragma max_page_count = {}", pages + 2);
        let limit: &'static str = Box::leak(limit.into_boxed_str());
        transaction!(db, |tx| tx.run(limit).await).await.unwrap();
        let fill = || {
            let db = db.clone();
            async move {
                transaction!(db, |tx| tx.run("insert into t values (zeroblob(65536))").await).await
            }
        };
        let refused = fill().await.unwrap_err();
        assert!(matches!(refused, Error::Full), "{refused:?}");
        assert_eq!(number(&db, "select count(*) from t").await, 0);
        // The connection was closed after that, and the limit was one of the connection.
        fill().await.unwrap();
        assert_eq!(number(&db, "select count(*) from t").await, 1);
    }
}
