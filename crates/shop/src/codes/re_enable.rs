//! Enabling a phone's codes again after wrong ones disabled them: the merchant's decision,
//! once the owner has proved who they are.

use domain::{AccountId, Refusal, Role};
use store::{Recipient, transaction};

use super::Codes;
use crate::{Result, Visitor, audit::Event};

impl Codes<'_> {
    /// Clears the wrong codes of an account's phone. Only the merchant may.
    pub async fn re_enable(&self, visitor: &Visitor, account: &AccountId) -> Result<()> {
        let merchant = visitor.signed_in.as_ref().filter(|who| who.role == Role::Merchant);
        if merchant.is_none() {
            return Err(Refusal::NotFound.into());
        }
        let (limits, audit) = (self.0.limits(), self.0.audit());
        let (account, now) = (account.clone(), self.0.clock().now());
        transaction!(self.0.db(), |tx| {
            let found = tx.accounts().find(&account).await?.ok_or(Refusal::NotFound)?;
            let subject = limits.subject(&Recipient::Phone(found.phone))?;
            if tx.failures().recover(&subject).await? {
                audit.record(tx, Event::CodesRecovered, Some(&account), "", now).await?;
            }
            Ok(())
        })
        .await
    }
}
