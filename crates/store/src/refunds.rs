//! Refunds of payments, each with its amount.

use domain::{Currency, Money, PaymentId, RefundId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, with_connection},
};

repository! {
    /// Refunds.
    refunds: Refunds
}

/// Money that goes back.
#[derive(Clone, Debug)]
pub struct Refund {
    /// Also its idempotency key at the gateway.
    pub id: RefundId,
    pub payment: PaymentId,
    pub amount: Money,
    /// Whether the pieces of the order go back into stock with it, unless they did before.
    pub restocks: bool,
}

macro_rules! select_refunds {
    ($tail:literal) => {
        concat!(
            "select r.id, r.payment_id, r.amount_minor, p.currency, r.restocks
            from refunds r join payments p on p.id = r.payment_id ",
            $tail
        )
    };
}

const INSERT: &str = "insert into refunds (id, payment_id, amount_minor, status, restocks,
        requested_at)
    values ($1, $2, $3, 'requested', $4, $5) on conflict do nothing";
const FIND_REQUESTED: &str = select_refunds!(
    "where r.payment_id = $1 and r.status = 'requested' order by r.requested_at, r.id limit 1"
);
const END: &str = "update refunds set status = $2, ended_at = $3
    where id = $1 and status = 'requested'";

impl Refunds<'_> {
    /// Adds a refund that the gateway is asked for; `false` if it is there already.
    pub async fn insert(&mut self, refund: &Refund, now: Timestamp) -> Result<bool> {
        let touched = execute!(
            self.0,
            INSERT,
            refund.id.as_str(),
            refund.payment.as_str(),
            refund.amount.minor(),
            refund.restocks,
            now.as_millis(),
        )?;
        Ok(touched == 1)
    }

    /// The refund of a payment that the gateway was asked for and has not answered.
    pub async fn find_requested(&mut self, payment: &PaymentId) -> Result<Option<Refund>> {
        let row: Option<RefundRow> = with_connection!(self.0, c => {
            sqlx::query_as(FIND_REQUESTED).bind(payment.as_str()).fetch_optional(c).await
        })?;
        row.map(TryInto::try_into).transpose()
    }

    /// Records the gateway's answer; `false` if it was recorded before.
    pub async fn end(&mut self, id: &RefundId, is_done: bool, now: Timestamp) -> Result<bool> {
        let status = if is_done { "done" } else { "refused" };
        Ok(execute!(self.0, END, id.as_str(), status, now.as_millis())? == 1)
    }
}

row! {
    struct RefundRow {
        id: String,
        payment_id: String,
        amount_minor: i64,
        currency: String,
        restocks: bool,
    }
}

impl TryFrom<RefundRow> for Refund {
    type Error = Error;

    fn try_from(row: RefundRow) -> Result<Self> {
        let corrupt = |column| Error::corrupt("refunds", column);
        let currency = Currency::parse(&row.currency).ok_or_else(|| corrupt("currency"))?;
        Ok(Self {
            id: RefundId::parse(&row.id).ok_or_else(|| corrupt("id"))?,
            payment: PaymentId::parse(&row.payment_id).ok_or_else(|| corrupt("payment_id"))?,
            amount: Money::new(row.amount_minor, currency),
            restocks: row.restocks,
        })
    }
}
