//! The life of a challenge, as an explicit state machine.
//!
//! ```text
//!            ┌── consume ──► Consumed
//!   Live ────┼── exhaust ──► Exhausted
//!            ├── revoke ───► Revoked
//!            └── time ─────► Expired
//! ```
//!
//! Only `Live` has ways out; the four ends are for ever. The store's statements
//! carry the same rules in their `where` clauses.

use crate::Timestamp;

/// Where a challenge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeState {
    /// Its code is accepted.
    Live,
    /// Its code was given and accepted.
    Consumed,
    /// Every attempt was spent.
    Exhausted,
    /// A newer one took its place, or what it was for changed.
    Revoked,
    /// Its time is over.
    Expired,
}

/// What may happen to a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeEvent {
    /// The right code.
    Consume,
    /// The last attempt was a wrong code.
    Exhaust,
    /// Replaced, or its object changed.
    Revoke,
    /// Its time ran out.
    Expire,
}

/// The facts of a row from which the state follows.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Attempts charged so far.
    pub attempts: u32,
    /// Attempts there are.
    pub max_attempts: u32,
    /// When its time is over; at that moment it already is.
    pub expires_at: Timestamp,
    /// When its code was accepted.
    pub consumed_at: Option<Timestamp>,
    /// When it was replaced.
    pub revoked_at: Option<Timestamp>,
}

impl ChallengeState {
    /// The state that follows from the facts at a moment.
    pub fn of(facts: Facts, now: Timestamp) -> Self {
        if facts.consumed_at.is_some() {
            Self::Consumed
        } else if facts.revoked_at.is_some() {
            Self::Revoked
        } else if facts.attempts >= facts.max_attempts {
            Self::Exhausted
        } else if now >= facts.expires_at {
            Self::Expired
        } else {
            Self::Live
        }
    }

    /// The state after an event; `None` if the event cannot happen here.
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
    fn x123_a_clock_set_back_revives_nothing_that_ended() {
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
    fn an_end_is_for_ever() {
        use ChallengeEvent::{Consume, Exhaust, Expire, Revoke};
        use ChallengeState::{Consumed, Exhausted, Expired, Revoked};
        for end in [Consumed, Exhausted, Revoked, Expired] {
            for event in [Consume, Exhaust, Revoke, Expire] {
                assert_eq!(end.after(event), None);
            }
        }
    }
}
