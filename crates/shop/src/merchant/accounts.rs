//! One account, as the merchant sees it: whether its codes are switched off. The merchant
//! sees neither a code nor the whole phone number.

use domain::{AccountId, EmailAddress, Outdated, Refusal, Timestamp};
use store::{Connection, Recipient, transaction};

use super::Merchant;
use crate::{
    audit::Event,
    codes::{Policy, failure_subjects, may_guess},
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
    /// When the last of too many wrong codes in a row was entered, which have switched its codes
    /// off, those of a sign-in or those of a password reset. `None` while its codes are on.
    pub codes_off_since: Option<Timestamp>,
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
        let codes_off_since = off_since(&mut rows, self.0.limits.policy(), &subject).await?;
        let now = self.0.clock.now();
        let confirmed = rows.email_confirmations().confirmed_address(&account.id).await?;
        let open = rows.phone_change_requests().find_open(&account.id, now).await?;
        let may_start = phone_change_requests::may_start(&mut rows, &account, now).await?;
        Ok(Some(AccountView {
            id: account.id,
            name: account.name,
            email: account.email,
            masked_phone: account.phone.masked(),
            codes_off_since,
            has_confirmed_email: confirmed.is_some(),
            phone_change: open.map(|open| PhoneChangeView::of(&open, now)),
            may_start_phone_change: may_start,
        }))
    }

    /// Enables the codes of an account again after too many wrong ones have switched them off:
    /// the merchant's decision, once the owners have proved who they are. Refuses with
    /// [`Outdated::Codes`] unless they are off since the time that the merchant was shown.
    pub async fn re_enable_codes(&self, account: &AccountId, shown: Timestamp) -> Result<()> {
        let (limits, audit) = (self.0.limits.clone(), self.0.audit.clone());
        let (account, now) = (account.clone(), self.0.clock.now());
        transaction!(self.0.db, |tx| {
            let found = tx.accounts().find(&account).await?.ok_or(Refusal::NotFound)?;
            let subject = limits.subject(&Recipient::Phone(found.phone))?;
            let off_since = off_since(tx, limits.policy(), &subject).await?;
            if off_since != Some(shown) {
                return Err(Outdated::Codes { shown, now: off_since }.into());
            }
            for subject in failure_subjects(&subject) {
                tx.failures().recover_until(&subject, shown).await?;
            }
            audit.record(tx, Event::CodesRecovered, Some(&account), "", now).await
        })
        .await
    }
}

/// Since when codes to a phone are off, those of a sign-in or those of a password reset.
async fn off_since(
    rows: &mut Connection,
    policy: &Policy,
    phone_subject: &str,
) -> Result<Option<Timestamp>> {
    let [after_password, at_resets @ ..] = failure_subjects(phone_subject);
    let after_password = rows.failures().find(&after_password).await?;
    let mut last = after_password.filter(|failures| failures.disabled_at.is_some());
    for subject in at_resets {
        let failures = rows.failures().find(&subject).await?;
        let off = failures.filter(|failures| !may_guess(policy, failures.consecutive));
        last = last.into_iter().chain(off).max_by_key(|failures| failures.updated_at);
    }
    Ok(last.map(|failures| failures.updated_at))
}
