//! The account page: the profile, and a new password. The steps to a new phone are in
//! `step_up` and `phone_change`.

use domain::{MessageKind, Refusal, Secret, Timestamp};
use store::{Account as Row, Connection, Db, transaction};

use crate::{
    audit::{Audit, Event},
    clock::Clock,
    codes::{Codes, Issuer},
    entropy::Entropy,
    error::{Error, Result},
    limits::Limits,
    outbox::OutboxSignal,
    passwords::{self, Passwords},
    reauthentication::Reauthentication,
    reset::end_credentials,
    settings::Settings,
    visitor::{SignedIn, Visitor},
};

/// The account of the visitor.
pub struct Account<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) entropy: &'s Entropy,
    pub(crate) settings: &'s Settings,
    pub(crate) passwords: &'s Passwords,
    pub(crate) audit: &'s Audit,
    pub(crate) limits: &'s Limits,
    pub(crate) reauthentication: Reauthentication<'s>,
    pub(crate) codes: &'s Codes,
    pub(crate) outbox: &'s OutboxSignal,
}

/// What the account page shows.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The person's name.
    pub name: String,
    /// The e-mail address of the account.
    pub email: String,
    /// The phone that codes go to. Only the last two digits are legible.
    pub masked_phone: String,
}

impl Account<'_> {
    /// What the account page shows.
    pub async fn profile(&self, visitor: &Visitor) -> Result<Profile> {
        let row = self.reauthentication.account(visitor.require_signed_in()?).await?;
        Ok(Profile {
            name: row.name,
            email: row.email.as_str().to_owned(),
            masked_phone: row.phone.masked(),
        })
    }

    /// Sets a new password, which needs the current one (S-P02). It ends every other sign-in,
    /// every trusted device and every live code of the account, and sends a notice to the
    /// owner.
    pub async fn change_password(
        &self,
        visitor: &Visitor,
        current: String,
        new: String,
    ) -> Result<()> {
        let confirmed = self.reauthentication.confirm_password(visitor, current).await;
        let row = confirmed.inspect_err(|error| {
            if let (Error::Refused(Refusal::WrongPassword), Some(asking)) =
                (error, &visitor.signed_in)
            {
                self.audit.note(Event::PasswordChangeFailed, Some(&asking.account), "");
            }
        })?;
        let new = passwords::choose(new, &self.settings.own_words(&row))?;
        let change = PasswordChange {
            audit: self.audit.clone(),
            issuer: self.codes.issuer(visitor),
            kept: visitor.require_signed_in()?.clone(),
            row,
            hash: self.passwords.hash(new, self.entropy).await?,
        };
        let clock = self.clock.clone();
        transaction!(self.db, |tx| change.apply(tx, clock.now()).await).await?;
        self.outbox.wake();
        Ok(())
    }
}

/// The new password and what is needed to end sign-ins, devices and codes with the old one.
struct PasswordChange {
    audit: Audit,
    issuer: Issuer,
    kept: SignedIn,
    row: Row,
    hash: Secret<String>,
}

impl PasswordChange {
    async fn apply(self, tx: &mut Connection, now: Timestamp) -> Result<()> {
        let id = &self.row.id;
        tx.challenges().revoke_all(id, now).await?;
        if !tx.accounts().replace_hash(id, &self.row.password_hash, &self.hash).await? {
            return Err(Refusal::WrongPassword.into());
        }
        end_credentials(tx, id, self.issuer.browser_digest(), now).await?;
        tx.sign_ins().end_others(id, &self.kept.id, now).await?;
        self.audit.record(tx, Event::PasswordChanged, Some(id), "account", now).await?;
        self.issuer.notify(tx, id, &self.row.phone, MessageKind::PasswordChanged).await
    }
}
