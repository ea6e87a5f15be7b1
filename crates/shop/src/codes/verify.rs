//! Answering a challenge, in two commits.
//!
//! The first charges the attempt, by one statement, and counts it as a failure of its phone
//! and of its network address, before the answer is looked at: whatever happens afterwards,
//! the attempt is paid for, and requests in parallel get no more attempts than requests in
//! sequence. The second reads what the challenge is bound to now, asks the challenge's method
//! whether the answer is right, and, if so, consumes the challenge together with what it
//! grants. One commit is not enough, because a grant that fails must undo the consuming and
//! must not undo the charge.
//!
//! An answer that this browser gives once more at once, as a double click does, leads to what it
//! granted (`Grant::find_granted`), and grants nothing a second time.
//!
//! Both run again when another transaction was in the way, because they change nothing but
//! rows. They take their locks in the order that `codes` documents.

use std::time::Duration;

use domain::{Code, MessageKind, Problem, Purpose, RecoveryCode, Refusal, Timestamp};
use store::{
    BoxFuture, Challenge, ChallengeMethod, Connection, FailureCount, PhoneChangeEnd,
    repeatable_transaction, transaction,
};
use tracing::Instrument;

use super::{
    Binding, Codes, Issuer,
    method::{self, Answer},
};
use crate::{
    audit::Event,
    error::{Fault, Result},
    phone_change_requests,
    visitor::Visitor,
};

/// How long after a right answer the same one is taken for a repetition: longer than a slow link
/// takes to bring the second of two clicks, and shorter than a person takes to leave the browser
/// to somebody else.
const REPETITION_WINDOW: Duration = Duration::from_secs(30);

/// What the right answer grants. It is cloned for each run of the transaction.
pub trait Grant: Clone + std::marker::Send + 'static {
    /// What the use case gets back.
    type Output: std::marker::Send + 'static;

    /// What the challenge must be bound to according to the database now;
    /// [`Binding::none`] except for payments.
    fn binding<'c>(
        &'c self,
        _tx: &'c mut Connection,
        _challenge: &'c Challenge,
    ) -> BoxFuture<'c, Result<Binding>> {
        Box::pin(async { Ok(Binding::none()) })
    }

    /// What the right answer granted at the time at which its challenge was consumed, if that still
    /// holds: it is what the same answer leads to when it is repeated.
    fn find_granted<'c>(
        self,
        _tx: &'c mut Connection,
        _challenge: &'c Challenge,
        _granted_at: Timestamp,
    ) -> BoxFuture<'c, Result<Option<Self::Output>>> {
        Box::pin(async { Ok(None) })
    }

    /// Grants it, in the transaction that consumes the challenge. If this fails the challenge
    /// is not consumed; the attempt stays charged.
    fn grant<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<Self::Output>>;
}

/// An attempt that was charged, and counts as a failure until it is found right.
#[derive(Clone)]
struct ChargedAttempt {
    challenge: Challenge,
    /// The failures that it counts among, if they are counted.
    failures: Option<FailureCount>,
    at: Timestamp,
}

/// What became of an attempt in the first commit.
enum Charge<T> {
    /// It is charged to the challenge, and not evaluated yet.
    Charged(Box<ChargedAttempt>),
    /// The right answer was given a moment ago, and granted this.
    Repeated(T),
    /// There is no challenge to charge it to.
    NoChallenge,
}

/// What a charged attempt turned out to be.
enum Evaluation<T> {
    Right(T),
    Wrong,
    /// Right, but another request with the same answer was first.
    Consumed,
    BindingChanged,
}

impl Codes {
    /// Answers this browser's newest challenge of a purpose.
    pub async fn verify<G: Grant>(
        &self,
        visitor: &Visitor,
        purpose: Purpose,
        answer: &str,
        grant: G,
    ) -> Result<G::Output> {
        let issuer = self.issuer(visitor);
        match Code::parse(answer) {
            Ok(code) => self.submit(issuer, purpose, Answer::Code(code), grant).await,
            Err(format) => Err(self.refuse_format(issuer, Problem::Code(format)).await),
        }
    }

    /// Answers this browser's newest challenge of a sign-in with a recovery code.
    pub(crate) async fn verify_recovery_code<G: Grant>(
        &self,
        visitor: &Visitor,
        answer: &str,
        grant: impl FnOnce(&RecoveryCode) -> G,
    ) -> Result<G::Output> {
        let issuer = self.issuer(visitor);
        let Some(code) = RecoveryCode::parse(answer) else {
            return Err(self.refuse_format(issuer, Problem::RecoveryCode).await);
        };
        let grant = grant(&code);
        self.submit(issuer, Purpose::Login, Answer::RecoveryCode(code), grant).await
    }

    async fn submit<G: Grant>(
        &self,
        issuer: Issuer,
        purpose: Purpose,
        answer: Answer,
        grant: G,
    ) -> Result<G::Output> {
        // It runs in a task of its own, which goes on when the visitor disconnects: an attempt
        // that was charged is evaluated, and has the consequences of a wrong one if it was.
        let codes = self.clone();
        let answering = async move { codes.answer(issuer, purpose, answer, grant).await };
        let answered = tokio::spawn(answering.in_current_span()).await;
        answered.map_err(|_| Fault::Broken("an answer"))?
    }

    /// Charges a malformed answer to the network address: it is no attempt, but not free.
    async fn refuse_format(&self, issuer: Issuer, problem: Problem) -> crate::error::Error {
        let counted = transaction!(self.db, |tx| issuer
            .limits
            .fail(tx, &issuer.address, issuer.clock.now())
            .await);
        counted.await.err().unwrap_or_else(|| problem.into())
    }

    async fn answer<G: Grant>(
        &self,
        issuer: Issuer,
        purpose: Purpose,
        answer: Answer,
        grant: G,
    ) -> Result<G::Output> {
        let (charging, given, granted) = (issuer.clone(), answer.clone(), grant.clone());
        let charged = repeatable_transaction!(self.db, |tx| {
            charging.charge(tx, purpose, &given, granted).await
        });
        let charged = match charged.await? {
            Charge::Charged(charged) => *charged,
            Charge::Repeated(output) => return Ok(output),
            Charge::NoChallenge => {
                // A notice to the owner may be in the outbox now.
                self.outbox.wake();
                return Err(Refusal::WrongOrExpired { left: 0 }.into());
            }
        };
        let left = issuer.policy.attempts.saturating_sub(charged.challenge.attempts);
        let evaluation = repeatable_transaction!(self.db, |tx| {
            issuer.evaluate(tx, charged, &answer, grant).await
        });
        match evaluation.await? {
            Evaluation::Right(output) => Ok(output),
            Evaluation::Wrong => {
                self.outbox.wake();
                Err(Refusal::WrongOrExpired { left }.into())
            }
            Evaluation::Consumed => Err(Refusal::WrongOrExpired { left: 0 }.into()),
            Evaluation::BindingChanged => Err(Refusal::OrderChanged.into()),
        }
    }
}

impl Issuer {
    /// The first commit.
    async fn charge<G: Grant>(
        &self,
        tx: &mut Connection,
        purpose: Purpose,
        answer: &Answer,
        grant: G,
    ) -> Result<Charge<G::Output>> {
        let now = self.clock.now();
        let attempts = self.policy.attempts;
        let browser = &self.browser_digest;
        tx.challenges().take_turn(browser, purpose).await?;
        let spent = tx.challenges().spend_attempt(browser, purpose, attempts, now).await?;
        let Some(challenge) = spent else {
            // It is charged before it is compared, too: a guess at a used code is a guess.
            let since = now - REPETITION_WINDOW;
            let mut challenges = tx.challenges();
            let used = challenges.spend_repetition(browser, purpose, attempts, since, now).await?;
            self.limits.fail(tx, &self.address, now).await?;
            if let Some(output) = self.repeated(tx, used, answer, grant).await? {
                self.limits.take_back_failure(tx, &self.address, now).await?;
                return Ok(Charge::Repeated(output));
            }
            self.detect_reuse(tx, purpose, answer, now).await?;
            return Ok(Charge::NoChallenge);
        };
        let failures = self.count_failure(tx, &challenge, now).await?;
        self.limits.fail(tx, &self.address, now).await?;
        Ok(Charge::Charged(Box::new(ChargedAttempt { challenge, failures, at: now })))
    }

    /// What this browser's right answer granted a moment ago, if this is the same answer to the
    /// challenge that it used.
    async fn repeated<G: Grant>(
        &self,
        tx: &mut Connection,
        used: Option<Challenge>,
        answer: &Answer,
        grant: G,
    ) -> Result<Option<G::Output>> {
        let Some(challenge) = used else { return Ok(None) };
        let Some(consumed_at) = challenge.consumed_at else { return Ok(None) };
        if !method::was_right(tx, &self.keys, &challenge, answer, consumed_at).await? {
            return Ok(None);
        }
        grant.find_granted(tx, &challenge, consumed_at).await
    }

    /// Looks at why there was nothing to charge: a code that was accepted before and is given
    /// again is recorded, and a challenge that was once seen to be expired stays over
    /// even if the clock is set back.
    async fn detect_reuse(
        &self,
        tx: &mut Connection,
        purpose: Purpose,
        answer: &Answer,
        now: Timestamp,
    ) -> Result<()> {
        let newest = tx.challenges().find_newest(&self.browser_digest, purpose).await?;
        let Some(challenge) = newest else { return Ok(()) };
        if challenge.consumed_at.is_some() {
            if method::is_right(tx, &self.keys, &challenge, answer).await? {
                self.record(tx, Event::CodeReused, &challenge, now).await?;
                self.notify_of_reuse(tx, &challenge, now).await?;
            }
        } else if challenge.expires_at <= now {
            tx.challenges().revoke(&challenge.id, now).await?;
        }
        Ok(())
    }

    /// Notifies the owner that a used code was given again, once for each challenge.
    async fn notify_of_reuse(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<()> {
        if !tx.challenges().mark_reused(&challenge.id, now).await? {
            return Ok(());
        }
        match tx.accounts().find(&challenge.account).await? {
            Some(owner) => self.notify(tx, &owner.id, &owner.phone, MessageKind::CodeReused).await,
            None => Ok(()),
        }
    }

    /// The second commit.
    async fn evaluate<G: Grant>(
        &self,
        tx: &mut Connection,
        charged: ChargedAttempt,
        answer: &Answer,
        grant: G,
    ) -> Result<Evaluation<G::Output>> {
        let now = self.clock.now();
        let challenge = &charged.challenge;
        tx.challenges().take_turn(&self.browser_digest, challenge.purpose).await?;
        let binding = grant.binding(tx, challenge).await?;
        if binding.as_str() != challenge.binding_digest {
            tx.challenges().revoke(&challenge.id, now).await?;
            self.record(tx, Event::BindingChanged, challenge, now).await?;
            return Ok(Evaluation::BindingChanged);
        }
        let is_right = method::is_right(tx, &self.keys, challenge, answer).await?;
        if !is_right || !tx.challenges().consume(&challenge.id, now).await? {
            // Another request with the same answer may have been first. This one is charged already.
            let used = tx.challenges().find(&challenge.id).await?;
            if let Some(output) = self.repeated(tx, used, answer, grant).await? {
                self.limits.take_back_failure(tx, &self.address, charged.at).await?;
                return Ok(Evaluation::Right(output));
            }
            if is_right {
                return Ok(Evaluation::Consumed);
            }
            self.record_wrong(tx, challenge, charged.failures, now).await?;
            return Ok(Evaluation::Wrong);
        }
        if let Some(subject) = self.failure_subject(challenge)? {
            tx.failures().clear(&subject).await?;
        }
        self.record(tx, Event::CodeAccepted, challenge, now).await?;
        let output = grant.grant(tx, challenge, now).await?;
        self.stop_phone_change(tx, challenge, now).await?;
        self.limits.take_back_failure(tx, &self.address, charged.at).await?;
        self.limits.refund(tx, challenge, now).await?;
        Ok(Evaluation::Right(output))
    }

    /// A right code from the phone of an account shows that the phone is not lost: a change of
    /// phone that the merchant started ends, and so does a permission that a recovery code gave.
    async fn stop_phone_change(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<()> {
        // A code for the purpose `Phone` goes to another number.
        let is_from_old_phone =
            challenge.method == ChallengeMethod::Message && challenge.purpose != Purpose::Phone;
        let how = PhoneChangeEnd::OldPhone;
        if is_from_old_phone && phone_change_requests::end(tx, &challenge.account, how, now).await?
        {
            self.record(tx, Event::PhoneChangeStopped, challenge, now).await?;
        }
        Ok(())
    }
}
