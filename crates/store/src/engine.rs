//! The engine of a database, with its connections.

use std::sync::Arc;

use sqlx::{Connection as _, PgConnection, PgPool, SqlitePool};

use crate::{Result, writer::Writer};

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
}

impl Server {
    /// Connections that keep their session.
    pub(crate) fn sessions(&self) -> &PgPool {
        self.direct.as_ref().unwrap_or(&self.pool)
    }

    /// A connection of its own for migrations, which may take longer than other statements, as
    /// may waiting until another node has migrated.
    pub(crate) async fn migrating(&self) -> Result<PgConnection> {
        let options = self.sessions().connect_options();
        let mut connection = PgConnection::connect_with(&options).await?;
        sqlx::raw_sql(NO_TIME_LIMIT).execute(&mut connection).await?;
        Ok(connection)
    }
}
