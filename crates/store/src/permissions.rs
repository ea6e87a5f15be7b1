//! The permissions that the right code, or a recovery code, gives to one browser: to change one
//! thing of an account, once, and within a short time.

use domain::{AccountId, PermissionId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, fetch_optional_scalar},
};

repository! {
    /// Permissions to set a new password or a new phone.
    permissions: Permissions
}

/// What a permission allows. The permissions of each kind have a table of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermissionTo {
    /// To set a new password.
    SetPassword,
    /// To set a new phone.
    SetPhone,
}

#[derive(Clone, Debug)]
pub struct Permission {
    pub id: PermissionId,
    pub to: PermissionTo,
    pub account: AccountId,
    /// The browser that proved to be the owner's.
    pub browser_digest: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// The statements about the permissions of one kind.
struct Statements {
    table: &'static str,
    insert: &'static str,
    find: &'static str,
    spend: &'static str,
    revoke_all: &'static str,
    delete_expired: &'static str,
}

macro_rules! statements {
    ($table:literal) => {
        Statements {
            table: $table,
            insert: concat!(
                "insert into ",
                $table,
                " (id, account_id, browser_digest, created_at, expires_at)
                values ($1, $2, $3, $4, $5)"
            ),
            find: concat!(
                "select account_id from ",
                $table,
                " where browser_digest = $1 and used_at is null and expires_at > $2
                order by created_at desc, id desc limit 1"
            ),
            spend: concat!(
                "update ",
                $table,
                " set used_at = $3 where browser_digest = $1 and account_id = $2
                and used_at is null and expires_at > $3"
            ),
            revoke_all: concat!(
                "update ",
                $table,
                " set used_at = $2 where account_id = $1 and used_at is null"
            ),
            delete_expired: concat!("delete from ", $table, " where expires_at <= $1"),
        }
    };
}

const TO_SET_PASSWORD: Statements = statements!("reset_permissions");
const TO_SET_PHONE: Statements = statements!("phone_permissions");

impl PermissionTo {
    const fn statements(self) -> &'static Statements {
        match self {
            Self::SetPassword => &TO_SET_PASSWORD,
            Self::SetPhone => &TO_SET_PHONE,
        }
    }
}

impl Permissions<'_> {
    pub async fn insert(&mut self, permission: &Permission) -> Result<()> {
        execute!(
            self.0,
            permission.to.statements().insert,
            permission.id.as_str(),
            permission.account.as_str(),
            permission.browser_digest.as_str(),
            permission.created_at.as_millis(),
            permission.expires_at.as_millis(),
        )?;
        Ok(())
    }

    /// The account of this browser's newest permission that can be used now.
    pub async fn find(
        &mut self,
        to: PermissionTo,
        browser_digest: &str,
        now: Timestamp,
    ) -> Result<Option<AccountId>> {
        let Statements { table, find, .. } = *to.statements();
        let account: Option<String> =
            fetch_optional_scalar!(self.0, find, browser_digest, now.as_millis())?;
        let corrupt = || Error::corrupt(table, "account_id");
        account.map(|id| AccountId::parse(&id).ok_or_else(corrupt)).transpose()
    }

    /// Uses the permissions of this browser for an account. Of concurrent calls, one gets
    /// `true`.
    pub async fn spend(
        &mut self,
        to: PermissionTo,
        browser_digest: &str,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<bool> {
        let spend = to.statements().spend;
        Ok(execute!(self.0, spend, browser_digest, account.as_str(), now.as_millis())? > 0)
    }

    /// Ends the permissions of an account in every browser.
    pub async fn revoke_all(
        &mut self,
        to: PermissionTo,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<u64> {
        Ok(execute!(self.0, to.statements().revoke_all, account.as_str(), now.as_millis())?)
    }

    /// Deletes expired permissions of both kinds.
    pub async fn delete_expired(&mut self, now: Timestamp) -> Result<u64> {
        let passwords = execute!(self.0, TO_SET_PASSWORD.delete_expired, now.as_millis())?;
        let phones = execute!(self.0, TO_SET_PHONE.delete_expired, now.as_millis())?;
        Ok(passwords + phones)
    }
}
