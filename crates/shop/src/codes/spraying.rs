//! Guessing at everybody at once: one guess at each of many accounts, from many
//! addresses, reaches no limit of an account or an address. What it changes is how many
//! of all codes are right. People mistype now and then; where most codes of a shop are
//! wrong, somebody is guessing. Nobody is locked out for it: an alarm is raised.
//!
//! Every answer to a code is written down anyway, by every process of the shop. So this
//! costs those who sign in nothing, and holds over restarts and nodes.

use std::time::Duration;

use domain::Timestamp;
use store::{Limit, Window};

use super::Codes;
use crate::{Result, audit::Event};

/// The time whose codes are looked at, and the least time between two alarms.
const SPAN: Duration = Duration::from_secs(10 * 60);

/// What became of the codes of a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptStats {
    /// Codes that were right.
    pub right: u64,
    /// Codes that were wrong.
    pub wrong: u64,
}

impl AttemptStats {
    /// Whether so many codes were wrong, and so many percent of all, that somebody
    /// must be guessing.
    fn are_guesses(self, failures: u32, percent: u32) -> bool {
        let all = self.right.saturating_add(self.wrong);
        self.wrong >= failures.into()
            && self.wrong.saturating_mul(100) >= all.saturating_mul(percent.into())
    }
}

impl Codes<'_> {
    /// Raises an alarm if somebody guesses at many accounts, once in ten minutes: a
    /// warning in the log and [`Event::GuessingSuspected`] in the rows.
    pub async fn watch_for_spraying(&self) -> Result<Option<AttemptStats>> {
        let now = self.0.clock().now();
        let answers = self.answers_since(now - SPAN).await?;
        let policy = &self.0.settings().policy;
        if !answers.are_guesses(policy.alert_failures, policy.alert_percent)
            || !self.raise(answers, now).await?
        {
            return Ok(None);
        }
        let AttemptStats { right, wrong } = answers;
        let event = Event::GuessingSuspected.as_str();
        tracing::warn!(event, right, wrong, "most codes are wrong: somebody is guessing");
        Ok(Some(answers))
    }

    async fn answers_since(&self, since: Timestamp) -> Result<AttemptStats> {
        let mut rows = self.0.db().read().await?;
        let right = rows.audit().count_since(Event::CodeAccepted.as_str(), since).await?;
        let wrong = rows.audit().count_since(Event::CodeRefused.as_str(), since).await?;
        Ok(AttemptStats { right, wrong })
    }

    /// Writes the alarm down; `false` if another process did, or it was raised before.
    async fn raise(
        &self,
        AttemptStats { right, wrong }: AttemptStats,
        now: Timestamp,
    ) -> Result<bool> {
        let once = Limit::exact("alarms/guessing".to_owned(), &[Window { span: SPAN, most: 1 }]);
        let audit = self.0.audit();
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    if tx.counters().look(&once, now).await?.is_some() {
                        return Ok(false);
                    }
                    tx.counters().count(&[once], now).await?;
                    let detail = format!("{wrong} wrong codes, {right} right");
                    audit.record(tx, Event::GuessingSuspected, None, &detail, now).await?;
                    Ok(true)
                })
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x04_few_wrong_codes_or_many_right_ones_are_no_guessing() {
        let are_guesses = |right, wrong| AttemptStats { right, wrong }.are_guesses(100, 50);
        assert!(are_guesses(0, 100));
        assert!(are_guesses(100, 100));
        assert!(!are_guesses(0, 99), "a handful proves nothing");
        assert!(!are_guesses(101, 100), "people mistype");
    }
}
