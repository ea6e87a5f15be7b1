//! Reauthentication: a signed-in visitor gives the password again before an important change.

use domain::{Password, Problem, Refusal};
use store::{Account, Db, transaction};

use crate::{
    error::Result,
    limits::AttemptSource,
    password_attempts::PasswordAuthentication,
    visitor::{SignedIn, Visitor},
};

/// Checks the password of a signed-in visitor.
pub(crate) struct Reauthentication<'s> {
    pub(crate) db: &'s Db,
    pub(crate) authentication: PasswordAuthentication<'s>,
}

impl Reauthentication<'_> {
    /// The visitor's account, if this is its password. Wrong passwords are counted, so that a
    /// thief of the session cannot guess the password.
    pub(crate) async fn confirm_password(
        &self,
        visitor: &Visitor,
        password: String,
    ) -> Result<Account> {
        let signed_in = visitor.require_signed_in()?;
        let password = Password::claim(password).ok_or(Problem::PasswordTooLong)?;
        let account = self.account(signed_in).await?;
        let (email, source) = (&signed_in.email, AttemptSource::SignedIn);
        let attempts = self.authentication.attempts(visitor, email, source)?;
        let checked = attempts.check(Some(account), password).await?;
        let account = checked.ok_or(Refusal::WrongPassword)?.account;
        transaction!(self.db, |tx| attempts.refund(tx).await).await?;
        Ok(account)
    }

    /// The visitor's account, without a check of the password.
    pub(crate) async fn account(&self, signed_in: &SignedIn) -> Result<Account> {
        let account = self.db.read().await?.accounts().find_enabled(&signed_in.account).await?;
        account.ok_or_else(|| Refusal::SignInNeeded.into())
    }
}
