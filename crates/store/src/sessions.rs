//! The data of browser sessions, under the digest of the cookie: a stolen copy of the
//! table opens no session.

use domain::Timestamp;

use crate::{
    Result,
    connection::{execute, fetch_optional},
};

repository! {
    /// Browser sessions.
    sessions: Sessions
}

const INSERT: &str = "insert into sessions (id_digest, data, expires_at) values ($1, $2, $3)
    on conflict do nothing";

/// Inserts nothing: a session that was deleted while a request was under way stays
/// deleted.
const UPDATE: &str = "update sessions set data = $2, expires_at = $3 where id_digest = $1";

const FIND: &str = "select data, expires_at from sessions where id_digest = $1 and expires_at > $2";
const DELETE: &str = "delete from sessions where id_digest = $1";
const DELETE_EXPIRED: &str = "delete from sessions where expires_at <= $1";

impl Sessions<'_> {
    /// Adds a session; `false` if there is one with this digest.
    pub async fn create(&mut self, digest: &str, data: &str, expires: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, INSERT, digest, data, expires.as_millis())? == 1)
    }

    /// Replaces the data of a session; `false` if the session was deleted.
    pub async fn save(&mut self, digest: &str, data: &str, expires: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, UPDATE, digest, data, expires.as_millis())? == 1)
    }

    /// The data of a session, and when it expires.
    pub async fn load(
        &mut self,
        digest: &str,
        now: Timestamp,
    ) -> Result<Option<(String, Timestamp)>> {
        let row: Option<(String, i64)> = fetch_optional!(self.0, FIND, digest, now.as_millis())?;
        Ok(row.map(|(data, expires)| (data, Timestamp::from_millis(expires))))
    }

    pub async fn delete(&mut self, digest: &str) -> Result<()> {
        execute!(self.0, DELETE, digest)?;
        Ok(())
    }

    pub async fn delete_expired(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_EXPIRED, now.as_millis())?)
    }
}
