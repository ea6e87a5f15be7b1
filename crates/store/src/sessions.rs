//! What a browser's session keeps, under the digest of its cookie, so that a
//! stolen table opens no session.

use domain::Timestamp;

use crate::{
    Connection, Result,
    connection::{execute, with_connection},
};

/// Sessions of browsers.
pub struct Sessions<'c>(&'c mut Connection);

impl Connection {
    /// Sessions of browsers.
    pub fn sessions(&mut self) -> Sessions<'_> {
        Sessions(self)
    }
}

const CREATE: &str = "insert into sessions (id_digest, data, expires_at) values ($1, $2, $3)
    on conflict do nothing";

/// Never creates: a session that was deleted while a request was under way
/// stays deleted.
const SAVE: &str = "update sessions set data = $2, expires_at = $3 where id_digest = $1";

const LOAD: &str = "select data, expires_at from sessions where id_digest = $1 and expires_at > $2";
const DELETE: &str = "delete from sessions where id_digest = $1";
const SWEEP: &str = "delete from sessions where expires_at <= $1";

impl Sessions<'_> {
    /// Makes a session. False if the name is in use.
    pub async fn create(&mut self, digest: &str, data: &str, expires: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, CREATE, digest, data, expires.as_millis())? == 1)
    }

    /// Keeps what a session holds. False if the session is gone.
    pub async fn save(&mut self, digest: &str, data: &str, expires: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, SAVE, digest, data, expires.as_millis())? == 1)
    }

    /// What a session holds, and until when.
    pub async fn load(
        &mut self,
        digest: &str,
        now: Timestamp,
    ) -> Result<Option<(String, Timestamp)>> {
        let row: Option<(String, i64)> = with_connection!(self.0, c => {
            sqlx::query_as(LOAD).bind(digest).bind(now.as_millis()).fetch_optional(c).await
        })?;
        Ok(row.map(|(data, expires)| (data, Timestamp::from_millis(expires))))
    }

    /// Ends a session.
    pub async fn delete(&mut self, digest: &str) -> Result<()> {
        execute!(self.0, DELETE, digest)?;
        Ok(())
    }

    /// Forgets those whose time is over.
    pub async fn sweep(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, SWEEP, now.as_millis())?)
    }
}
