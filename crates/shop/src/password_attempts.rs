//! Wrong passwords, counted for each e-mail address, known or not, and apart
//! from wrong codes. The count makes an address wait; it never locks one.

use std::time::Duration;

use domain::{EmailAddress, Password, Refusal, Timestamp};
use store::{Account, Challenge, Connection, Limit, Window};

use crate::{PasswordCheck, Result, Shop, Visitor, audit::Event, codes::keyed_name};

/// More than lies between the counting of an attempt and the challenge it led to.
const MOMENT: Duration = Duration::from_secs(1);

/// The span in which wrong passwords are counted.
const SPAN: Duration = Duration::from_secs(15 * 60);

/// Who tries. Each counts for itself, so that strangers who fail on purpose keep
/// an owner out of neither a trusted browser nor one that is signed in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who {
    Anybody,
    TrustedDevice,
    SignedIn,
}

impl Who {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Anybody => "anybody",
            Self::TrustedDevice => "device",
            Self::SignedIn => "signed-in",
        }
    }
}

/// The attempts on one e-mail address.
pub(crate) struct PasswordAttempts {
    shop: Shop,
    who: Who,
    /// Those of this address, and those of the browser's network address.
    limits: [Limit; 2],
}

impl PasswordAttempts {
    /// The attempts on this address, by this visitor.
    pub(crate) fn on(
        shop: &Shop,
        visitor: &Visitor,
        email: &EmailAddress,
        who: Who,
    ) -> Result<Self> {
        let limits = [limit(shop, email, who)?, shop.limits().failures(&visitor.address)];
        Ok(Self { shop: shop.clone(), who, limits })
    }

    /// Refuses before anything is hashed if there are no attempts left.
    pub(crate) async fn ensure_left(
        &self,
        connection: &mut Connection,
        now: Timestamp,
    ) -> Result<()> {
        for limit in &self.limits {
            refuse(connection.counters().look(limit, now).await?, now)?;
        }
        Ok(())
    }

    /// Counts an attempt. Refuses, whatever the password was, if others used up the
    /// attempts while it was being hashed; the transaction must then be undone.
    ///
    /// A right one is given back only to those who are told at once that it is right.
    /// To a stranger a right one counts like a wrong one, until the code was right too
    /// ([`forgive`]): or else nine wrong ones, a guess and another wrong one would
    /// tell by the next answer whether the guess was right.
    pub(crate) async fn charge(
        &self,
        tx: &mut Connection,
        account: Option<&Account>,
        now: Timestamp,
    ) -> Result<()> {
        refuse(tx.counters().count(&self.limits, now).await?, now)?;
        let mut is_last = false;
        for limit in &self.limits {
            if account.is_some() && !matches!(self.who, Who::Anybody) {
                tx.counters().give_back(limit, now, 1).await?;
            }
            is_last |= tx.counters().look(limit, now).await?.is_some();
        }
        let event = match account {
            Some(_) => Event::PasswordAccepted,
            None if is_last => Event::LoginLocked,
            None => Event::LoginFailed,
        };
        let id = account.map(|account| &account.id);
        self.shop.audit().record(tx, event, id, "password", now).await
    }
}

/// The right code proved that the password was right: its attempt is given back.
pub(crate) async fn forgive(
    shop: &Shop,
    tx: &mut Connection,
    email: &EmailAddress,
    challenge: &Challenge,
) -> Result<()> {
    let limit = limit(shop, email, Who::Anybody)?;
    Ok(tx.counters().give_back(&limit, challenge.created_at - MOMENT, 1).await?)
}

fn limit(shop: &Shop, email: &EmailAddress, who: Who) -> Result<Limit> {
    let settings = shop.settings();
    let name = keyed_name(&settings.keys, "email", email.as_str().as_bytes())?;
    let window = Window { span: SPAN, most: settings.policy.password_failures };
    Ok(Limit::exact(format!("password/{}/{name}", who.as_str()), &[window]))
}

fn refuse(free_at: Option<Timestamp>, now: Timestamp) -> Result<()> {
    match free_at {
        Some(at) => Err(Refusal::TooMany { seconds: now.seconds_until(at).max(1) }.into()),
        None => Ok(()),
    }
}

impl Shop {
    /// Whether this is the account's password. Without an account the same work is
    /// done for nothing.
    pub(crate) async fn judge(
        &self,
        account: Option<&Account>,
        password: Password,
    ) -> Result<PasswordCheck> {
        let hash = account.map(|account| account.password_hash.clone());
        self.passwords().verify(password, hash).await
    }
}
