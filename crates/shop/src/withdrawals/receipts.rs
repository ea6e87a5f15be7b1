//! The receipt of a notice by e-mail, where the order's address is known.
//!
//! A job puts it into the outbox, and not the request, so that a request takes as long for a number
//! that has no order.

use store::{OrderContact, Withdrawal, transaction};

use super::Withdrawals;
use crate::error::{Error, Result};

/// How many notices one round takes.
const BATCH_SIZE: u32 = 20;

impl Withdrawals<'_> {
    /// Puts the receipts that are due into the outbox of e-mails, and returns how many notices
    /// there were.
    pub async fn queue_receipts(&self) -> Result<usize> {
        let mut count = 0;
        loop {
            let claimed = self.queue_batch().await?;
            if claimed == 0 {
                return Ok(count);
            }
            count += claimed;
        }
    }

    async fn queue_batch(&self) -> Result<usize> {
        let (outbox, limits, now) = (self.outbox.clone(), self.limits.clone(), self.clock.now());
        transaction!(self.db, |tx| {
            let claimed = tx.withdrawals().claim_unreceipted(BATCH_SIZE, now).await?;
            for notice in &claimed {
                let Withdrawal { order: Some(order), order_number, .. } = notice else { continue };
                let found = tx.withdrawals().contact_of_order(order_number).await?;
                let Some(OrderContact { email, .. }) = found else { continue };
                let limit = limits.withdrawal_receipts(order);
                if tx.counters().count(&[limit], now).await?.is_none() {
                    outbox.acknowledge_withdrawal(tx, notice, email).await?;
                }
            }
            Ok::<_, Error>(claimed.len())
        })
        .await
    }
}
