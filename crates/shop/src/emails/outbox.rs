//! Putting e-mails into the outbox, in the transaction of what caused them.

use std::time::Duration;

use domain::{AccountId, EmailAddress, EmailConfirmationId, EmailId, EmailKind, MessageKind};
use store::{Account, Connection, EmailConfirmation, NewEmail, Withdrawal};

use crate::{
    clock::Clock,
    entropy::Entropy,
    error::{Fault, Result},
    keys::KeyRing,
};

/// After this time a notice is no longer sent: mail servers may be down for a day.
const NOTICE_TTL: Duration = Duration::from_secs(24 * 60 * 60);
/// A receipt that the law asks for is sent for a week.
const RECEIPT_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long a link can be used.
const CONFIRMATION_TTL: Duration = Duration::from_secs(60 * 60);

/// The outbox of e-mails.
#[derive(Clone)]
pub(crate) struct EmailOutbox {
    /// Whether the shop has a mail server.
    pub(crate) is_on: bool,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) keys: KeyRing,
}

impl EmailOutbox {
    /// Sends a notice to an account's owner, in the owner's language, if the owner has
    /// confirmed the address.
    pub(crate) async fn notify(
        &self,
        tx: &mut Connection,
        account: &AccountId,
        kind: MessageKind,
    ) -> Result<()> {
        if !self.is_on {
            return Ok(());
        }
        let Some(to) = tx.email_confirmations().confirmed_address(account).await? else {
            return Ok(());
        };
        let owner = tx.accounts().find(account).await?;
        let now = self.clock.now();
        let email = NewEmail {
            id: EmailId::from_bits(self.entropy.bits()?),
            kind: EmailKind::Notice(kind),
            language: owner.map(|owner| owner.language).unwrap_or_default(),
            to,
            account: Some(account.clone()),
            confirmation: None,
            withdrawal: None,
            created_at: now,
            expires_at: now + NOTICE_TTL,
        };
        Ok(tx.emails().insert(&email).await?)
    }

    /// Sends a link to the address of an account, by which its owner confirms it.
    pub(crate) async fn ask_to_confirm(
        &self,
        tx: &mut Connection,
        account: &Account,
    ) -> Result<()> {
        if !self.is_on {
            return Ok(());
        }
        let now = self.clock.now();
        let confirmation = EmailConfirmation {
            id: EmailConfirmationId::from_bits(self.entropy.bits()?),
            account: account.id.clone(),
            email: account.email.clone(),
            key_id: self.keys.signing().ok_or(Fault::Broken("keys"))?.id.clone(),
            created_at: now,
            expires_at: now + CONFIRMATION_TTL,
        };
        tx.email_confirmations().insert(&confirmation).await?;
        let email = NewEmail {
            id: EmailId::from_bits(self.entropy.bits()?),
            kind: EmailKind::ConfirmAddress,
            language: account.language,
            to: confirmation.email,
            account: Some(confirmation.account),
            confirmation: Some(confirmation.id),
            withdrawal: None,
            created_at: now,
            expires_at: confirmation.expires_at,
        };
        Ok(tx.emails().insert(&email).await?)
    }

    /// Sends the receipt of a notice of withdrawal to the buyer of its order. It is sent to an
    /// address that was not confirmed, too: the law asks for it, and only for orders that there are.
    pub(crate) async fn acknowledge_withdrawal(
        &self,
        tx: &mut Connection,
        notice: &Withdrawal,
        to: EmailAddress,
    ) -> Result<()> {
        if !self.is_on {
            return Ok(());
        }
        let now = self.clock.now();
        let email = NewEmail {
            id: EmailId::from_bits(self.entropy.bits()?),
            kind: EmailKind::WithdrawalReceipt,
            language: notice.language,
            to,
            account: None,
            confirmation: None,
            withdrawal: Some(notice.id.clone()),
            created_at: now,
            expires_at: now + RECEIPT_TTL,
        };
        Ok(tx.emails().insert(&email).await?)
    }
}
