//! The same code by text message, when WhatsApp did not deliver it: offered after a failure,
//! or after a while without a delivery, and sent only when the visitor asks for it. A decoy
//! is offered it by the same rules.

use std::time::Duration;

use domain::{ChallengeState, Channel, DeliveryStatus, Purpose, Refusal, Timestamp};
use store::{Challenge, Connection, repeatable_transaction};

use crate::{
    codes::{Codes, Issuer, enumeration::VisibleStatus},
    error::Result,
    visitor::Visitor,
};

impl Codes {
    /// Sends this browser's code of a purpose by text message.
    pub async fn send_by_sms(&self, visitor: &Visitor, purpose: Purpose) -> Result<()> {
        let (issuer, is_available) = (self.issuer(visitor), self.is_sms_available(purpose));
        repeatable_transaction!(self.db, |tx| {
            issuer.send_by_sms(tx, purpose, is_available).await
        })
        .await?;
        self.outbox.wake();
        Ok(())
    }

    /// Seconds until the code of a challenge may be sent by text message, if its
    /// newest message is not delivered before; `None` if that is not offered.
    pub(in crate::codes) fn sms_in_seconds(
        &self,
        challenge: &Challenge,
        newest: Option<&VisibleStatus>,
        now: Timestamp,
    ) -> Option<u32> {
        let policy = &self.policy;
        let is_possible = challenge.state(policy.attempts, now) == ChallengeState::Live
            && challenge.sends <= policy.resends
            && self.is_sms_available(challenge.purpose);
        if is_possible { offered_in(policy.sms_after, newest?, now) } else { None }
    }
}

/// Seconds until the code of a message may be sent by text message instead.
fn offered_in(after: Duration, message: &VisibleStatus, now: Timestamp) -> Option<u32> {
    if message.channel == Channel::Sms {
        return None;
    }
    match message.status {
        DeliveryStatus::Delivered | DeliveryStatus::Read => None,
        DeliveryStatus::Failed => Some(0),
        // It waits because the circuit breaker of its provider is open.
        DeliveryStatus::Queued if message.problem.is_some() => Some(0),
        DeliveryStatus::Queued | DeliveryStatus::Accepted | DeliveryStatus::Sent => {
            let since = message.since;
            // Later than now can only come from a clock that was set back.
            Some(if since <= now { now.seconds_until(since + after) } else { 0 })
        }
    }
}

impl Issuer {
    async fn send_by_sms(
        &self,
        tx: &mut Connection,
        purpose: Purpose,
        is_available: bool,
    ) -> Result<()> {
        let now = self.clock.now();
        let newest = self.newest(tx, purpose).await?;
        let challenge = newest.ok_or(Refusal::NoChallenge)?;
        self.ensure_may_send(&challenge, now)?;
        if !is_available {
            return Err(Refusal::NotPossible.into());
        }
        let rule = self.resend_rule(now);
        let challenge = tx.challenges().resend_by_other_channel(&challenge.id, rule, now).await?;
        let challenge = challenge.ok_or(Refusal::NoChallenge)?;
        // Checked when the challenge is locked: of two requests at once, one sends.
        self.ensure_sms_is_due(tx, &challenge, now).await?;
        self.send_again(tx, challenge, Channel::Sms, now).await
    }

    async fn ensure_sms_is_due(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<()> {
        let newest = tx.messages().find_of_challenge(&challenge.id).await?;
        let after = self.policy.sms_after;
        let newest = newest.map(|message| VisibleStatus::of(challenge, &message, now));
        match newest.and_then(|seen| offered_in(after, &seen, now)) {
            Some(0) => Ok(()),
            Some(seconds) => Err(Refusal::TooSoon { seconds }.into()),
            None => Err(Refusal::NotPossible.into()),
        }
    }
}
