//! Browsers that may skip the sign-in code. A row holds a digest of the token, never the
//! token.

use domain::{AccountId, DeviceId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, fetch_all, fetch_scalar},
};

repository! {
    /// Trusted devices.
    devices: Devices
}

/// A browser that may skip the sign-in code of one account.
#[derive(Clone, Debug)]
pub struct Device {
    pub id: DeviceId,
    pub account: AccountId,
    /// The `User-Agent` of the browser.
    pub user_agent: String,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    /// When the trust ends, whether it is used or not.
    pub expires_at: Timestamp,
}

const INSERT: &str = "insert into trusted_devices
    (id, account_id, token_digest, user_agent, created_at, last_used_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7)";

const IS_TRUSTED: &str = "select count(*) from trusted_devices
    where token_digest = $1 and account_id = $2 and revoked_at is null and expires_at > $3";

const ROTATE: &str = "update trusted_devices set token_digest = $3, last_used_at = $4
    where token_digest = $1 and account_id = $2 and revoked_at is null and expires_at > $4";

const LIST: &str = "select id, account_id, user_agent, created_at, last_used_at, expires_at
    from trusted_devices
    where account_id = $1 and revoked_at is null and expires_at > $2
    order by last_used_at desc, id limit 100";

const REVOKE: &str = "update trusted_devices set revoked_at = $3
    where id = $1 and account_id = $2 and revoked_at is null";

const REVOKE_ALL: &str = "update trusted_devices set revoked_at = $2
    where account_id = $1 and revoked_at is null";

const DELETE_EXPIRED: &str =
    "delete from trusted_devices where expires_at <= $1 or revoked_at <= $1";

impl Devices<'_> {
    /// Adds a device that holds the token with this digest.
    pub async fn insert(&mut self, device: &Device, token_digest: &str) -> Result<()> {
        execute!(
            self.0,
            INSERT,
            device.id.as_str(),
            device.account.as_str(),
            token_digest,
            device.user_agent.as_str(),
            device.created_at.as_millis(),
            device.last_used_at.as_millis(),
            device.expires_at.as_millis(),
        )?;
        Ok(())
    }

    /// Whether a token lets this account skip the code now.
    pub async fn is_trusted(
        &mut self,
        token_digest: &str,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<bool> {
        let count: i64 =
            fetch_scalar!(self.0, IS_TRUSTED, token_digest, account.as_str(), now.as_millis())?;
        Ok(count == 1)
    }

    /// Uses a token and replaces it by another; `false` if the token is not valid, or was
    /// already used.
    pub async fn rotate(
        &mut self,
        token_digest: &str,
        account: &AccountId,
        next_digest: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let (account, now) = (account.as_str(), now.as_millis());
        Ok(execute!(self.0, ROTATE, token_digest, account, next_digest, now)? == 1)
    }

    /// The trusted devices of the account, the last used first.
    pub async fn list(&mut self, account: &AccountId, now: Timestamp) -> Result<Vec<Device>> {
        let rows: Vec<Row> = fetch_all!(self.0, LIST, account.as_str(), now.as_millis())?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// Ends the trust in one device; `false` if it is not a device of the account.
    pub async fn revoke(
        &mut self,
        id: &DeviceId,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(execute!(self.0, REVOKE, id.as_str(), account.as_str(), now.as_millis())? == 1)
    }

    /// Ends the trust in every device of the account.
    pub async fn revoke_all(&mut self, account: &AccountId, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, REVOKE_ALL, account.as_str(), now.as_millis())?)
    }

    /// Deletes devices that expired or were revoked at or before a time.
    pub async fn delete_expired(&mut self, before: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_EXPIRED, before.as_millis())?)
    }
}

row! {
    struct Row {
        id: String,
        account_id: String,
        user_agent: String,
        created_at: i64,
        last_used_at: i64,
        expires_at: i64,
    }
}

impl Row {
    fn into_domain(self) -> Result<Device> {
        let corrupt = |column| move || Error::corrupt("trusted_devices", column);
        Ok(Device {
            id: DeviceId::parse(&self.id).ok_or_else(corrupt("id"))?,
            account: AccountId::parse(&self.account_id).ok_or_else(corrupt("account_id"))?,
            user_agent: self.user_agent,
            created_at: Timestamp::from_millis(self.created_at),
            last_used_at: Timestamp::from_millis(self.last_used_at),
            expires_at: Timestamp::from_millis(self.expires_at),
        })
    }
}
