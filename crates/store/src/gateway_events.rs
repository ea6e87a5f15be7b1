//! What the payment gateways tell by themselves: disputes, and how far their events were polled.

use domain::{Currency, Money, OrderId, PaymentId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, with_connection},
};

repository! {
    /// Disputes and the cursors of polled events.
    gateway_events: GatewayEvents
}

/// A dispute (chargeback), as the gateway told of it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDispute {
    /// The gateway's id of it.
    pub id: String,
    pub payment: PaymentId,
    pub reason: String,
    pub amount: Money,
    /// Where it stands, as a word.
    pub status: String,
    pub respond_by: Option<Timestamp>,
}

const FIND_CURSOR: &str = "select cursor from gateway_cursors where gateway = $1";
const SET_CURSOR: &str = "insert into gateway_cursors (gateway, cursor, updated_at)
    values ($1, $2, $3)
    on conflict (gateway) do update set cursor = excluded.cursor, updated_at = excluded.updated_at";
/// A dispute that has ended does not begin again, because events may arrive in any order.
const PUT_DISPUTE: &str = "insert into disputes (gateway, id, payment_id, reason, amount_minor,
        currency, status, respond_by, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (gateway, id) do update set reason = excluded.reason,
        amount_minor = excluded.amount_minor, status = excluded.status,
        respond_by = excluded.respond_by, updated_at = excluded.updated_at
    where disputes.status not in ('won', 'lost') or excluded.status in ('won', 'lost')";
const LIST_DISPUTES: &str = "select d.id, d.payment_id, d.reason, d.amount_minor, d.currency,
        d.status, d.respond_by
    from disputes d join payments p on p.id = d.payment_id
    where p.order_id = $1 order by d.updated_at desc, d.id";

impl GatewayEvents<'_> {
    /// The newest event that was polled from a gateway.
    pub async fn cursor(&mut self, gateway: &str) -> Result<Option<String>> {
        Ok(with_connection!(self.0, c => {
            sqlx::query_scalar(FIND_CURSOR).bind(gateway).fetch_optional(c).await
        })?)
    }

    /// Keeps the newest event that was polled from a gateway.
    pub async fn set_cursor(&mut self, gateway: &str, cursor: &str, now: Timestamp) -> Result<()> {
        execute!(self.0, SET_CURSOR, gateway, cursor, now.as_millis())?;
        Ok(())
    }

    /// Adds or updates a dispute.
    pub async fn put_dispute(
        &mut self,
        gateway: &str,
        dispute: &StoredDispute,
        now: Timestamp,
    ) -> Result<()> {
        execute!(
            self.0,
            PUT_DISPUTE,
            gateway,
            dispute.id.as_str(),
            dispute.payment.as_str(),
            dispute.reason.as_str(),
            dispute.amount.minor(),
            dispute.amount.currency().code(),
            dispute.status.as_str(),
            dispute.respond_by.map(Timestamp::as_millis),
            now.as_millis(),
        )?;
        Ok(())
    }

    /// The disputes of an order, newest first.
    pub async fn disputes(&mut self, order: &OrderId) -> Result<Vec<StoredDispute>> {
        let rows: Vec<DisputeRow> = with_connection!(self.0, c => {
            sqlx::query_as(LIST_DISPUTES).bind(order.as_str()).fetch_all(c).await
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

row! {
    struct DisputeRow {
        id: String,
        payment_id: String,
        reason: String,
        amount_minor: i64,
        currency: String,
        status: String,
        respond_by: Option<i64>,
    }
}

impl TryFrom<DisputeRow> for StoredDispute {
    type Error = Error;

    fn try_from(row: DisputeRow) -> Result<Self> {
        let corrupt = |column| Error::corrupt("disputes", column);
        let currency = Currency::parse(&row.currency).ok_or_else(|| corrupt("currency"))?;
        Ok(Self {
            id: row.id,
            payment: PaymentId::parse(&row.payment_id).ok_or_else(|| corrupt("payment_id"))?,
            reason: row.reason,
            amount: Money::new(row.amount_minor, currency),
            status: row.status,
            respond_by: row.respond_by.map(Timestamp::from_millis),
        })
    }
}
