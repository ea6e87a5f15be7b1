//! One account, as the merchant sees it: whether its codes are switched off. The merchant
//! sees neither a code nor the whole phone number.

use domain::{AccountId, EmailAddress, Refusal};
use store::{Recipient, transaction};

use super::Merchant;
use crate::{
    audit::Event,
    codes::{failure_subjects, may_guess},
    error::Result,
    phone_change_requests::{self, PhoneChangeView},
};

/// An account, its phone number masked.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// Its id.
    pub id: AccountId,
    /// The person's name.
    pub name: String,
    /// What the person signs in with.
    pub email: EmailAddress,
    /// The phone that its codes go to; only the last two digits are legible.
    pub masked_phone: String,
    /// Whether too many wrong codes in a row have switched its codes off, those of a sign-in or
    /// those of a password reset.
    pub codes_are_off: bool,
    /// Whether the owner confirmed the e-mail address, to which notices go then.
    pub has_confirmed_email: bool,
    /// The change of phone that the merchant started, if one is open.
    pub phone_change: Option<PhoneChangeView>,
    /// Whether a change can be started if none is open.
    pub may_start_phone_change: bool,
}

impl Merchant<'_> {
    /// The account of an e-mail address.
    pub async fn account(&self, email: &str) -> Result<Option<AccountView>> {
        let Some(email) = EmailAddress::parse(email) else { return Ok(None) };
        let mut rows = self.0.db.read().await?;
        let Some(account) = rows.accounts().find_by_email(&email).await? else { return Ok(None) };
        let subject = self.0.limits.subject(&Recipient::Phone(account.phone.clone()))?;
        let [after_password, at_resets @ ..] = failure_subjects(&subject);
        let failures = rows.failures().find(&after_password).await?;
        let mut codes_are_off = failures.is_some_and(|failures| failures.disabled_at.is_some());
        for subject in at_resets {
            let failures = rows.failures().find(&subject).await?;
            let made = failures.map_or(0, |failures| failures.consecutive);
            codes_are_off |= !may_guess(self.0.limits.policy(), made);
        }
        let now = self.0.clock.now();
        let confirmed = rows.email_confirmations().confirmed_address(&account.id).await?;
        let open = rows.phone_change_requests().find_open(&account.id, now).await?;
        let may_start = phone_change_requests::may_start(&mut rows, &account, now).await?;
        Ok(Some(AccountView {
            id: account.id,
            name: account.name,
            email: account.email,
            masked_phone: account.phone.masked(),
            codes_are_off,
            has_confirmed_email: confirmed.is_some(),
            phone_change: open.map(|open| PhoneChangeView::of(&open, now)),
            may_start_phone_change: may_start,
        }))
    }

    /// Enables the codes of an account again after too many wrong ones have switched them off:
    /// the merchant's decision, once the owners have proved who they are.
    pub async fn re_enable_codes(&self, account: &AccountId) -> Result<()> {
        let (limits, audit) = (self.0.limits.clone(), self.0.audit.clone());
        let (account, now) = (account.clone(), self.0.clock.now());
        transaction!(self.0.db, |tx| {
            let found = tx.accounts().find(&account).await?.ok_or(Refusal::NotFound)?;
            let subject = limits.subject(&Recipient::Phone(found.phone))?;
            let mut were_off = false;
            for subject in failure_subjects(&subject) {
                were_off |= tx.failures().recover(&subject).await?;
            }
            if were_off {
                audit.record(tx, Event::CodesRecovered, Some(&account), "", now).await?;
            }
            Ok(())
        })
        .await
    }
}
