//! Browsers that signed in to an account lately, under the digest of the secret in their cookie.

use domain::{AccountId, Timestamp};

use crate::{
    Result,
    connection::{execute, fetch_scalar},
};

repository! {
    /// Browsers that signed in to an account lately.
    known_browsers: KnownBrowsers
}

const REMEMBER: &str = "insert into known_browsers (account_id, browser_digest, signed_in_at)
    values ($1, $2, $3)
    on conflict (account_id, browser_digest) do update set signed_in_at = excluded.signed_in_at";

const IS_KNOWN: &str = "select count(*) from known_browsers
    where account_id = $1 and browser_digest = $2 and signed_in_at > $3";

const FORGET_OTHERS: &str = "delete from known_browsers
    where account_id = $1 and browser_digest <> $2";

const DELETE_OLD: &str = "delete from known_browsers where signed_in_at <= $1";

impl KnownBrowsers<'_> {
    /// Records that a browser signed in to an account now.
    pub async fn remember(
        &mut self,
        account: &AccountId,
        browser_digest: &str,
        now: Timestamp,
    ) -> Result<()> {
        execute!(self.0, REMEMBER, account.as_str(), browser_digest, now.as_millis())?;
        Ok(())
    }

    /// Whether a browser signed in to an account after a time.
    pub async fn is_known(
        &mut self,
        account: &AccountId,
        browser_digest: &str,
        after: Timestamp,
    ) -> Result<bool> {
        let count: i64 =
            fetch_scalar!(self.0, IS_KNOWN, account.as_str(), browser_digest, after.as_millis())?;
        Ok(count == 1)
    }

    /// Forgets every browser of an account except one.
    pub async fn forget_others(
        &mut self,
        account: &AccountId,
        kept_browser_digest: &str,
    ) -> Result<u64> {
        Ok(execute!(self.0, FORGET_OTHERS, account.as_str(), kept_browser_digest)?)
    }

    /// Deletes browsers that last signed in at or before a time.
    pub async fn delete_old(&mut self, before: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, before.as_millis())?)
    }
}
