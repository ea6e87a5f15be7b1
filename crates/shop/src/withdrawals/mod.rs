//! Withdrawal from a contract, without an account and without a code (Directive 2011/83/EU,
//! Art. 11a): a consumer states name, order and contact, confirms, and gets a receipt at once.
//!
//! A notice is always taken down: also one that seems late, because the shop cannot judge every
//! case, and one about an order that is not found, because a slip of the pen does not make it void.
//! So the answer is the same for every number, and tells nobody which orders exist. Nothing is
//! refunded automatically: the merchant reads the notices (`merchant::withdrawals`).

mod receipts;

use std::time::Duration;

use domain::{Field, Language, Problem, Refusal, Timestamp, WithdrawalId, address::tidy};
use store::{Db, OrderContact, Withdrawal, transaction};

use crate::{
    clock::Clock,
    emails::EmailOutbox,
    entropy::Entropy,
    error::{Error, Result},
    limits::{Limits, refuse},
    order_contact::{BuyerContact, order_number},
    settings::Settings,
    visitor::Visitor,
};

/// How long a browser can open the receipt that it got.
const RECEIPT_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// Withdrawal from a contract.
pub struct Withdrawals<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) entropy: &'s Entropy,
    pub(crate) limits: &'s Limits,
    pub(crate) settings: &'s Settings,
    pub(crate) outbox: &'s EmailOutbox,
}

/// What was typed into the form.
#[derive(Clone, Debug, Default)]
pub struct WithdrawalForm {
    /// The consumer's name.
    pub name: String,
    /// The number of the order.
    pub order_number: String,
    /// An e-mail address or a phone number.
    pub contact: String,
}

/// The statement that the consumer confirms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawalStatement {
    /// The consumer's name.
    pub name: String,
    /// The number of the order, in capitals.
    pub order_number: String,
    /// The e-mail address or the phone number, in its normal form.
    pub contact: String,
}

/// The receipt of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawalReceipt {
    /// What was stated.
    pub statement: WithdrawalStatement,
    /// When it was received.
    pub received_at: Timestamp,
}

impl Withdrawals<'_> {
    /// Reads the form; nothing is taken down yet.
    ///
    /// # Errors
    /// Everything that is missing or wrong, whether or not there is such an order.
    pub fn begin(&self, visitor: &Visitor, form: &WithdrawalForm) -> Result<WithdrawalStatement> {
        visitor.require_cookie()?;
        self.read(form)
    }

    fn read(&self, form: &WithdrawalForm) -> Result<WithdrawalStatement> {
        let mut problems = Vec::new();
        let name = tidy(&form.name, true);
        if name.is_none() {
            problems.push(Problem::Line(Field::Name));
        }
        let order_number = order_number(&form.order_number);
        if order_number.is_none() {
            problems.push(Problem::Line(Field::OrderNumber));
        }
        let contact = BuyerContact::read(&form.contact, self.settings);
        if contact.is_none() {
            problems.push(Problem::Line(Field::Contact));
        }
        match (name, order_number, contact) {
            (Some(name), Some(order_number), Some(contact)) => {
                Ok(WithdrawalStatement { name, order_number, contact: contact.as_str().to_owned() })
            }
            _ => Err(Refusal::Invalid(problems).into()),
        }
    }

    /// The id for a form that confirms a statement.
    pub fn new_id(&self) -> Result<WithdrawalId> {
        Ok(WithdrawalId::from_bits(self.entropy.bits()?))
    }

    /// Takes a notice down. The same form sent again changes nothing.
    pub async fn confirm(
        &self,
        visitor: &Visitor,
        id: WithdrawalId,
        form: &WithdrawalForm,
    ) -> Result<()> {
        visitor.require_cookie()?;
        let statement = self.read(form)?;
        let contact = BuyerContact::read(&statement.contact, self.settings);
        let limit = self.limits.withdrawals(&visitor.address);
        let (browser_digest, language) = (visitor.browser.digest(), visitor.language);
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            if tx.withdrawals().find(&id).await?.is_some() {
                return Ok(());
            }
            refuse("withdrawals", tx.counters().count(&[limit], now).await?, now)?;
            let found = tx.withdrawals().contact_of_order(&statement.order_number).await?;
            let found = found.filter(|found| contact.is_some_and(|one| one.is_of(found)));
            let notice = Notice { id, browser_digest, language, received_at: now };
            tx.withdrawals().insert(&notice.of(statement, found)).await?;
            Ok::<_, Error>(())
        })
        .await
    }

    /// The receipt of the newest notice that this browser gave.
    pub async fn receipt(&self, visitor: &Visitor) -> Result<Option<WithdrawalReceipt>> {
        let after = self.clock.now() - RECEIPT_TTL;
        let browser = visitor.browser.digest();
        let newest = self.db.read().await?.withdrawals().newest_of_browser(&browser, after).await?;
        Ok(newest.map(|notice| WithdrawalReceipt {
            received_at: notice.received_at,
            statement: WithdrawalStatement {
                name: notice.name,
                order_number: notice.order_number,
                contact: notice.contact,
            },
        }))
    }
}

/// What a notice has besides its statement.
struct Notice {
    id: WithdrawalId,
    browser_digest: String,
    language: Language,
    received_at: Timestamp,
}

impl Notice {
    fn of(self, statement: WithdrawalStatement, found: Option<OrderContact>) -> Withdrawal {
        Withdrawal {
            id: self.id,
            order: found.map(|found| found.order),
            name: statement.name,
            order_number: statement.order_number,
            contact: statement.contact,
            browser_digest: self.browser_digest,
            language: self.language,
            received_at: self.received_at,
            handled_at: None,
        }
    }
}
