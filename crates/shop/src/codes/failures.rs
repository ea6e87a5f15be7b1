//! Consecutive wrong codes. They count against the number a code went to, or
//! seemed to go to, whatever it was for; only the right code forgets them. So a
//! new challenge buys no new guesses, and no address can help. Where they
//! end a confirmation of a payment, the next one takes the password as well.

use domain::{MessageKind, Purpose, Refusal, Timestamp};
use store::{Challenge, Connection, FailureCount};

use super::Issuer;
use crate::{Result, audit::Event};

impl Issuer {
    /// Whether codes of this subject neither wait nor are switched off. Somebody
    /// signed in is refused and told why; a stranger must not know.
    pub(super) async fn is_open(
        &self,
        tx: &mut Connection,
        subject: &str,
        is_stranger: bool,
        now: Timestamp,
    ) -> Result<bool> {
        let Some(failures) = tx.failures().find(subject).await? else { return Ok(true) };
        let is_off = failures.disabled_at.is_some();
        if !is_off && failures.wait_until <= now {
            return Ok(true);
        }
        if is_stranger {
            return Ok(false);
        }
        if is_off {
            return Err(Refusal::PhoneDisabled.into());
        }
        let until = failures.wait_until.min(now + self.shop.settings().policy.longest_wait);
        Err(Refusal::TooMany { seconds: now.seconds_until(until) }.into())
    }

    /// Counts an attempt as a failure of its subject before it is judged, and
    /// answers how the subject stands; the right code forgets them. If codes of the
    /// subject wait or are switched off it counts nothing, and refuses; to a stranger,
    /// who must not know, it answers `None`.
    pub(super) async fn count_failure(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<Option<FailureCount>> {
        let subject = self.shop.limits().subject(&challenge.to)?;
        let Some(failures) = tx.failures().add(&subject, now).await? else {
            if challenge.requested_identifier.is_some() {
                return Ok(None);
            }
            self.is_open(tx, &subject, false, now).await?;
            return Err(Refusal::WrongOrExpired { left: 0 }.into());
        };
        if let Some(wait) = self.shop.settings().policy.wait_after(failures.consecutive) {
            tx.failures().wait(&subject, now + wait).await?;
        }
        Ok(Some(failures))
    }

    /// Writes down a wrong code and what follows from it, which may be a word to
    /// the owner.
    pub(super) async fn note_wrong(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        failures: Option<FailureCount>,
        now: Timestamp,
    ) -> Result<()> {
        self.record(tx, Event::CodeRefused, challenge, now).await?;
        if let Some(failures) = failures {
            self.note_failures(tx, challenge, failures, now).await?;
        }
        let is_after_password = matches!(challenge.purpose, Purpose::Login | Purpose::StepUp);
        if is_after_password && challenge.attempts >= self.shop.settings().policy.attempts {
            // After a wrong password it goes nowhere, by the same statements.
            let kind = MessageKind::SignInRefused;
            self.try_notify(tx, &challenge.account, &challenge.to, kind).await?;
        }
        Ok(())
    }

    async fn note_failures(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        failures: FailureCount,
        now: Timestamp,
    ) -> Result<()> {
        let policy = &self.shop.settings().policy;
        let subject = self.shop.limits().subject(&challenge.to)?;
        let has_to_wait = policy.wait_after(failures.consecutive).is_some();
        let is_last = failures.consecutive >= policy.failures_before_disabling;
        // A number that is nobody's yet only waits: nobody could switch it on again.
        if is_last && challenge.is_verified_phone {
            if tx.failures().disable(&subject, now).await? {
                self.record(tx, Event::CodesDisabled, challenge, now).await?;
            }
        } else if has_to_wait {
            self.record(tx, Event::CodesWait, challenge, now).await?;
        }
        let is_over = challenge.attempts >= policy.attempts || has_to_wait;
        if is_over && challenge.purpose == Purpose::Payment {
            tx.sign_ins().require_password(&challenge.account, now).await?;
        }
        self.warn_owner(tx, challenge, &subject, failures).await
    }

    /// Tells the owner of a verified phone that its codes are on the way to being
    /// switched off, once for each run of failures: half way, or at the first failure
    /// after it at which the phone's limit has room.
    async fn warn_owner(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        subject: &str,
        count: FailureCount,
    ) -> Result<()> {
        let policy = &self.shop.settings().policy;
        let is_due = count.warned_at.is_none() && policy.is_warning_due(count.consecutive);
        // Said to be told first, so that of two at once one tells.
        if challenge.is_verified_phone
            && is_due
            && tx.failures().warn(subject, self.shop.clock().now()).await?
            && !self
                .try_notify(tx, &challenge.account, &challenge.to, MessageKind::CodesSoonOff)
                .await?
        {
            tx.failures().clear_warning(subject).await?;
        }
        Ok(())
    }

    pub(super) async fn record(
        &self,
        tx: &mut Connection,
        event: Event,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<()> {
        let account = (!challenge.to.is_decoy()).then_some(&challenge.account);
        self.shop.audit().record(tx, event, account, challenge.purpose.as_str(), now).await
    }
}
