//! Switching a phone's codes on again, after a hundred wrong ones switched them
//! off: the merchant's decision, once the owner has proved to be the owner.

use domain::{AccountId, Refusal, Role};
use store::Recipient;

use super::Codes;
use crate::{Result, Visitor, audit::Event};

impl Codes<'_> {
    /// Forgets the wrong codes of an account's phone. The merchant's alone.
    pub async fn recover(&self, visitor: &Visitor, account: &AccountId) -> Result<()> {
        let merchant = visitor.signed_in.as_ref().filter(|who| who.role == Role::Merchant);
        if merchant.is_none() {
            return Err(Refusal::NotFound.into());
        }
        let (shop, account) = (self.0.clone(), account.clone());
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let found = tx.accounts().find(&account).await?.ok_or(Refusal::NotFound)?;
                    let subject = shop.limits().subject(&Recipient::Phone(found.phone))?;
                    if tx.failures().recover(&subject).await? {
                        let now = shop.clock().now();
                        let event = Event::CodesRecovered;
                        shop.audit().record(tx, event, Some(&account), "", now).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}
