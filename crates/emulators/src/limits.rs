//! How fast a sender may send: per second, and to one recipient.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// One message to the same recipient in six seconds (Meta, "Pair rate limits").
const PAIR_INTERVAL: Duration = Duration::from_secs(6);

/// A limit that was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Met {
    /// Too many messages in this second.
    Throughput,
    /// Too many messages to this recipient.
    Pair,
}

/// Counts what is sent.
#[derive(Debug)]
pub(crate) struct Limits {
    throughput: u32,
    pair_burst: u32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    second: Option<(Instant, u32)>,
    pairs: HashMap<String, Pair>,
}

/// What a recipient has had: a debt that time repays, and a penalty for asking too soon.
#[derive(Debug)]
struct Pair {
    repaid_at: Instant,
    refused_until: Option<Instant>,
    refusals: u32,
}

impl Limits {
    pub fn new(throughput: u32, pair_burst: u32) -> Self {
        Self { throughput, pair_burst, state: Mutex::default() }
    }

    /// Counts a message, or says which limit it meets.
    pub fn take(&self, recipient: &str, now: Instant) -> Result<(), Met> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) = match state.second {
            Some((since, count)) if now < since + Duration::from_secs(1) => (since, count),
            _ => (now, 0),
        };
        if count >= self.throughput {
            return Err(Met::Throughput);
        }
        state.second = Some((since, count + 1));
        let pair = state.pairs.entry(String::from(recipient)).or_insert(Pair {
            repaid_at: now,
            refused_until: None,
            refusals: 0,
        });
        pair.take(now, PAIR_INTERVAL * self.pair_burst)
    }
}

impl Pair {
    /// A refusal lasts 4^n seconds, where n counts the refusals before it.
    fn take(&mut self, now: Instant, credit: Duration) -> Result<(), Met> {
        let is_penalised = self.refused_until.is_some_and(|until| now < until);
        let next = self.repaid_at.max(now) + PAIR_INTERVAL;
        if is_penalised || next > now + credit {
            let wait = Duration::from_secs(4_u64.saturating_pow(self.refusals.min(8)));
            self.refused_until = Some(now + wait);
            self.refusals += 1;
            return Err(Met::Pair);
        }
        self.repaid_at = next;
        self.refused_until = None;
        self.refusals = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Limits, Met};

    #[test]
    fn a_burst_is_borrowed_and_repaid_every_six_seconds() {
        let limits = Limits::new(80, 45);
        let start = Instant::now();
        for _ in 0..45 {
            assert_eq!(limits.take("447700900001", start), Ok(()));
        }
        assert_eq!(limits.take("447700900001", start), Err(Met::Pair));
        assert_eq!(limits.take("447700900002", start), Ok(()), "another recipient is free");
        assert_eq!(limits.take("447700900001", start + Duration::from_secs(7)), Ok(()));
    }

    #[test]
    fn asking_too_soon_makes_the_wait_four_times_as_long() {
        let limits = Limits::new(80, 1);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(limits.take("447700900001", at(0)), Ok(()));
        assert_eq!(limits.take("447700900001", at(5)), Err(Met::Pair), "until 6");
        assert_eq!(limits.take("447700900001", at(5)), Err(Met::Pair), "until 9");
        assert_eq!(limits.take("447700900001", at(8)), Err(Met::Pair), "until 24");
        assert_eq!(limits.take("447700900001", at(23)), Err(Met::Pair), "until 87");
        assert_eq!(limits.take("447700900001", at(87)), Ok(()));
    }

    #[test]
    fn a_second_holds_so_many_messages() {
        let limits = Limits::new(2, 45);
        let start = Instant::now();
        assert_eq!(limits.take("447700900001", start), Ok(()));
        assert_eq!(limits.take("447700900002", start), Ok(()));
        assert_eq!(limits.take("447700900003", start), Err(Met::Throughput));
        assert_eq!(limits.take("447700900003", start + Duration::from_secs(1)), Ok(()));
    }
}
