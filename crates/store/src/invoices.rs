//! Invoices, whose numbers have no gaps.

use domain::{OrderId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, with_connection},
};

repository! {
    /// Invoices of orders.
    invoices: Invoices
}

/// The invoice of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    pub year: i64,
    /// The number within the year, from 1.
    pub number: u64,
    pub issued_at: Timestamp,
}

/// Locks the counter of a year until the transaction ends, and makes it if it is the first.
const LOCK: &str = "insert into invoice_counters (year, last_number) values ($1, 0)
    on conflict (year) do update set last_number = invoice_counters.last_number";

/// Nothing if the order has an invoice.
const INSERT: &str = "insert into invoices (order_id, year, number, issued_at)
    select $1, $2, last_number + 1, $3 from invoice_counters where year = $2
    on conflict (order_id) do nothing";

const ADVANCE: &str = "update invoice_counters set last_number = last_number + 1 where year = $1";

const FIND: &str = "select year, number, issued_at from invoices where order_id = $1";

const LIST_DUE: &str = "select o.id from orders o
    where o.paid_at is not null and not exists (select 1 from invoices i where i.order_id = o.id)
    order by o.paid_at, o.id limit $1";

impl Invoices<'_> {
    /// Gives an order the next number of a year; `false` if it has one. Transactions that give
    /// numbers wait for each other, and one that is undone gives none.
    pub async fn assign(&mut self, order: &OrderId, year: i64, now: Timestamp) -> Result<bool> {
        execute!(self.0, LOCK, year)?;
        let is_new = execute!(self.0, INSERT, order.as_str(), year, now.as_millis())? == 1;
        if is_new {
            execute!(self.0, ADVANCE, year)?;
        }
        Ok(is_new)
    }

    /// The invoice of an order, if it has one.
    pub async fn find(&mut self, order: &OrderId) -> Result<Option<Invoice>> {
        let row: Option<Row> = with_connection!(self.0, c => {
            sqlx::query_as(FIND).bind(order.as_str()).fetch_optional(c).await
        })?;
        row.map(TryInto::try_into).transpose()
    }

    /// Paid orders without an invoice, in the order in which they were paid.
    pub async fn list_due(&mut self, limit: u32) -> Result<Vec<OrderId>> {
        let ids: Vec<String> = with_connection!(self.0, c => {
            sqlx::query_scalar(LIST_DUE).bind(i64::from(limit)).fetch_all(c).await
        })?;
        let read = |id: String| OrderId::parse(&id).ok_or_else(|| Error::corrupt("orders", "id"));
        ids.into_iter().map(read).collect()
    }
}

row! {
    struct Row {
        year: i64,
        number: i64,
        issued_at: i64,
    }
}

impl TryFrom<Row> for Invoice {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            year: row.year,
            number: u64::try_from(row.number).map_err(|_| Error::corrupt("invoices", "number"))?,
            issued_at: Timestamp::from_millis(row.issued_at),
        })
    }
}
