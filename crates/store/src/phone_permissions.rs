//! The right to set a new phone: once, within a short time, and in the browser that proved to
//! be the owner's without a phone.

use domain::{AccountId, PermissionId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, with_connection},
};

repository! {
    /// Permissions to set a new phone.
    phone_permissions: PhonePermissions
}

#[derive(Clone, Debug)]
pub struct PhonePermission {
    pub id: PermissionId,
    pub account: AccountId,
    pub browser_digest: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

const INSERT: &str = "insert into phone_permissions
    (id, account_id, browser_digest, created_at, expires_at) values ($1, $2, $3, $4, $5)";

const FIND: &str = "select account_id from phone_permissions
    where browser_digest = $1 and used_at is null and expires_at > $2
    order by created_at desc, id desc limit 1";

const SPEND: &str = "update phone_permissions set used_at = $3
    where browser_digest = $1 and account_id = $2 and used_at is null and expires_at > $3";

const REVOKE_ALL: &str = "update phone_permissions set used_at = $2
    where account_id = $1 and used_at is null";

const DELETE_EXPIRED: &str = "delete from phone_permissions where expires_at <= $1";

impl PhonePermissions<'_> {
    pub async fn insert(&mut self, permission: &PhonePermission) -> Result<()> {
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

    /// The account whose phone this browser may set now.
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
        let corrupt = || Error::corrupt("phone_permissions", "account_id");
        account.map(|id| AccountId::parse(&id).ok_or_else(corrupt)).transpose()
    }

    /// Uses the permissions of this browser for an account. Of concurrent calls, one gets
    /// `true`.
    pub async fn spend(
        &mut self,
        browser_digest: &str,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(execute!(self.0, SPEND, browser_digest, account.as_str(), now.as_millis())? > 0)
    }

    pub async fn revoke_all(&mut self, account: &AccountId, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, REVOKE_ALL, account.as_str(), now.as_millis())?)
    }

    pub async fn delete_expired(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_EXPIRED, now.as_millis())?)
    }
}
