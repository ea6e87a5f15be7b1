//! Answering a code, in two commits.
//!
//! The first charges the attempt, by one statement, before anything is looked
//! at: whatever happens afterwards, the guess is paid for. The second asks the
//! database what the code is bound to now, derives, compares, and, if the code
//! is right, consumes the challenge together with what it grants. It cannot be
//! one commit, because a grant that fails must undo the consuming and must not
//! undo the charge; and it need not be three.

use domain::{Code, Problem, Purpose, Refusal, Timestamp, code::CodeFormat};
use store::{BoxFuture, Challenge, Connection};

use super::{Binding, Codes, Issuer, derive};
use crate::{Result, Visitor, audit::Event};

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
        typed: &str,
        grant: G,
    ) -> Result<G::Output> {
        let issuer = self.issuer(visitor);
        let code = match Code::parse(typed) {
            Ok(code) => code,
            Err(format) => return Err(self.refuse_format(issuer, format).await),
        };
        let Some(challenge) = self.charge(issuer.clone(), purpose, code.clone()).await? else {
            return Err(Refusal::WrongOrExpired { left: 0 }.into());
        };
        let left = self.0.settings().policy.attempts.saturating_sub(challenge.attempts);
        let judged = self
            .0
            .db()
            .write(move |tx| {
                Box::pin(async move { issuer.judge(tx, challenge, &code, grant).await })
            })
            .await?;
        match judged {
            Verdict::Right(output) => Ok(output),
            Verdict::Wrong => {
                self.0.delivery().wake();
                Err(Refusal::WrongOrExpired { left }.into())
            }
            Verdict::Lost => Err(Refusal::WrongOrExpired { left: 0 }.into()),
            Verdict::Changed => Err(Refusal::OrderChanged.into()),
        }
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

    /// The first commit. `None` if there is nothing to charge an attempt to.
    async fn charge(
        &self,
        issuer: Issuer,
        purpose: Purpose,
        code: Code,
    ) -> Result<Option<Challenge>> {
        self.0
            .db()
            .write(move |tx| Box::pin(async move { issuer.charge(tx, purpose, &code).await }))
            .await
    }
}

impl Issuer {
    async fn charge(
        &self,
        tx: &mut Connection,
        purpose: Purpose,
        code: &Code,
    ) -> Result<Option<Challenge>> {
        let now = self.shop.clock().now();
        let attempts = self.shop.settings().policy.attempts;
        let limits = self.shop.limits();
        limits.ensure_may_fail(tx, &self.address, now).await?;
        let browser = &self.browser_digest;
        let charged = tx.challenges().spend_attempt(browser, purpose, attempts, now).await?;
        match &charged {
            Some(challenge) => {
                self.ensure_open(tx, &limits.subject(&challenge.to)?, now).await?;
            }
            None => {
                limits.count_failure(tx, &self.address, now).await?;
                self.look_back(tx, purpose, code, now).await?;
            }
        }
        Ok(charged)
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
            }
        } else if challenge.expires_at <= now {
            tx.challenges().revoke(&challenge.id, now).await?;
        }
        Ok(())
    }

    /// The second commit.
    async fn judge<G: Grant>(
        &self,
        tx: &mut Connection,
        challenge: Challenge,
        code: &Code,
        grant: G,
    ) -> Result<Verdict<G::Output>> {
        let now = self.shop.clock().now();
        let binding = grant.binding(tx, &challenge).await?;
        if binding.as_str() != challenge.binding_digest {
            tx.challenges().revoke(&challenge.id, now).await?;
            self.record(tx, Event::BindingChanged, &challenge, now).await?;
            return Ok(Verdict::Changed);
        }
        if !self.is_right(&challenge, code)? {
            self.count_wrong(tx, &challenge, now).await?;
            return Ok(Verdict::Wrong);
        }
        if !tx.challenges().consume(&challenge.id, now).await? {
            return Ok(Verdict::Lost);
        }
        self.forget_failures(tx, &challenge, now).await?;
        Ok(Verdict::Right(grant.grant(tx, &challenge, now).await?))
    }

    /// A decoy is derived and compared like any other, and never right.
    fn is_right(&self, challenge: &Challenge, code: &Code) -> Result<bool> {
        let derived = derive::code(&self.shop.settings().keys, challenge)?;
        Ok(derive::is_same(&derived, code) & !challenge.to.is_decoy())
    }

    async fn forget_failures(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<()> {
        let limits = self.shop.limits();
        tx.failures().clear(&limits.subject(&challenge.to)?).await?;
        limits.give_back(tx, challenge, now).await?;
        self.record(tx, Event::CodeAccepted, challenge, now).await
    }
}
