//! Notifications between the nodes of one PostgreSQL server (`LISTEN` and `NOTIFY`).
//!
//! A node that changed a challenge notifies all nodes, so that pages which follow the
//! challenge are updated at once. A notification may be lost, for example while a
//! connection is re-established, so its receiver must also poll from time to time.
//! SQLite has one process and needs no notifications.

use std::{collections::BTreeSet, time::Duration};

use domain::ChallengeId;
use sqlx::{PgPool, postgres::PgListener};
use tokio::time::timeout;

use crate::{Db, Result, connection::unanswered, engine::Engine};

/// The channel of the server on which challenges are named.
const CHALLENGE_CHANNEL: &str = "marigold_challenge";

/// The pause between two attempts to reconnect to the server.
const RECONNECT_INTERVAL: Duration = Duration::from_secs(1);
/// After so long without a notification, the server is asked for them again: a connection of
/// which only the other end knows that it is closed would be silent for ever.
const MAX_SILENCE: Duration = Duration::from_secs(60);

const NOTIFY: &str = "select pg_notify($1, id) from unnest($2::text[]) as changed (id)";

/// The challenges that changed, on any node, since this value was made.
///
/// It holds one connection of the pool, so a node needs one of these. Closing the database
/// waits until [`ChallengeNotifications::recv`] has returned `None`, or the value is
/// dropped.
pub struct ChallengeNotifications {
    pool: PgPool,
    /// `None` after the connection failed, until the next attempt to reconnect.
    listener: Option<PgListener>,
    answer_timeout: Duration,
}

impl Db {
    /// Tells every node, this one included, that these challenges changed. Call it after the
    /// commit: inside the transaction, PostgreSQL would make commits wait for each other.
    /// On SQLite it does nothing.
    pub async fn notify_challenges(&self, ids: &BTreeSet<ChallengeId>) -> Result<()> {
        if let Engine::Postgres(server) = &self.engine {
            let ids: Vec<&str> = ids.iter().map(ChallengeId::as_str).collect();
            let notify = sqlx::query(NOTIFY).bind(CHALLENGE_CHANNEL).bind(ids);
            notify.execute(&server.pool).await?;
        }
        Ok(())
    }

    /// Begins to listen for challenges that change; `None` on SQLite. What is notified
    /// after this returns is received, unless the connection is lost.
    pub async fn challenge_notifications(&self) -> Result<Option<ChallengeNotifications>> {
        let Engine::Postgres(server) = &self.engine else { return Ok(None) };
        let pool = server.sessions();
        let listener = Some(listen(pool).await?);
        let answer_timeout = server.limits.answer_timeout;
        Ok(Some(ChallengeNotifications { pool: pool.clone(), listener, answer_timeout }))
    }
}

impl ChallengeNotifications {
    /// Waits for the next challenge that changed. A lost connection is re-established.
    /// `None` means that the database was closed.
    pub async fn recv(&mut self) -> Option<ChallengeId> {
        loop {
            match self.payload().await {
                Ok(payload) => {
                    if let Some(id) = payload.as_deref().and_then(ChallengeId::parse) {
                        return Some(id);
                    }
                }
                Err(sqlx::Error::PoolClosed) => {
                    // Closing waits for every connection of the pool, so for this one too.
                    self.listener = None;
                    return None;
                }
                Err(error) => {
                    tracing::warn!(
                        event = "database.notifications_interrupted",
                        error = %domain::Causes(&error),
                        "The connection that receives notifications failed and is made again",
                    );
                    self.listener = None;
                    let pause = tokio::time::sleep(RECONNECT_INTERVAL);
                    self.pool.close_event().do_until(pause).await.ok()?;
                }
            }
        }
    }

    /// The payload of the next notification; `None` if there was none for a while, or the
    /// connection was lost and is established again.
    async fn payload(&mut self) -> sqlx::Result<Option<String>> {
        let listener = match &mut self.listener {
            Some(listener) => listener,
            none => none.insert(listen(&self.pool).await?),
        };
        match timeout(MAX_SILENCE, listener.try_recv()).await {
            Ok(notification) => Ok(notification?.map(|it| it.payload().to_owned())),
            Err(_) => {
                let asked = timeout(self.answer_timeout, listener.listen(CHALLENGE_CHANNEL)).await;
                asked.unwrap_or_else(|_| Err(unanswered())).map(|()| None)
            }
        }
    }
}

async fn listen(pool: &PgPool) -> sqlx::Result<PgListener> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHALLENGE_CHANNEL).await?;
    Ok(listener)
}
