//! Sending a code again: the same code, to the same phone, by the channel of the
//! message before. Attempts and expiry do not move.

use domain::{ChallengeState, Channel, Purpose, Refusal, Timestamp};
use store::{Challenge, ChallengeMethod, Connection, ResendRule, transaction};

use crate::{
    codes::{Codes, Issuer},
    error::Result,
    limits::Send,
    visitor::Visitor,
};

impl Codes<'_> {
    /// Sends this browser's code of a purpose again.
    pub async fn resend(&self, visitor: &Visitor, purpose: Purpose) -> Result<()> {
        let issuer = self.issuer(visitor);
        transaction!(self.0.db(), |tx| issuer.resend(tx, purpose).await).await?;
        self.0.delivery().wake();
        Ok(())
    }
}

impl Issuer {
    async fn resend(&self, tx: &mut Connection, purpose: Purpose) -> Result<()> {
        let now = self.clock.now();
        let policy = &self.policy;
        let newest = tx.challenges().find_newest(&self.browser_digest, purpose).await?;
        let Some(challenge) = newest else { return Err(Refusal::NoChallenge.into()) };
        self.ensure_may_send(&challenge, now)?;
        let seconds = policy.cooldown_left(challenge.resend_after_at, now);
        if seconds > 0 {
            return Err(Refusal::TooSoon { seconds }.into());
        }
        let (rule, is_real) = self.count_resend(tx, &challenge, now).await?;
        let Some(mut challenge) = tx.challenges().resend(&challenge.id, rule, now).await? else {
            return Err(Refusal::TooSoon { seconds: now.seconds_until(rule.next_at) }.into());
        };
        let before = tx.messages().find_of_challenge(&challenge.id).await?;
        let channel = before.map_or(Channel::WhatsApp, |message| message.new.channel);
        if !is_real {
            challenge.to = challenge.to.into_decoy();
        }
        self.send_code(tx, &challenge, channel, now).await
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

    /// Counts one more send of a code in all limits. Returns the rule under which the
    /// challenge takes it, and whether the message is real or a decoy.
    pub(super) async fn count_resend(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<(ResendRule, bool)> {
        let policy = &self.policy;
        let send = Send {
            to: &challenge.to,
            requested_identifier: challenge.requested_identifier.as_deref(),
            address: &self.address,
            is_verified_phone: challenge.is_verified_phone,
        };
        let is_real = self.may_send(tx, &send, now).await?;
        let rule = ResendRule {
            attempts: policy.attempts,
            sends: policy.resends.saturating_add(1),
            next_at: now + policy.resend_cooldown,
        };
        Ok((rule, is_real))
    }
}
