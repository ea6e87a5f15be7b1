//! Changes of phone that the merchant starts, for owners who have neither the phone nor a
//! recovery code.
//!
//! The merchant only starts the wait. During its 24 hours the owner is told at the old phone and
//! at the confirmed e-mail address, and any right code from the old phone ends the request. Only
//! then can the owner set a new phone, with the password and a code to that phone
//! (`lost_phone`). So a thief who knows the password and tricks an employee, or bribes one, must
//! also keep the owner from reading messages and from signing in for a day; and nobody but the
//! owner of the password ever chooses the number.

use std::time::Duration;

use domain::{
    AccountId, Channel, MessageId, MessageKind, Outdated, PhoneChangeRequestId, Refusal, Role,
    Timestamp,
};
use store::{
    Account, Connection, Db, NewMessage, PermissionTo, PhoneChangeEnd, PhoneChangeRequest,
    Recipient, transaction,
};

use crate::{
    audit::{Audit, Event},
    clock::Clock,
    emails::EmailOutbox,
    entropy::Entropy,
    error::Result,
    outbox::OutboxSignal,
};

/// How long the owner has to stop a change.
const WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long the owner may set a new phone after the wait.
const OPEN_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// After the owner stopped a change, none can be started for this time.
const STOPPED_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long ended requests are kept.
const RETENTION: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Changes of phone that the merchant starts.
#[derive(Clone)]
pub(crate) struct PhoneChangeRequests {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) audit: Audit,
    pub(crate) emails: EmailOutbox,
    pub(crate) outbox: OutboxSignal,
}

/// An open request.
#[derive(Clone, Debug)]
pub struct PhoneChangeView {
    /// When it was started.
    pub started_at: Timestamp,
    /// From when on the owner may set a new phone.
    pub ready_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// Whether the wait is over.
    pub is_ready: bool,
}

impl PhoneChangeView {
    pub(crate) fn of(request: &PhoneChangeRequest, now: Timestamp) -> Self {
        Self {
            started_at: request.started_at,
            ready_at: request.ready_at,
            expires_at: request.expires_at,
            is_ready: is_ready(request, now),
        }
    }
}

impl PhoneChangeRequests {
    /// Starts the wait, for this merchant, who was shown that none runs. Refused while one runs,
    /// for a week after the owner stopped one, and for accounts of merchants.
    pub(crate) async fn start(&self, by: &AccountId, account: &AccountId) -> Result<()> {
        let now = self.clock.now();
        let request = PhoneChangeRequest {
            id: PhoneChangeRequestId::from_bits(self.entropy.bits()?),
            account: account.clone(),
            started_by: by.clone(),
            started_at: now,
            ready_at: now + WAIT,
            expires_at: now + WAIT + OPEN_FOR,
        };
        let requests = self.clone();
        transaction!(self.db, |tx| requests.put(tx, &request).await).await?;
        self.outbox.wake();
        Ok(())
    }

    async fn put(&self, tx: &mut Connection, request: &PhoneChangeRequest) -> Result<()> {
        let (account, now) = (&request.account, request.started_at);
        let owner = tx.accounts().find(account).await?.ok_or(Refusal::NotFound)?;
        if !may_start(tx, &owner, now).await? {
            return Err(Refusal::NotPossible.into());
        }
        tx.phone_change_requests().end_expired(now).await?;
        if !tx.phone_change_requests().start(request).await? {
            return refuse_outdated(tx, account, None, now).await;
        }
        let detail = format!("by {}", request.started_by);
        let event = Event::PhoneChangeRequested;
        self.audit.record(tx, event, Some(account), &detail, now).await?;
        self.notify(tx, &owner, request).await
    }

    /// Tells the owner by both ways. The limits of the phone do not hold this notice back,
    /// because a thief could use them up before.
    async fn notify(
        &self,
        tx: &mut Connection,
        owner: &Account,
        request: &PhoneChangeRequest,
    ) -> Result<()> {
        let message = NewMessage {
            id: MessageId::from_bits(self.entropy.bits()?),
            kind: MessageKind::PhoneChangeRequested,
            channel: Channel::WhatsApp,
            language: owner.language,
            to: Recipient::Phone(owner.phone.clone()),
            account: Some(owner.id.clone()),
            challenge: None,
            created_at: request.started_at,
            expires_at: request.ready_at,
        };
        tx.messages().insert(&message).await?;
        self.emails.notify(tx, &owner.id, MessageKind::PhoneChangeRequested).await
    }

    /// Ends the open request of an account, for this merchant, who was shown when it was started.
    pub(crate) async fn cancel(
        &self,
        by: &AccountId,
        account: &AccountId,
        shown: Timestamp,
    ) -> Result<()> {
        let (audit, now) = (self.audit.clone(), self.clock.now());
        let (by, account) = (by.clone(), account.clone());
        transaction!(self.db, |tx| {
            if !tx.phone_change_requests().cancel(&account, shown, now).await? {
                return refuse_outdated(tx, &account, Some(shown), now).await;
            }
            tx.permissions().revoke_all(PermissionTo::SetPhone, &account, now).await?;
            let (event, detail) = (Event::PhoneChangeStopped, format!("by {by}"));
            audit.record(tx, event, Some(&account), &detail, now).await
        })
        .await
    }

    /// Ends requests whose time is over, and deletes old ones.
    pub(crate) async fn sweep(&self) -> Result<()> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            tx.phone_change_requests().end_expired(now).await?;
            tx.phone_change_requests().delete_old(now - RETENTION).await?;
            Ok(())
        })
        .await
    }
}

/// Whether a request can be started for an account that has none.
pub(crate) async fn may_start(
    rows: &mut Connection,
    owner: &Account,
    now: Timestamp,
) -> Result<bool> {
    let is_shopper = owner.role == Role::Shopper && owner.disabled_at.is_none();
    let stopped = rows.phone_change_requests().was_stopped(&owner.id, now - STOPPED_FOR).await?;
    Ok(is_shopper && !stopped)
}

/// Refuses because the merchant was shown another request than the open one, or none.
async fn refuse_outdated(
    tx: &mut Connection,
    account: &AccountId,
    shown: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    let open = tx.phone_change_requests().find_open(account, now).await?;
    let now = open.map(|open| open.started_at);
    Err(Outdated::PhoneChange { shown, now }.into())
}

/// Whether the wait of a request is over.
fn is_ready(request: &PhoneChangeRequest, now: Timestamp) -> bool {
    request.ready_at <= now && now < request.expires_at
}

/// Ends the open request of an account, and any permission to set a new phone, which a recovery
/// code may have given, too; `false` if there is no request.
pub(crate) async fn end(
    tx: &mut Connection,
    account: &AccountId,
    how: PhoneChangeEnd,
    now: Timestamp,
) -> Result<bool> {
    let is_ended = tx.phone_change_requests().end(account, how, now).await?;
    tx.permissions().revoke_all(PermissionTo::SetPhone, account, now).await?;
    Ok(is_ended)
}
