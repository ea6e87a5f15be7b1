//! Step-up: password and code, given again in a session, allow an important change for a few
//! minutes (S-R05). Each such change consumes the step-up.

use std::time::Duration;

use domain::{AccountId, Purpose, Refusal, Timestamp};
use store::{BoxFuture, Challenge, Connection, repeatable_transaction};

use crate::{
    account::Account,
    audit::{Audit, Event},
    clock::Clock,
    codes::{CodeRequest, Grant},
    error::Result,
    visitor::{SignedIn, Visitor},
};

/// How long a step-up lasts.
pub const STEP_UP_TTL: Duration = Duration::from_secs(5 * 60);

impl Account<'_> {
    /// Checks the password again and sends a code to the phone of the account. The code has its
    /// own purpose, so that it cannot sign in, and a sign-in code is no step-up.
    pub async fn begin_step_up(&self, visitor: &Visitor, password: String) -> Result<()> {
        let row = self.reauthentication.confirm_password(visitor, password).await?;
        let issuer = self.codes.issuer(visitor);
        let request = CodeRequest::to_account(Purpose::StepUp, row);
        repeatable_transaction!(self.db, |tx| issuer.issue(tx, &request).await).await?;
        self.outbox.wake();
        Ok(())
    }

    /// Verifies the code. The id of the session must change afterwards.
    pub async fn verify_step_up(&self, visitor: &Visitor, code: &str) -> Result<()> {
        let signed_in = visitor.require_signed_in()?.clone();
        let grant = StepUpGrant { audit: self.audit.clone(), signed_in };
        self.codes.verify(visitor, Purpose::StepUp, code, grant).await
    }

    /// Cancels the code, so that the password is asked again.
    pub async fn start_step_up_again(&self, visitor: &Visitor) -> Result<()> {
        self.codes.cancel(visitor, Purpose::StepUp).await
    }

    /// Whether this browser's newest challenge of a purpose is live and of this account.
    pub(crate) async fn awaits_code(
        &self,
        visitor: &Visitor,
        signed_in: &SignedIn,
        purpose: Purpose,
    ) -> Result<bool> {
        self.codes.awaits(visitor, &signed_in.account, purpose).await
    }
}

/// Whether the step-up of a sign-in is still fresh.
pub(crate) fn is_stepped_up(signed_in: &SignedIn, clock: &Clock) -> bool {
    signed_in.stepped_up_at.is_some_and(|at| clock.now().since(at) < STEP_UP_TTL)
}

/// Consumes the step-up of a sign-in, or refuses if it is not fresh.
pub(crate) async fn spend_step_up(
    tx: &mut Connection,
    SignedIn { id, account, .. }: &SignedIn,
    now: Timestamp,
) -> Result<()> {
    if tx.sign_ins().spend_step_up(id, account, now - STEP_UP_TTL).await? {
        return Ok(());
    }
    Err(Refusal::StepUpNeeded.into())
}

/// Refuses a challenge of another account, whose right code counts as wrong here.
pub(crate) fn ensure_own(challenge: &Challenge, account: &AccountId) -> Result<()> {
    if challenge.account == *account {
        return Ok(());
    }
    Err(Refusal::WrongOrExpired { left: 0 }.into())
}

/// What the right code grants: a fresh step-up of this sign-in.
#[derive(Clone)]
struct StepUpGrant {
    audit: Audit,
    signed_in: SignedIn,
}

impl Grant for StepUpGrant {
    type Output = ();

    fn find_granted<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        granted_at: Timestamp,
    ) -> BoxFuture<'c, Result<Option<()>>> {
        Box::pin(async move {
            let SignedIn { id, account, .. } = &self.signed_in;
            ensure_own(challenge, account)?;
            Ok(tx.sign_ins().was_stepped_up(id, account, granted_at).await?.then_some(()))
        })
    }

    fn grant<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<()>> {
        Box::pin(async move {
            let SignedIn { id, account, .. } = &self.signed_in;
            ensure_own(challenge, account)?;
            if !tx.sign_ins().step_up(id, account, now).await? {
                return Err(Refusal::SignInNeeded.into());
            }
            self.audit.record(tx, Event::SessionRenewed, Some(account), "step-up", now).await
        })
    }
}
