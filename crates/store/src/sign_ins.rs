//! Authenticated periods of browsers.

use domain::{AccountId, EmailAddress, Role, SignInId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, fetch_all, fetch_optional, fetch_optional_scalar, fetch_scalar},
};

repository! {
    /// Sign-ins.
    sign_ins: SignIns
}

/// One authenticated period of one browser.
#[derive(Clone, Debug)]
pub struct SignIn {
    pub id: SignInId,
    pub account: AccountId,
    /// The `User-Agent` of the browser.
    pub user_agent: String,
    pub created_at: Timestamp,
    /// When it was last used, to within a minute.
    pub last_seen_at: Timestamp,
    /// When password and code were given again for a sensitive action.
    pub stepped_up_at: Option<Timestamp>,
}

/// A sign-in and its account.
#[derive(Clone, Debug)]
pub struct SignInHolder {
    pub sign_in: SignIn,
    pub role: Role,
    pub name: String,
    pub email: EmailAddress,
}

/// A sign-in has expired if it was last seen, or made, at or before these times.
#[derive(Clone, Copy, Debug)]
pub struct SignInExpiry {
    pub last_seen_at: Timestamp,
    pub created_at: Timestamp,
}

const INSERT: &str = "insert into sign_ins (id, account_id, user_agent, created_at, last_seen_at)
    values ($1, $2, $3, $4, $4)";

const FIND_WITH_ACCOUNT: &str =
    "select s.id, s.account_id, s.user_agent, s.created_at, s.last_seen_at,
        s.stepped_up_at, a.role, a.name, a.email
    from sign_ins s join accounts a on a.id = s.account_id
    where s.id = $1 and s.ended_at is null and s.last_seen_at > $2 and s.created_at > $3
    and a.disabled_at is null";

const SET_LAST_SEEN: &str = "update sign_ins set last_seen_at = $2
    where id = $1 and ended_at is null and last_seen_at < $2";

const LIST: &str = "select id, account_id, user_agent, created_at, last_seen_at, stepped_up_at
    from sign_ins
    where account_id = $1 and ended_at is null and last_seen_at > $2 and created_at > $3
    order by last_seen_at desc, id limit 100";

/// The new sign-in is kept whatever its time; of the others, the newest are.
const DISPLACE_OLDEST: &str = "update sign_ins set ended_at = $3, displaced_at = $3
    where account_id = $1 and ended_at is null and last_seen_at > $4 and created_at > $5
    and id not in (
        select id from sign_ins
        where account_id = $1 and ended_at is null and last_seen_at > $4 and created_at > $5
        order by case when id = $2 then 0 else 1 end, created_at desc, id desc limit $6
    )";

const LIST_DISPLACED: &str =
    "select id, account_id, user_agent, created_at, last_seen_at, stepped_up_at
    from sign_ins where account_id = $1 and displaced_at is not null and created_at > $2
    order by displaced_at desc, id limit 100";

const SET_STEPPED_UP: &str = "update sign_ins set stepped_up_at = $3
    where id = $1 and account_id = $2 and ended_at is null";

const SPEND_STEP_UP: &str = "update sign_ins set stepped_up_at = null
    where id = $1 and account_id = $2 and ended_at is null and stepped_up_at > $3";

const RECORD_CODE: &str = "update sign_ins set code_given_at = $2 where id = $1";

const WAS_CODE_GIVEN: &str = "select count(*) from sign_ins
    where id = $1 and account_id = $2 and ended_at is null and code_given_at > $3";

const FIND_BY_CODE: &str = "select id from sign_ins
    where account_id = $1 and code_given_at = $2 and ended_at is null order by id limit 1";

const WAS_STEPPED_UP: &str = "select count(*) from sign_ins
    where id = $1 and account_id = $2 and stepped_up_at = $3 and ended_at is null";

const REQUIRE_PASSWORD: &str = "update sign_ins set password_required_at = $2
    where account_id = $1 and ended_at is null";

const IS_PASSWORD_REQUIRED: &str =
    "select count(*) from sign_ins where id = $1 and password_required_at is not null";

const CLEAR_PASSWORD_REQUIRED: &str =
    "update sign_ins set password_required_at = null where id = $1";

const END: &str = "update sign_ins set ended_at = $3
    where id = $1 and account_id = $2 and ended_at is null";

const END_ALL: &str = "update sign_ins set ended_at = $2
    where account_id = $1 and ended_at is null";

const END_OTHERS: &str = "update sign_ins set ended_at = $3
    where account_id = $1 and id <> $2 and ended_at is null";

const DELETE_OLD: &str = "delete from sign_ins where created_at <= $1";

impl SignIns<'_> {
    pub async fn insert(
        &mut self,
        id: &SignInId,
        account: &AccountId,
        user_agent: &str,
        now: Timestamp,
    ) -> Result<()> {
        execute!(self.0, INSERT, id.as_str(), account.as_str(), user_agent, now.as_millis())?;
        Ok(())
    }

    /// A sign-in that is neither ended nor expired, with its account.
    pub async fn resume(
        &mut self,
        id: &SignInId,
        expiry: SignInExpiry,
    ) -> Result<Option<SignInHolder>> {
        let row: Option<HolderRow> = fetch_optional!(
            self.0,
            FIND_WITH_ACCOUNT,
            id.as_str(),
            expiry.last_seen_at.as_millis(),
            expiry.created_at.as_millis()
        )?;
        row.map(HolderRow::into_domain).transpose()
    }

    /// Records that a sign-in was used.
    pub async fn touch(&mut self, id: &SignInId, now: Timestamp) -> Result<()> {
        execute!(self.0, SET_LAST_SEEN, id.as_str(), now.as_millis())?;
        Ok(())
    }

    /// The sign-ins of the account that are neither ended nor expired, the last used first.
    pub async fn list(&mut self, account: &AccountId, expiry: SignInExpiry) -> Result<Vec<SignIn>> {
        let rows: Vec<Row> = fetch_all!(
            self.0,
            LIST,
            account.as_str(),
            expiry.last_seen_at.as_millis(),
            expiry.created_at.as_millis()
        )?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// Ends the oldest sign-ins of the account but `kept`, so that at most `max` are open. The
    /// account must be locked, so that of two new sign-ins the second sees the first.
    pub async fn displace_oldest(
        &mut self,
        account: &AccountId,
        kept: &SignInId,
        max: u32,
        expiry: SignInExpiry,
        now: Timestamp,
    ) -> Result<u64> {
        Ok(execute!(
            self.0,
            DISPLACE_OLDEST,
            account.as_str(),
            kept.as_str(),
            now.as_millis(),
            expiry.last_seen_at.as_millis(),
            expiry.created_at.as_millis(),
            i64::from(max),
        )?)
    }

    /// The sign-ins of the account that were made after a time and ended because there were too
    /// many, the last ended first.
    pub async fn list_displaced(
        &mut self,
        account: &AccountId,
        created_after: Timestamp,
    ) -> Result<Vec<SignIn>> {
        let rows: Vec<Row> =
            fetch_all!(self.0, LIST_DISPLACED, account.as_str(), created_after.as_millis())?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// Records that password and code were given again; `false` if the sign-in has ended.
    pub async fn step_up(
        &mut self,
        id: &SignInId,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(execute!(self.0, SET_STEPPED_UP, id.as_str(), account.as_str(), now.as_millis())? == 1)
    }

    /// Uses a step-up that was made after a time; `false` if there is none, or it was used
    /// before.
    pub async fn spend_step_up(
        &mut self,
        id: &SignInId,
        account: &AccountId,
        after: Timestamp,
    ) -> Result<bool> {
        Ok(execute!(self.0, SPEND_STEP_UP, id.as_str(), account.as_str(), after.as_millis())? == 1)
    }

    /// Records that this sign-in began with a code, and not on a trusted device.
    pub async fn record_code(&mut self, id: &SignInId, now: Timestamp) -> Result<()> {
        execute!(self.0, RECORD_CODE, id.as_str(), now.as_millis())?;
        Ok(())
    }

    /// Whether a sign-in began with a code after a time.
    pub async fn was_code_given(
        &mut self,
        id: &SignInId,
        account: &AccountId,
        after: Timestamp,
    ) -> Result<bool> {
        let count: i64 = fetch_scalar!(
            self.0,
            WAS_CODE_GIVEN,
            id.as_str(),
            account.as_str(),
            after.as_millis()
        )?;
        Ok(count == 1)
    }

    /// The sign-in that the code of this time began, unless it has ended.
    pub async fn find_by_code(
        &mut self,
        account: &AccountId,
        given_at: Timestamp,
    ) -> Result<Option<SignInId>> {
        let id: Option<String> =
            fetch_optional_scalar!(self.0, FIND_BY_CODE, account.as_str(), given_at.as_millis())?;
        let corrupt = || Error::corrupt("sign_ins", "id");
        id.map(|id| SignInId::parse(&id).ok_or_else(corrupt)).transpose()
    }

    /// Whether password and code were given again at this time, and the step-up was not used.
    pub async fn was_stepped_up(
        &mut self,
        id: &SignInId,
        account: &AccountId,
        at: Timestamp,
    ) -> Result<bool> {
        let count: i64 =
            fetch_scalar!(self.0, WAS_STEPPED_UP, id.as_str(), account.as_str(), at.as_millis())?;
        Ok(count == 1)
    }

    /// Lets no sign-in of the account place an order before the password is given again.
    pub async fn require_password(&mut self, account: &AccountId, now: Timestamp) -> Result<()> {
        execute!(self.0, REQUIRE_PASSWORD, account.as_str(), now.as_millis())?;
        Ok(())
    }

    /// Whether a sign-in may place no order before the password is given again.
    pub async fn is_password_required(&mut self, id: &SignInId) -> Result<bool> {
        let count: i64 = fetch_scalar!(self.0, IS_PASSWORD_REQUIRED, id.as_str())?;
        Ok(count > 0)
    }

    /// Records that the password was given again.
    pub async fn clear_password_required(&mut self, id: &SignInId) -> Result<()> {
        execute!(self.0, CLEAR_PASSWORD_REQUIRED, id.as_str())?;
        Ok(())
    }

    /// Ends a sign-in; `false` if it does not belong to the account.
    pub async fn end(
        &mut self,
        id: &SignInId,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(execute!(self.0, END, id.as_str(), account.as_str(), now.as_millis())? == 1)
    }

    pub async fn end_all(&mut self, account: &AccountId, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, END_ALL, account.as_str(), now.as_millis())?)
    }

    /// Ends every sign-in of the account except one.
    pub async fn end_others(
        &mut self,
        account: &AccountId,
        kept: &SignInId,
        now: Timestamp,
    ) -> Result<u64> {
        Ok(execute!(self.0, END_OTHERS, account.as_str(), kept.as_str(), now.as_millis())?)
    }

    /// Deletes sign-ins made at or before a time, ended or not.
    pub async fn delete_old(&mut self, created: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, created.as_millis())?)
    }
}

row! {
    struct Row {
        id: String,
        account_id: String,
        user_agent: String,
        created_at: i64,
        last_seen_at: i64,
        stepped_up_at: Option<i64>,
    }
}

impl Row {
    fn into_domain(self) -> Result<SignIn> {
        let corrupt = |column| move || Error::corrupt("sign_ins", column);
        Ok(SignIn {
            id: SignInId::parse(&self.id).ok_or_else(corrupt("id"))?,
            account: AccountId::parse(&self.account_id).ok_or_else(corrupt("account_id"))?,
            user_agent: self.user_agent,
            created_at: Timestamp::from_millis(self.created_at),
            last_seen_at: Timestamp::from_millis(self.last_seen_at),
            stepped_up_at: self.stepped_up_at.map(Timestamp::from_millis),
        })
    }
}

struct HolderRow {
    sign_in: Row,
    account: AccountColumns,
}

row! {
    struct AccountColumns {
        role: String,
        name: String,
        email: String,
    }
}

impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for HolderRow
where
    Row: sqlx::FromRow<'r, R>,
    AccountColumns: sqlx::FromRow<'r, R>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self { sign_in: Row::from_row(row)?, account: AccountColumns::from_row(row)? })
    }
}

impl HolderRow {
    fn into_domain(self) -> Result<SignInHolder> {
        let corrupt = |column| move || Error::corrupt("accounts", column);
        Ok(SignInHolder {
            sign_in: self.sign_in.into_domain()?,
            role: Role::parse(&self.account.role).ok_or_else(corrupt("role"))?,
            name: self.account.name,
            email: EmailAddress::from_stored(&self.account.email).ok_or_else(corrupt("email"))?,
        })
    }
}
