//! Changes of phone that the merchant started for owners without phone and recovery codes.

use domain::{AccountId, EmailAddress, PhoneChangeRequestId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, fetch_all, fetch_optional, fetch_scalar},
};

repository! {
    /// Changes of phone that the merchant started.
    phone_change_requests: PhoneChangeRequests
}

#[derive(Clone, Debug)]
pub struct PhoneChangeRequest {
    pub id: PhoneChangeRequestId,
    pub account: AccountId,
    /// The merchant's account.
    pub started_by: AccountId,
    pub started_at: Timestamp,
    /// From when on the owner may set a new phone.
    pub ready_at: Timestamp,
    pub expires_at: Timestamp,
}

/// An open request, with the e-mail address of its account.
#[derive(Clone, Debug)]
pub struct OpenPhoneChange {
    pub request: PhoneChangeRequest,
    pub email: EmailAddress,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneChangeEnd {
    /// The owner set a new phone.
    Owner,
    /// A code from the old phone was given, or the password was changed.
    OldPhone,
    /// The merchant cancelled it.
    Merchant,
    /// Its time was over.
    Expiry,
}

impl PhoneChangeEnd {
    /// The word in the column `ended_by`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::OldPhone => "old_phone",
            Self::Merchant => "merchant",
            Self::Expiry => "expiry",
        }
    }
}

/// Inserts nothing while the account has an open request.
const START: &str = "insert into phone_change_requests
    (id, account_id, started_by, started_at, ready_at, expires_at)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (account_id) where ended_at is null do nothing";

const FIND_OPEN: &str = "select id, account_id, started_by, started_at, ready_at, expires_at
    from phone_change_requests
    where account_id = $1 and ended_at is null and expires_at > $2";

const LIST_OPEN: &str = "select r.id, r.account_id, r.started_by, r.started_at, r.ready_at,
      r.expires_at, a.email
    from phone_change_requests r join accounts a on a.id = r.account_id
    where r.ended_at is null and r.expires_at > $1
    order by r.started_at desc, r.id limit 100";

const WAS_STOPPED: &str = "select count(*) from phone_change_requests
    where account_id = $1 and ended_by = 'old_phone' and ended_at > $2";

/// It locks the row, so that a request which ends at the same moment ends the permission, too.
const PERMIT: &str = "update phone_change_requests set permitted_at = $2
    where account_id = $1 and ended_at is null and ready_at <= $2 and expires_at > $2";

const END: &str = "update phone_change_requests set ended_at = $3, ended_by = $2
    where account_id = $1 and ended_at is null";

const CANCEL: &str = "update phone_change_requests set ended_at = $3, ended_by = $4
    where account_id = $1 and started_at = $2 and ended_at is null";

const END_EXPIRED: &str = "update phone_change_requests set ended_at = $1, ended_by = 'expiry'
    where ended_at is null and expires_at <= $1";

const DELETE_OLD: &str = "delete from phone_change_requests where ended_at < $1";

impl PhoneChangeRequests<'_> {
    /// Starts a request; `false` if the account has an open one.
    pub async fn start(&mut self, request: &PhoneChangeRequest) -> Result<bool> {
        let inserted = execute!(
            self.0,
            START,
            request.id.as_str(),
            request.account.as_str(),
            request.started_by.as_str(),
            request.started_at.as_millis(),
            request.ready_at.as_millis(),
            request.expires_at.as_millis(),
        )?;
        Ok(inserted == 1)
    }

    /// The open request of an account.
    pub async fn find_open(
        &mut self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<PhoneChangeRequest>> {
        let row: Option<Row> =
            fetch_optional!(self.0, FIND_OPEN, account.as_str(), now.as_millis())?;
        row.map(Row::into_domain).transpose()
    }

    /// Every open request, newest first.
    pub async fn list_open(&mut self, now: Timestamp) -> Result<Vec<OpenPhoneChange>> {
        let rows: Vec<OpenRow> = fetch_all!(self.0, LIST_OPEN, now.as_millis())?;
        rows.into_iter().map(OpenRow::into_domain).collect()
    }

    /// Whether the owner stopped a request of this account after a time.
    pub async fn was_stopped(&mut self, account: &AccountId, after: Timestamp) -> Result<bool> {
        let count: i64 = fetch_scalar!(self.0, WAS_STOPPED, account.as_str(), after.as_millis())?;
        Ok(count > 0)
    }

    /// Records that a browser is permitted to set a new phone; `false` unless the account has an
    /// open request whose wait is over.
    pub async fn permit(&mut self, account: &AccountId, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, PERMIT, account.as_str(), now.as_millis())? == 1)
    }

    /// Ends the open request of an account; `false` if there is none.
    pub async fn end(
        &mut self,
        account: &AccountId,
        how: PhoneChangeEnd,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(execute!(self.0, END, account.as_str(), how.as_str(), now.as_millis())? == 1)
    }

    /// Ends, for the merchant, the open request of an account that was started at this time;
    /// `false` if there is none.
    pub async fn cancel(
        &mut self,
        account: &AccountId,
        started_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let (started_at, now) = (started_at.as_millis(), now.as_millis());
        let how = PhoneChangeEnd::Merchant.as_str();
        Ok(execute!(self.0, CANCEL, account.as_str(), started_at, now, how)? == 1)
    }

    /// Ends the requests whose time is over.
    pub async fn end_expired(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, END_EXPIRED, now.as_millis())?)
    }

    /// Deletes requests that ended before a time.
    pub async fn delete_old(&mut self, before: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, before.as_millis())?)
    }
}

row! {
    struct Row {
        id: String,
        account_id: String,
        started_by: String,
        started_at: i64,
        ready_at: i64,
        expires_at: i64,
    }
}

impl Row {
    fn into_domain(self) -> Result<PhoneChangeRequest> {
        let corrupt = |column| move || Error::corrupt("phone_change_requests", column);
        Ok(PhoneChangeRequest {
            id: PhoneChangeRequestId::parse(&self.id).ok_or_else(corrupt("id"))?,
            account: AccountId::parse(&self.account_id).ok_or_else(corrupt("account_id"))?,
            started_by: AccountId::parse(&self.started_by).ok_or_else(corrupt("started_by"))?,
            started_at: Timestamp::from_millis(self.started_at),
            ready_at: Timestamp::from_millis(self.ready_at),
            expires_at: Timestamp::from_millis(self.expires_at),
        })
    }
}

struct OpenRow {
    request: Row,
    account: AccountColumns,
}

row! {
    struct AccountColumns {
        email: String,
    }
}

impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for OpenRow
where
    Row: sqlx::FromRow<'r, R>,
    AccountColumns: sqlx::FromRow<'r, R>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self { request: Row::from_row(row)?, account: AccountColumns::from_row(row)? })
    }
}

impl OpenRow {
    fn into_domain(self) -> Result<OpenPhoneChange> {
        let email = EmailAddress::parse(&self.account.email);
        Ok(OpenPhoneChange {
            request: self.request.into_domain()?,
            email: email.ok_or_else(|| Error::corrupt("accounts", "email"))?,
        })
    }
}
