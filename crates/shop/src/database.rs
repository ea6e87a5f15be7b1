//! Whether the database can be used, for the readiness of the server.

use std::time::Duration;

use store::{Db, transaction};

use crate::{
    clock::Clock,
    entropy::Entropy,
    error::{Fault, Result},
};

/// How much is written: more than one page of the file, so that a full disk is noticed.
const PROBE_BYTES: usize = 16 * 1024;
/// A row that is left behind, because the process ended, is deleted after this time.
const PROBE_TTL: Duration = Duration::from_secs(60);

/// The database of the shop.
pub struct Database<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) entropy: &'s Entropy,
}

impl Database<'_> {
    /// Writes a row, reads it, and deletes it again, and reads by a connection for pages.
    ///
    /// # Errors
    /// Why rows cannot be written and read.
    pub async fn check(&self) -> Result<()> {
        let now = self.clock.now();
        // No session has this key, which is no digest.
        let key = format!("probe/{:032x}", self.entropy.bits()?);
        self.db.read().await?.sessions().load(&key, now).await?;
        transaction!(self.db, |tx| {
            let mut sessions = tx.sessions();
            sessions.create(&key, &"x".repeat(PROBE_BYTES), now + PROBE_TTL).await?;
            let found = sessions.load(&key, now).await?;
            sessions.delete(&key).await?;
            found.map(drop).ok_or_else(|| Fault::Broken("sessions.id_digest").into())
        })
        .await
    }

    /// Why PostgreSQL gives no connection, as far as can be found out in this time; `None` if it
    /// gives one, and on SQLite.
    pub async fn connection_problem(&self, timeout: Duration) -> Option<String> {
        self.db.connection_problem(timeout).await.map(|problem| problem.to_string())
    }
}
