//! Answering a code, in two commits.
//!
//! The first charges the attempt, by one statement, and counts it as a failure of
//! its subject and of its address, before anything is looked at: whatever happens
//! afterwards, the guess is paid for, and of many at once no more are let pass
//! than one after the other. The second asks the
//! database what the code is bound to now, derives, compares, and, if the code
//! is right, consumes the challenge together with what it grants. It cannot be
//! one commit, because a grant that fails must undo the consuming and must not
//! undo the charge; and it need not be three.

use domain::{Code, MessageKind, Problem, Purpose, Refusal, Timestamp, code::CodeFormat};
use store::{BoxFuture, Challenge, Connection, FailureCount};
use tracing::Instrument;

use super::{Binding, Codes, Issuer, derive};
use crate::{Fault, Result, Visitor, audit::Event};

/// What the right code gives.
pub trait Grant: std::marker::Send + 'static {
    /// What the use-case gets back.
    type Output: std::marker::Send + 'static;

    /// What the code must be bound to according to the database now;
    /// [`Binding::none`] except for payments.
    fn binding<'c>(
        &'c self,
        _tx: &'c mut Connection,
        _challenge: &'c Challenge,
    ) -> BoxFuture<'c, Result<Binding>> {
        Box::pin(async { Ok(Binding::none()) })
    }

    /// Gives it, in the transaction that consumes the challenge. If this fails
    /// the challenge is not consumed; the attempt stays charged.
    fn grant<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<Self::Output>>;
}

/// An attempt that was charged, and counts as a failure until it is found right.
struct ChargedAttempt {
    challenge: Challenge,
    /// How the challenge's subject stands, this failure included. `None` if its codes
    /// wait or are switched off: then a stranger's is wrong whatever it is.
    failures: Option<FailureCount>,
    at: Timestamp,
}

/// What became of an attempt that was charged.
enum Verdict<T> {
    Right(T),
    Wrong,
    /// Right, but another request with the same code was first.
    Lost,
    Changed,
}

impl Codes<'_> {
    /// Answers this browser's newest code of a purpose.
    pub async fn verify<G: Grant>(
        &self,
        visitor: &Visitor,
        purpose: Purpose,
        requested_identifier: &str,
        grant: G,
    ) -> Result<G::Output> {
        let issuer = self.issuer(visitor);
        let code = match Code::parse(requested_identifier) {
            Ok(code) => code,
            Err(format) => return Err(self.refuse_format(issuer, format).await),
        };
        // In a task of its own, which goes on when the visitor goes away: what was charged
        // is judged, and has the consequences of a wrong code if it was one.
        let answering = tokio::spawn(issuer.answer(purpose, code, grant).in_current_span());
        answering.await.map_err(|_| Fault::Broken("an answer"))?
    }

    /// Not six digits: no guess, but not free either.
    async fn refuse_format(&self, issuer: Issuer, format: CodeFormat) -> crate::Error {
        let counted = self
            .0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let now = issuer.shop.clock().now();
                    issuer.shop.limits().fail(tx, &issuer.address, now).await
                })
            })
            .await;
        counted.err().unwrap_or_else(|| Problem::Code(format).into())
    }
}

impl Issuer {
    async fn answer<G: Grant>(self, purpose: Purpose, code: Code, grant: G) -> Result<G::Output> {
        let shop = self.shop.clone();
        let (issuer, guess) = (self.clone(), code.clone());
        let charge = shop
            .db()
            .write(move |tx| Box::pin(async move { issuer.charge(tx, purpose, &guess).await }));
        let Some(charged) = charge.await? else {
            // There may be a word to the owner in the outbox now.
            shop.delivery().wake();
            return Err(Refusal::WrongOrExpired { left: 0 }.into());
        };
        let left = shop.settings().policy.attempts.saturating_sub(charged.challenge.attempts);
        let judge = shop
            .db()
            .write(move |tx| Box::pin(async move { self.judge(tx, charged, &code, grant).await }));
        match judge.await? {
            Verdict::Right(output) => Ok(output),
            Verdict::Wrong => {
                shop.delivery().wake();
                Err(Refusal::WrongOrExpired { left }.into())
            }
            Verdict::Lost => Err(Refusal::WrongOrExpired { left: 0 }.into()),
            Verdict::Changed => Err(Refusal::OrderChanged.into()),
        }
    }

    /// The first commit. `None` if there is nothing to charge an attempt to.
    async fn charge(
        &self,
        tx: &mut Connection,
        purpose: Purpose,
        code: &Code,
    ) -> Result<Option<ChargedAttempt>> {
        let now = self.shop.clock().now();
        let attempts = self.shop.settings().policy.attempts;
        self.shop.limits().fail(tx, &self.address, now).await?;
        let browser = &self.browser_digest;
        let spent = tx.challenges().spend_attempt(browser, purpose, attempts, now).await?;
        let Some(challenge) = spent else {
            self.look_back(tx, purpose, code, now).await?;
            return Ok(None);
        };
        if let Some(requested_identifier) = &challenge.requested_identifier {
            self.shop.limits().count_guess(tx, requested_identifier, now).await?;
        }
        let failures = self.count_failure(tx, &challenge, now).await?;
        Ok(Some(ChargedAttempt { challenge, failures, at: now }))
    }

    /// Why there was nothing to charge: a code that was accepted before and is
    /// given again is worth knowing, and a challenge that was once seen to
    /// be expired stays over even if the clock is set back.
    async fn look_back(
        &self,
        tx: &mut Connection,
        purpose: Purpose,
        code: &Code,
        now: Timestamp,
    ) -> Result<()> {
        let newest = tx.challenges().find_newest(&self.browser_digest, purpose).await?;
        let Some(challenge) = newest else { return Ok(()) };
        if challenge.consumed_at.is_some() {
            if self.is_right(&challenge, code)? {
                self.record(tx, Event::CodeReused, &challenge, now).await?;
                self.tell_of_reuse(tx, &challenge, now).await?;
            }
        } else if challenge.expires_at <= now {
            tx.challenges().revoke(&challenge.id, now).await?;
        }
        Ok(())
    }

    /// Tells the owner that a used code was given again: once for each code.
    async fn tell_of_reuse(
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
    async fn judge<G: Grant>(
        &self,
        tx: &mut Connection,
        charged: ChargedAttempt,
        code: &Code,
        grant: G,
    ) -> Result<Verdict<G::Output>> {
        let now = self.shop.clock().now();
        let challenge = &charged.challenge;
        let binding = grant.binding(tx, challenge).await?;
        if binding.as_str() != challenge.binding_digest {
            tx.challenges().revoke(&challenge.id, now).await?;
            self.record(tx, Event::BindingChanged, challenge, now).await?;
            return Ok(Verdict::Changed);
        }
        if !(self.is_right(challenge, code)? & charged.failures.is_some()) {
            self.note_wrong(tx, challenge, charged.failures, now).await?;
            return Ok(Verdict::Wrong);
        }
        if !tx.challenges().consume(&challenge.id, now).await? {
            return Ok(Verdict::Lost);
        }
        self.forget_failures(tx, &charged, now).await?;
        Ok(Verdict::Right(grant.grant(tx, challenge, now).await?))
    }

    /// A decoy is derived and compared like any other, and never right.
    fn is_right(&self, challenge: &Challenge, code: &Code) -> Result<bool> {
        let derived = derive::code(&self.shop.settings().keys, challenge)?;
        Ok(derive::is_same(&derived, code) & !challenge.to.is_decoy())
    }

    async fn forget_failures(
        &self,
        tx: &mut Connection,
        ChargedAttempt { challenge, at, .. }: &ChargedAttempt,
        now: Timestamp,
    ) -> Result<()> {
        let limits = self.shop.limits();
        limits.take_back_failure(tx, &self.address, *at).await?;
        tx.failures().clear(&limits.subject(&challenge.to)?).await?;
        limits.give_back(tx, challenge, now).await?;
        self.record(tx, Event::CodeAccepted, challenge, now).await
    }
}
