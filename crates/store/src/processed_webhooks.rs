//! Webhook requests that were processed, so that a repeated one is recognised.

use domain::Timestamp;

use crate::{
    Result,
    connection::{execute, fetch_scalar},
};

repository! {
    /// Webhook requests that were processed.
    processed_webhooks: ProcessedWebhooks
}

const RECORD: &str =
    "insert into processed_webhooks (provider, request_key, expires_at) values ($1, $2, $3)
    on conflict (provider, request_key) do update set expires_at = excluded.expires_at
    where processed_webhooks.expires_at <= $4";

const IS_KNOWN: &str = "select count(*) from processed_webhooks
    where provider = $1 and request_key = $2 and expires_at > $3";

const DELETE_OLD: &str = "delete from processed_webhooks where expires_at <= $1";

impl ProcessedWebhooks<'_> {
    /// Records a request until `expires_at`; `true` for the first of several equal ones.
    pub async fn remember(
        &mut self,
        provider: &str,
        request_key: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let (until, now) = (expires_at.as_millis(), now.as_millis());
        Ok(execute!(self.0, RECORD, provider, request_key, until, now)? == 1)
    }

    /// Whether a request was processed before.
    pub async fn is_known(
        &mut self,
        provider: &str,
        request_key: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let count: i64 = fetch_scalar!(self.0, IS_KNOWN, provider, request_key, now.as_millis())?;
        Ok(count > 0)
    }

    /// Deletes the requests whose signature is no longer valid.
    pub async fn delete_old(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, now.as_millis())?)
    }
}
