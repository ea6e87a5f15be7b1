//! Invoices: each paid order gets the next number of the year, without gaps.
//!
//! A job gives the numbers, a moment after the payment, so that a payment waits for no other. An
//! order that is refunded keeps its invoice.

use domain::Timestamp;
use store::{Db, repeatable_transaction};
use time::OffsetDateTime;

use crate::{
    clock::Clock,
    error::{Error, Result},
};

/// How many orders one round reads.
const BATCH_SIZE: u32 = 50;

/// Invoices.
pub struct Invoices<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
}

/// The invoice of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceView {
    /// The number that people see.
    pub number: String,
    /// When it was issued.
    pub issued_at: Timestamp,
}

impl InvoiceView {
    pub(crate) fn of(invoice: &store::Invoice) -> Self {
        let number = format!("INV-{}-{:06}", invoice.year, invoice.number);
        Self { number, issued_at: invoice.issued_at }
    }
}

impl Invoices<'_> {
    /// Gives every paid order without an invoice its number, in the order of payment. Returns how
    /// many there were.
    pub async fn assign_due(&self) -> Result<usize> {
        let mut count = 0;
        loop {
            let due = self.db.read().await?.invoices().list_due(BATCH_SIZE).await?;
            if due.is_empty() {
                return Ok(count);
            }
            for order in due {
                let now = self.clock.now();
                let year = year(now);
                let assigned = repeatable_transaction!(self.db, |tx| {
                    Ok::<_, Error>(tx.invoices().assign(&order, year, now).await?)
                });
                count += usize::from(assigned.await?);
            }
        }
    }
}

/// The year in UTC, as in the numbers of orders.
fn year(now: Timestamp) -> i64 {
    let moment = OffsetDateTime::from_unix_timestamp(now.as_millis().div_euclid(1_000));
    moment.unwrap_or(OffsetDateTime::UNIX_EPOCH).year().into()
}
