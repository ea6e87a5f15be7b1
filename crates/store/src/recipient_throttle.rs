//! When a recipient_key was last sent something through a provider, over restarts and
//! over all nodes.

use std::time::Duration;

use domain::Timestamp;

use crate::{
    Connection, Result,
    connection::{execute, with_connection},
};

/// Messages handed over, by provider and recipient_key.
pub struct RecipientThrottle<'c>(&'c mut Connection);

impl Connection {
    /// Messages handed over, by provider and recipient_key.
    pub fn recipient_throttle(&mut self) -> RecipientThrottle<'_> {
        RecipientThrottle(self)
    }
}

/// A moment further ahead than the spacing can only come from a clock that was
/// set back, and does not count.
const TAKE: &str =
    "insert into recipient_throttle (provider, recipient_key, last_sent_at) values ($1, $2, $3)
    on conflict (provider, recipient_key) do update set last_sent_at = excluded.last_sent_at
    where recipient_throttle.last_sent_at <= $4 or recipient_throttle.last_sent_at > $5";

const AT: &str =
    "select last_sent_at from recipient_throttle where provider = $1 and recipient_key = $2";

const DELETE_OLD: &str = "delete from recipient_throttle where last_sent_at < $1";

impl RecipientThrottle<'_> {
    /// Takes this recipient_key's next place at a provider: `None` if it is taken now,
    /// else when it becomes free. Of many who take at once, one does.
    pub async fn take(
        &mut self,
        provider: &str,
        recipient_key: &str,
        spacing: Duration,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let (before, after) = ((now - spacing).as_millis(), (now + spacing).as_millis());
        if execute!(self.0, TAKE, provider, recipient_key, now.as_millis(), before, after)? == 1 {
            return Ok(None);
        }
        let at: Option<i64> = with_connection!(self.0, c => {
            sqlx::query_scalar(AT).bind(provider).bind(recipient_key).fetch_optional(c).await
        })?;
        Ok(Some(at.map_or(now, Timestamp::from_millis) + spacing))
    }

    /// Forgets what was handed over before `before`.
    pub async fn delete_old(&mut self, before: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, before.as_millis())?)
    }
}
