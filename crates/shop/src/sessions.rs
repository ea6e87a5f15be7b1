//! Sign-ins: their lifetime, their list and their end. Also the rows of browser sessions, which
//! the server identifies by the digest of their cookie.

use std::time::Duration;

use domain::{AccountId, Language, MessageKind, Refusal, SignInId, Timestamp};
use store::{Connection, Db, SignInExpiry, transaction};

use crate::{
    audit::{Audit, Event},
    clock::Clock,
    codes::{Codes, Issuer, KNOWN_BROWSER_TTL},
    entropy::Entropy,
    error::{Error, Result},
    visitor::{SignedIn, Visitor},
};

/// A sign-in that is not used ends after this time (S-S03).
pub const MAX_IDLE: Duration = Duration::from_secs(30 * 60);
/// A sign-in ends after this time, used or not (S-S03).
pub const MAX_LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// The least time between two records of when a sign-in was last used.
const TOUCH_INTERVAL: Duration = Duration::from_secs(60);
/// How long the rows of revoked devices are kept.
const REVOKED_DEVICE_RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Sign-ins and browser sessions.
pub struct Sessions<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) entropy: &'s Entropy,
    pub(crate) audit: &'s Audit,
    pub(crate) codes: &'s Codes,
    /// How many sign-ins an account may have.
    pub(crate) max_sign_ins: u32,
}

/// A sign-in as its owner sees it.
#[derive(Clone, Debug)]
pub struct SessionView {
    /// The id, by which it can be ended.
    pub id: SignInId,
    /// The `User-Agent` of the browser.
    pub user_agent: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// Whether it is the sign-in of the request.
    pub is_current: bool,
}

impl Sessions<'_> {
    /// Prepares a sign-in in this browser, with a random id.
    pub(crate) fn prepare(&self, visitor: &Visitor) -> Result<NewSignIn> {
        Ok(NewSignIn {
            id: SignInId::from_bits(self.entropy.bits()?),
            audit: self.audit.clone(),
            issuer: self.codes.issuer(visitor),
            max_sign_ins: self.max_sign_ins,
            user_agent: visitor.user_agent.clone(),
            language: visitor.language,
        })
    }

    /// The account of a sign-in that has not ended. Records that it was used now.
    pub async fn resume(&self, id: &SignInId) -> Result<Option<SignedIn>> {
        let now = self.clock.now();
        let Some(holder) = self.db.read().await?.sign_ins().resume(id, stale(now)).await? else {
            return Ok(None);
        };
        if now.since(holder.sign_in.last_seen_at) >= TOUCH_INTERVAL {
            let id = id.clone();
            transaction!(self.db, |tx| tx.sign_ins().touch(&id, now).await).await?;
        }
        Ok(Some(SignedIn {
            id: holder.sign_in.id,
            account: holder.sign_in.account,
            role: holder.role,
            name: holder.name,
            email: holder.email,
            stepped_up_at: holder.sign_in.stepped_up_at,
        }))
    }

    /// Ends the sign-in of the request, if there is one.
    pub async fn sign_out(&self, visitor: &Visitor) -> Result<()> {
        match &visitor.signed_in {
            Some(current) => self.end(visitor, &current.id).await.or_else(already_over),
            None => Ok(()),
        }
    }

    /// The sign-ins of the account that have not ended.
    pub async fn list(&self, visitor: &Visitor) -> Result<Vec<SessionView>> {
        let current = visitor.require_signed_in()?;
        let stale = stale(self.clock.now());
        let mut connection = self.db.read().await?;
        let sign_ins = connection.sign_ins().list(&current.account, stale).await?;
        Ok(sign_ins.into_iter().map(|sign_in| view(sign_in, current)).collect())
    }

    /// The sign-ins of the account that ended because it had too many, for as long as they would
    /// have lasted at most.
    pub async fn list_displaced(&self, visitor: &Visitor) -> Result<Vec<SessionView>> {
        let current = visitor.require_signed_in()?;
        let after = self.clock.now() - MAX_LIFETIME;
        let mut connection = self.db.read().await?;
        let sign_ins = connection.sign_ins().list_displaced(&current.account, after).await?;
        Ok(sign_ins.into_iter().map(|sign_in| view(sign_in, current)).collect())
    }

    /// Ends one of the account's sign-ins; that of another account is not found.
    pub async fn end(&self, visitor: &Visitor, id: &SignInId) -> Result<()> {
        let account = visitor.require_signed_in()?.account.clone();
        let (id, now) = (id.clone(), self.clock.now());
        let audit = self.audit.clone();
        transaction!(self.db, |tx| {
            if !tx.sign_ins().end(&id, &account, now).await? {
                return Err(Refusal::NotFound.into());
            }
            audit.record(tx, Event::SessionEnded, Some(&account), "one", now).await
        })
        .await
    }

    /// Ends every sign-in of the account except that of the request.
    pub async fn end_others(&self, visitor: &Visitor) -> Result<()> {
        let SignedIn { id, account, .. } = visitor.require_signed_in()?.clone();
        let now = self.clock.now();
        let audit = self.audit.clone();
        transaction!(self.db, |tx| {
            tx.sign_ins().end_others(&account, &id, now).await?;
            audit.record(tx, Event::SessionEnded, Some(&account), "others", now).await
        })
        .await
    }

    /// The data of a browser session, and when it expires.
    pub async fn load_data(&self, digest: &str) -> Result<Option<(String, Timestamp)>> {
        let now = self.clock.now();
        Ok(self.db.read().await?.sessions().load(digest, now).await?)
    }

    /// Creates a browser session. Returns false if the digest is in use.
    pub async fn create_data(&self, digest: &str, data: &str, expires: Timestamp) -> Result<bool> {
        let (digest, data) = (digest.to_owned(), data.to_owned());
        transaction!(self.db, |tx| Ok(tx.sessions().create(&digest, &data, expires).await?)).await
    }

    /// Stores the data of a browser session. Returns false if there is no such session, because a
    /// deleted one must stay deleted.
    pub async fn save_data(&self, digest: &str, data: &str, expires: Timestamp) -> Result<bool> {
        let (digest, data) = (digest.to_owned(), data.to_owned());
        transaction!(self.db, |tx| Ok(tx.sessions().save(&digest, &data, expires).await?)).await
    }

    /// Deletes a browser session.
    pub async fn delete_data(&self, digest: &str) -> Result<()> {
        let digest = digest.to_owned();
        transaction!(self.db, |tx| Ok(tx.sessions().delete(&digest).await?)).await
    }

    /// Deletes expired sessions, sign-ins, devices, known browsers, registrations and
    /// permissions, and what recovery codes are derived from once they are not shown any more.
    pub async fn sweep(&self) -> Result<()> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            tx.sessions().delete_expired(now).await?;
            tx.sign_ins().delete_old(now - MAX_LIFETIME).await?;
            tx.devices().delete_expired(now - REVOKED_DEVICE_RETENTION).await?;
            tx.known_browsers().delete_old(now - KNOWN_BROWSER_TTL).await?;
            tx.registrations().delete_expired(now).await?;
            tx.permissions().delete_expired(now).await?;
            tx.recovery_codes().forget_nonces(now).await?;
            Ok(())
        })
        .await
    }
}

/// A sign-in about to begin.
#[derive(Clone)]
pub(crate) struct NewSignIn {
    id: SignInId,
    audit: Audit,
    /// Notifies the owner.
    issuer: Issuer,
    max_sign_ins: u32,
    user_agent: String,
    language: Language,
}

impl NewSignIn {
    /// Begins it, in the transaction of the grant. `how` is audited. The browser is known from now
    /// on, and the account gets its language for messages.
    pub(crate) async fn begin(
        self,
        tx: &mut Connection,
        account: &AccountId,
        how: &'static str,
        now: Timestamp,
    ) -> Result<SignInId> {
        tx.accounts().lock(account).await?;
        tx.sign_ins().insert(&self.id, account, &self.user_agent, now).await?;
        let (max, expiry) = (self.max_sign_ins, stale(now));
        let displaced = tx.sign_ins().displace_oldest(account, &self.id, max, expiry, now).await?;
        tx.known_browsers().remember(account, self.issuer.browser_digest(), now).await?;
        tx.accounts().set_language(account, self.language).await?;
        self.audit.record(tx, Event::LoginSucceeded, Some(account), how, now).await?;
        if displaced > 0
            && let Some(owner) = tx.accounts().find(account).await?
        {
            self.audit.record(tx, Event::SessionEnded, Some(account), "too many", now).await?;
            let kind = MessageKind::SignInDisplaced;
            self.issuer.notify(tx, account, &owner.phone, kind).await?;
        }
        Ok(self.id)
    }
}

/// A sign-in as the owner sees it in the current one.
fn view(sign_in: store::SignIn, current: &SignedIn) -> SessionView {
    SessionView {
        is_current: sign_in.id == current.id,
        id: sign_in.id,
        user_agent: sign_in.user_agent,
        created_at: sign_in.created_at,
        last_seen_at: sign_in.last_seen_at,
    }
}

/// Signing out of a sign-in that has ended is no failure.
fn already_over(error: Error) -> Result<()> {
    match error {
        Error::Refused(Refusal::NotFound) => Ok(()),
        other => Err(other),
    }
}

fn stale(now: Timestamp) -> SignInExpiry {
    SignInExpiry { last_seen_at: now - MAX_IDLE, created_at: now - MAX_LIFETIME }
}
