//! The engine of a database, with its connections.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool, SqlitePool};

use crate::{Connection, Error, Result, writer::Writer};

/// Ends the time limits of a connection.
const NO_TIME_LIMIT: &str =
    "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0";

#[derive(Clone)]
pub(crate) enum Engine {
    Sqlite { readers: SqlitePool, writer: Arc<Writer> },
    Postgres(Server),
}

/// The connections to a PostgreSQL server.
#[derive(Clone)]
pub(crate) struct Server {
    /// Connections for transactions. A pooler may stand between them and the server.
    pub(crate) pool: PgPool,
    /// Connections past the pooler, for what needs a session: migrations and notifications.
    pub(crate) direct: Option<PgPool>,
    pub(crate) limits: ServerLimits,
    /// How many connections of the pool are in use.
    pub(crate) in_use: Arc<AtomicU32>,
}

/// What the shop expects of a PostgreSQL server.
#[derive(Clone, Copy)]
pub(crate) struct ServerLimits {
    pub(crate) max_connections: u32,
    /// How long the server may take to answer a statement.
    pub(crate) answer_timeout: Duration,
}

impl Server {
    /// Connections that keep their session.
    pub(crate) fn sessions(&self) -> &PgPool {
        self.direct.as_ref().unwrap_or(&self.pool)
    }

    /// A connection of its own for migrations, which may take longer than other statements, as
    /// may waiting until another node has migrated.
    pub(crate) async fn migrating(&self) -> Result<PgConnection> {
        let options = (*self.sessions().connect_options()).clone().disable_statement_logging();
        let mut connection = PgConnection::connect_with(&options).await?;
        sqlx::raw_sql(NO_TIME_LIMIT).execute(&mut connection).await?;
        Ok(connection)
    }

    /// A connection for statements and transactions.
    pub(crate) async fn acquire(&self) -> Result<Connection> {
        let is_busy = || self.in_use.load(Ordering::Relaxed) >= self.limits.max_connections;
        match self.pool.acquire().await {
            Ok(connection) => Ok(Connection::to_server(connection, self)),
            // The server, and not its other users, keeps this one waiting.
            Err(error @ sqlx::Error::PoolTimedOut) if !is_busy() => Err(Error::Unavailable(error)),
            Err(error) => Err(error.into()),
        }
    }
}
