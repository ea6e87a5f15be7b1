//! Recovery codes: the digests of the newest set of each account, and for a short time what
//! the set is derived from, so that its owner can read it.

use domain::{AccountId, SignInId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, fetch_optional, fetch_scalar},
};

repository! {
    /// Recovery codes.
    recovery_codes: RecoveryCodes
}

/// The newest set of an account.
#[derive(Clone, Debug)]
pub struct RecoveryCodeSet {
    pub account: AccountId,
    /// The key of the key ring that the codes are derived with.
    pub key_id: String,
    /// 128 random bits in hexadecimal; `None` once the codes cannot be shown any more.
    pub nonce: Option<String>,
    /// The only sign-in that is shown the codes.
    pub sign_in: SignInId,
    pub shown_until: Timestamp,
    pub created_at: Timestamp,
    pub saved_at: Option<Timestamp>,
}

/// This statement comes first in a transaction that replaces a set: two of them wait for
/// each other at the row, so that the codes of only one set remain.
const PUT_SET: &str = "insert into recovery_code_sets
    (account_id, key_id, nonce, sign_in_id, shown_until, created_at)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (account_id) do update set key_id = excluded.key_id, nonce = excluded.nonce,
      sign_in_id = excluded.sign_in_id, shown_until = excluded.shown_until,
      created_at = excluded.created_at, saved_at = null";

const DELETE_CODES: &str = "delete from recovery_codes where account_id = $1";

const INSERT_CODE: &str = "insert into recovery_codes (account_id, digest) values ($1, $2)";

const FIND_SET: &str = "select * from recovery_code_sets where account_id = $1";

const MARK_SAVED: &str = "update recovery_code_sets set nonce = null, saved_at = $3
    where account_id = $1 and sign_in_id = $2 and nonce is not null and shown_until > $3";

const FORGET_NONCES: &str = "update recovery_code_sets set nonce = null
    where nonce is not null and shown_until <= $1";

const COUNT_UNUSED: &str =
    "select count(*) from recovery_codes where account_id = $1 and used_at is null";

const IS_UNUSED: &str = "select count(*) from recovery_codes
    where account_id = $1 and digest = $2 and used_at is null";

const WAS_SPENT: &str = "select count(*) from recovery_codes
    where account_id = $1 and digest = $2 and used_at = $3";

const SPEND: &str = "update recovery_codes set used_at = $3
    where account_id = $1 and digest = $2 and used_at is null";

impl RecoveryCodes<'_> {
    /// Replaces the codes of an account by those with these digests.
    pub async fn replace(&mut self, set: &RecoveryCodeSet, digests: &[String]) -> Result<()> {
        execute!(
            self.0,
            PUT_SET,
            set.account.as_str(),
            set.key_id.as_str(),
            set.nonce.as_deref(),
            set.sign_in.as_str(),
            set.shown_until.as_millis(),
            set.created_at.as_millis(),
        )?;
        execute!(self.0, DELETE_CODES, set.account.as_str())?;
        for digest in digests {
            execute!(self.0, INSERT_CODE, set.account.as_str(), digest.as_str())?;
        }
        Ok(())
    }

    /// The newest set of an account, saved or not.
    pub async fn find_set(&mut self, account: &AccountId) -> Result<Option<RecoveryCodeSet>> {
        let row: Option<Row> = fetch_optional!(self.0, FIND_SET, account.as_str())?;
        row.map(Row::into_domain).transpose()
    }

    /// Records that the owner saved the codes, and deletes what they are derived from;
    /// `false` if this sign-in is not shown the codes now.
    pub async fn mark_saved(
        &mut self,
        account: &AccountId,
        sign_in: &SignInId,
        now: Timestamp,
    ) -> Result<bool> {
        let (account, sign_in) = (account.as_str(), sign_in.as_str());
        Ok(execute!(self.0, MARK_SAVED, account, sign_in, now.as_millis())? == 1)
    }

    /// Deletes what the codes are derived from, where they were shown for long enough.
    pub async fn forget_nonces(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, FORGET_NONCES, now.as_millis())?)
    }

    /// How many codes of an account are left.
    pub async fn count_unused(&mut self, account: &AccountId) -> Result<u64> {
        let count: i64 = fetch_scalar!(self.0, COUNT_UNUSED, account.as_str())?;
        Ok(count.unsigned_abs())
    }

    /// Whether a code of the account was used at this time.
    pub async fn was_spent(
        &mut self,
        account: &AccountId,
        digest: &str,
        at: Timestamp,
    ) -> Result<bool> {
        let count: i64 =
            fetch_scalar!(self.0, WAS_SPENT, account.as_str(), digest, at.as_millis())?;
        Ok(count == 1)
    }

    /// Whether this is a code of the account that was not used yet.
    pub async fn is_unused(&mut self, account: &AccountId, digest: &str) -> Result<bool> {
        let count: i64 = fetch_scalar!(self.0, IS_UNUSED, account.as_str(), digest)?;
        Ok(count == 1)
    }

    /// Uses a code. Of concurrent calls, one gets `true`.
    pub async fn spend(
        &mut self,
        account: &AccountId,
        digest: &str,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(execute!(self.0, SPEND, account.as_str(), digest, now.as_millis())? == 1)
    }
}

row! {
    struct Row {
        account_id: String,
        key_id: String,
        nonce: Option<String>,
        sign_in_id: String,
        shown_until: i64,
        created_at: i64,
        saved_at: Option<i64>,
    }
}

impl Row {
    fn into_domain(self) -> Result<RecoveryCodeSet> {
        let corrupt = |column| move || Error::corrupt("recovery_code_sets", column);
        Ok(RecoveryCodeSet {
            account: AccountId::parse(&self.account_id).ok_or_else(corrupt("account_id"))?,
            key_id: self.key_id,
            nonce: self.nonce,
            sign_in: SignInId::parse(&self.sign_in_id).ok_or_else(corrupt("sign_in_id"))?,
            shown_until: Timestamp::from_millis(self.shown_until),
            created_at: Timestamp::from_millis(self.created_at),
            saved_at: self.saved_at.map(Timestamp::from_millis),
        })
    }
}
