//! Consecutive wrong codes. They count against the number a code went to, or
//! seemed to go to, whatever it was for; only the right code forgets them. So a
//! new challenge buys no new guesses, and no address can help. Where they
//! end a confirmation of a payment, the next one takes the password as well.

use domain::{MessageKind, Purpose, Refusal, Timestamp};
use store::{Challenge, Connection, FailureCount, Recipient};

use super::Issuer;
use crate::{Result, audit::Event};

impl Issuer {
    /// Refuses if codes of this subject wait or are switched off.
    pub(super) async fn ensure_open(
        &self,
        tx: &mut Connection,
        subject: &str,
        now: Timestamp,
    ) -> Result<()> {
        let Some(failures) = tx.failures().find(subject).await? else { return Ok(()) };
        if failures.disabled_at.is_some() {
            return Err(Refusal::PhoneDisabled.into());
        }
        let longest = self.shop.settings().policy.longest_wait;
        if failures.wait_until > now {
            let until = failures.wait_until.min(now + longest);
            return Err(Refusal::TooMany { seconds: now.seconds_until(until) }.into());
        }
        Ok(())
    }

    /// Counts an attempt as a failure of its subject before it is judged, and
    /// answers how the subject stands; the right code forgets them. Refuses,
    /// and counts nothing, if codes of the subject wait or are switched off.
    pub(super) async fn count_failure(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<FailureCount> {
        let subject = self.shop.limits().subject(&challenge.to)?;
        let Some(failures) = tx.failures().add(&subject, now).await? else {
            self.ensure_open(tx, &subject, now).await?;
            return Err(Refusal::WrongOrExpired { left: 0 }.into());
        };
        if let Some(wait) = self.shop.settings().policy.wait_after(failures.consecutive) {
            tx.failures().wait(&subject, now + wait).await?;
        }
        Ok(failures)
    }

    /// Writes down a wrong code and what follows from it, which may be a word to
    /// the owner.
    pub(super) async fn note_wrong(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        failures: FailureCount,
        now: Timestamp,
    ) -> Result<()> {
        let policy = &self.shop.settings().policy;
        let subject = self.shop.limits().subject(&challenge.to)?;
        self.record(tx, Event::CodeRefused, challenge, now).await?;
        let has_to_wait = policy.wait_after(failures.consecutive).is_some();
        let is_last = failures.consecutive >= policy.failures_before_disabling;
        // A number that is nobody's yet only waits: nobody could switch it on again.
        if is_last && challenge.is_known_good {
            if tx.failures().disable(&subject, now).await? {
                self.record(tx, Event::CodesDisabled, challenge, now).await?;
            }
        } else if has_to_wait {
            self.record(tx, Event::CodesWait, challenge, now).await?;
        }
        let is_over = challenge.attempts >= policy.attempts || has_to_wait;
        if is_over && challenge.purpose == Purpose::Payment {
            tx.sign_ins().need_password(&challenge.account, now).await?;
        }
        self.warn_owner(tx, challenge, &subject, failures).await
    }

    /// Tells the owner of a verified phone that its codes are on the way to being
    /// switched off, once for each run of failures: half way, or at the first failure
    /// after it at which the phone's limit has room. And that somebody who has the
    /// password lacks the code. The rarer news goes first, lest the limit leaves it out.
    async fn warn_owner(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        subject: &str,
        count: FailureCount,
    ) -> Result<()> {
        let policy = &self.shop.settings().policy;
        let Recipient::Phone(phone) = &challenge.to else { return Ok(()) };
        let is_due = count.warned_at.is_none() && policy.is_warning_due(count.consecutive);
        // Said to be told first, so that of two at once one tells.
        if challenge.is_known_good
            && is_due
            && tx.failures().warn(subject, self.shop.clock().now()).await?
            && !self.try_notify(tx, &challenge.account, phone, MessageKind::CodesSoonOff).await?
        {
            tx.failures().take_warning_back(subject).await?;
        }
        let is_after_password = matches!(challenge.purpose, Purpose::Login | Purpose::StepUp);
        if is_after_password && challenge.attempts >= policy.attempts {
            self.notify(tx, &challenge.account, phone, MessageKind::SignInRefused).await?;
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
