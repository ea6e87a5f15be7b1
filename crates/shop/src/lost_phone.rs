//! The way back into an account whose phone is lost: the password, a recovery code, and then a
//! new phone. Without a code, a change that the merchant started opens the way after a wait
//! (`phone_change_requests`).
//!
//! The recovery code does not sign in. It gives this browser the permission to set a new phone
//! once, within a few minutes. The visitor stays signed out meanwhile, so no other use case
//! does anything for them: whatever needs an account takes a `SignedIn`, and there is none.
//! The code from the new phone spends the permission, and only then signs in.

use std::time::Duration;

use domain::{
    AccountId, MessageKind, PermissionId, Purpose, RecoveryCode, Refusal, SignInId, Timestamp,
};
use store::{
    Account, BoxFuture, Challenge, Connection, Db, Permission, PermissionTo, PhoneChangeEnd,
    transaction,
};

use crate::{
    audit::{Audit, Event},
    clock::Clock,
    codes::{Codes, Grant, Issuer, recovery_code},
    entropy::Entropy,
    error::{Error, Result},
    limits::Limits,
    outbox::OutboxSignal,
    phone_change::{NewNumber, PhoneReplacement},
    phone_change_requests::PhoneChangeView,
    sessions::{NewSignIn, Sessions},
    settings::Settings,
    step_up::ensure_own,
    visitor::Visitor,
};

/// How long the permission to set a new phone lasts.
const PERMISSION_TTL: Duration = Duration::from_secs(15 * 60);

/// The way back into an account whose phone is lost.
pub struct LostPhone<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) entropy: &'s Entropy,
    pub(crate) settings: &'s Settings,
    pub(crate) audit: &'s Audit,
    pub(crate) limits: &'s Limits,
    pub(crate) codes: &'s Codes,
    pub(crate) sessions: Sessions<'s>,
    pub(crate) outbox: &'s OutboxSignal,
}

/// The step after the recovery code that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewPhoneStage {
    /// This browser has no permission.
    NotPermitted,
    /// The new number.
    Number,
    /// The code sent to the new phone.
    Code,
}

impl LostPhone<'_> {
    /// Asks this browser, whose sign-in waits for a code, for a recovery code instead.
    pub async fn begin(&self, visitor: &Visitor) -> Result<()> {
        let issuer = self.codes.issuer(visitor);
        transaction!(self.db, |tx| issuer.switch_to_recovery_code(tx).await).await
    }

    /// Whether this browser's sign-in waits for a recovery code.
    pub async fn awaits_code(&self, visitor: &Visitor) -> Result<bool> {
        self.codes.awaits_recovery_code(visitor).await
    }

    /// Verifies a recovery code, which is used up. This browser may then set a new phone, and
    /// the owner gets a notice.
    pub async fn verify_code(&self, visitor: &Visitor, code: &str) -> Result<()> {
        let id = PermissionId::from_bits(self.entropy.bits()?);
        let (audit, issuer) = (self.audit.clone(), self.codes.issuer(visitor));
        let browser_digest = visitor.browser.digest();
        let grant = |code: &RecoveryCode| RecoveryGrant {
            audit,
            issuer,
            id,
            browser_digest,
            digest: recovery_code::digest(code),
        };
        let verified = self.codes.verify_recovery_code(visitor, code, grant).await;
        self.outbox.wake();
        verified.map_err(|error| match error {
            Error::Refused(Refusal::WrongOrExpired { left }) => {
                Refusal::WrongRecoveryCode { left }.into()
            }
            other => other,
        })
    }

    /// The change of phone that the merchant started for the account of this browser's sign-in,
    /// which waits for a recovery code.
    pub async fn assisted(&self, visitor: &Visitor) -> Result<Option<PhoneChangeView>> {
        let now = self.clock.now();
        let mut rows = self.db.read().await?;
        let Some(challenge) = self.codes.recovery_challenge(&mut rows, visitor).await? else {
            return Ok(None);
        };
        let open = rows.phone_change_requests().find_open(&challenge.account, now).await?;
        Ok(open.map(|open| PhoneChangeView::of(&open, now)))
    }

    /// Permits this browser to set a new phone without a recovery code: its sign-in gave the
    /// password, and the wait of the change that the merchant started is over. The change
    /// stays open until the phone is set, so that the owner can stop it until then.
    pub async fn use_assisted(&self, visitor: &Visitor) -> Result<()> {
        let now = self.clock.now();
        let challenge = {
            let mut rows = self.db.read().await?;
            self.codes.recovery_challenge(&mut rows, visitor).await?
        };
        let challenge = challenge.ok_or(Refusal::NoChallenge)?;
        let permission = Permission {
            id: PermissionId::from_bits(self.entropy.bits()?),
            to: PermissionTo::SetPhone,
            account: challenge.account.clone(),
            browser_digest: visitor.browser.digest(),
            created_at: now,
            expires_at: now + PERMISSION_TTL,
        };
        let audit = self.audit.clone();
        transaction!(self.db, |tx| {
            let account = &challenge.account;
            if !tx.challenges().consume(&challenge.id, now).await? {
                return Err(Refusal::NoChallenge.into());
            }
            if !tx.phone_change_requests().permit(account, now).await? {
                return Err(Refusal::NotPossible.into());
            }
            tx.permissions().insert(&permission).await?;
            audit.record(tx, Event::PhoneChangePermitted, Some(account), "", now).await
        })
        .await
    }

    /// The step that is due.
    pub async fn stage(&self, visitor: &Visitor) -> Result<NewPhoneStage> {
        let Some(account) = self.holder(visitor).await? else {
            return Ok(NewPhoneStage::NotPermitted);
        };
        let is_sent = self.codes.awaits(visitor, &account.id, Purpose::Phone).await?;
        Ok(if is_sent { NewPhoneStage::Code } else { NewPhoneStage::Number })
    }

    /// Sends a code to the new number.
    pub async fn begin_new_phone(&self, visitor: &Visitor, phone: &str) -> Result<()> {
        let account = self.holder(visitor).await?.ok_or(Refusal::NoChallenge)?;
        let number = NewNumber {
            db: self.db,
            settings: self.settings,
            limits: self.limits,
            codes: self.codes,
            outbox: self.outbox,
        };
        number.send_code(visitor, account, phone).await
    }

    /// Cancels the code to the new number, so that another number can be given.
    pub async fn start_again(&self, visitor: &Visitor) -> Result<()> {
        self.codes.cancel(visitor, Purpose::Phone).await
    }

    /// Takes the code from the new phone: the account moves there, every sign-in and every
    /// trusted device ends, the old phone gets a notice, and this browser is signed in.
    pub async fn verify_new_phone(&self, visitor: &Visitor, code: &str) -> Result<SignInId> {
        let grant = NewPhoneGrant {
            limits: self.limits.clone(),
            audit: self.audit.clone(),
            issuer: self.codes.issuer(visitor),
            browser_digest: visitor.browser.digest(),
            account: self.holder(visitor).await?.map(|account| account.id),
            sign_in: self.sessions.prepare(visitor)?,
        };
        let sign_in = self.codes.verify(visitor, Purpose::Phone, code, grant).await?;
        self.outbox.wake();
        Ok(sign_in)
    }

    /// The account whose phone this browser may set now.
    async fn holder(&self, visitor: &Visitor) -> Result<Option<Account>> {
        let now = self.clock.now();
        let mut rows = self.db.read().await?;
        let (to, browser) = (PermissionTo::SetPhone, visitor.browser.digest());
        Ok(match rows.permissions().find(to, &browser, now).await? {
            Some(id) => rows.accounts().find_enabled(&id).await?,
            None => None,
        })
    }
}

/// What the right recovery code grants: the permission to set a new phone, and no more.
#[derive(Clone)]
struct RecoveryGrant {
    audit: Audit,
    issuer: Issuer,
    id: PermissionId,
    browser_digest: String,
    digest: String,
}

impl Grant for RecoveryGrant {
    type Output = ();

    fn find_granted<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        granted_at: Timestamp,
    ) -> BoxFuture<'c, Result<Option<()>>> {
        Box::pin(async move {
            let to = PermissionTo::SetPhone;
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
            let gone = || Refusal::WrongOrExpired { left: 0 };
            let account = tx.accounts().find_enabled(&challenge.account).await?;
            let account = account.ok_or_else(gone)?;
            // Of two requests with the same code, in different browsers too, one gets here.
            if !tx.recovery_codes().spend(&account.id, &self.digest, now).await? {
                return Err(gone().into());
            }
            let permission = Permission {
                id: self.id,
                to: PermissionTo::SetPhone,
                account: account.id.clone(),
                browser_digest: self.browser_digest,
                created_at: now,
                expires_at: now + PERMISSION_TTL,
            };
            tx.permissions().insert(&permission).await?;
            let event = Event::RecoveryCodeUsed;
            self.audit.record(tx, event, Some(&account.id), "", now).await?;
            let kind = MessageKind::RecoveryCodeUsed;
            self.issuer.notify(tx, &account.id, &account.phone, kind).await
        })
    }
}

/// What the code from the new phone grants: the account moves there, and this browser is
/// signed in.
#[derive(Clone)]
struct NewPhoneGrant {
    limits: Limits,
    audit: Audit,
    issuer: Issuer,
    browser_digest: String,
    /// The account that this browser is permitted to change; `None` once it has done so.
    account: Option<AccountId>,
    sign_in: NewSignIn,
}

impl Grant for NewPhoneGrant {
    type Output = SignInId;

    fn find_granted<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        granted_at: Timestamp,
    ) -> BoxFuture<'c, Result<Option<SignInId>>> {
        Box::pin(
            async move { Ok(tx.sign_ins().find_by_code(&challenge.account, granted_at).await?) },
        )
    }

    fn grant<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<SignInId>> {
        Box::pin(async move {
            let Self { limits, audit, issuer, browser_digest, account, sign_in } = self;
            let account = account.ok_or(Refusal::NoChallenge)?;
            ensure_own(challenge, &account)?;
            tx.challenges().revoke_all(&account, now).await?;
            tx.accounts().lock(&account).await?;
            tx.phone_change_requests().end(&account, PhoneChangeEnd::Owner, now).await?;
            let to = PermissionTo::SetPhone;
            if !tx.permissions().spend(to, &browser_digest, &account, now).await? {
                return Err(Refusal::NoChallenge.into());
            }
            let (limits, audit, issuer) = (&limits, &audit, &issuer);
            let replacement = PhoneReplacement { limits, audit, issuer, how: "recovery" };
            let old = replacement.apply(tx, &account, challenge, now).await?;
            tx.sign_ins().end_all(&account, now).await?;
            let id = sign_in.begin(tx, &account, "recovery", now).await?;
            tx.sign_ins().record_code(&id, now).await?;
            issuer.notify(tx, &account, &old, MessageKind::PhoneChanged).await?;
            Ok(id)
        })
    }
}
