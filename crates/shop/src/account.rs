//! The account page: the profile, and a new password. The steps to a new phone are in
//! `step_up` and `phone_change`.

use domain::{MessageKind, Password, Problem, Refusal, Secret};
use store::{Account as Row, Connection, transaction};

use crate::{
    app::Shop,
    audit::Event,
    codes::Issuer,
    error::{Error, Result},
    limits::AttemptSource,
    passwords,
    reset::end_credentials,
    visitor::{SignedIn, Visitor},
};

/// The account of the visitor.
pub struct Account<'s>(pub(crate) &'s Shop);

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
        let row = self.row(visitor.require_signed_in()?).await?;
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
        let row = self.confirm_password(visitor, current).await.inspect_err(|error| {
            if let (Error::Refused(Refusal::WrongPassword), Some(asking)) =
                (error, &visitor.signed_in)
            {
                self.0.audit().note(Event::PasswordChangeFailed, Some(&asking.account), "");
            }
        })?;
        let new = passwords::choose(new, &self.0.own_words(&row))?;
        let change = PasswordChange {
            shop: self.0.clone(),
            issuer: self.0.codes().issuer(visitor),
            kept: visitor.require_signed_in()?.clone(),
            row,
            hash: self.0.passwords().hash(new, self.0.entropy()).await?,
        };
        transaction!(self.0.db(), |tx| change.put(tx).await).await?;
        self.0.delivery().wake();
        Ok(())
    }

    /// The row of the visitor's account, if this is its password. Wrong passwords are counted, so
    /// that a thief of the session cannot guess the password.
    pub(crate) async fn confirm_password(
        &self,
        visitor: &Visitor,
        password: String,
    ) -> Result<Row> {
        let signed_in = visitor.require_signed_in()?;
        let password = Password::claim(password).ok_or(Problem::PasswordTooLong)?;
        let row = self.row(signed_in).await?;
        let source = AttemptSource::SignedIn;
        let attempts = self.0.password_attempts(visitor, &signed_in.email, source)?;
        let checked = attempts.check(Some(row), password).await?;
        let account = checked.ok_or(Refusal::WrongPassword)?.account;
        transaction!(self.0.db(), |tx| attempts.refund(tx).await).await?;
        Ok(account)
    }

    /// The row of the visitor's account.
    pub(crate) async fn row(&self, signed_in: &SignedIn) -> Result<Row> {
        let mut connection = self.0.db().read().await?;
        let row = connection.accounts().find(&signed_in.account).await?;
        let row = row.filter(|row| row.disabled_at.is_none());
        row.ok_or_else(|| Refusal::SignInNeeded.into())
    }
}

/// The new password and what is needed to end sign-ins, devices and codes with the old one.
struct PasswordChange {
    shop: Shop,
    issuer: Issuer,
    kept: SignedIn,
    row: Row,
    hash: Secret<String>,
}

impl PasswordChange {
    async fn put(self, tx: &mut Connection) -> Result<()> {
        let now = self.shop.clock().now();
        let id = &self.row.id;
        if !tx.accounts().replace_hash(id, &self.row.password_hash, &self.hash).await? {
            return Err(Refusal::WrongPassword.into());
        }
        tx.sign_ins().end_others(id, &self.kept.id, now).await?;
        end_credentials(tx, id, now).await?;
        self.shop.audit().record(tx, Event::PasswordChanged, Some(id), "account", now).await?;
        self.issuer.notify(tx, id, &self.row.phone, MessageKind::PasswordChanged).await
    }
}
