//! Timestamps. This crate does not read a clock; the server passes them in.

use serde::{Deserialize, Serialize};
use std::{
    ops::{Add, Sub},
    time::Duration,
};

/// Milliseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The timestamp of `millis` milliseconds since 1970-01-01T00:00Z.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00Z.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The time since `earlier`; zero if this is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whole seconds until `later`, rounded up so that waiting for them is always enough; zero if it
    /// has passed.
    pub fn seconds_until(self, later: Self) -> u32 {
        u32::try_from(later.since(self).as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis(span)))
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_until_is_rounded_up() {
        let now = Timestamp::from_millis(10_000);
        assert_eq!(now.seconds_until(Timestamp::from_millis(10_001)), 1);
        assert_eq!(now.seconds_until(Timestamp::from_millis(12_000)), 2);
        assert_eq!(now.seconds_until(Timestamp::from_millis(9_000)), 0);
    }
}
