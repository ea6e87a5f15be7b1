//! The columns of a payment, and how they are read.

use domain::{Currency, Money, OrderId, PaymentId, PaymentStatus, Timestamp};

use super::Payment;
use crate::{Error, Result};

row! {
    pub(super) struct PaymentRow {
        id: String,
        order_id: String,
        order_version: i64,
        needs_code: bool,
        gateway: String,
        gateway_reference: Option<String>,
        method: String,
        amount_minor: i64,
        captured_minor: i64,
        refunded_minor: i64,
        currency: String,
        status: String,
        failure: Option<String>,
        page_url: Option<String>,
        expires_at: Option<i64>,
        created_at: i64,
        updated_at: i64,
    }
}

impl TryFrom<PaymentRow> for Payment {
    type Error = Error;

    fn try_from(row: PaymentRow) -> Result<Self> {
        let corrupt = |column| Error::corrupt("payments", column);
        let currency = Currency::parse(&row.currency).ok_or_else(|| corrupt("currency"))?;
        let version = u32::try_from(row.order_version);
        Ok(Self {
            id: PaymentId::parse(&row.id).ok_or_else(|| corrupt("id"))?,
            order: OrderId::parse(&row.order_id).ok_or_else(|| corrupt("order_id"))?,
            version: version.map_err(|_| corrupt("order_version"))?,
            needs_code: row.needs_code,
            gateway: row.gateway,
            gateway_reference: row.gateway_reference,
            method: row.method,
            amount: Money::new(row.amount_minor, currency),
            captured: Money::new(row.captured_minor, currency),
            refunded: Money::new(row.refunded_minor, currency),
            status: PaymentStatus::parse(&row.status).ok_or_else(|| corrupt("status"))?,
            failure: row.failure,
            page_url: row.page_url,
            expires_at: row.expires_at.map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}
