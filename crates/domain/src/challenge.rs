//! The states of a challenge, as an explicit state machine.
//!
//! ```text
//!            ┌── consume ──► Consumed
//!   Live ────┼── exhaust ──► Exhausted
//!            ├── revoke ───► Revoked
//!            └── time ─────► Expired
//! ```
//!
//! The four end states are final. The statements of the crate `store` have the same rules in their
//! `where` clauses.

use crate::Timestamp;

/// The state of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeState {
    /// Its code is accepted.
    Live,
    /// Its code was accepted.
    Consumed,
    /// All attempts were used.
    Exhausted,
    /// It was replaced by a newer one, or what it authorises has changed.
    Revoked,
    /// Its time to live is over. When that is noticed it is revoked too, so that a clock that is
    /// set back does not revive it.
    Expired,
}

/// An event that ends a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeEvent {
    /// The right code was entered.
    Consume,
    /// The last attempt was used for a wrong code.
    Exhaust,
    /// It was replaced, or what it authorises has changed.
    Revoke,
    /// Its time to live ended.
    Expire,
}

/// The columns of a row that determine the state.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// The attempts that were used.
    pub attempts: u32,
    /// The attempts that are allowed.
    pub max_attempts: u32,
    /// The end of its time to live; at this moment it is already over.
    pub expires_at: Timestamp,
    /// When its code was accepted.
    pub consumed_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl ChallengeState {
    /// The state at a moment.
    pub fn of(facts: Facts, now: Timestamp) -> Self {
        if facts.consumed_at.is_some() {
            Self::Consumed
        } else if let Some(revoked_at) = facts.revoked_at {
            if revoked_at < facts.expires_at { Self::Revoked } else { Self::Expired }
        } else if facts.attempts >= facts.max_attempts {
            Self::Exhausted
        } else if now >= facts.expires_at {
            Self::Expired
        } else {
            Self::Live
        }
    }

    /// The state after an event; `None` if the event is not possible in this state.
    pub fn after(self, event: ChallengeEvent) -> Option<Self> {
        match (self, event) {
            (Self::Live, ChallengeEvent::Consume) => Some(Self::Consumed),
            (Self::Live, ChallengeEvent::Exhaust) => Some(Self::Exhausted),
            (Self::Live, ChallengeEvent::Revoke) => Some(Self::Revoked),
            (Self::Live, ChallengeEvent::Expire) => Some(Self::Expired),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIVE: Facts = Facts {
        attempts: 0,
        max_attempts: 5,
        expires_at: Timestamp::from_millis(1_000),
        consumed_at: None,
        revoked_at: None,
    };

    #[test]
    fn x16_a_challenge_is_over_at_the_very_moment_it_expires() {
        assert_eq!(ChallengeState::of(LIVE, Timestamp::from_millis(999)), ChallengeState::Live);
        assert_eq!(
            ChallengeState::of(LIVE, Timestamp::from_millis(1_000)),
            ChallengeState::Expired
        );
    }

    #[test]
    fn x123_a_clock_set_back_does_not_revive_an_ended_challenge() {
        let then = Timestamp::from_millis(0);
        let consumed = Facts { consumed_at: Some(Timestamp::from_millis(5)), ..LIVE };
        let revoked = Facts { revoked_at: Some(Timestamp::from_millis(5)), ..LIVE };
        assert_eq!(ChallengeState::of(consumed, then), ChallengeState::Consumed);
        assert_eq!(ChallengeState::of(revoked, then), ChallengeState::Revoked);
        assert_eq!(
            ChallengeState::of(Facts { attempts: 5, ..LIVE }, then),
            ChallengeState::Exhausted
        );
    }

    #[test]
    fn a_challenge_that_was_revoked_because_it_expired_is_expired() {
        let swept = Facts { revoked_at: Some(Timestamp::from_millis(1_000)), ..LIVE };
        for now in [0, 999, 1_000, 5_000] {
            let state = ChallengeState::of(swept, Timestamp::from_millis(now));
            assert_eq!(state, ChallengeState::Expired, "{now}");
        }
    }

    #[test]
    fn an_end_state_is_final() {
        use ChallengeEvent::{Consume, Exhaust, Expire, Revoke};
        use ChallengeState::{Consumed, Exhausted, Expired, Revoked};
        for end in [Consumed, Exhausted, Revoked, Expired] {
            for event in [Consume, Exhaust, Revoke, Expire] {
                assert_eq!(end.after(event), None);
            }
        }
    }
}
