//! Changes of phone for owners without phone and recovery codes: the merchant starts and cancels
//! the wait, and sees who waits. The merchant neither gives the new number nor sees it.

use domain::{AccountId, EmailAddress, Timestamp};

use super::Merchant;
use crate::{error::Result, phone_change_requests::PhoneChangeView, visitor::Visitor};

/// An open request, in the list of all.
#[derive(Clone, Debug)]
pub struct OpenPhoneChange {
    /// The e-mail address of its account.
    pub email: EmailAddress,
    /// Its times.
    pub view: PhoneChangeView,
}

impl Merchant<'_> {
    /// Every open request, newest first.
    pub async fn phone_changes(&self) -> Result<Vec<OpenPhoneChange>> {
        let now = self.0.clock.now();
        let open = self.0.db.read().await?.phone_change_requests().list_open(now).await?;
        let view = |open: store::OpenPhoneChange| OpenPhoneChange {
            email: open.email,
            view: PhoneChangeView::of(&open.request, now),
        };
        Ok(open.into_iter().map(view).collect())
    }

    /// Starts the wait for a new phone, in the name of the visitor.
    pub async fn start_phone_change(&self, visitor: &Visitor, account: &AccountId) -> Result<()> {
        let by = &visitor.require_signed_in()?.account;
        self.0.phone_changes.start(by, account).await
    }

    /// Cancels it. Refuses with [`Outdated::PhoneChange`](domain::Outdated::PhoneChange) if it was
    /// not started at the time that the merchant was shown.
    pub async fn cancel_phone_change(
        &self,
        visitor: &Visitor,
        account: &AccountId,
        shown: Timestamp,
    ) -> Result<()> {
        let by = &visitor.require_signed_in()?.account;
        self.0.phone_changes.cancel(by, account, shown).await
    }
}
