//! Requests for a code. The rules of a challenge's states (see `domain::challenge`) are
//! conditions of the statements here, so that of several concurrent attempts, on any
//! number of nodes, only one succeeds.
//!
//! `resends` sends a code again, and `live_resets` counts the live password resets of an account.

mod live_resets;
mod resends;
mod rows;

pub use live_resets::LiveResets;
pub use resends::ResendRule;
pub use rows::{Challenge, ChallengeMethod};

use domain::{AccountId, ChallengeId, OrderId, Purpose, Timestamp};

use crate::{
    Result,
    connection::{Handle, execute, fetch_optional},
};
use rows::Row;

repository! {
    /// Requests for a code.
    challenges: Challenges
}

/// The newest challenge of a browser and purpose. Of several of the same time, one that
/// is not over comes first.
macro_rules! newest_id {
    () => {
        "(select id from challenges where browser_digest = $1 and purpose = $2
          order by created_at desc,
            case when consumed_at is null and revoked_at is null then 0 else 1 end, id limit 1)"
    };
}

/// An advisory lock, which PostgreSQL releases at the end of the transaction. SQLite has one
/// writer at a time and needs none.
const TAKE_TURN: &str = "select pg_advisory_xact_lock(hashtextextended($1, 0))";

const INSERT: &str = "insert into challenges
    (id, purpose, account_id, phone, masked_phone, is_decoy, is_verified_phone, browser_digest,
     binding_digest, order_id, key_id, nonce, attempts, sends, resend_after_at, created_at,
     expires_at, requested_identifier, method, is_known_browser)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
     $20)";

const FIND: &str = "select * from challenges where id = $1";

const FIND_NEWEST: &str = concat!("select * from challenges where id = ", newest_id!());

const SPEND_ATTEMPT: &str = concat!(
    "update challenges set attempts = attempts + 1 where id = ",
    newest_id!(),
    " and browser_digest = $1 and purpose = $2 and consumed_at is null and revoked_at is null
      and expires_at > $3 and attempts < $4 returning *"
);

// The right answer may have been the last attempt, so one repetition is always left.
const SPEND_REPETITION: &str = concat!(
    "update challenges set attempts = attempts + 1 where id = ",
    newest_id!(),
    " and browser_digest = $1 and purpose = $2 and consumed_at > $3 and consumed_at <= $4
      and attempts <= $5 returning *"
);

const CONSUME: &str = "update challenges set consumed_at = $2
    where id = $1 and consumed_at is null and revoked_at is null and expires_at > $2
    and not is_decoy";

const REVOKE: &str = "update challenges set revoked_at = $2
    where id = $1 and consumed_at is null and revoked_at is null";

const MARK_REUSED: &str = "update challenges set reused_at = $2
    where id = $1 and consumed_at is not null and reused_at is null";

const REVOKE_OLDER: &str = "update challenges set revoked_at = $3
    where purpose = $1 and browser_digest = $2 and consumed_at is null and revoked_at is null";

/// The challenge of an unauthenticated visitor becomes a decoy instead of ending, because its
/// end would reveal that the account exists.
const REVOKE_ALL: &str = "update challenges
    set is_decoy = case when requested_identifier is not null then true else is_decoy end,
      revoked_at = case when requested_identifier is not null then null else cast($2 as bigint) end
    where account_id = $1 and consumed_at is null and revoked_at is null";

const REVOKE_OF_ORDER_ELSEWHERE: &str = "update challenges set revoked_at = $4
    where account_id = $1 and purpose = 'payment' and order_id = $2 and browser_digest <> $3
        and consumed_at is null and revoked_at is null";

const REVOKE_EXPIRED: &str = "update challenges set revoked_at = $1
    where expires_at <= $1 and consumed_at is null and revoked_at is null";

const DELETE_OLD: &str = "delete from challenges where expires_at < $1";

impl Challenges<'_> {
    /// Waits until no other transaction asks for or answers a code of this purpose for this
    /// browser. It must come before any row is changed.
    pub async fn take_turn(&mut self, browser_digest: &str, purpose: Purpose) -> Result<()> {
        if matches!(self.0.handle, Handle::Postgres(_)) {
            execute!(self.0, TAKE_TURN, format!("{}/{browser_digest}", purpose.as_str()))?;
        }
        Ok(())
    }

    pub async fn insert(&mut self, challenge: &Challenge) -> Result<()> {
        execute!(
            self.0,
            INSERT,
            challenge.id.as_str(),
            challenge.purpose.as_str(),
            challenge.account.as_str(),
            challenge.to.as_str(),
            challenge.masked_phone.as_str(),
            challenge.to.is_decoy(),
            challenge.is_verified_phone,
            challenge.browser_digest.as_str(),
            challenge.binding_digest.as_str(),
            challenge.order.as_ref().map(OrderId::as_str),
            challenge.key_id.as_str(),
            challenge.nonce.as_str(),
            i64::from(challenge.attempts),
            i64::from(challenge.sends),
            challenge.resend_after_at.as_millis(),
            challenge.created_at.as_millis(),
            challenge.expires_at.as_millis(),
            challenge.requested_identifier.as_deref(),
            challenge.method.as_str(),
            challenge.is_known_browser,
        )?;
        Ok(())
    }

    pub async fn find(&mut self, id: &ChallengeId) -> Result<Option<Challenge>> {
        let row: Option<Row> = fetch_optional!(self.0, FIND, id.as_str())?;
        row.map(Row::into_domain).transpose()
    }

    /// The newest challenge of this browser and purpose, which is the one it may answer.
    pub async fn find_newest(
        &mut self,
        browser_digest: &str,
        purpose: Purpose,
    ) -> Result<Option<Challenge>> {
        let row: Option<Row> =
            fetch_optional!(self.0, FIND_NEWEST, browser_digest, purpose.as_str())?;
        row.map(Row::into_domain).transpose()
    }

    /// Counts one attempt at the newest challenge of this browser and purpose, and returns
    /// the challenge; `None` if it is over or there is none. One statement, so that
    /// concurrent attempts are all counted.
    pub async fn spend_attempt(
        &mut self,
        browser_digest: &str,
        purpose: Purpose,
        max_attempts: u32,
        now: Timestamp,
    ) -> Result<Option<Challenge>> {
        let row: Option<Row> = fetch_optional!(
            self.0,
            SPEND_ATTEMPT,
            browser_digest,
            purpose.as_str(),
            now.as_millis(),
            i64::from(max_attempts)
        )?;
        row.map(Row::into_domain).transpose()
    }

    /// Counts one attempt at the newest challenge of this browser and purpose, if its right
    /// code was entered after `since`, and returns the challenge; `None` if there is none, or its
    /// attempts and one more are used up.
    pub async fn spend_repetition(
        &mut self,
        browser_digest: &str,
        purpose: Purpose,
        max_attempts: u32,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Challenge>> {
        let row: Option<Row> = fetch_optional!(
            self.0,
            SPEND_REPETITION,
            browser_digest,
            purpose.as_str(),
            since.as_millis(),
            now.as_millis(),
            i64::from(max_attempts)
        )?;
        row.map(Row::into_domain).transpose()
    }

    /// Ends a challenge whose right code was entered. Of concurrent calls, one gets `true`.
    pub async fn consume(&mut self, id: &ChallengeId, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, CONSUME, id.as_str(), now.as_millis())? == 1)
    }

    /// Ends a challenge without a code, for example because its order changed.
    pub async fn revoke(&mut self, id: &ChallengeId, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, REVOKE, id.as_str(), now.as_millis())? == 1)
    }

    /// Records that the code was entered again after it had been accepted; `true` the
    /// first time.
    pub async fn mark_reused(&mut self, id: &ChallengeId, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, MARK_REUSED, id.as_str(), now.as_millis())? == 1)
    }

    /// Ends the challenges of a browser that a new one of this purpose replaces.
    pub async fn revoke_older(
        &mut self,
        purpose: Purpose,
        browser_digest: &str,
        now: Timestamp,
    ) -> Result<u64> {
        Ok(execute!(self.0, REVOKE_OLDER, purpose.as_str(), browser_digest, now.as_millis())?)
    }

    /// Ends the challenges of an account for every purpose. Challenges of unauthenticated
    /// visitors become decoys instead.
    pub async fn revoke_all(&mut self, account: &AccountId, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, REVOKE_ALL, account.as_str(), now.as_millis())?)
    }

    /// Ends the challenges of an order in other browsers than this one.
    pub async fn revoke_of_order_elsewhere(
        &mut self,
        (account, order): (&AccountId, &OrderId),
        browser_digest: &str,
        now: Timestamp,
    ) -> Result<u64> {
        let (account, order) = (account.as_str(), order.as_str());
        let now = now.as_millis();
        Ok(execute!(self.0, REVOKE_OF_ORDER_ELSEWHERE, account, order, browser_digest, now)?)
    }

    /// Revokes expired challenges, so that they stay over if the clock is set back.
    pub async fn revoke_expired(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, REVOKE_EXPIRED, now.as_millis())?)
    }

    /// Deletes challenges that expired before `before`.
    pub async fn delete_old(&mut self, before: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, before.as_millis())?)
    }
}
