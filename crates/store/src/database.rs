//! The database: connections for reading, and transactions that write.

use std::{path::Path, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use sqlx::{Connection as _, sqlite::SqliteConnectOptions};

use crate::{
    Connection, Error, Location, OpenError, OpenOptions, Result, TransactionError,
    catalogue_version::CatalogueVersion,
    engine::Engine,
    metrics,
    migrations::{self, MIGRATIONS},
    open, writer,
    writer_thread::joined,
};

/// How often a repeatable transaction runs before the database counts as busy.
const MAX_RUNS: u32 = 3;

/// The database: an SQLite file, or a PostgreSQL server that many nodes share.
#[derive(Clone)]
pub struct Db {
    pub(crate) engine: Engine,
    location: Arc<Location>,
    catalogue: CatalogueVersion,
}

impl Db {
    /// Opens `sqlite:path` (the file and its folder are made if they are missing) or
    /// `postgres://…`. If that fails, the [`Error::Open`] says what to do.
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_with(url, &OpenOptions::default()).await
    }

    /// [`Db::open`] with other options than the default ones.
    pub async fn open_with(url: &str, options: &OpenOptions) -> Result<Self> {
        let catalogue = CatalogueVersion::default();
        let (engine, location) = if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            open::open_postgres(url, options, open::CONNECT_TIMEOUT).await?
        } else {
            open::open_sqlite(url, options, catalogue.clone()).await?
        };
        Ok(Self { engine, location: Arc::new(location), catalogue })
    }

    /// Opens an SQLite file by its path.
    pub async fn open_file(file: &Path) -> Result<Self> {
        let catalogue = CatalogueVersion::default();
        let file = SqliteConnectOptions::new().filename(file);
        let options = OpenOptions::default();
        let (engine, location) = open::open_sqlite_file(file, &options, catalogue.clone()).await?;
        Ok(Self { engine, location: Arc::new(location), catalogue })
    }

    /// The address of the database, without user and password.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Brings the tables up to date.
    ///
    /// A database whose tables this program cannot bring up to date is left as it is:
    /// the error is [`Error::OldDatabase`] for one made before the first release, and
    /// [`Error::Schema`] for one made by a newer version. Of several processes that start at the
    /// same time, one brings the tables up to date and the others wait.
    pub async fn migrate(&self) -> Result<()> {
        let lock = self.lock_setup().await?;
        let migrated = self.migrate_alone().await;
        lock.release().await;
        migrated
    }

    async fn migrate_alone(&self) -> Result<()> {
        match &self.engine {
            Engine::Sqlite { writer, .. } => {
                let is_old = migrations::is_old(&mut *writer.pool().acquire().await?).await?;
                self.refuse_old(is_old)?;
                MIGRATIONS.run(writer.pool()).await?;
            }
            Engine::Postgres(server) => {
                let mut connection = server.migrating().await?;
                let is_old = migrations::is_old(&mut connection).await?;
                self.refuse_old(is_old)?;
                MIGRATIONS.run(&mut connection).await?;
                connection.close().await?;
            }
        }
        Ok(())
    }

    fn refuse_old(&self, is_old: bool) -> Result<()> {
        let location = || Box::new(self.location().clone());
        if is_old { Err(Error::OldDatabase { location: location() }) } else { Ok(()) }
    }

    /// A connection for reading, outside any transaction.
    pub async fn read(&self) -> Result<Connection> {
        Ok(match &self.engine {
            Engine::Sqlite { readers, .. } => readers.acquire().await?.into(),
            Engine::Postgres(server) => server.acquire().await?,
        })
    }

    /// Why PostgreSQL gives no connection, if it is out of reach now. It is asked by a connection
    /// of its own, for as long as `timeout`. `None` on SQLite.
    pub async fn connection_problem(&self, timeout: Duration) -> Option<OpenError> {
        let Engine::Postgres(server) = &self.engine else { return None };
        open::problem(&server.pool.connect_options(), timeout).await
    }

    /// Runs `work` in one transaction that may write. `Ok` means that it was committed; an
    /// `Err` of `work` undoes everything that `work` did.
    ///
    /// The transaction runs to its end even if the caller drops the future. On SQLite,
    /// transactions that wait for each other share one commit, so `work` must await
    /// nothing but the connection: it would delay all others.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let started = tokio::time::Instant::now();
        let task = match &self.engine {
            Engine::Sqlite { writer, .. } => writer.spawn(work),
            Engine::Postgres(server) => {
                let (server, catalogue) = (server.clone(), self.catalogue.clone());
                tokio::spawn(async move { writer::write_postgres(&server, &catalogue, work).await })
            }
        };
        let ended = joined(task).await?;
        metrics::record_transaction(started, ended.is_ok());
        ended
    }

    /// The same for work that changes nothing but rows, and so may run again from the start: when
    /// another transaction was in the way ([`Error::Conflict`]), the engine has undone all of
    /// it. After [`MAX_RUNS`] the database is [`Error::Busy`].
    pub async fn write_repeatable<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TransactionError + Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, E>>
            + Clone
            + Send
            + 'static,
    {
        for run in 1..=MAX_RUNS {
            match self.write(work.clone()).await {
                Err(error) if error.is_conflict() => {
                    tracing::warn!(
                        event = "database.conflict",
                        run,
                        "Another transaction was in the way, and this one was undone",
                    );
                }
                ended => return ended,
            }
        }
        Err(Error::Busy.into())
    }

    /// A number that grows whenever this process changed products, prices, stock or what
    /// is listed. It grows before [`Db::write`] returns.
    pub fn catalogue_version(&self) -> u64 {
        self.catalogue.get()
    }

    /// How many commits this process made on SQLite, where several transactions may share
    /// one. For measurements; `None` on PostgreSQL, which counts by itself.
    pub fn commits(&self) -> Option<u64> {
        match &self.engine {
            Engine::Sqlite { writer, .. } => Some(writer.commits()),
            Engine::Postgres(_) => None,
        }
    }

    /// Closes every connection, after the transactions under way have ended.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Engine::Postgres(server) => {
                if let Some(direct) = &server.direct {
                    direct.close().await;
                }
                server.pool.close().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn db(folder: &tempfile::TempDir) -> Db {
        let db =
            Db::open(&format!("sqlite:{}", folder.path().join("test.db").display())).await.unwrap();
        transaction!(db, |tx| tx.run("create table t (n bigint not null)").await).await.unwrap();
        db
    }

    async fn insert(db: &Db) -> Result<()> {
        transaction!(db, |tx| tx.run("insert into t values (1)").await).await
    }

    async fn count(db: &Db) -> u64 {
        let mut connection = db.read().await.unwrap();
        crate::connection::with_connection!(&mut connection, c => {
            sqlx::query_scalar::<_, i64>("select count(*) from t").fetch_one(c).await
        })
        .unwrap()
        .unsigned_abs()
    }

    #[tokio::test]
    async fn many_concurrent_transactions_all_commit() {
        let folder = tempfile::tempdir().unwrap();
        let db = db(&folder).await;
        let all = futures::future::join_all((0..300).map(|_| insert(&db))).await;
        assert!(all.iter().all(Result::is_ok));
        assert_eq!(count(&db).await, 300);
    }

    #[tokio::test]
    async fn a_failed_transaction_undoes_its_own_work_only() {
        let folder = tempfile::tempdir().unwrap();
        let db = db(&folder).await;
        let mut all = Vec::new();
        for number in 0..100 {
            let db = db.clone();
            all.push(tokio::spawn(async move {
                transaction!(db, |tx| {
                    tx.run("insert into t values (1)").await?;
                    if number % 2 == 0 { Err(Error::Busy) } else { Ok(()) }
                })
                .await
            }));
        }
        let mut committed = 0;
        for one in all {
            committed += u64::from(one.await.unwrap().is_ok());
        }
        assert_eq!((committed, count(&db).await), (50, 50));
    }

    #[tokio::test]
    async fn a_transaction_whose_caller_went_away_is_committed_whole() {
        let folder = tempfile::tempdir().unwrap();
        let db = db(&folder).await;
        for _ in 0..20 {
            let write = insert(&db);
            let _ = tokio::time::timeout(Duration::ZERO, write).await;
        }
        insert(&db).await.unwrap();
        assert_eq!(count(&db).await, 21);
    }

    #[tokio::test]
    async fn a_repeatable_transaction_runs_three_times_and_is_then_busy() {
        let folder = tempfile::tempdir().unwrap();
        let db = db(&folder).await;
        for (conflicts, expected) in [(0, Ok(1)), (2, Ok(3)), (3, Err(()))] {
            let before = count(&db).await;
            let runs = Arc::new(std::sync::atomic::AtomicU64::new(0));
            let all = Arc::clone(&runs);
            let ended = repeatable_transaction!(db, |tx| {
                tx.run("insert into t values (1)").await?;
                let run = all.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                if run < conflicts { Err(Error::Conflict) } else { Ok(()) }
            });
            match (ended.await, expected) {
                (Ok(()), Ok(_)) => assert_eq!(count(&db).await, before + 1, "its last run counts"),
                (Err(Error::Busy), Err(())) => assert_eq!(count(&db).await, before),
                (ended, expected) => panic!("{ended:?} is not {expected:?}"),
            }
            let expected = expected.unwrap_or(u64::from(MAX_RUNS));
            assert_eq!(runs.load(std::sync::atomic::Ordering::SeqCst), expected);
        }
    }

    #[tokio::test]
    async fn a_panic_in_one_transaction_does_not_affect_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let db = db(&folder).await;
        let again = db.clone();
        let panicked = tokio::spawn(async move {
            transaction!(again, |tx| {
                tx.run("insert into t values (1)").await?;
                assert!(std::hint::black_box(false), "on purpose");
                Ok::<_, Error>(())
            })
            .await
        });
        assert!(panicked.await.unwrap_err().is_panic());
        insert(&db).await.unwrap();
        assert_eq!(count(&db).await, 1);
    }
}
