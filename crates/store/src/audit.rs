//! The audit log of accounts and codes. Rows are added, and deleted when they are old.

use domain::{AccountId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, fetch_all, fetch_scalar},
};

repository! {
    /// The audit log of accounts and codes.
    audit: Audit
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// One of the names in `shop::audit`.
    pub name: String,
    pub account: Option<AccountId>,
    /// Details; never a secret.
    pub detail: String,
    pub at: Timestamp,
}

const INSERT: &str = "insert into audit_events (id, name, account_id, detail, occurred_at) values ($1, $2, $3, $4, $5)";

const LIST: &str = "select name, account_id, detail, occurred_at from audit_events
    where account_id = $1 order by occurred_at, id limit $2";

const COUNT: &str = "select count(*) from audit_events where name = $1";

const COUNT_SINCE: &str = "select count(*) from audit_events where occurred_at > $2 and name = $1";

const DELETE_OLD: &str = "delete from audit_events where occurred_at < $1";

impl Audit<'_> {
    /// Adds an event. `id` is 128 random bits.
    pub async fn insert(&mut self, id: u128, event: &AuditEvent) -> Result<()> {
        execute!(
            self.0,
            INSERT,
            format!("{id:032x}"),
            event.name.as_str(),
            event.account.as_ref().map(AccountId::as_str),
            event.detail.as_str(),
            event.at.as_millis(),
        )?;
        Ok(())
    }

    /// The first events of an account, oldest first.
    pub async fn list(&mut self, account: &AccountId, limit: u32) -> Result<Vec<AuditEvent>> {
        let rows: Vec<Row> = fetch_all!(self.0, LIST, account.as_str(), i64::from(limit))?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// How many events of this name there are.
    pub async fn count(&mut self, name: &str) -> Result<u64> {
        let count: i64 = fetch_scalar!(self.0, COUNT, name)?;
        Ok(count.unsigned_abs())
    }

    /// How many events of this name happened after `since`.
    pub async fn count_since(&mut self, name: &str, since: Timestamp) -> Result<u64> {
        let count: i64 = fetch_scalar!(self.0, COUNT_SINCE, name, since.as_millis())?;
        Ok(count.unsigned_abs())
    }

    pub async fn delete_old(&mut self, before: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, before.as_millis())?)
    }
}

row! {
    struct Row {
        name: String,
        account_id: Option<String>,
        detail: String,
        occurred_at: i64,
    }
}

impl Row {
    fn into_domain(self) -> Result<AuditEvent> {
        let account = match self.account_id {
            Some(id) => Some(
                AccountId::parse(&id)
                    .ok_or_else(|| Error::corrupt("audit_events", "account_id"))?,
            ),
            None => None,
        };
        Ok(AuditEvent {
            name: self.name,
            account,
            detail: self.detail,
            at: Timestamp::from_millis(self.occurred_at),
        })
    }
}
