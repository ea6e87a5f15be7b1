//! Trusted devices: browsers that need no sign-in code for thirty days. They still need the codes
//! of payments and of changes of the phone.

use std::time::Duration;

use domain::{AccountId, DeviceId, Refusal, Secret, Timestamp};
use sha2::{Digest, Sha256};
use store::{Connection, Db, transaction};

use crate::{
    audit::{Audit, Event},
    clock::Clock,
    entropy::Entropy,
    error::Result,
    visitor::{Visitor, hex},
};

/// How long a device is trusted, used or not.
pub const DEVICE_TRUST_TTL: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Trusted devices.
pub struct Devices<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) audit: &'s Audit,
}

/// A trusted device as its owner sees it.
#[derive(Clone, Debug)]
pub struct DeviceView {
    /// The id, by which it can be revoked.
    pub id: DeviceId,
    /// The `User-Agent` of the browser.
    pub user_agent: String,
    /// When it was trusted.
    pub created_at: Timestamp,
    /// When it last signed in without a code.
    pub last_used_at: Timestamp,
    /// When the trust ends.
    pub expires_at: Timestamp,
}

impl Devices<'_> {
    /// The account's trusted devices.
    pub async fn list(&self, visitor: &Visitor) -> Result<Vec<DeviceView>> {
        let account = &visitor.require_signed_in()?.account;
        let now = self.clock.now();
        let devices = self.db.read().await?.devices().list(account, now).await?;
        let view = |device: store::Device| DeviceView {
            id: device.id,
            user_agent: device.user_agent,
            created_at: device.created_at,
            last_used_at: device.last_used_at,
            expires_at: device.expires_at,
        };
        Ok(devices.into_iter().map(view).collect())
    }

    /// Ends the trust in one of the account's devices; that of another account
    /// is not found.
    pub async fn revoke(&self, visitor: &Visitor, id: &DeviceId) -> Result<()> {
        let account = visitor.require_signed_in()?.account.clone();
        let (id, now) = (id.clone(), self.clock.now());
        let audit = self.audit.clone();
        transaction!(self.db, |tx| {
            if !tx.devices().revoke(&id, &account, now).await? {
                return Err(Refusal::NotFound.into());
            }
            audit.record(tx, Event::DeviceRevoked, Some(&account), "", now).await
        })
        .await
    }
}

/// The token in the cookie of a trusted browser: 128 random bits, of which rows keep a digest.
#[derive(Clone, Debug)]
pub(crate) struct DeviceToken(Secret<String>);

impl DeviceToken {
    /// A new token of random bits.
    pub(crate) fn generate(entropy: &Entropy) -> Result<Self> {
        Ok(Self(Secret::new(format!("{:032x}", entropy.bits()?))))
    }

    /// Reads a cookie; `None` if it is no token.
    pub(crate) fn parse(cookie: &str) -> Option<Self> {
        DeviceId::parse(cookie).map(|_| Self(Secret::new(cookie.to_owned())))
    }

    /// The digest, which rows keep.
    pub(crate) fn digest(&self) -> String {
        hex(&Sha256::digest(self.0.expose()))
    }

    /// The token, for the cookie.
    pub(crate) fn into_secret(self) -> Secret<String> {
        self.0
    }
}

/// A device that will be trusted: its row, and the token for the browser.
#[derive(Clone)]
pub(crate) struct NewDevice {
    id: DeviceId,
    token: DeviceToken,
    user_agent: String,
}

impl NewDevice {
    /// Makes a device with a random token for this browser.
    pub(crate) fn generate(entropy: &Entropy, visitor: &Visitor) -> Result<Self> {
        Ok(Self {
            id: DeviceId::from_bits(entropy.bits()?),
            token: DeviceToken::generate(entropy)?,
            user_agent: visitor.user_agent.clone(),
        })
    }

    /// Trusts the device, in the transaction that signs it in.
    pub(crate) async fn trust(
        self,
        audit: &Audit,
        tx: &mut Connection,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Secret<String>> {
        let device = store::Device {
            id: self.id,
            account: account.clone(),
            user_agent: self.user_agent,
            created_at: now,
            last_used_at: now,
            expires_at: now + DEVICE_TRUST_TTL,
        };
        tx.devices().insert(&device, &self.token.digest()).await?;
        audit.record(tx, Event::DeviceTrusted, Some(account), "", now).await?;
        Ok(self.token.into_secret())
    }
}
