//! How fast a provider is asked: evenly, so many times a second. The least time
//! between two messages to one person is kept in rows (`store::RecipientThrottle`).

use std::{num::NonZeroU32, time::Duration};

use domain::Timestamp;

/// The longest a message waits in memory for its turn; longer waits are rows.
const PATIENCE: Duration = Duration::from_secs(1);

/// The turns of one provider.
#[derive(Clone, Debug)]
pub(crate) struct RateLimiter {
    spacing: Duration,
    /// The next free turn, after the epoch.
    next: Duration,
}

impl RateLimiter {
    /// So many turns a second; `None` for as many as wanted.
    pub(crate) fn new(per_second: Option<NonZeroU32>) -> Self {
        let spacing =
            per_second.map_or(Duration::ZERO, |count| Duration::from_secs(1) / count.get());
        Self { spacing, next: Duration::ZERO }
    }

    /// Takes the next turn and says how long it is until then; or, if that is too
    /// long, takes none and says when to ask again.
    pub(crate) fn take(&mut self, now: Timestamp) -> Result<Duration, Timestamp> {
        if self.spacing.is_zero() {
            return Ok(Duration::ZERO);
        }
        let present = now.since(Timestamp::from_millis(0));
        // Further ahead than ever given: the clock was set back.
        if self.next > present + PATIENCE + self.spacing {
            self.next = present;
        }
        let wait = self.next.saturating_sub(present);
        if wait > PATIENCE {
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

    fn turnstile(per_second: u32) -> RateLimiter {
        RateLimiter::new(NonZeroU32::new(per_second))
    }

    #[test]
    fn turns_are_evenly_spaced_and_later_ones_are_sent_away() {
        let mut turns = turnstile(80);
        let waits: Vec<_> = (0..81).map(|_| turns.take(NOW)).collect();
        let expected = |turn: u32| Ok(Duration::from_micros(12_500) * turn);
        assert_eq!(waits, (0..81).map(expected).collect::<Vec<_>>());
        assert_eq!(turns.take(NOW), Err(NOW + Duration::from_micros(1_012_500)));
    }

    #[test]
    fn time_that_passes_frees_turns_and_saves_none_up() {
        let mut turns = turnstile(10);
        let later = NOW + Duration::from_secs(60);
        turns.take(NOW).unwrap();
        assert_eq!(turns.take(later), Ok(Duration::ZERO));
        assert_eq!(turns.take(later), Ok(Duration::from_millis(100)));
    }

    #[test]
    fn without_a_limit_nobody_waits() {
        let mut turns = RateLimiter::new(None);
        assert!((0..10_000).all(|_| turns.take(NOW) == Ok(Duration::ZERO)));
    }

    #[test]
    fn x123_a_clock_set_back_stops_nothing() {
        let mut turns = turnstile(1);
        turns.take(NOW).unwrap();
        assert_eq!(turns.take(NOW - Duration::from_secs(3600)), Ok(Duration::ZERO));
    }
}
