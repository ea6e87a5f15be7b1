//! One account, for whoever answers its owner's letters: whether its codes are
//! switched off. The merchant sees neither a code nor the whole number.

use domain::{AccountId, EmailAddress};
use store::Recipient;

use super::{Merchant, ensure_merchant};
use crate::{Result, Visitor};

/// An account, its number masked.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// Its name as a row.
    pub id: AccountId,
    /// The person's name.
    pub name: String,
    /// What the person signs in with.
    pub email: EmailAddress,
    /// Where its codes go, with only the last two digits legible.
    pub masked_phone: String,
    /// Too many wrong codes in a row switched its codes off.
    pub codes_are_off: bool,
}

impl Merchant<'_> {
    /// The account of an e-mail address.
    pub async fn account(&self, visitor: &Visitor, email: &str) -> Result<Option<AccountView>> {
        ensure_merchant(self.0, visitor)?;
        let Some(email) = EmailAddress::parse(email) else { return Ok(None) };
        let mut rows = self.0.db().read().await?;
        let Some(account) = rows.accounts().find_by_email(&email).await? else { return Ok(None) };
        let subject = self.0.limits().subject(&Recipient::Phone(account.phone.clone()))?;
        let failures = rows.failures().find(&subject).await?;
        Ok(Some(AccountView {
            id: account.id,
            name: account.name,
            email: account.email,
            masked_phone: account.phone.masked(),
            codes_are_off: failures.is_some_and(|failures| failures.disabled_at.is_some()),
        }))
    }
}
