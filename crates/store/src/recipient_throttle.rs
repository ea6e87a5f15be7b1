//! When something was last sent to a recipient through a provider. Providers limit how
//! often that may be; all nodes share the limit, and it outlasts a restart.

use std::time::Duration;

use domain::Timestamp;

use crate::{
    Result,
    connection::{execute, fetch_optional_scalar},
};

repository! {
    /// The last send to each recipient through each provider.
    recipient_throttle: RecipientThrottle
}

/// A time further ahead than the interval was stored before the clock was set back, and
/// is ignored.
const RESERVE: &str = "insert into recipient_throttle (provider, recipient_key, last_sent_at)
    values ($1, $2, $3)
    on conflict (provider, recipient_key) do update set last_sent_at = excluded.last_sent_at
    where recipient_throttle.last_sent_at <= $4 or recipient_throttle.last_sent_at > $5";

const FIND_LAST_SEND: &str = "select last_sent_at from recipient_throttle
    where provider = $1 and recipient_key = $2";

const DELETE_OLD: &str = "delete from recipient_throttle where last_sent_at < $1";

impl RecipientThrottle<'_> {
    /// Reserves the recipient's next send at a provider: `None` if it may be sent now, and
    /// otherwise when. Of concurrent calls, one gets `None`.
    pub async fn take(
        &mut self,
        provider: &str,
        recipient_key: &str,
        interval: Duration,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let (before, after) = ((now - interval).as_millis(), (now + interval).as_millis());
        if execute!(self.0, RESERVE, provider, recipient_key, now.as_millis(), before, after)? == 1
        {
            return Ok(None);
        }
        let at: Option<i64> =
            fetch_optional_scalar!(self.0, FIND_LAST_SEND, provider, recipient_key)?;
        Ok(Some(at.map_or(now, Timestamp::from_millis) + interval))
    }

    /// Deletes sends before `before`.
    pub async fn delete_old(&mut self, before: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, before.as_millis())?)
    }
}
