//! WhatsApp's ids of people, beside their numbers.

use domain::{AccountId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, fetch_optional_scalar},
};

repository! {
    /// WhatsApp's ids of people.
    whatsapp_users: WhatsAppUsers
}

/// The ids of a person as WhatsApp writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatsAppUser {
    /// The id for this business.
    pub id: String,
    /// The id for the parent of several businesses.
    pub parent_id: Option<String>,
}

/// The number is that of the message, which may belong to no account. A row that says the same
/// is left alone for a day, so that reports of messages seldom write.
const RECORD: &str = "insert into whatsapp_users (phone, user_id, parent_user_id, reported_at)
    select phone, $3, $4, $5 from messages
    where provider = $1 and provider_message_id = $2 and not is_decoy
    on conflict (phone) do update set user_id = excluded.user_id,
      parent_user_id = excluded.parent_user_id, reported_at = excluded.reported_at
    where whatsapp_users.user_id <> excluded.user_id
    or whatsapp_users.parent_user_id is distinct from excluded.parent_user_id
    or whatsapp_users.reported_at < excluded.reported_at - 86400000";

const FIND_ACCOUNT: &str = "select a.id from whatsapp_users w join accounts a on a.phone = w.phone
    where w.user_id = $1 order by w.reported_at desc limit 1";

const RENAME: &str = "update whatsapp_users set user_id = $2, parent_user_id = $3, reported_at = $4
    where user_id = $1";

const DELETE_OLD: &str = "delete from whatsapp_users where reported_at < $1
    and not exists (select 1 from accounts a where a.phone = whatsapp_users.phone)";

impl WhatsAppUsers<'_> {
    /// Records the ids of the recipient of a message.
    pub async fn record(
        &mut self,
        provider: &str,
        provider_message_id: &str,
        user: &WhatsAppUser,
        now: Timestamp,
    ) -> Result<()> {
        let (id, parent, now) = (user.id.as_str(), user.parent_id.as_deref(), now.as_millis());
        execute!(self.0, RECORD, provider, provider_message_id, id, parent, now)?;
        Ok(())
    }

    /// The account whose phone a person with this id had.
    pub async fn find_account(&mut self, user_id: &str) -> Result<Option<AccountId>> {
        let id: Option<String> = fetch_optional_scalar!(self.0, FIND_ACCOUNT, user_id)?;
        let corrupt = || Error::Corrupt { table: "accounts", column: "id" };
        id.map(|id| AccountId::parse(&id).ok_or_else(corrupt)).transpose()
    }

    /// Replaces the ids of a person.
    pub async fn rename(&mut self, old: &str, new: &WhatsAppUser, now: Timestamp) -> Result<()> {
        let (id, parent) = (new.id.as_str(), new.parent_id.as_deref());
        execute!(self.0, RENAME, old, id, parent, now.as_millis())?;
        Ok(())
    }

    /// Deletes ids that were last reported before `before`, of numbers without an account.
    pub async fn delete_old(&mut self, before: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, before.as_millis())?)
    }
}
