//! Checking a password: the limits, one hash, and the charge, in that order. Wrong passwords
//! are counted for each e-mail address, whether or not it has an account, and apart from
//! wrong codes. An e-mail address that reaches its limit has to wait; it is never
//! locked for good.
//!
//! Without an account the same hash is computed and the same statements run, so that neither
//! the answer nor its time tells a wrong password from an unknown address (S-A22).

use domain::{AccountId, EmailAddress, Password, Timestamp};
use store::{Account, Connection, Db, Limit, transaction};

use crate::{
    audit::{Audit, Event},
    clock::Clock,
    error::{Fault, Result},
    limits::{AttemptSource, Limits, refuse},
    passwords::Passwords,
    visitor::Visitor,
};

/// Checks passwords, at sign-in and in a session.
#[derive(Clone, Copy)]
pub(crate) struct PasswordAuthentication<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) passwords: &'s Passwords,
    pub(crate) audit: &'s Audit,
    pub(crate) limits: &'s Limits,
}

impl PasswordAuthentication<'_> {
    /// The attempts of this visitor at the password of an e-mail address.
    pub(crate) fn attempts(
        &self,
        visitor: &Visitor,
        email: &EmailAddress,
        source: AttemptSource,
    ) -> Result<PasswordAttempts> {
        Ok(PasswordAttempts {
            db: self.db.clone(),
            clock: self.clock.clone(),
            passwords: self.passwords.clone(),
            audit: self.audit.clone(),
            limits: self.limits.password_attempts(email, &visitor.address, source)?,
        })
    }
}

/// The attempts at one e-mail address by one visitor.
#[derive(Clone)]
pub(crate) struct PasswordAttempts {
    db: Db,
    clock: Clock,
    passwords: Passwords,
    audit: Audit,
    /// What an attempt counts against (`Limits::password_attempts`).
    limits: Vec<Limit>,
}

/// An account whose password was given. The attempt is still counted. The use case refunds it
/// with [`PasswordAttempts::refund`] in the transaction of its own effect.
pub(crate) struct Authenticated {
    pub(crate) account: Account,
    /// The hash was made with another key or other parameters than new ones are.
    pub(crate) is_hash_outdated: bool,
}

impl PasswordAttempts {
    /// Checks a password against that of an account, or against none. The attempt is charged
    /// before this returns, whether it is right or wrong.
    ///
    /// Refuses before anything is hashed if no attempts are left, and after it if other
    /// requests used them up in the meantime, whatever the password was. A check that began is
    /// charged even if the caller goes away, so closing the connection saves no attempt.
    pub(crate) async fn check(
        &self,
        account: Option<Account>,
        password: Password,
    ) -> Result<Option<Authenticated>> {
        let attempts = self.clone();
        let task = tokio::spawn(async move { attempts.check_and_charge(account, password).await });
        task.await.map_err(|_| Fault::Broken("the check of a password panicked"))?
    }

    async fn check_and_charge(
        &self,
        account: Option<Account>,
        password: Password,
    ) -> Result<Option<Authenticated>> {
        self.ensure_left().await?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let check = self.passwords.verify(password, hash).await?;
        let account = account.filter(|_| check.is_right);
        let (attempts, id) = (self.clone(), account.as_ref().map(|account| account.id.clone()));
        transaction!(self.db, |tx| attempts.charge(tx, id.as_ref()).await).await?;
        let is_hash_outdated = check.is_outdated;
        Ok(account.map(|account| Authenticated { account, is_hash_outdated }))
    }

    async fn ensure_left(&self) -> Result<()> {
        let now = self.clock.now();
        let mut connection = self.db.read().await?;
        refuse("passwords", self.free_at(&mut connection, now).await?, now)
    }

    /// Refunds a right attempt. It runs in the transaction of the grant of the password, so that
    /// an attempt whose code is refused by a limit stays counted. Otherwise a client that knows
    /// one password could have any number of hashes computed.
    pub(crate) async fn refund(&self, tx: &mut Connection) -> Result<()> {
        let now = self.clock.now();
        for limit in &self.limits {
            tx.counters().refund(limit, now, 1).await?;
        }
        Ok(())
    }

    /// Counts an attempt; `right` names the account whose password it was.
    async fn charge(&self, tx: &mut Connection, right: Option<&AccountId>) -> Result<()> {
        let now = self.clock.now();
        refuse("passwords", tx.counters().count(&self.limits, now).await?, now)?;
        let event = if right.is_some() {
            Event::PasswordAccepted
        } else if self.free_at(tx, now).await?.is_some() {
            Event::LoginLocked
        } else {
            Event::LoginFailed
        };
        self.audit.record(tx, event, right, "password", now).await
    }

    /// When the next attempt may be made; `None` if that is now.
    async fn free_at(
        &self,
        connection: &mut Connection,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let mut free_at = None;
        for limit in &self.limits {
            free_at = free_at.max(connection.counters().peek(limit, now).await?);
        }
        Ok(free_at)
    }
}
