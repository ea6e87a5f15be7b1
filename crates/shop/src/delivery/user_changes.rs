//! Notices of WhatsApp that a person has another number, or other ids.
//!
//! A number that changed may belong to another person soon, and a notice may be wrong. So it is
//! noted, and the account's browsers need a code again at the next sign-in; but it never moves
//! the account to the new number, which only its owner can do, with the codes of both.

use std::time::Duration;

use domain::{AccountId, Timestamp};
use store::{Connection, WhatsAppUser};
use whatsapp::{UserChange, UserChangeKind, UserIds};

use crate::{
    audit::{Audit, Event},
    error::Result,
};

/// How long a notice is remembered, so that a repeated one changes nothing.
const NOTICE_TTL: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Notes a change, and ends the account's trusted devices.
pub(super) async fn note(
    audit: &Audit,
    tx: &mut Connection,
    change: UserChange,
    now: Timestamp,
) -> Result<()> {
    let (provider, notice) = (change.provider, &change.notice_id);
    if !tx.processed_webhooks().remember(provider, notice, now + NOTICE_TTL, now).await? {
        return Ok(());
    }
    let account = find_account(tx, &change).await?;
    if let (UserChangeKind::Ids, Some(old), Some(new)) =
        (change.kind, &change.previous, &change.current)
    {
        tx.whatsapp_users().rename(old.user.as_str(), &row(new), now).await?;
    }
    let Some(account) = account else { return Ok(()) };
    let ended = tx.devices().revoke_all(&account, now).await?;
    let detail = format!("{provider}; {ended} trusted devices ended");
    audit.record(tx, Event::WhatsAppUserChanged, Some(&account), &detail, now).await
}

/// The account of the person: by the id before the change, or by the number before it.
async fn find_account(tx: &mut Connection, change: &UserChange) -> Result<Option<AccountId>> {
    if let Some(ids) = &change.previous
        && let Some(account) = tx.whatsapp_users().find_account(ids.user.as_str()).await?
    {
        return Ok(Some(account));
    }
    let Some(number) = &change.number else { return Ok(None) };
    Ok(tx.accounts().find_by_phone(number).await?.map(|account| account.id))
}

/// Ids as the row of a person keeps them.
pub(super) fn row(ids: &UserIds) -> WhatsAppUser {
    WhatsAppUser {
        id: ids.user.as_str().to_owned(),
        parent_id: ids.parent.as_ref().map(|parent| parent.as_str().to_owned()),
    }
}
