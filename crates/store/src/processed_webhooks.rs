//! Calls of providers that are not to be taken twice.

use domain::Timestamp;

use crate::{
    Connection, Result,
    connection::{execute, with_connection},
};

/// Calls of providers.
pub struct ProcessedWebhooks<'c>(&'c mut Connection);

impl Connection {
    /// Calls of providers.
    pub fn processed_webhooks(&mut self) -> ProcessedWebhooks<'_> {
        ProcessedWebhooks(self)
    }
}

const REMEMBER: &str =
    "insert into processed_webhooks (provider, request_key, expires_at) values ($1, $2, $3)
    on conflict (provider, request_key) do update set expires_at = excluded.expires_at
    where processed_webhooks.expires_at <= $4";

const IS_KNOWN: &str = "select count(*) from processed_webhooks
    where provider = $1 and request_key = $2 and expires_at > $3";

const DELETE_OLD: &str = "delete from processed_webhooks where expires_at <= $1";

impl ProcessedWebhooks<'_> {
    /// Remembers a call until `expires_at`. Of many at once, the first is told `true`.
    pub async fn remember(
        &mut self,
        provider: &str,
        request_key: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let (until, now) = (expires_at.as_millis(), now.as_millis());
        Ok(execute!(self.0, REMEMBER, provider, request_key, until, now)? == 1)
    }

    /// Whether a call is remembered.
    pub async fn is_known(
        &mut self,
        provider: &str,
        request_key: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let count: i64 = with_connection!(self.0, c => {
            sqlx::query_scalar(IS_KNOWN)
                .bind(provider)
                .bind(request_key)
                .bind(now.as_millis())
                .fetch_one(c)
                .await
        })?;
        Ok(count > 0)
    }

    /// Forgets the calls that are too old to be made again.
    pub async fn delete_old(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, now.as_millis())?)
    }
}
