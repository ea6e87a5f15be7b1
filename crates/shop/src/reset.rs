//! The password reset. The code permits this browser to set a new password once. It does not sign
//! in (S-A14).
//!
//! An identifier without an account takes the same steps, with a decoy. Everybody can ask
//! for a reset; `codes::resets` keeps unknown browsers from ending or blocking that of the owner.

use std::time::Duration;

use domain::{
    AccountId, EmailAddress, MessageKind, PermissionId, PhoneNumber, Problem, Purpose, Refusal,
    Secret, Timestamp,
};
use store::{
    Account, BoxFuture, Challenge, Connection, Db, Permission, PermissionTo, PhoneChangeEnd,
    Recipient, repeatable_transaction,
};

use crate::{
    audit::{Audit, Event},
    clock::Clock,
    codes::{Binding, CodeRequest, Codes, Grant, Issuer},
    entropy::Entropy,
    error::Result,
    limits::Limits,
    outbox::OutboxSignal,
    passwords::{self, Passwords},
    phone_change_requests, phones,
    settings::Settings,
    visitor::Visitor,
};

/// The digest of no browser: after a reset none is known any more, until it signs in again.
const NO_BROWSER: &str = "";
/// How long the right to set a new password lasts.
const PERMISSION_TTL: Duration = Duration::from_secs(10 * 60);

/// A forgotten password.
pub struct Reset<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) entropy: &'s Entropy,
    pub(crate) settings: &'s Settings,
    pub(crate) passwords: &'s Passwords,
    pub(crate) audit: &'s Audit,
    pub(crate) limits: &'s Limits,
    pub(crate) codes: &'s Codes,
    pub(crate) outbox: &'s OutboxSignal,
}

impl Reset<'_> {
    /// Sends a code to the phone of the account that this e-mail address or
    /// phone number belongs to.
    pub async fn begin(&self, visitor: &Visitor, identifier: &str) -> Result<()> {
        visitor.require_cookie()?;
        let identifier = Identifier::read(identifier, self.settings)?;
        let account = self.find(&identifier).await?;
        let request = self.request(&identifier, account)?;
        let issuer = match &identifier {
            // A visitor who typed the address must not learn a digit of the number.
            Identifier::Email(_) => self.codes.issuer(visitor).without_digits(),
            Identifier::Phone(_) => self.codes.issuer(visitor),
        };
        repeatable_transaction!(self.db, |tx| issuer.issue(tx, &request).await).await?;
        self.outbox.wake();
        Ok(())
    }

    /// Verifies the code. This browser may then set a new password for ten minutes.
    pub async fn verify(&self, visitor: &Visitor, code: &str) -> Result<()> {
        let grant = ResetGrant {
            id: PermissionId::from_bits(self.entropy.bits()?),
            browser_digest: visitor.browser.digest(),
        };
        self.codes.verify(visitor, Purpose::Reset, code, grant).await
    }

    /// Whether this browser may set a new password now.
    pub async fn may_set_password(&self, visitor: &Visitor) -> Result<bool> {
        Ok(self.holder(visitor).await?.is_some())
    }

    /// Sets the new password. Every sign-in, trusted device and code of the
    /// account ends; its owner gets a notice, and signs in again.
    pub async fn set_password(&self, visitor: &Visitor, password: String) -> Result<()> {
        let account = self.holder(visitor).await?.ok_or(Refusal::NoChallenge)?;
        let password = passwords::choose(password, &self.settings.own_words(&account))?;
        let replacement = Replacement {
            clock: self.clock.clone(),
            audit: self.audit.clone(),
            issuer: self.codes.issuer(visitor),
            browser_digest: visitor.browser.digest(),
            account,
            hash: self.passwords.hash(password, self.entropy).await?,
        };
        repeatable_transaction!(self.db, |tx| replacement.apply(tx).await).await?;
        self.outbox.wake();
        Ok(())
    }

    /// The account whose password this browser may set now.
    async fn holder(&self, visitor: &Visitor) -> Result<Option<Account>> {
        let now = self.clock.now();
        let mut connection = self.db.read().await?;
        let (to, browser) = (PermissionTo::SetPassword, visitor.browser.digest());
        Ok(match connection.permissions().find(to, &browser, now).await? {
            Some(id) => connection.accounts().find_enabled(&id).await?,
            None => None,
        })
    }

    async fn find(&self, identifier: &Identifier) -> Result<Option<Account>> {
        let mut connection = self.db.read().await?;
        Ok(match identifier {
            Identifier::Email(email) => connection.accounts().find_enabled_by_email(email).await?,
            Identifier::Phone(phone) => connection.accounts().find_enabled_by_phone(phone).await?,
        })
    }

    fn request(&self, identifier: &Identifier, account: Option<Account>) -> Result<CodeRequest> {
        let requested_identifier = self.requested_identifier(identifier)?;
        let (id, to) = match (account, identifier) {
            (Some(account), _) => (account.id, Recipient::Phone(account.phone)),
            (None, Identifier::Phone(phone)) => {
                (self.decoy_account()?, Recipient::DecoyPhone(phone.clone()))
            }
            (None, Identifier::Email(_)) => {
                (self.decoy_account()?, Recipient::Decoy { subject: requested_identifier.clone() })
            }
        };
        Ok(CodeRequest {
            purpose: Purpose::Reset,
            account: id,
            to,
            requested_identifier: Some(requested_identifier),
            binding: Binding::none(),
            order: None,
            is_verified_phone: true,
        })
    }

    fn decoy_account(&self) -> Result<AccountId> {
        Ok(AccountId::from_bits(self.entropy.bits()?))
    }

    /// The name under which the typed identifier is counted.
    fn requested_identifier(&self, identifier: &Identifier) -> Result<String> {
        self.limits.requested_reset(match identifier {
            Identifier::Phone(phone) => phone.expose(),
            Identifier::Email(email) => email.as_str(),
        })
    }
}

/// How a visitor who forgot the password names the account.
enum Identifier {
    Email(EmailAddress),
    Phone(PhoneNumber),
}

impl Identifier {
    fn read(text: &str, settings: &Settings) -> Result<Self> {
        if let Some(email) = EmailAddress::parse(text) {
            return Ok(Self::Email(email));
        }
        match phones::parse(text, settings) {
            Ok(phone) => Ok(Self::Phone(phone)),
            // Letters are rather a part of an e-mail address than of a number.
            Err(Problem::PhoneCharacters) => Err(Problem::EmailInvalid.into()),
            Err(problem) => Err(problem.into()),
        }
    }
}

/// What the right reset code grants: the right to set a password, and no more.
#[derive(Clone)]
struct ResetGrant {
    id: PermissionId,
    browser_digest: String,
}

impl Grant for ResetGrant {
    type Output = ();

    fn find_granted<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        granted_at: Timestamp,
    ) -> BoxFuture<'c, Result<Option<()>>> {
        Box::pin(async move {
            let to = PermissionTo::SetPassword;
            let holder = tx.permissions().find(to, &self.browser_digest, granted_at).await?;
            Ok((holder.as_ref() == Some(&challenge.account)).then_some(()))
        })
    }

    fn grant<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<()>> {
        Box::pin(async move {
            let account = tx.accounts().find_enabled(&challenge.account).await?;
            let account = account.ok_or(Refusal::WrongOrExpired { left: 0 })?;
            let permission = Permission {
                id: self.id,
                to: PermissionTo::SetPassword,
                account: account.id,
                browser_digest: self.browser_digest,
                created_at: now,
                expires_at: now + PERMISSION_TTL,
            };
            Ok(tx.permissions().insert(&permission).await?)
        })
    }
}

/// The new password and everything that ends with the old one.
#[derive(Clone)]
struct Replacement {
    clock: Clock,
    audit: Audit,
    issuer: Issuer,
    browser_digest: String,
    account: Account,
    hash: Secret<String>,
}

impl Replacement {
    async fn apply(self, tx: &mut Connection) -> Result<()> {
        let now = self.clock.now();
        let Account { id, phone, .. } = &self.account;
        tx.challenges().revoke_all(id, now).await?;
        // A disabled account is not changed.
        if !tx.accounts().set_password(id, &self.hash).await? {
            return Err(Refusal::NoChallenge.into());
        }
        let (to, browser) = (PermissionTo::SetPassword, &self.browser_digest);
        if !tx.permissions().spend(to, browser, id, now).await? {
            return Err(Refusal::NoChallenge.into());
        }
        end_credentials(tx, id, NO_BROWSER, now).await?;
        tx.sign_ins().end_all(id, now).await?;
        self.audit.record(tx, Event::PasswordChanged, Some(id), "reset", now).await?;
        self.issuer.notify(tx, id, phone, MessageKind::PasswordChanged).await
    }
}

/// Ends what was granted on the strength of an old password or phone: reset permissions,
/// trusted devices, and that browsers are known, except for one. Challenges come earlier in the order of locks; the caller has
/// ended them before it changed the account.
pub(crate) async fn end_credentials(
    tx: &mut Connection,
    account: &AccountId,
    kept_browser_digest: &str,
    now: Timestamp,
) -> Result<()> {
    tx.permissions().revoke_all(PermissionTo::SetPassword, account, now).await?;
    phone_change_requests::end(tx, account, PhoneChangeEnd::OldPhone, now).await?;
    tx.devices().revoke_all(account, now).await?;
    tx.known_browsers().forget_others(account, kept_browser_digest).await?;
    Ok(())
}
