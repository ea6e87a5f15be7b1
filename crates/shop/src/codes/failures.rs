//! Consecutive wrong codes of a phone, and wrong recovery codes of an account.
//!
//! After the right password, those of a phone count for all purposes together, and only the right code
//! clears them. So a new challenge buys no new attempts, and neither does another network
//! address. Where they end the confirmation of a payment, the next one needs the password,
//! too.
//!
//! At a password reset they count apart, and apart for known browsers (`resets`), and make
//! nobody wait: an unknown browser can begin a reset, and must not end that of the owner. A new number
//! has no owner yet that they could be counted for; there, only the attempts of each
//! challenge and the messages of each phone are limited.

use domain::{AccountId, MessageKind, PhoneNumber, Purpose, Refusal, Timestamp};
use store::{Challenge, ChallengeMethod, Connection, FailureCount, Recipient};

use super::Issuer;
use crate::{audit::Event, error::Result};

/// The prefixes of the names under which wrong codes of a phone are counted: after the right
/// password, at a reset in a known browser, and in an unknown one.
const AFTER_PASSWORD: &str = "";
const IN_KNOWN_BROWSER: &str = "known-browser/";
const IN_UNKNOWN_BROWSER: &str = "unknown-browser/";
/// Wrong codes of order look-ups count by themselves, so that they block no reset.
const AT_ORDER_LOOKUP: &str = "order-lookup/";

/// Every name under which wrong codes of a phone are counted. The first is that of codes after
/// the right password; all others are those of password resets and order look-ups.
pub(crate) fn failure_subjects(phone_subject: &str) -> [String; 4] {
    [AFTER_PASSWORD, IN_KNOWN_BROWSER, IN_UNKNOWN_BROWSER, AT_ORDER_LOOKUP]
        .map(|prefix| format!("{prefix}{phone_subject}"))
}

/// Whether a code of this purpose is asked for after the right password.
const fn is_after_password(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Login | Purpose::StepUp | Purpose::Payment)
}

/// The name under which wrong recovery codes of an account are counted.
fn recovery_subject(account: &AccountId) -> String {
    format!("recovery/{account}")
}

impl Issuer {
    /// Forgets the wrong answers of an account that is deleted, and of its phone: the next owner of
    /// the number must not inherit them.
    pub(crate) async fn forget_failures(
        &self,
        tx: &mut Connection,
        account: &AccountId,
        phone: &PhoneNumber,
    ) -> Result<()> {
        let phone_subject = self.limits.subject(&Recipient::Phone(phone.clone()))?;
        tx.failures().recover(&recovery_subject(account)).await?;
        for subject in failure_subjects(&phone_subject) {
            tx.failures().recover(&subject).await?;
        }
        Ok(())
    }

    /// The name under which wrong answers to a challenge are counted, if they are.
    pub(super) fn failure_subject(&self, challenge: &Challenge) -> Result<Option<String>> {
        if challenge.method == ChallengeMethod::RecoveryCode {
            return Ok(Some(recovery_subject(&challenge.account)));
        }
        let prefix = match challenge.purpose {
            Purpose::Login | Purpose::StepUp | Purpose::Payment => AFTER_PASSWORD,
            Purpose::Reset if challenge.is_known_browser => IN_KNOWN_BROWSER,
            Purpose::Reset => IN_UNKNOWN_BROWSER,
            Purpose::OrderLookup => AT_ORDER_LOOKUP,
            Purpose::Phone => return Ok(None),
        };
        Ok(Some(format!("{prefix}{}", self.limits.subject(&challenge.to)?)))
    }

    /// Refuses a code after the right password while such codes of its phone wait or are
    /// disabled.
    pub(super) async fn ensure_open(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<()> {
        let subject = self.failure_subject(challenge)?;
        let Some(subject) = subject.filter(|_| is_after_password(challenge.purpose)) else {
            return Ok(());
        };
        let Some(failures) = tx.failures().find(&subject).await? else { return Ok(()) };
        if failures.disabled_at.is_some() {
            return Err(Refusal::PhoneDisabled.into());
        }
        if failures.wait_until <= now {
            return Ok(());
        }
        let until = failures.wait_until.min(now + self.policy.max_wait);
        Err(Refusal::TooMany { seconds: now.seconds_until(until) }.into())
    }

    /// Counts an attempt as a failure before it is evaluated, and returns the count; the right
    /// code clears it. If codes of the phone wait or are disabled it counts nothing, and refuses.
    /// `None` if wrong codes of this purpose are not counted.
    pub(super) async fn count_failure(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<Option<FailureCount>> {
        let Some(subject) = self.failure_subject(challenge)? else { return Ok(None) };
        let Some(failures) = tx.failures().add(&subject, now).await? else {
            self.ensure_open(tx, challenge, now).await?;
            return Err(Refusal::WrongOrExpired { left: 0 }.into());
        };
        if is_after_password(challenge.purpose)
            && let Some(wait) = self.policy.wait_after(failures.consecutive)
        {
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
        if let Some(failures) = failures.filter(|_| is_after_password(challenge.purpose)) {
            self.record_failures(tx, challenge, failures, now).await?;
        }
        let is_notified = matches!(challenge.purpose, Purpose::Login | Purpose::StepUp);
        if is_notified && challenge.attempts >= self.policy.attempts {
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
        let Some(subject) = self.failure_subject(challenge)? else { return Ok(()) };
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
