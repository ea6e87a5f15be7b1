//! The limits of attempts at passwords and codes: for each e-mail address and network address.

use std::time::Duration;

use domain::{EmailAddress, Timestamp};
use store::{Connection, Limit};
use strum::IntoStaticStr;

use super::{HOUR, Limits, limit, refuse, window};
use crate::{error::Result, keys::keyed_name, visitor::ClientAddress};

const MINUTE: Duration = Duration::from_secs(60);
/// The window in which wrong passwords of one e-mail address are counted.
const PASSWORD_WINDOW: Duration = Duration::from_secs(15 * 60);

/// Where a password attempt comes from. Each source counts by itself, so that an attacker
/// who fails on purpose locks an owner out of neither a trusted browser nor an open session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum AttemptSource {
    Anonymous,
    #[strum(serialize = "device")]
    TrustedDevice,
    SignedIn,
}

impl AttemptSource {
    /// The word in the keys of counters.
    fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Limits {
    /// The limits that a password attempt counts against: the e-mail address that was typed,
    /// and the network address.
    ///
    /// An anonymous network address fails no more often in an hour than it may ask for
    /// codes. A trusted device and an open session are exempt from that, because they are
    /// shared with no attacker behind the same network address.
    pub(crate) fn password_attempts(
        &self,
        email: &EmailAddress,
        address: &ClientAddress,
        source: AttemptSource,
    ) -> Result<Vec<Limit>> {
        let name = keyed_name(&self.keys, "email", email.as_str().as_bytes())?;
        let by_email = Limit::exact(
            format!("password/{}/{name}", source.as_str()),
            &[window(PASSWORD_WINDOW, self.policy.password_failures)],
        );
        let mut limits = vec![by_email, self.failures(address)];
        if source == AttemptSource::Anonymous {
            let key = format!("password/address/{}", address.as_str());
            limits.push(limit(key, &[window(HOUR, self.policy.address_sends_per_hour)]));
        }
        Ok(limits)
    }

    /// Counts one failure of a network address, unless that is one too many.
    pub async fn fail(
        &self,
        tx: &mut Connection,
        address: &ClientAddress,
        now: Timestamp,
    ) -> Result<()> {
        let free_at = tx.counters().count(&[self.failures(address)], now).await?;
        refuse("failures_by_address", free_at, now)
    }

    /// Takes back the failure that was counted at `at`, because the attempt was right.
    pub(crate) async fn take_back_failure(
        &self,
        tx: &mut Connection,
        address: &ClientAddress,
        at: Timestamp,
    ) -> Result<()> {
        Ok(tx.counters().refund(&self.failures(address), at, 1).await?)
    }

    fn failures(&self, address: &ClientAddress) -> Limit {
        let max = self.policy.address_failures_per_minute;
        limit(format!("failures/address/{}", address.as_str()), &[window(MINUTE, max)])
    }
}

#[cfg(test)]
mod tests {
    use store::transaction;

    use super::*;
    use crate::{keys::tests::ring, policy::Policy};

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    #[tokio::test]
    async fn x48_a_typed_address_reaches_its_limit_without_an_account() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.db");
        let db = test_support::open(&test_support::new_sqlite_database(&file).await).await;
        let policy = Policy { password_failures: 2, ..Policy::default() };
        let limits = Limits::new(policy, ring(&[("first", 1)]));
        let (email, address) = (
            EmailAddress::parse("nobody@example.com").unwrap(),
            ClientAddress::of("192.0.2.1".parse().unwrap()),
        );
        for is_over in [false, false, true] {
            let counted =
                limits.password_attempts(&email, &address, AttemptSource::Anonymous).unwrap();
            let free_at = transaction!(db, |tx| tx.counters().count(&counted, NOW).await);
            assert_eq!(free_at.await.unwrap().is_some(), is_over);
        }
    }
}
