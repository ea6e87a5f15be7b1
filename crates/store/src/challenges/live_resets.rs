//! How many password resets of an account are live.

use domain::{AccountId, Timestamp};

use super::Challenges;
use crate::{Result, connection::fetch_one};

/// The live password resets of an account in other browsers than the one that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveResets {
    pub all: u32,
    /// Those of browsers that had not signed in before.
    pub of_unknown_browsers: u32,
    /// When the first of them expires.
    pub first_expires_at: Option<Timestamp>,
}

const COUNT_LIVE_RESETS: &str = "select count(*),
      cast(coalesce(sum(case when is_known_browser then 0 else 1 end), 0) as bigint),
      min(expires_at)
    from challenges
    where account_id = $1 and purpose = 'reset' and browser_digest <> $2 and not is_decoy
    and consumed_at is null and revoked_at is null and expires_at > $3 and attempts < $4";

impl Challenges<'_> {
    /// The password resets of an account that are live in other browsers and no decoys.
    pub async fn count_live_resets(
        &mut self,
        account: &AccountId,
        browser_digest: &str,
        max_attempts: u32,
        now: Timestamp,
    ) -> Result<LiveResets> {
        let (all, unknown, first): (i64, i64, Option<i64>) = fetch_one!(
            self.0,
            COUNT_LIVE_RESETS,
            account.as_str(),
            browser_digest,
            now.as_millis(),
            i64::from(max_attempts)
        )?;
        Ok(LiveResets {
            all: u32::try_from(all).unwrap_or(u32::MAX),
            of_unknown_browsers: u32::try_from(unknown).unwrap_or(u32::MAX),
            first_expires_at: first.map(Timestamp::from_millis),
        })
    }
}
