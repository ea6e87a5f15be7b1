//! The rate limits of a sender: per second, and per recipient.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A recipient gets one message per six seconds (Meta, "Pair rate limits").
const PAIR_INTERVAL: Duration = Duration::from_secs(6);

/// The limit that a message exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RateLimitExceeded {
    /// Too many messages in this second.
    Throughput,
    /// Too many messages to this recipient.
    Pair,
}

#[derive(Debug)]
pub(crate) struct RateLimiter {
    throughput: u32,
    pair_burst: u32,
    state: Mutex<LimiterState>,
}

#[derive(Debug, Default)]
struct LimiterState {
    second: Option<(Instant, u32)>,
    pairs: HashMap<String, Pair>,
}

/// The burst that a recipient has used up, and the penalty for sending too soon.
#[derive(Debug)]
struct Pair {
    burst_used_until: Instant,
    blocked_until: Option<Instant>,
    rejections: u32,
}

impl RateLimiter {
    pub fn new(throughput: u32, pair_burst: u32) -> Self {
        Self { throughput, pair_burst, state: Mutex::default() }
    }

    /// Counts a request that is no message.
    ///
    /// # Errors
    /// Too many requests in this second; then it is not counted.
    pub fn try_request(&self, now: Instant) -> Result<(), RateLimitExceeded> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).count(now, self.throughput)
    }

    /// Counts a message.
    ///
    /// # Errors
    /// The limit that the message exceeds; then it is not counted.
    pub fn try_send(&self, recipient: &str, now: Instant) -> Result<(), RateLimitExceeded> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.count(now, self.throughput)?;
        let pair = state.pairs.entry(String::from(recipient)).or_insert(Pair {
            burst_used_until: now,
            blocked_until: None,
            rejections: 0,
        });
        pair.try_send(now, PAIR_INTERVAL * self.pair_burst)
    }
}

impl LimiterState {
    fn count(&mut self, now: Instant, throughput: u32) -> Result<(), RateLimitExceeded> {
        let (since, count) = match self.second {
            Some((since, count)) if now < since + Duration::from_secs(1) => (since, count),
            _ => (now, 0),
        };
        if count >= throughput {
            return Err(RateLimitExceeded::Throughput);
        }
        self.second = Some((since, count + 1));
        Ok(())
    }
}

impl Pair {
    /// A rejection blocks for 4^n seconds, where n is the number of rejections before it.
    fn try_send(&mut self, now: Instant, burst: Duration) -> Result<(), RateLimitExceeded> {
        let is_penalised = self.blocked_until.is_some_and(|until| now < until);
        let next = self.burst_used_until.max(now) + PAIR_INTERVAL;
        if is_penalised || next > now + burst {
            let wait = Duration::from_secs(4_u64.saturating_pow(self.rejections.min(8)));
            self.blocked_until = Some(now + wait);
            self.rejections += 1;
            return Err(RateLimitExceeded::Pair);
        }
        self.burst_used_until = next;
        self.blocked_until = None;
        self.rejections = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{RateLimitExceeded, RateLimiter};

    #[test]
    fn a_burst_is_allowed_and_restored_one_message_per_six_seconds() {
        let limiter = RateLimiter::new(80, 45);
        let start = Instant::now();
        for _ in 0..45 {
            assert_eq!(limiter.try_send("447700900001", start), Ok(()));
        }
        assert_eq!(limiter.try_send("447700900001", start), Err(RateLimitExceeded::Pair));
        assert_eq!(limiter.try_send("447700900002", start), Ok(()), "another recipient is free");
        assert_eq!(limiter.try_send("447700900001", start + Duration::from_secs(7)), Ok(()));
    }

    #[test]
    fn sending_too_soon_makes_the_penalty_four_times_as_long() {
        let limiter = RateLimiter::new(80, 1);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(limiter.try_send("447700900001", at(0)), Ok(()));
        assert_eq!(
            limiter.try_send("447700900001", at(5)),
            Err(RateLimitExceeded::Pair),
            "until 6"
        );
        assert_eq!(
            limiter.try_send("447700900001", at(5)),
            Err(RateLimitExceeded::Pair),
            "until 9"
        );
        assert_eq!(
            limiter.try_send("447700900001", at(8)),
            Err(RateLimitExceeded::Pair),
            "until 24"
        );
        assert_eq!(
            limiter.try_send("447700900001", at(23)),
            Err(RateLimitExceeded::Pair),
            "until 87"
        );
        assert_eq!(limiter.try_send("447700900001", at(87)), Ok(()));
    }

    #[test]
    fn messages_above_the_throughput_are_rejected_until_the_next_second() {
        let limiter = RateLimiter::new(2, 45);
        let start = Instant::now();
        assert_eq!(limiter.try_send("447700900001", start), Ok(()));
        assert_eq!(limiter.try_send("447700900002", start), Ok(()));
        assert_eq!(limiter.try_send("447700900003", start), Err(RateLimitExceeded::Throughput));
        assert_eq!(limiter.try_send("447700900003", start + Duration::from_secs(1)), Ok(()));
    }
}
