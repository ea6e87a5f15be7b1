//! Sending a code again: the same code, to the same phone, by the channel of the
//! message before. Attempts and expiry do not move.

use domain::{ChallengeState, Channel, Purpose, Refusal, Timestamp};
use store::{Challenge, Connection, ResendRule};

use super::{Codes, Issuer};
use crate::{Result, Visitor, limits::Send};

impl Codes<'_> {
    /// Sends this browser's code of a purpose again.
    pub async fn resend(&self, visitor: &Visitor, purpose: Purpose) -> Result<()> {
        let issuer = self.issuer(visitor);
        self.0
            .db()
            .write(move |tx| Box::pin(async move { issuer.resend(tx, purpose).await }))
            .await?;
        self.0.delivery().wake();
        Ok(())
    }
}

impl Issuer {
    async fn resend(&self, tx: &mut Connection, purpose: Purpose) -> Result<()> {
        let now = self.shop.clock().now();
        let policy = &self.shop.settings().policy;
        let newest = tx.challenges().find_newest(&self.browser_digest, purpose).await?;
        let Some(challenge) = newest else { return Err(Refusal::NoChallenge.into()) };
        self.ensure_may_resend(&challenge, now)?;
        let limits = self.shop.limits();
        let send = Send {
            to: &challenge.to,
            address: &self.address,
            is_known_good: challenge.is_known_good,
        };
        limits.count_send(tx, &send, now).await?;
        self.ensure_open(tx, &limits.subject(&challenge.to)?, now).await?;
        let rule = ResendRule {
            attempts: policy.attempts,
            sends: policy.resends.saturating_add(1),
            next_at: now + policy.resend_cooldown,
        };
        let Some(challenge) = tx.challenges().resend(&challenge.id, rule, now).await? else {
            return Err(Refusal::TooSoon { seconds: now.seconds_until(rule.next_at) }.into());
        };
        let before = tx.messages().find_of_challenge(&challenge.id).await?;
        let channel = before.map_or(Channel::WhatsApp, |message| message.new.channel);
        self.send_code(tx, &challenge, channel, now).await
    }

    /// The same rules as the statement's, in words for the visitor.
    fn ensure_may_resend(&self, challenge: &Challenge, now: Timestamp) -> Result<()> {
        let policy = &self.shop.settings().policy;
        if challenge.state(policy.attempts, now) != ChallengeState::Live {
            return Err(Refusal::NoChallenge.into());
        }
        if challenge.sends > policy.resends {
            return Err(Refusal::ResendsSpent.into());
        }
        let seconds = policy.cooldown_left(challenge.resend_after_at, now);
        if seconds > 0 { Err(Refusal::TooSoon { seconds }.into()) } else { Ok(()) }
    }
}
