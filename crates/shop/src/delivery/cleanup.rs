//! Retention: deletes old challenges, counters, failures, messages, webhook ids and audit
//! entries, so that personal data stays no longer than it is needed.

use std::time::Duration;

use super::Delivery;
use crate::error::Result;
use store::transaction;

const HOUR: Duration = Duration::from_secs(60 * 60);
const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Delivery {
    /// Deletes old rows. Once a minute is often enough.
    pub async fn sweep(&self) -> Result<()> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            tx.challenges().revoke_expired(now).await?;
            tx.challenges().delete_old(now - HOUR).await?;
            tx.counters().delete_old(now).await?;
            tx.failures().delete_old(now - MONTH).await?;
            tx.messages().delete_old(now - MONTH).await?;
            tx.whatsapp_users().delete_old(now - MONTH).await?;
            tx.recipient_throttle().delete_old(now - HOUR).await?;
            tx.processed_webhooks().delete_old(now).await?;
            tx.audit().delete_old(now - YEAR).await?;
            Ok(())
        })
        .await
    }
}
