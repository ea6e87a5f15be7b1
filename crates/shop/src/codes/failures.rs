//! Consecutive wrong codes. They count against the number that a code went to, or seemed to
//! go to, for all purposes together, and wrong recovery codes against their account; only the
//! right code clears them. So a new challenge buys
//! no new attempts, and neither does another network address. Where they end
//! the confirmation of a payment, the next one needs the password, too.

use domain::{MessageKind, Purpose, Refusal, Timestamp};
use store::{Challenge, ChallengeMethod, Connection, FailureCount};

use super::Issuer;
use crate::{audit::Event, error::Result};

impl Issuer {
    /// What wrong answers to a challenge are counted against.
    pub(super) fn failure_subject(&self, challenge: &Challenge) -> Result<String> {
        match challenge.method {
            ChallengeMethod::Message => self.limits.subject(&challenge.to),
            ChallengeMethod::RecoveryCode => Ok(format!("recovery/{}", challenge.account)),
        }
    }

    /// Whether codes of this subject neither wait nor are disabled. A visitor who has proved
    /// who they are is refused and told why; an anonymous one must not learn of it.
    pub(super) async fn is_open(
        &self,
        tx: &mut Connection,
        subject: &str,
        is_anonymous: bool,
        now: Timestamp,
    ) -> Result<bool> {
        let Some(failures) = tx.failures().find(subject).await? else { return Ok(true) };
        let is_disabled = failures.disabled_at.is_some();
        if !is_disabled && failures.wait_until <= now {
            return Ok(true);
        }
        if is_anonymous {
            return Ok(false);
        }
        if is_disabled {
            return Err(Refusal::PhoneDisabled.into());
        }
        let until = failures.wait_until.min(now + self.policy.max_wait);
        Err(Refusal::TooMany { seconds: now.seconds_until(until) }.into())
    }

    /// Counts an attempt as a failure of its subject before it is evaluated, and returns the
    /// subject's count; the right code clears it. If codes of the subject wait or are
    /// disabled it counts nothing, and refuses; for an anonymous visitor, who must not learn
    /// of that, it returns `None`.
    pub(super) async fn count_failure(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<Option<FailureCount>> {
        let subject = self.failure_subject(challenge)?;
        let Some(failures) = tx.failures().add(&subject, now).await? else {
            if challenge.requested_identifier.is_some() {
                return Ok(None);
            }
            self.is_open(tx, &subject, false, now).await?;
            return Err(Refusal::WrongOrExpired { left: 0 }.into());
        };
        if let Some(wait) = self.policy.wait_after(failures.consecutive) {
            tx.failures().wait(&subject, now + wait).await?;
        }
        Ok(Some(failures))
    }

    /// Records a wrong code and what follows from it, which may be a notice to the owner.
    pub(super) async fn record_wrong(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        failures: Option<FailureCount>,
        now: Timestamp,
    ) -> Result<()> {
        self.record(tx, Event::CodeRefused, challenge, now).await?;
        if let Some(failures) = failures {
            self.record_failures(tx, challenge, failures, now).await?;
        }
        let is_after_password = matches!(challenge.purpose, Purpose::Login | Purpose::StepUp);
        if is_after_password && challenge.attempts >= self.policy.attempts {
            // The password is known to the visitor, who may not be the owner (S-A19).
            let kind = MessageKind::SignInRefused;
            self.try_notify(tx, &challenge.account, &challenge.to, kind).await?;
        }
        Ok(())
    }

    async fn record_failures(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        failures: FailureCount,
        now: Timestamp,
    ) -> Result<()> {
        let policy = &self.policy;
        let subject = self.failure_subject(challenge)?;
        let has_to_wait = policy.wait_after(failures.consecutive).is_some();
        let is_last = failures.consecutive >= policy.failures_before_disabling;
        // A number without an account only waits, because no owner could have it enabled again.
        // So do recovery codes: with 120 bits they are not guessed, and need no end.
        if is_last && is_phone_of_account(challenge) {
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

    /// Warns the owner of a verified phone that its codes will be disabled, once for each run
    /// of failures: half way, or at the first failure after it at which the phone's limit
    /// lets a notice through.
    async fn warn_owner(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        subject: &str,
        count: FailureCount,
    ) -> Result<()> {
        let policy = &self.policy;
        let is_due = count.warned_at.is_none() && policy.is_warning_due(count.consecutive);
        // The row is marked before the notice is sent, so that of two requests one sends it.
        if is_phone_of_account(challenge)
            && is_due
            && tx.failures().warn(subject, self.clock.now()).await?
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
        self.audit.record(tx, event, account, challenge.purpose.as_str(), now).await
    }
}

/// Whether a challenge's failures are those of an account's phone, which can be disabled.
fn is_phone_of_account(challenge: &Challenge) -> bool {
    challenge.method == ChallengeMethod::Message && challenge.is_verified_phone
}
