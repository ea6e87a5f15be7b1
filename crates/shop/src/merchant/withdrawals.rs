//! Notices of withdrawal, which the merchant reads and deals with.

use domain::{OrderId, Outdated, Refusal, Timestamp, WithdrawalId};
use store::{Connection, Withdrawal, transaction};

use super::{Merchant, PAGE_SIZE, cut};
use crate::{
    consumer_law::{WithdrawalPeriod, withdrawal_period},
    error::{Error, Result},
};

/// A page of notices.
#[derive(Clone, Debug)]
pub struct MerchantWithdrawals {
    /// The notices, newest first.
    pub withdrawals: Vec<MerchantWithdrawal>,
    /// Where the next page begins; `None` on the last page.
    pub next: Option<String>,
}

/// A notice of withdrawal.
#[derive(Clone, Debug)]
pub struct MerchantWithdrawal {
    /// Its id.
    pub id: WithdrawalId,
    /// The order, if one has the number together with the contact.
    pub order: Option<OrderId>,
    /// How it stands to the period of the law; `None` without an order.
    pub period: Option<WithdrawalPeriod>,
    /// The name that was typed.
    pub name: String,
    /// The number that was typed.
    pub order_number: String,
    /// The e-mail address or phone number that was typed.
    pub contact: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// Whether it was dealt with.
    pub is_handled: bool,
}

impl Merchant<'_> {
    /// All notices, newest first.
    pub async fn withdrawals(&self, after: Option<&str>) -> Result<MerchantWithdrawals> {
        let after = after.and_then(WithdrawalId::parse);
        let mut rows = self.0.db.read().await?;
        let notices = rows.withdrawals().page(after.as_ref(), PAGE_SIZE + 1).await?;
        let (notices, has_more) = cut(notices);
        let next = notices.last().map(|notice| notice.id.to_string()).filter(|_| has_more);
        let mut withdrawals = Vec::with_capacity(notices.len());
        for notice in notices {
            withdrawals.push(view(&mut rows, notice).await?);
        }
        Ok(MerchantWithdrawals { withdrawals, next })
    }

    /// The notices about one order, oldest first.
    pub async fn withdrawals_of(&self, order: &OrderId) -> Result<Vec<MerchantWithdrawal>> {
        let mut rows = self.0.db.read().await?;
        let mut withdrawals = Vec::new();
        for notice in rows.withdrawals().of_order(order).await? {
            withdrawals.push(view(&mut rows, notice).await?);
        }
        Ok(withdrawals)
    }

    /// How many notices about known orders were not dealt with.
    pub async fn open_withdrawals(&self) -> Result<u64> {
        Ok(self.0.db.read().await?.withdrawals().count_open().await?)
    }

    /// Records that a notice was dealt with, or takes that back. Refuses with
    /// [`Outdated::Withdrawal`] if that was done already.
    pub async fn set_withdrawal_handled(&self, id: &WithdrawalId, is_handled: bool) -> Result<()> {
        let (id, now) = (id.clone(), self.0.clock.now());
        transaction!(self.0.db, |tx| {
            let found = tx.withdrawals().find(&id).await?;
            found.ok_or(Error::Refused(Refusal::NotFound))?;
            let is_changed = match is_handled {
                true => tx.withdrawals().handle(&id, now).await?,
                false => tx.withdrawals().reopen(&id).await?,
            };
            if is_changed { Ok(()) } else { Err(Outdated::Withdrawal { is_handled }.into()) }
        })
        .await
    }
}

async fn view(rows: &mut Connection, notice: Withdrawal) -> Result<MerchantWithdrawal> {
    let order = match &notice.order {
        Some(order) => rows.orders().find(order).await?,
        None => None,
    };
    let period = order.map(|order| {
        withdrawal_period(&order.header.address.country, order.shipped_at, notice.received_at)
    });
    Ok(MerchantWithdrawal {
        id: notice.id,
        order: notice.order,
        period,
        name: notice.name,
        order_number: notice.order_number,
        contact: notice.contact,
        received_at: notice.received_at,
        is_handled: notice.handled_at.is_some(),
    })
}
