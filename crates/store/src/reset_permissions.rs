//! The right to set a new password: once, within a short time, and in the browser in
//! which the right reset code was entered.

use domain::{AccountId, PermissionId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, with_connection},
};

repository! {
    /// Permissions to set a new password.
    reset_permissions: ResetPermissions
}

#[derive(Clone, Debug)]
pub struct ResetPermission {
    pub id: PermissionId,
    pub account: AccountId,
    pub browser_digest: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

const INSERT: &str = "insert into reset_permissions
    (id, account_id, browser_digest, created_at, expires_at) values ($1, $2, $3, $4, $5)";

const FIND: &str = "select account_id from reset_permissions
    where browser_digest = $1 and used_at is null and expires_at > $2
    order by created_at desc, id desc limit 1";

/// The condition is repeated outside of the sub-select: on PostgreSQL, a transaction that
/// waited for the row evaluates it again, and finds that the permission is used.
const USE: &str = "update reset_permissions set used_at = $2
    where id = (
        select id from reset_permissions
        where browser_digest = $1 and used_at is null and expires_at > $2
        order by created_at desc, id desc limit 1
    ) and used_at is null and expires_at > $2
    returning account_id";

const REVOKE_ALL: &str = "update reset_permissions set used_at = $2
    where account_id = $1 and used_at is null";

const DELETE_EXPIRED: &str = "delete from reset_permissions where expires_at <= $1";

impl ResetPermissions<'_> {
    pub async fn insert(&mut self, permission: &ResetPermission) -> Result<()> {
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

    /// The account whose password this browser may set now.
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

    /// Uses the newest permission of this browser, and returns the account it is for.
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

    pub async fn revoke_all(&mut self, account: &AccountId, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, REVOKE_ALL, account.as_str(), now.as_millis())?)
    }

    pub async fn delete_expired(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_EXPIRED, now.as_millis())?)
    }
}

fn account_id(text: String) -> Result<AccountId> {
    AccountId::parse(&text).ok_or_else(|| Error::corrupt("reset_permissions", "account_id"))
}
