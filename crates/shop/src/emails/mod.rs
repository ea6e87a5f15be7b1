//! E-mails to owners of accounts: notices of what happened to the account, beside those that go
//! to the phone. They go to addresses that their owners have confirmed, and carry no code.
//!
//! [`EmailOutbox`] puts an e-mail into the outbox, in the transaction of what caused it, and
//! [`EmailDelivery`] sends it. Without a mail server the shop sends no e-mail, and its pages
//! promise none.

mod delivery;
mod outbox;

pub use delivery::EmailDelivery;
pub(crate) use outbox::EmailOutbox;

use std::sync::Arc;

use domain::{EmailConfirmationId, Refusal};
use email::Mailer;
use store::{Db, EmailConfirmation, transaction};
use subtle::ConstantTimeEq;

use crate::{
    audit::{Audit, Event},
    clock::Clock,
    error::{Fault, Result},
    keys::{KeyRing, mac},
    limits::{Limits, refuse},
    reauthentication::Reauthentication,
    visitor::{Visitor, hex},
};

/// How many hexadecimal digits of the keyed digest stand in a link: 128 bits.
const PROOF_DIGITS: usize = 32;

/// The mail server of a shop.
#[derive(Clone)]
pub struct MailServer {
    /// Sends e-mails.
    pub mailer: Arc<dyn Mailer>,
    /// The address of the page that confirms an e-mail address, up to the token.
    pub confirmation_link: String,
}

/// The e-mail address of the visitor's account.
pub struct Emails<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) keys: &'s KeyRing,
    pub(crate) audit: &'s Audit,
    pub(crate) limits: &'s Limits,
    pub(crate) outbox: &'s EmailOutbox,
    pub(crate) reauthentication: Reauthentication<'s>,
}

/// What is known of an account's e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailState {
    /// The shop sends no e-mail.
    Off,
    /// The owner has not confirmed the address.
    Unconfirmed,
    /// The address gets notices.
    Confirmed,
}

impl Emails<'_> {
    /// What is known of the visitor's address.
    pub async fn state(&self, visitor: &Visitor) -> Result<EmailState> {
        let account = &visitor.require_signed_in()?.account;
        if !self.outbox.is_on {
            return Ok(EmailState::Off);
        }
        let mut rows = self.db.read().await?;
        let confirmed = rows.email_confirmations().confirmed_address(account).await?;
        Ok(if confirmed.is_some() { EmailState::Confirmed } else { EmailState::Unconfirmed })
    }

    /// Sends a link to the visitor's address, a few times an hour at most.
    pub async fn send_confirmation(&self, visitor: &Visitor) -> Result<()> {
        if self.state(visitor).await? != EmailState::Unconfirmed {
            return Err(Refusal::NotPossible.into());
        }
        let account = self.reauthentication.account(visitor.require_signed_in()?).await?;
        let limit = self.limits.confirmation_emails(&account.id);
        let (outbox, now) = (self.outbox.clone(), self.clock.now());
        transaction!(self.db, |tx| {
            refuse("emails", tx.counters().count(&[limit], now).await?, now)?;
            outbox.ask_to_confirm(tx, &account).await
        })
        .await
    }

    /// Confirms the visitor's address with the token of a link. A link of another account is
    /// as good as none.
    pub async fn confirm(&self, visitor: &Visitor, token: &str) -> Result<()> {
        let signed_in = visitor.require_signed_in()?;
        let (id, proof) = token.split_at_checked(PROOF_DIGITS).ok_or(Refusal::NotPossible)?;
        let id = EmailConfirmationId::parse(id).ok_or(Refusal::NotPossible)?;
        let found = self.db.read().await?.email_confirmations().find(&id).await?;
        let found = found.filter(|found| found.account == signed_in.account);
        let confirmation = found.ok_or(Refusal::NotPossible)?;
        let right = proof_of(self.keys, &confirmation)?;
        if !bool::from(right.as_bytes().ct_eq(proof.as_bytes())) {
            return Err(Refusal::NotPossible.into());
        }
        let (audit, now) = (self.audit.clone(), self.clock.now());
        transaction!(self.db, |tx| {
            let EmailConfirmation { id, account, email, .. } = &confirmation;
            let mut rows = tx.email_confirmations();
            if !rows.spend(id, account, now).await? {
                // The button of a link may be pressed twice.
                let confirmed = rows.confirmed_address(account).await?;
                let is_done = confirmed.as_ref() == Some(email);
                return if is_done { Ok(()) } else { Err(Refusal::NotPossible.into()) };
            }
            if !rows.confirm(account, email, now).await? {
                return Err(Refusal::NotPossible.into());
            }
            audit.record(tx, Event::EmailConfirmed, Some(account), "", now).await
        })
        .await
    }
}

/// The token of a link: the id of the confirmation, and a keyed digest of what it confirms, so
/// that a reader of the database cannot make a link.
fn token(keys: &KeyRing, confirmation: &EmailConfirmation) -> Result<String> {
    Ok(format!("{}{}", confirmation.id, proof_of(keys, confirmation)?))
}

fn proof_of(keys: &KeyRing, confirmation: &EmailConfirmation) -> Result<String> {
    let EmailConfirmation { id, account, email, key_id, .. } = confirmation;
    let key = keys.find(key_id).ok_or(Fault::Broken("email_confirmations.key_id"))?;
    let parts = [
        b"marigold/email/1",
        id.as_str().as_bytes(),
        account.as_str().as_bytes(),
        email.as_str().as_bytes(),
    ];
    let mut digits = hex(&mac(key, &parts)?);
    digits.truncate(PROOF_DIGITS);
    Ok(digits)
}
