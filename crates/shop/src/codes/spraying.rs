//! Detects password and code spraying. One attempt at each of many accounts, from many
//! network addresses, reaches no limit of an account or an address, but it changes the share
//! of right codes in the whole shop. People mistype now and then; where most codes of a shop
//! are wrong, an attack is likely. No account is locked for it; an alert is raised.
//!
//! Every attempt at a code is recorded in the audit log anyway, by every process of the shop.
//! So detection costs those who sign in nothing, and holds over restarts and nodes.

use std::time::Duration;

use domain::Timestamp;
use store::{Limit, Window, transaction};

use super::Codes;
use crate::{audit::Event, error::Result};

/// The time over which attempts are counted, and the least time between two alerts.
const ALERT_WINDOW: Duration = Duration::from_secs(10 * 60);

/// How many attempts at codes were right and wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptStats {
    /// Codes that were right.
    pub right: u64,
    /// Codes that were wrong.
    pub wrong: u64,
}

impl AttemptStats {
    /// Whether at least so many codes were wrong, and at least so many percent of all.
    fn is_suspicious(self, failures: u32, percent: u32) -> bool {
        let all = self.right.saturating_add(self.wrong);
        self.wrong >= failures.into()
            && self.wrong.saturating_mul(100) >= all.saturating_mul(percent.into())
    }
}

impl Codes<'_> {
    /// Raises an alert if spraying is likely, at most once in ten minutes: a warning in the
    /// log and [`Event::GuessingSuspected`] in the audit log.
    pub async fn watch_for_spraying(&self) -> Result<Option<AttemptStats>> {
        let now = self.0.clock().now();
        let stats = self.attempts_since(now - ALERT_WINDOW).await?;
        let policy = &self.0.settings().policy;
        if !stats.is_suspicious(policy.alert_failures, policy.alert_percent)
            || !self.raise(stats, now).await?
        {
            return Ok(None);
        }
        let AttemptStats { right, wrong } = stats;
        let event = Event::GuessingSuspected.as_str();
        tracing::warn!(event, right, wrong, "most codes are wrong: spraying is likely");
        Ok(Some(stats))
    }

    async fn attempts_since(&self, since: Timestamp) -> Result<AttemptStats> {
        let mut rows = self.0.db().read().await?;
        let right = rows.audit().count_since(Event::CodeAccepted.as_str(), since).await?;
        let wrong = rows.audit().count_since(Event::CodeRefused.as_str(), since).await?;
        Ok(AttemptStats { right, wrong })
    }

    /// Records the alert; returns false if another process did, or it was raised before.
    async fn raise(
        &self,
        AttemptStats { right, wrong }: AttemptStats,
        now: Timestamp,
    ) -> Result<bool> {
        let once =
            Limit::exact("alarms/guessing".to_owned(), &[Window { span: ALERT_WINDOW, max: 1 }]);
        let audit = self.0.audit();
        transaction!(self.0.db(), |tx| {
            if tx.counters().peek(&once, now).await?.is_some() {
                return Ok(false);
            }
            tx.counters().count(&[once], now).await?;
            let detail = format!("{wrong} wrong codes, {right} right");
            audit.record(tx, Event::GuessingSuspected, None, &detail, now).await?;
            Ok(true)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x04_few_wrong_codes_or_many_right_ones_raise_no_alert() {
        let is_suspicious = |right, wrong| AttemptStats { right, wrong }.is_suspicious(100, 50);
        assert!(is_suspicious(0, 100));
        assert!(is_suspicious(100, 100));
        assert!(!is_suspicious(0, 99), "a handful proves nothing");
        assert!(!is_suspicious(101, 100), "people mistype");
    }
}
