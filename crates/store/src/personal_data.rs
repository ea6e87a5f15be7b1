//! The data of one account: what an export holds beside the rows of other repositories, and the
//! deletion of the account.

use domain::{AccountId, SignInId, Timestamp};

use crate::{
    Result,
    connection::{execute, with_connection},
};

repository! {
    /// The data of one account.
    personal_data: PersonalData
}

/// A sign-in or a trusted browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserOfAccount {
    pub user_agent: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
}

/// A message to the account's phone, without its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageOfAccount {
    pub kind: String,
    pub channel: String,
    pub status: String,
    pub created_at: Timestamp,
}

const PERMIT_EXPORT: &str =
    "update sign_ins set data_export_until = $2 where id = $1 and ended_at is null";

const MAY_EXPORT: &str =
    "select count(*) from sign_ins where id = $1 and ended_at is null and data_export_until > $2";

const SIGN_INS: &str = "select user_agent, created_at, last_seen_at from sign_ins
    where account_id = $1 order by created_at, id";

const DEVICES: &str = "select user_agent, created_at, last_used_at as last_seen_at
    from trusted_devices where account_id = $1 and revoked_at is null order by created_at, id";

const MESSAGES: &str = "select kind, channel, status, created_at from messages
    where account_id = $1 and not is_decoy order by created_at, id";

/// What becomes of the rows of an account that is deleted, in the order of the locks. Orders and
/// invoices are kept as the law on accounting asks, as those of a buyer without an account; all other
/// rows go. A test compares the list with the tables that refer to accounts.
const ERASE: &[&str] = &[
    "delete from reset_permissions where account_id = $1",
    "delete from phone_permissions where account_id = $1",
    "delete from phone_change_requests where account_id = $1 or started_by = $1",
    "delete from trusted_devices where account_id = $1",
    "delete from known_browsers where account_id = $1",
    "delete from recovery_codes where account_id = $1",
    "delete from recovery_code_sets where account_id = $1",
    "delete from sign_ins where account_id = $1",
    "delete from email_confirmations where account_id = $1",
    "delete from checkouts where account_id = $1
        or cart_id in (select id from carts where account_id = $1)",
    "delete from cart_lines where cart_id in (select id from carts where account_id = $1)",
    "delete from carts where account_id = $1",
    "update orders set account_id = null,
        buyer_email = (select email from accounts where id = $1),
        buyer_phone = (select phone from accounts where id = $1)
        where account_id = $1",
    "delete from whatsapp_users where phone = (select phone from accounts where id = $1)",
];

const DELETE_ACCOUNT: &str = "delete from accounts where id = $1 and role = 'shopper'";

impl PersonalData<'_> {
    /// Lets a sign-in download the data of its account for a while; `false` if it has ended.
    pub async fn permit_export(&mut self, sign_in: &SignInId, until: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, PERMIT_EXPORT, sign_in.as_str(), until.as_millis())? == 1)
    }

    pub async fn may_export(&mut self, sign_in: &SignInId, now: Timestamp) -> Result<bool> {
        let count: i64 = with_connection!(self.0, c => {
            sqlx::query_scalar(MAY_EXPORT)
                .bind(sign_in.as_str())
                .bind(now.as_millis())
                .fetch_one(c)
                .await
        })?;
        Ok(count == 1)
    }

    /// Every sign-in that is known, oldest first.
    pub async fn sign_ins(&mut self, account: &AccountId) -> Result<Vec<BrowserOfAccount>> {
        self.browsers(SIGN_INS, account).await
    }

    /// Every trusted browser, oldest first.
    pub async fn devices(&mut self, account: &AccountId) -> Result<Vec<BrowserOfAccount>> {
        self.browsers(DEVICES, account).await
    }

    async fn browsers(
        &mut self,
        sql: &'static str,
        account: &AccountId,
    ) -> Result<Vec<BrowserOfAccount>> {
        let rows: Vec<BrowserRow> = with_connection!(self.0, c => {
            sqlx::query_as(sql).bind(account.as_str()).fetch_all(c).await
        })?;
        let read = |row: BrowserRow| BrowserOfAccount {
            user_agent: row.user_agent,
            created_at: Timestamp::from_millis(row.created_at),
            last_seen_at: Timestamp::from_millis(row.last_seen_at),
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// The messages that are still in the log, oldest first.
    pub async fn messages(&mut self, account: &AccountId) -> Result<Vec<MessageOfAccount>> {
        let rows: Vec<MessageRow> = with_connection!(self.0, c => {
            sqlx::query_as(MESSAGES).bind(account.as_str()).fetch_all(c).await
        })?;
        let read = |row: MessageRow| MessageOfAccount {
            kind: row.kind,
            channel: row.channel,
            status: row.status,
            created_at: Timestamp::from_millis(row.created_at),
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Deletes the account of a shopper; `false` if there is none, and then the caller must undo
    /// the transaction. Its orders stay, as those of a buyer without an account.
    pub async fn erase(&mut self, account: &AccountId) -> Result<bool> {
        for statement in ERASE {
            execute!(self.0, *statement, account.as_str())?;
        }
        Ok(execute!(self.0, DELETE_ACCOUNT, account.as_str())? == 1)
    }
}

row! {
    struct BrowserRow {
        user_agent: String,
        created_at: i64,
        last_seen_at: i64,
    }
}

row! {
    struct MessageRow {
        kind: String,
        channel: String,
        status: String,
        created_at: i64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each table of a migration that refers to accounts.
    fn referring() -> Vec<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let sql = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            for table in sql.split("create table ").skip(1) {
                let (name, rest) = table.split_once(' ').unwrap();
                let columns = rest.split_once("\n);").unwrap().0;
                if columns.contains("references accounts (id)") {
                    found.push(name.trim_end_matches("_rebuilt").to_owned());
                }
            }
        }
        found
    }

    #[test]
    fn x191_every_table_that_refers_to_accounts_is_dealt_with_at_deletion() {
        let tables = referring();
        assert!(tables.len() > 8, "the migrations were not understood: {tables:?}");
        for table in tables {
            let is_named = ERASE.iter().any(|statement| {
                statement.contains(&format!("delete from {table} "))
                    || statement.contains(&format!("update {table} "))
            });
            assert!(is_named, "{table} refers to accounts: add it to ERASE");
        }
    }
}
