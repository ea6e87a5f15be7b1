//! Detects password and code spraying. One attempt at each of many accounts, from many
//! network addresses, reaches no limit of an account or an address, but it changes the share
//! of right codes in the whole shop. People mistype now and then; where most attempts of a shop
//! are wrong, an attack is likely. No account is locked for it; an alert is raised.
//!
//! Every process records every attempt at a password or a code in the audit log anyway. So
//! detection adds no work to a sign-in, and works over restarts and nodes.

use std::time::Duration;

use domain::Timestamp;
use store::{Limit, Window, transaction};

use super::Codes;
use crate::{
    audit::Event,
    error::{Error, Result},
};

/// The time over which attempts are counted, and the least time between two alerts.
const ALERT_WINDOW: Duration = Duration::from_secs(10 * 60);

/// How many attempts at passwords, or at codes, were right and wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptStats {
    /// Attempts that were right.
    pub right: u64,
    /// Attempts that were wrong.
    pub wrong: u64,
}

impl AttemptStats {
    /// Whether at least so many attempts were wrong, and at least so many percent of all.
    fn is_suspicious(self, failures: u32, percent: u32) -> bool {
        let all = self.right.saturating_add(self.wrong);
        self.wrong >= failures.into()
            && self.wrong.saturating_mul(100) >= all.saturating_mul(percent.into())
    }
}

/// What is guessed. Passwords and codes are counted apart, because an attacker who knows a
/// password adds a right attempt to each wrong code.
#[derive(Clone, Copy, Debug)]
struct Guessed {
    what: &'static str,
    right: &'static [Event],
    wrong: &'static [Event],
}

const GUESSED: [Guessed; 2] = [
    Guessed { what: "codes", right: &[Event::CodeAccepted], wrong: &[Event::CodeRefused] },
    Guessed {
        what: "passwords",
        right: &[Event::PasswordAccepted],
        wrong: &[Event::LoginFailed, Event::LoginLocked],
    },
];

impl Codes {
    /// Raises an alert if spraying is likely, at most once in ten minutes: the warning
    /// `codes.spraying_suspected` in the log and [`Event::GuessingSuspected`] in the audit log.
    pub async fn watch_for_spraying(&self) -> Result<Option<AttemptStats>> {
        let now = self.clock.now();
        let policy = &self.policy;
        for guessed in GUESSED {
            let stats = self.attempts_since(guessed, now - ALERT_WINDOW).await?;
            if stats.is_suspicious(policy.alert_failures, policy.alert_percent)
                && self.raise(guessed.what, stats, now).await?
            {
                return Ok(Some(stats));
            }
        }
        Ok(None)
    }

    async fn attempts_since(&self, guessed: Guessed, since: Timestamp) -> Result<AttemptStats> {
        let mut rows = self.db.read().await?;
        let mut stats = AttemptStats { right: 0, wrong: 0 };
        for event in guessed.right {
            stats.right += rows.audit().count_since(event.as_str(), since).await?;
        }
        for event in guessed.wrong {
            stats.wrong += rows.audit().count_since(event.as_str(), since).await?;
        }
        Ok(stats)
    }

    /// Raises the alert; returns false if another process did, or it was raised before.
    async fn raise(
        &self,
        what: &'static str,
        AttemptStats { right, wrong }: AttemptStats,
        now: Timestamp,
    ) -> Result<bool> {
        let once =
            Limit::exact("alarms/guessing".to_owned(), &[Window { span: ALERT_WINDOW, max: 1 }]);
        let audit = self.audit.clone();
        let is_first = transaction!(self.db, |tx| {
            if tx.counters().peek(&once, now).await?.is_some() {
                return Ok(false);
            }
            tx.counters().count(&[once], now).await?;
            let detail = format!("{wrong} wrong {what}, {right} right");
            audit.record(tx, Event::GuessingSuspected, None, &detail, now).await?;
            Ok::<_, Error>(true)
        })
        .await?;
        if is_first {
            tracing::warn!(
                event = "codes.spraying_suspected",
                right,
                wrong,
                what,
                "most attempts are wrong: spraying is likely"
            );
        }
        Ok(is_first)
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
