//! Finding an order without an account: its number and the buyer's e-mail address or phone lead to
//! a code, which goes to the buyer's phone. The right code lets this browser read that one order
//! for a while, and nothing else.
//!
//! A number without an order, and one with another contact, take the same steps with a decoy, as
//! at a password reset (`codes::enumeration`).

use std::time::Duration;

use domain::{AccountId, Field, OrderToken, PermissionId, Problem, Purpose, Refusal, Timestamp};
use store::{
    BoxFuture, Challenge, Connection, Db, OrderContact, OrderPermission, Recipient,
    repeatable_transaction,
};

use crate::{
    codes::{Binding, CodeRequest, Codes, Grant},
    entropy::Entropy,
    error::{Fault, Result},
    limits::Limits,
    order_contact::{BuyerContact, order_number},
    outbox::OutboxSignal,
    settings::Settings,
    visitor::Visitor,
};

/// How long a browser may read the order.
const PERMISSION_TTL: Duration = Duration::from_secs(60 * 60);

/// Finding an order.
pub struct OrderLookup<'s> {
    pub(crate) db: &'s Db,
    pub(crate) entropy: &'s Entropy,
    pub(crate) settings: &'s Settings,
    pub(crate) limits: &'s Limits,
    pub(crate) codes: &'s Codes,
    pub(crate) outbox: &'s OutboxSignal,
}

impl OrderLookup<'_> {
    /// Sends a code to the phone of the buyer, if the number and the contact belong to one order.
    pub async fn begin(&self, visitor: &Visitor, number: &str, contact: &str) -> Result<()> {
        visitor.require_cookie()?;
        let (number, contact) = self.read(number, contact)?;
        let mut rows = self.db.read().await?;
        let found = rows.withdrawals().contact_of_order(&number).await?;
        drop(rows);
        let found = found.filter(|order| contact.is_of(order));
        let request = self.request(&number, &contact, found)?;
        let issuer = match &contact {
            // A visitor who typed the address must not learn a digit of the number.
            BuyerContact::Email(_) => self.codes.issuer(visitor).without_digits(),
            BuyerContact::Phone(_) => self.codes.issuer(visitor),
        };
        repeatable_transaction!(self.db, |tx| issuer.issue(tx, &request).await).await?;
        self.outbox.wake();
        Ok(())
    }

    /// Verifies the code. This browser may then read the order for an hour.
    pub async fn verify(&self, visitor: &Visitor, code: &str) -> Result<OrderToken> {
        let grant = LookupGrant {
            id: PermissionId::from_bits(self.entropy.bits()?),
            browser_digest: visitor.browser.digest(),
        };
        self.codes.verify(visitor, Purpose::OrderLookup, code, grant).await
    }

    /// Reads what was typed.
    fn read(&self, number: &str, contact: &str) -> Result<(String, BuyerContact)> {
        let mut problems = Vec::new();
        let number = order_number(number);
        if number.is_none() {
            problems.push(Problem::Line(Field::OrderNumber));
        }
        let contact = BuyerContact::read(contact, self.settings);
        if contact.is_none() {
            problems.push(Problem::Line(Field::Contact));
        }
        match (number, contact) {
            (Some(number), Some(contact)) => Ok((number, contact)),
            _ => Err(Refusal::Invalid(problems).into()),
        }
    }

    /// The request for the code of an order, or for that of a decoy.
    ///
    /// It is counted under number and contact together: who knows the number alone cannot use up
    /// the codes of the buyer.
    fn request(
        &self,
        number: &str,
        contact: &BuyerContact,
        found: Option<OrderContact>,
    ) -> Result<CodeRequest> {
        let typed = self.limits.requested_lookup(number, contact.as_str())?;
        let (order, to) = match (found, contact) {
            (Some(found), _) => (Some(found.order), Recipient::Phone(found.phone)),
            (None, BuyerContact::Phone(phone)) => (None, Recipient::DecoyPhone(phone.clone())),
            (None, BuyerContact::Email(_)) => (None, Recipient::Decoy { subject: typed.clone() }),
        };
        Ok(CodeRequest {
            purpose: Purpose::OrderLookup,
            // The code is for an order, whose buyer may have no account.
            account: AccountId::from_bits(self.entropy.bits()?),
            to,
            requested_identifier: Some(typed),
            binding: Binding::none(),
            order,
            is_verified_phone: true,
        })
    }
}

/// What the right code grants: reading one order in one browser.
#[derive(Clone)]
struct LookupGrant {
    id: PermissionId,
    browser_digest: String,
}

impl Grant for LookupGrant {
    type Output = OrderToken;

    fn grant<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<OrderToken>> {
        Box::pin(async move {
            let id = challenge.order.as_ref().ok_or(Fault::Broken("challenges.order_id"))?;
            let order = tx.orders().find(id).await?.ok_or(Refusal::NotFound)?;
            let permission = OrderPermission {
                id: self.id,
                order: id.clone(),
                browser_digest: self.browser_digest,
                created_at: now,
                expires_at: now + PERMISSION_TTL,
            };
            tx.order_permissions().insert(&permission).await?;
            Ok(order.names.token)
        })
    }
}
