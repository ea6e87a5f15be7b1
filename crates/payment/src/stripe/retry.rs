//! When a request is sent again, and after which wait.
//!
//! Stripe says by the header `Stripe-Should-Retry` whether a request may be repeated with the same
//! idempotency key; without it, a lost connection, 409 (another request with the key is running),
//! 429 and 5xx may be repeated (<https://docs.stripe.com/error-low-level>).

use std::time::Duration;

use http::StatusCode;
use sha2::{Digest, Sha256};

/// How often a request is sent at most.
pub(super) const MAX_ATTEMPTS: u32 = 3;
/// The wait before the second attempt; each further one waits twice as long.
pub(super) const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait. A `Retry-After` above it ends the attempts, because a shopper waits for them.
const MAX_WAIT: Duration = Duration::from_secs(4);

/// What became of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// There was no connection, or no whole answer.
    NoAnswer,
    /// Stripe answered.
    Answered {
        /// The status of the answer.
        status: StatusCode,
        /// What `Stripe-Should-Retry` says.
        should_retry: Option<bool>,
        /// What `Retry-After` says.
        retry_after: Option<Duration>,
    },
}

impl Attempt {
    /// The wait before the next attempt; `None` if there must be none. `number` counts the attempts
    /// that were made, `first_wait` is the wait after the first, and `seed` spreads the waits of
    /// different requests.
    pub(super) fn wait(self, number: u32, first_wait: Duration, seed: &str) -> Option<Duration> {
        if number >= MAX_ATTEMPTS || !self.may_be_repeated() {
            return None;
        }
        let wait = back_off(number, first_wait, seed);
        match self {
            Self::Answered { retry_after: Some(asked), .. } if asked > MAX_WAIT => None,
            Self::Answered { retry_after: Some(asked), .. } => Some(wait.max(asked)),
            Self::Answered { .. } | Self::NoAnswer => Some(wait),
        }
    }

    fn may_be_repeated(self) -> bool {
        match self {
            Self::NoAnswer | Self::Answered { should_retry: Some(true), .. } => true,
            Self::Answered { should_retry: Some(false), .. } => false,
            Self::Answered { status, should_retry: None, .. } => {
                matches!(status, StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS)
                    || status.is_server_error()
            }
        }
    }
}

/// Half to all of a wait that doubles with each attempt. The uneven part is derived from the
/// request, so that requests which failed together do not come back together.
fn back_off(number: u32, first_wait: Duration, seed: &str) -> Duration {
    let full = first_wait.saturating_mul(1 << number.saturating_sub(1).min(8)).min(MAX_WAIT);
    let digest = Sha256::digest(format!("{seed} {number}"));
    let share = f64::from(digest.first().copied().unwrap_or_default()) / 255.0;
    full.mul_f64(0.5 + share / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, should_retry: Option<bool>) -> Attempt {
        let status = StatusCode::from_u16(status).unwrap();
        Attempt::Answered { status, should_retry, retry_after: None }
    }

    #[test]
    fn stripe_decides_by_its_header_and_the_status_only_without_it() {
        for (status, should_retry, is_repeated) in [
            (409, None, true),
            (429, None, true),
            (500, None, true),
            (502, None, true),
            (503, None, true),
            (400, None, false),
            (401, None, false),
            (402, None, false),
            (404, None, false),
            (302, None, false),
            (400, Some(true), true),
            (402, Some(true), true),
            (409, Some(false), false),
            (429, Some(false), false),
            (500, Some(false), false),
            (503, Some(false), false),
        ] {
            let wait = answered(status, should_retry).wait(1, FIRST_WAIT, "seed");
            assert_eq!(wait.is_some(), is_repeated, "{status} {should_retry:?}");
        }
        assert!(Attempt::NoAnswer.wait(1, FIRST_WAIT, "seed").is_some());
    }

    #[test]
    fn waits_grow_are_uneven_and_end() {
        for seed in ["a", "b", "c"] {
            let first = Attempt::NoAnswer.wait(1, FIRST_WAIT, seed).unwrap();
            let second = Attempt::NoAnswer.wait(2, FIRST_WAIT, seed).unwrap();
            assert!((FIRST_WAIT / 2..=FIRST_WAIT).contains(&first), "{first:?}");
            assert!((FIRST_WAIT..=FIRST_WAIT * 2).contains(&second), "{second:?}");
            assert_eq!(Attempt::NoAnswer.wait(MAX_ATTEMPTS, FIRST_WAIT, seed), None);
        }
        let waits = ["a", "b", "c", "d"].map(|seed| Attempt::NoAnswer.wait(1, FIRST_WAIT, seed));
        assert!(waits.iter().any(|wait| *wait != waits[0]), "{waits:?}");
    }

    #[test]
    fn a_longer_wait_that_stripe_asks_for_is_kept_up_to_a_bound() {
        let asked = |seconds| Attempt::Answered {
            status: StatusCode::TOO_MANY_REQUESTS,
            should_retry: None,
            retry_after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(asked(3).wait(1, FIRST_WAIT, "seed"), Some(Duration::from_secs(3)));
        assert_eq!(asked(60).wait(1, FIRST_WAIT, "seed"), None);
    }
}
