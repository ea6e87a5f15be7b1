//! Signing in: the password, then the code.
//!
//! A wrong password and an unknown e-mail address are refused at once, in the same words and
//! after the same work (S-A22). Only the right password leads to a code; from then on the
//! visitor has proved one factor, and the page of the code shows the true status of the message
//! and the limits of the phone. Nothing is sent before the password was right.

use domain::{
    AccountId, EmailAddress, Password, Problem, Purpose, Refusal, Secret, SignInId, Timestamp,
};
use store::{Account, BoxFuture, Challenge, Connection, Db, repeatable_transaction};

use crate::{
    audit::Audit,
    clock::Clock,
    codes::{CodeRequest, Codes, Grant},
    devices::{DeviceToken, NewDevice},
    entropy::Entropy,
    error::{Error, Result},
    limits::AttemptSource,
    outbox::OutboxSignal,
    password_attempts::{Authenticated, PasswordAttempts, PasswordAuthentication},
    passwords::RehashQueue,
    sessions::{NewSignIn, Sessions},
    visitor::Visitor,
};

/// Signing in.
pub struct SignIn<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) entropy: &'s Entropy,
    pub(crate) audit: &'s Audit,
    pub(crate) authentication: PasswordAuthentication<'s>,
    pub(crate) rehash_queue: &'s RehashQueue,
    pub(crate) codes: &'s Codes,
    pub(crate) sessions: Sessions<'s>,
    pub(crate) outbox: &'s OutboxSignal,
}

/// The next step of a sign-in after the right password.
#[derive(Clone, Debug)]
pub enum SignInStep {
    /// A code is sent to the phone of the account.
    CodeNeeded,
    /// The browser is a trusted device and needs no code.
    SignedIn {
        /// The sign-in, for the session.
        sign_in: SignInId,
        /// The device's next token, for its cookie.
        device_token: Secret<String>,
    },
}

/// A sign-in that the right code completed.
#[derive(Clone, Debug)]
pub struct SignInDone {
    /// The sign-in, for the session.
    pub sign_in: SignInId,
    /// The token of a device that is trusted from now on, for its cookie.
    pub device_token: Option<Secret<String>>,
}

impl SignIn<'_> {
    /// Checks e-mail address and password. Refuses with [`Refusal::WrongCredentials`] if they
    /// do not match, whether or not the address has an account.
    pub async fn begin(
        &self,
        visitor: &Visitor,
        email: &str,
        password: String,
        device_token: Option<&str>,
    ) -> Result<SignInStep> {
        visitor.require_cookie()?;
        let email = EmailAddress::parse(email).ok_or(Problem::EmailInvalid)?;
        let password = Password::claim(password).ok_or(Problem::PasswordTooLong)?;
        let token = device_token.and_then(DeviceToken::parse);
        let Candidate { account, trusted } = self.look_up(&email, token).await?;
        let source = match trusted {
            Some(_) => AttemptSource::TrustedDevice,
            None => AttemptSource::Anonymous,
        };
        let attempts = self.authentication.attempts(visitor, &email, source)?;
        let checked = attempts.check(account, password.clone()).await?;
        let Authenticated { account, is_hash_outdated } =
            checked.ok_or(Refusal::WrongCredentials)?;
        if is_hash_outdated {
            self.rehash_queue.add(&account, password);
        }
        self.proceed(visitor, account, trusted, attempts).await
    }

    /// Verifies the code.
    pub async fn verify(
        &self,
        visitor: &Visitor,
        code: &str,
        trust_device: bool,
    ) -> Result<SignInDone> {
        let grant = SignInGrant {
            audit: self.audit.clone(),
            sign_in: self.sessions.prepare(visitor)?,
            device: trust_device.then(|| NewDevice::generate(self.entropy, visitor)).transpose()?,
        };
        self.codes.verify(visitor, Purpose::Login, code, grant).await
    }

    async fn look_up(&self, email: &EmailAddress, token: Option<DeviceToken>) -> Result<Candidate> {
        let now = self.clock.now();
        let mut connection = self.db.read().await?;
        let account = connection.accounts().find_enabled_by_email(email).await?;
        let trusted = match token {
            Some(token) => {
                let no_account = AccountId::from_bits(0);
                let id = account.as_ref().map_or(&no_account, |account| &account.id);
                let is_trusted = connection.devices().is_trusted(&token.digest(), id, now).await?;
                is_trusted.then_some(token)
            }
            None => None,
        };
        Ok(Candidate { account, trusted })
    }

    /// Continues after the right password: signs in on a trusted device, or else sends a code.
    async fn proceed(
        &self,
        visitor: &Visitor,
        account: Account,
        trusted: Option<DeviceToken>,
        attempts: PasswordAttempts,
    ) -> Result<SignInStep> {
        let on_device = trusted.map(|token| self.device_sign_in(visitor, token)).transpose()?;
        let (clock, issuer) = (self.clock.clone(), self.codes.issuer(visitor));
        let (without_phone, owner) = (issuer.clone(), account.clone());
        let step = repeatable_transaction!(self.db, |tx| {
            let signed_in = match on_device {
                Some(on_device) => on_device.complete(tx, &account.id, clock.now()).await?,
                None => None,
            };
            let step = match signed_in {
                Some(step) => step,
                None => {
                    let request = CodeRequest::to_account(Purpose::Login, account);
                    issuer.issue(tx, &request).await?;
                    SignInStep::CodeNeeded
                }
            };
            attempts.refund(tx).await?;
            Ok(step)
        })
        .await;
        self.outbox.wake();
        if let Err(Error::Refused(Refusal::PhoneDisabled | Refusal::TooMany { .. })) = &step {
            // No code can be sent to this phone, but a recovery code can be given.
            repeatable_transaction!(self.db, |tx| without_phone
                .offer_recovery_code(tx, owner)
                .await)
            .await?;
        }
        step
    }

    fn device_sign_in(&self, visitor: &Visitor, token: DeviceToken) -> Result<DeviceSignIn> {
        let next = DeviceToken::generate(self.entropy)?;
        Ok(DeviceSignIn { token, next, sign_in: self.sessions.prepare(visitor)? })
    }
}

/// The data of a sign-in before the password is checked.
struct Candidate {
    account: Option<Account>,
    trusted: Option<DeviceToken>,
}

/// The sign-in of a trusted device, without a code.
#[derive(Clone)]
struct DeviceSignIn {
    token: DeviceToken,
    next: DeviceToken,
    sign_in: NewSignIn,
}

impl DeviceSignIn {
    /// Replaces the token by the next one and signs in. `None` if another request replaced it
    /// before, or the device was revoked just now.
    async fn complete(
        self,
        tx: &mut Connection,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<SignInStep>> {
        let (token, next) = (self.token.digest(), self.next.digest());
        tx.accounts().lock(account).await?;
        if !tx.devices().rotate(&token, account, &next, now).await? {
            return Ok(None);
        }
        let sign_in = self.sign_in.begin(tx, account, "trusted device", now).await?;
        Ok(Some(SignInStep::SignedIn { sign_in, device_token: self.next.into_secret() }))
    }
}

/// The grant of the right sign-in code.
#[derive(Clone)]
struct SignInGrant {
    audit: Audit,
    sign_in: NewSignIn,
    device: Option<NewDevice>,
}

impl Grant for SignInGrant {
    type Output = SignInDone;

    /// A repetition trusts no further device.
    fn find_granted<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        granted_at: Timestamp,
    ) -> BoxFuture<'c, Result<Option<SignInDone>>> {
        Box::pin(async move {
            let found = tx.sign_ins().find_by_code(&challenge.account, granted_at).await?;
            Ok(found.map(|sign_in| SignInDone { sign_in, device_token: None }))
        })
    }

    fn grant<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<SignInDone>> {
        Box::pin(async move {
            let account = tx.accounts().find_enabled(&challenge.account).await?;
            let account = account.ok_or(Refusal::WrongOrExpired { left: 0 })?;
            let device_token = match self.device {
                Some(device) => Some(device.trust(&self.audit, tx, &account.id, now).await?),
                None => None,
            };
            let sign_in = self.sign_in.begin(tx, &account.id, "code", now).await?;
            tx.sign_ins().record_code(&sign_in, now).await?;
            Ok(SignInDone { sign_in, device_token })
        })
    }
}
