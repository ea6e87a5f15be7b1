//! Authenticated periods of browsers.

use domain::{AccountId, EmailAddress, Role, SignInId, Timestamp};

use crate::{
    Connection, Error, Result,
    connection::{execute, with_connection},
};

/// Sign-ins.
pub struct SignIns<'c>(&'c mut Connection);

impl Connection {
    /// Sign-ins.
    pub fn sign_ins(&mut self) -> SignIns<'_> {
        SignIns(self)
    }
}

/// One authenticated period of one browser.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Which sign-in.
    pub id: SignInId,
    /// Whose.
    pub account: AccountId,
    /// What the browser called itself.
    pub user_agent: String,
    /// When password and code were given.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When password and code were given again for something important.
    pub stepped_up_at: Option<Timestamp>,
}

/// A sign-in together with the account that holds it.
#[derive(Clone, Debug)]
pub struct SignInHolder {
    /// The sign-in.
    pub sign_in: SignIn,
    /// What the account may do.
    pub role: Role,
    /// The person's name.
    pub name: String,
    /// The address the account signs in with.
    pub email: EmailAddress,
}

/// A sign-in last seen, or made, at or before these moments is over.
#[derive(Clone, Copy, Debug)]
pub struct SignInExpiry {
    /// Idle since then.
    pub seen: Timestamp,
    /// As old as that.
    pub created: Timestamp,
}

const INSERT: &str = "insert into sign_ins (id, account_id, user_agent, created_at, last_seen_at)
    values ($1, $2, $3, $4, $4)";

const RESUME: &str = "select s.id, s.account_id, s.user_agent, s.created_at, s.last_seen_at,
        s.stepped_up_at, a.role, a.name, a.email
    from sign_ins s join accounts a on a.id = s.account_id
    where s.id = $1 and s.ended_at is null and s.last_seen_at > $2 and s.created_at > $3
    and a.disabled_at is null";

const TOUCH: &str = "update sign_ins set last_seen_at = $2
    where id = $1 and ended_at is null and last_seen_at < $2";

const LIST: &str = "select id, account_id, user_agent, created_at, last_seen_at, stepped_up_at
    from sign_ins
    where account_id = $1 and ended_at is null and last_seen_at > $2 and created_at > $3
    order by last_seen_at desc, id limit 100";

const STEP_UP: &str = "update sign_ins set stepped_up_at = $3
    where id = $1 and account_id = $2 and ended_at is null";

const SPEND_STEP_UP: &str = "update sign_ins set stepped_up_at = null
    where id = $1 and account_id = $2 and ended_at is null and stepped_up_at > $3";

const NEED_PASSWORD: &str = "update sign_ins set password_required_at = $2
    where account_id = $1 and ended_at is null";

const NEEDS_PASSWORD: &str =
    "select count(*) from sign_ins where id = $1 and password_required_at is not null";

const ACCEPT_PASSWORD: &str = "update sign_ins set password_required_at = null where id = $1";

const END: &str = "update sign_ins set ended_at = $3
    where id = $1 and account_id = $2 and ended_at is null";

const END_ALL: &str = "update sign_ins set ended_at = $2
    where account_id = $1 and ended_at is null";

const END_OTHERS: &str = "update sign_ins set ended_at = $3
    where account_id = $1 and id <> $2 and ended_at is null";

const SWEEP: &str = "delete from sign_ins where created_at <= $1";

impl SignIns<'_> {
    /// Records that somebody signed in.
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

    /// A sign-in that is still good, and whose it is.
    pub async fn resume(
        &mut self,
        id: &SignInId,
        stale: SignInExpiry,
    ) -> Result<Option<SignInHolder>> {
        let row: Option<HolderRow> = with_connection!(self.0, c => {
            sqlx::query_as(RESUME)
                .bind(id.as_str())
                .bind(stale.seen.as_millis())
                .bind(stale.created.as_millis())
                .fetch_optional(c)
                .await
        })?;
        row.map(HolderRow::into_domain).transpose()
    }

    /// Records that it was used.
    pub async fn touch(&mut self, id: &SignInId, now: Timestamp) -> Result<()> {
        execute!(self.0, TOUCH, id.as_str(), now.as_millis())?;
        Ok(())
    }

    /// The account's sign-ins that are still good, the latest used first.
    pub async fn list(&mut self, account: &AccountId, stale: SignInExpiry) -> Result<Vec<SignIn>> {
        let rows: Vec<Row> = with_connection!(self.0, c => {
            sqlx::query_as(LIST)
                .bind(account.as_str())
                .bind(stale.seen.as_millis())
                .bind(stale.created.as_millis())
                .fetch_all(c)
                .await
        })?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// Records that password and code were given again. False if it has ended.
    pub async fn step_up(
        &mut self,
        id: &SignInId,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(execute!(self.0, STEP_UP, id.as_str(), account.as_str(), now.as_millis())? == 1)
    }

    /// Uses up that password and code were given again after a moment. False if
    /// they were not, or if that was used before.
    pub async fn spend_step_up(
        &mut self,
        id: &SignInId,
        account: &AccountId,
        after: Timestamp,
    ) -> Result<bool> {
        Ok(execute!(self.0, SPEND_STEP_UP, id.as_str(), account.as_str(), after.as_millis())? == 1)
    }

    /// From now on the account's sign-ins order nothing without the password.
    pub async fn need_password(&mut self, account: &AccountId, now: Timestamp) -> Result<()> {
        execute!(self.0, NEED_PASSWORD, account.as_str(), now.as_millis())?;
        Ok(())
    }

    /// Whether a sign-in orders nothing without the password.
    pub async fn needs_password(&mut self, id: &SignInId) -> Result<bool> {
        let count: i64 = with_connection!(self.0, c => {
            sqlx::query_scalar(NEEDS_PASSWORD).bind(id.as_str()).fetch_one(c).await
        })?;
        Ok(count > 0)
    }

    /// Records that the password was given.
    pub async fn accept_password(&mut self, id: &SignInId) -> Result<()> {
        execute!(self.0, ACCEPT_PASSWORD, id.as_str())?;
        Ok(())
    }

    /// Ends one of the account's sign-ins. False if it is not the account's.
    pub async fn end(
        &mut self,
        id: &SignInId,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(execute!(self.0, END, id.as_str(), account.as_str(), now.as_millis())? == 1)
    }

    /// Ends every sign-in of the account.
    pub async fn end_all(&mut self, account: &AccountId, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, END_ALL, account.as_str(), now.as_millis())?)
    }

    /// Ends every sign-in of the account but one.
    pub async fn end_others(
        &mut self,
        account: &AccountId,
        kept: &SignInId,
        now: Timestamp,
    ) -> Result<u64> {
        Ok(execute!(self.0, END_OTHERS, account.as_str(), kept.as_str(), now.as_millis())?)
    }

    /// Forgets those made at or before a moment, whether ended or not.
    pub async fn sweep(&mut self, created: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, SWEEP, created.as_millis())?)
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
            email: EmailAddress::parse(&self.account.email).ok_or_else(corrupt("email"))?,
        })
    }
}
