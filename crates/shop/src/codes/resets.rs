//! Several live password resets of one account, so that an unknown browser that asks for one
//! ends and blocks none of the owner's.
//!
//! A reset needs no password, so everybody can ask for one. Of the resets that are live at the
//! same time, unknown browsers have at most two, and all browsers three: one is kept for a
//! *known browser*, which signed in to the account within [`KNOWN_BROWSER_TTL`]. It is recognised
//! by the secret in its cookie, to which its codes are bound anyway; a trusted device is one of
//! them. Beyond that, an unknown browser gets a decoy, and a known one is told when there will be
//! room again: it knows that the account exists.
//!
//! Every challenge has its own attempts. Wrong codes at a reset count apart from those after the
//! right password, and by kind of browser; they make nobody wait. What bounds the guesses is
//! that each challenge costs a message, and that after [`Policy::failures_before_disabling`]
//! wrong codes of unknown browsers, these get decoys only, until a right code or a month
//! without wrong ones.

use std::time::Duration;

use domain::{Purpose, Refusal, Timestamp};
use store::{Challenge, Connection};

use super::{Issuer, Policy};
use crate::error::Result;

/// How long a browser is known after it signed in.
pub const KNOWN_BROWSER_TTL: Duration = Duration::from_secs(180 * 24 * 60 * 60);
/// How many resets of one account are live at the same time.
const MAX_LIVE_RESETS: u32 = 3;
/// How many of them may be those of unknown browsers.
const MAX_LIVE_RESETS_OF_UNKNOWN_BROWSERS: u32 = 2;

impl Issuer {
    /// Whether the browser that asks for a reset signed in to its account lately. No other
    /// purpose depends on that.
    pub(super) async fn is_known_browser(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<bool> {
        if challenge.purpose != Purpose::Reset {
            return Ok(false);
        }
        let after = now - KNOWN_BROWSER_TTL;
        let (account, browser) = (&challenge.account, &challenge.browser_digest);
        Ok(tx.known_browsers().is_known(account, browser, after).await?)
    }

    /// Whether a reset may begin as a real one. A known browser for which there is no room is
    /// refused.
    ///
    /// The phone's count of messages must have been written before, so that parallel requests
    /// for one account take turns.
    pub(super) async fn may_begin(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<bool> {
        match challenge.purpose {
            Purpose::Reset => {}
            Purpose::OrderLookup => return self.may_look_up(tx, challenge).await,
            Purpose::Login | Purpose::Payment | Purpose::Phone | Purpose::StepUp => {
                return Ok(true);
            }
        }
        let (account, browser) = (&challenge.account, &challenge.browser_digest);
        let attempts = self.policy.attempts;
        let live = tx.challenges().count_live_resets(account, browser, attempts, now).await?;
        let made = self.wrong_codes(tx, challenge).await?;
        let has_room = live.all < MAX_LIVE_RESETS;
        if challenge.is_known_browser && !has_room {
            let until = live.first_expires_at.unwrap_or(now);
            return Err(Refusal::TooMany { seconds: now.seconds_until(until).max(1) }.into());
        }
        let is_few = challenge.is_known_browser
            || live.of_unknown_browsers < MAX_LIVE_RESETS_OF_UNKNOWN_BROWSERS;
        Ok(has_room && is_few && may_guess(&self.policy, made))
    }

    /// Whether the look-up of an order may begin as a real one. Everybody who knows number and
    /// contact can ask for one, so wrong codes end them as they end the resets of unknown browsers.
    async fn may_look_up(&self, tx: &mut Connection, challenge: &Challenge) -> Result<bool> {
        Ok(may_guess(&self.policy, self.wrong_codes(tx, challenge).await?))
    }

    async fn wrong_codes(&self, tx: &mut Connection, challenge: &Challenge) -> Result<u32> {
        let failures = match self.failure_subject(challenge)? {
            Some(subject) => tx.failures().find(&subject).await?,
            None => None,
        };
        Ok(failures.map_or(0, |failures| failures.consecutive))
    }
}

/// Whether the guesses of all live resets fit into what is left after `made` wrong codes.
pub(crate) fn may_guess(policy: &Policy, made: u32) -> bool {
    let live = policy.attempts.saturating_mul(MAX_LIVE_RESETS);
    made.saturating_add(live) <= policy.failures_before_disabling.max(live)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x03_the_guesses_of_live_resets_never_exceed_a_hundred() {
        let policy = Policy::default();
        for (made, expected) in [(0, true), (84, true), (85, true), (86, false), (100, false)] {
            assert_eq!(may_guess(&policy, made), expected, "{made}");
        }
        let strict = Policy { failures_before_disabling: 1, ..policy };
        assert!(may_guess(&strict, 0) && !may_guess(&strict, 1), "the first reset is possible");
    }
}
