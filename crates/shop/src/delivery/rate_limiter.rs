//! The rate limit of a provider: evenly spaced, so many messages a second. The least time
//! between two messages to one person is kept in rows (`store::RecipientThrottle`).

use std::{num::NonZeroU32, time::Duration};

use domain::Timestamp;

/// The longest time that a message waits in memory; longer waits are kept in its row.
const MAX_PACING_DELAY: Duration = Duration::from_secs(1);

/// The rate limiter of one provider.
#[derive(Clone, Debug)]
pub(crate) struct RateLimiter {
    spacing: Duration,
    /// The next free slot, as time since the epoch.
    next: Duration,
}

impl RateLimiter {
    /// So many messages a second; `None` for no limit.
    pub(crate) fn new(per_second: Option<NonZeroU32>) -> Self {
        let spacing =
            per_second.map_or(Duration::ZERO, |count| Duration::from_secs(1) / count.get());
        Self { spacing, next: Duration::ZERO }
    }

    /// Reserves the next slot and returns the wait until then; if that is too long, reserves
    /// nothing and returns when to ask again.
    pub(crate) fn reserve(&mut self, now: Timestamp) -> Result<Duration, Timestamp> {
        if self.spacing.is_zero() {
            return Ok(Duration::ZERO);
        }
        let present = now.since(Timestamp::from_millis(0));
        // A slot further ahead than any that is given out: the clock was set back.
        if self.next > present + MAX_PACING_DELAY + self.spacing {
            self.next = present;
        }
        let wait = self.next.saturating_sub(present);
        if wait > MAX_PACING_DELAY {
            return Err(now + wait);
        }
        self.next = present + wait + self.spacing;
        Ok(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    fn limiter(per_second: u32) -> RateLimiter {
        RateLimiter::new(NonZeroU32::new(per_second))
    }

    #[test]
    fn slots_are_evenly_spaced_and_a_far_one_is_refused() {
        let mut slots = limiter(80);
        let waits: Vec<_> = (0..81).map(|_| slots.reserve(NOW)).collect();
        let expected = |slot: u32| Ok(Duration::from_micros(12_500) * slot);
        assert_eq!(waits, (0..81).map(expected).collect::<Vec<_>>());
        assert_eq!(slots.reserve(NOW), Err(NOW + Duration::from_micros(1_012_500)));
    }

    #[test]
    fn unused_slots_are_not_saved_up() {
        let mut slots = limiter(10);
        let later = NOW + Duration::from_secs(60);
        slots.reserve(NOW).unwrap();
        assert_eq!(slots.reserve(later), Ok(Duration::ZERO));
        assert_eq!(slots.reserve(later), Ok(Duration::from_millis(100)));
    }

    #[test]
    fn without_a_limit_no_message_waits() {
        let mut slots = RateLimiter::new(None);
        assert!((0..10_000).all(|_| slots.reserve(NOW) == Ok(Duration::ZERO)));
    }

    #[test]
    fn x123_a_clock_set_back_does_not_stop_the_rate_limiter() {
        let mut slots = limiter(1);
        slots.reserve(NOW).unwrap();
        assert_eq!(slots.reserve(NOW - Duration::from_secs(3600)), Ok(Duration::ZERO));
    }
}
