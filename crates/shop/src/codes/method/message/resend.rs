//! Sending a code again: the same code, to the same phone, by the channel of the
//! message before. Attempts and expiry do not move.

use domain::{ChallengeState, Channel, Purpose, Refusal, Timestamp};
use store::{Challenge, ChallengeMethod, Connection, ResendRule, repeatable_transaction};

use crate::{
    codes::{Codes, Issuer},
    error::Result,
    visitor::Visitor,
};

impl Codes {
    /// Sends this browser's code of a purpose again.
    pub async fn resend(&self, visitor: &Visitor, purpose: Purpose) -> Result<()> {
        let issuer = self.issuer(visitor);
        repeatable_transaction!(self.db, |tx| issuer.resend(tx, purpose).await).await?;
        self.outbox.wake();
        Ok(())
    }
}

impl Issuer {
    async fn resend(&self, tx: &mut Connection, purpose: Purpose) -> Result<()> {
        let now = self.clock.now();
        let policy = &self.policy;
        let newest = self.newest(tx, purpose).await?;
        let Some(challenge) = newest else { return Err(Refusal::NoChallenge.into()) };
        self.ensure_may_send(&challenge, now)?;
        let seconds = policy.cooldown_left(challenge.resend_after_at, now);
        if seconds > 0 {
            return Err(Refusal::TooSoon { seconds }.into());
        }
        let rule = self.resend_rule(now);
        let Some(challenge) = tx.challenges().resend(&challenge.id, rule, now).await? else {
            return Err(Refusal::TooSoon { seconds: now.seconds_until(rule.next_at) }.into());
        };
        let before = tx.messages().find_of_challenge(&challenge.id).await?;
        let channel = before.map_or(Channel::WhatsApp, |message| message.new.channel);
        self.send_again(tx, challenge, channel, now).await
    }

    /// Whether the code of a challenge may be sent once more, by either channel: the same
    /// rules as the statement's, as refusals for the visitor.
    pub(super) fn ensure_may_send(&self, challenge: &Challenge, now: Timestamp) -> Result<()> {
        let policy = &self.policy;
        let is_live = challenge.state(policy.attempts, now) == ChallengeState::Live;
        if !is_live || challenge.method != ChallengeMethod::Message {
            return Err(Refusal::NoChallenge.into());
        }
        if challenge.sends > policy.resends {
            return Err(Refusal::ResendsSpent.into());
        }
        Ok(())
    }

    /// The rule under which a challenge takes one more send.
    pub(super) fn resend_rule(&self, now: Timestamp) -> ResendRule {
        ResendRule {
            attempts: self.policy.attempts,
            sends: self.policy.resends.saturating_add(1),
            next_at: now + self.policy.resend_cooldown,
        }
    }

    /// Counts one more send in all limits and puts the message in the outbox. Beyond a limit
    /// that an anonymous visitor must not learn of, the message is a decoy.
    pub(super) async fn send_again(
        &self,
        tx: &mut Connection,
        mut challenge: Challenge,
        channel: Channel,
        now: Timestamp,
    ) -> Result<()> {
        if !self.may_send(tx, &challenge, now).await? {
            challenge.to = challenge.to.into_decoy();
        }
        self.send_code(tx, &challenge, channel, now).await
    }
}
