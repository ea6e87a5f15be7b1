//! The right to set a new password: once, soon, in the browser that gave the
//! right reset code.

use domain::{AccountId, PermissionId, Timestamp};

use crate::{
    Connection, Error, Result,
    connection::{execute, with_connection},
};

/// Permissions to set a new password.
pub struct Permissions<'c>(&'c mut Connection);

impl Connection {
    /// Permissions to set a new password.
    pub fn permissions(&mut self) -> Permissions<'_> {
        Permissions(self)
    }
}

/// The right to set a new password once.
#[derive(Clone, Debug)]
pub struct Permission {
    /// Which permission.
    pub id: PermissionId,
    /// Whose password.
    pub account: AccountId,
    /// In which browser.
    pub browser_digest: String,
    /// When the code was given.
    pub created_at: Timestamp,
    /// When it is over.
    pub expires_at: Timestamp,
}

const INSERT: &str = "insert into reset_permissions
    (id, account_id, browser_digest, created_at, expires_at) values ($1, $2, $3, $4, $5)";

const FIND: &str = "select account_id from reset_permissions
    where browser_digest = $1 and used_at is null and expires_at > $2
    order by created_at desc, id desc limit 1";

/// The condition stands twice so that on PostgreSQL the loser of a race, who
/// waited for the row, looks again and finds it used.
const USE: &str = "update reset_permissions set used_at = $2
    where id = (
        select id from reset_permissions
        where browser_digest = $1 and used_at is null and expires_at > $2
        order by created_at desc, id desc limit 1
    ) and used_at is null and expires_at > $2
    returning account_id";

const REVOKE_ALL: &str = "update reset_permissions set used_at = $2
    where account_id = $1 and used_at is null";

const SWEEP: &str = "delete from reset_permissions where expires_at <= $1";

impl Permissions<'_> {
    /// Grants the right to set a new password.
    pub async fn insert(&mut self, permission: &Permission) -> Result<()> {
        execute!(
            self.0,
            INSERT,
            permission.id.as_str(),
            permission.account.as_str(),
            permission.browser_digest.as_str(),
            permission.created_at.as_millis(),
            permission.expires_at.as_millis(),
        )?;
        Ok(())
    }

    /// Whose password this browser may set now.
    pub async fn find(
        &mut self,
        browser_digest: &str,
        now: Timestamp,
    ) -> Result<Option<AccountId>> {
        let account: Option<String> = with_connection!(self.0, c => {
            sqlx::query_scalar(FIND)
                .bind(browser_digest)
                .bind(now.as_millis())
                .fetch_optional(c)
                .await
        })?;
        account.map(account_id).transpose()
    }

    /// Uses this browser's newest permission up and says whose password it is for.
    pub async fn spend(
        &mut self,
        browser_digest: &str,
        now: Timestamp,
    ) -> Result<Option<AccountId>> {
        let account: Option<String> = with_connection!(self.0, c => {
            sqlx::query_scalar(USE)
                .bind(browser_digest)
                .bind(now.as_millis())
                .fetch_optional(c)
                .await
        })?;
        account.map(account_id).transpose()
    }

    /// Ends every permission of the account.
    pub async fn revoke_all(&mut self, account: &AccountId, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, REVOKE_ALL, account.as_str(), now.as_millis())?)
    }

    /// Forgets those whose time is over.
    pub async fn sweep(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, SWEEP, now.as_millis())?)
    }
}

fn account_id(text: String) -> Result<AccountId> {
    AccountId::parse(&text).ok_or_else(|| Error::corrupt("reset_permissions", "account_id"))
}
