//! Confirmations of e-mail addresses: the links that were sent, and which accounts have a
//! confirmed address.

use domain::{AccountId, EmailAddress, EmailConfirmationId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, fetch_optional, fetch_optional_scalar},
};

repository! {
    /// Confirmations of e-mail addresses.
    email_confirmations: EmailConfirmations
}

/// A link that was sent to the address of an account.
#[derive(Clone, Debug)]
pub struct EmailConfirmation {
    pub id: EmailConfirmationId,
    pub account: AccountId,
    pub email: EmailAddress,
    /// The key of the key ring that the link is authenticated with.
    pub key_id: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

const INSERT: &str = "insert into email_confirmations
    (id, account_id, email, key_id, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)";

const FIND: &str = "select id, account_id, email, key_id, created_at, expires_at
    from email_confirmations where id = $1";

const SPEND: &str = "update email_confirmations set used_at = $3
    where id = $1 and account_id = $2 and used_at is null and expires_at > $3";

/// An address that was changed after the link was sent is not confirmed by it.
const CONFIRM: &str = "update accounts set email_confirmed_at = $3
    where id = $1 and email = $2 and email_confirmed_at is null";

const FIND_CONFIRMED: &str = "select email from accounts
    where id = $1 and email_confirmed_at is not null and disabled_at is null";

const DELETE_EXPIRED: &str = "delete from email_confirmations where expires_at <= $1";

impl EmailConfirmations<'_> {
    pub async fn insert(&mut self, confirmation: &EmailConfirmation) -> Result<()> {
        execute!(
            self.0,
            INSERT,
            confirmation.id.as_str(),
            confirmation.account.as_str(),
            confirmation.email.as_str(),
            confirmation.key_id.as_str(),
            confirmation.created_at.as_millis(),
            confirmation.expires_at.as_millis(),
        )?;
        Ok(())
    }

    /// A confirmation, used or not.
    pub async fn find(&mut self, id: &EmailConfirmationId) -> Result<Option<EmailConfirmation>> {
        let row: Option<Row> = fetch_optional!(self.0, FIND, id.as_str())?;
        row.map(Row::into_domain).transpose()
    }

    /// Uses a confirmation of this account. Of concurrent calls, one gets `true`.
    pub async fn spend(
        &mut self,
        id: &EmailConfirmationId,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(execute!(self.0, SPEND, id.as_str(), account.as_str(), now.as_millis())? == 1)
    }

    /// Records that the address of an account is confirmed; `false` if it was before, or if
    /// the account has another address now.
    pub async fn confirm(
        &mut self,
        account: &AccountId,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(execute!(self.0, CONFIRM, account.as_str(), email.as_str(), now.as_millis())? == 1)
    }

    /// The address of an account, if it is confirmed.
    pub async fn confirmed_address(&mut self, account: &AccountId) -> Result<Option<EmailAddress>> {
        let email: Option<String> =
            fetch_optional_scalar!(self.0, FIND_CONFIRMED, account.as_str())?;
        let corrupt = || Error::corrupt("accounts", "email");
        email.map(|email| EmailAddress::parse(&email).ok_or_else(corrupt)).transpose()
    }

    pub async fn delete_expired(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_EXPIRED, now.as_millis())?)
    }
}

row! {
    struct Row {
        id: String,
        account_id: String,
        email: String,
        key_id: String,
        created_at: i64,
        expires_at: i64,
    }
}

impl Row {
    fn into_domain(self) -> Result<EmailConfirmation> {
        let corrupt = |column| move || Error::corrupt("email_confirmations", column);
        Ok(EmailConfirmation {
            id: EmailConfirmationId::parse(&self.id).ok_or_else(corrupt("id"))?,
            account: AccountId::parse(&self.account_id).ok_or_else(corrupt("account_id"))?,
            email: EmailAddress::parse(&self.email).ok_or_else(corrupt("email"))?,
            key_id: self.key_id,
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: Timestamp::from_millis(self.expires_at),
        })
    }
}
