//! The data of an account in the hands of its owner: a copy of everything (GDPR Art. 15 and 20),
//! and the deletion of the account (Art. 17). Both ask for the password again, so that neither is
//! open to somebody who finds an unlocked browser.

mod export;

use std::time::Duration;

use domain::{MessageKind, Refusal, Role};
use store::{Db, repeatable_transaction};

use crate::{
    audit::{Audit, Event},
    clock::Clock,
    codes::Codes,
    error::{Error, Result},
    outbox::OutboxSignal,
    reauthentication::Reauthentication,
    visitor::Visitor,
};

/// How long the copy can be downloaded after the password was given.
const EXPORT_TTL: Duration = Duration::from_secs(10 * 60);

/// The data of the visitor's account.
pub struct PersonalData<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) audit: &'s Audit,
    pub(crate) reauthentication: Reauthentication<'s>,
    pub(crate) codes: &'s Codes,
    pub(crate) outbox: &'s OutboxSignal,
}

/// What the page of the account's data offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonalDataView {
    /// Whether this sign-in may download the copy now.
    pub may_download: bool,
    /// Whether the account can be deleted here. The merchant's cannot.
    pub may_delete: bool,
}

impl PersonalData<'_> {
    /// What is possible now.
    pub async fn view(&self, visitor: &Visitor) -> Result<PersonalDataView> {
        let signed_in = visitor.require_signed_in()?;
        let now = self.clock.now();
        let may_download =
            self.db.read().await?.personal_data().may_export(&signed_in.id, now).await?;
        Ok(PersonalDataView { may_download, may_delete: signed_in.role == Role::Shopper })
    }

    /// Lets this sign-in download a copy for ten minutes, if the password is right.
    pub async fn permit_export(&self, visitor: &Visitor, password: String) -> Result<()> {
        let account = self.reauthentication.confirm_password(visitor, password).await?.id;
        let sign_in = visitor.require_signed_in()?.id.clone();
        let (audit, now) = (self.audit.clone(), self.clock.now());
        repeatable_transaction!(self.db, |tx| {
            if !tx.personal_data().permit_export(&sign_in, now + EXPORT_TTL).await? {
                return Err(Refusal::SignInNeeded.into());
            }
            audit.record(tx, Event::DataExported, Some(&account), "", now).await
        })
        .await
    }

    /// Deletes the account, if the password is right. Sign-ins, trusted browsers, codes and
    /// everything else end with it; orders and invoices stay without it. The owner is told at the
    /// phone, and at the e-mail address if that is confirmed.
    pub async fn delete_account(&self, visitor: &Visitor, password: String) -> Result<()> {
        let account = self.reauthentication.confirm_password(visitor, password).await?;
        if account.role != Role::Shopper {
            return Err(Refusal::NotPossible.into());
        }
        let issuer = self.codes.issuer(visitor);
        let (audit, clock) = (self.audit.clone(), self.clock.clone());
        repeatable_transaction!(self.db, |tx| {
            let (id, now) = (&account.id, clock.now());
            tx.challenges().revoke_all(id, now).await?;
            issuer.forget_failures(tx, id, &account.phone).await?;
            issuer.notify(tx, id, &account.phone, MessageKind::AccountDeleted).await?;
            audit.record(tx, Event::AccountDeleted, Some(id), "", now).await?;
            match tx.personal_data().erase(id).await? {
                true => Ok::<_, Error>(()),
                false => Err(Refusal::NotPossible.into()),
            }
        })
        .await?;
        self.outbox.wake();
        Ok(())
    }
}
