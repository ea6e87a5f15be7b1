//! The clock of the shop. No other module reads the time of the operating system.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use domain::Timestamp;

/// A clock that tests and the demo can move forward. Clones share their offset.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_millis: Arc<AtomicI64>,
    stopped_at: Option<Timestamp>,
}

impl Clock {
    /// The clock of the operating system.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until it is advanced.
    pub fn stopped_at(moment: Timestamp) -> Self {
        Self { stopped_at: Some(moment), ..Self::default() }
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        let moment = self.stopped_at.unwrap_or_else(system_time);
        Timestamp::from_millis(
            moment.as_millis().saturating_add(self.ahead_millis.load(Ordering::SeqCst)),
        )
    }

    /// Moves this clock, and every clone of it, forward.
    pub fn advance(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        self.ahead_millis.fetch_add(millis, Ordering::SeqCst);
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn system_time() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
