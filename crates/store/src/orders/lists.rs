//! Lists of orders, for their buyer and for the merchant.

use domain::{AccountId, OrderId};

use super::{Order, Orders, rows::OrderRow, select_orders};
use crate::{Result, connection::with_connection};

const LIST: &str = select_orders!(
    "where o.account_id = $1 and o.status <> 'cancelled'
    order by o.created_at desc, o.id desc limit $2"
);
const PAGE: &str = select_orders!(
    "where $1 = '' or (o.created_at, o.id) < (select created_at, id from orders where id = $1)
    order by o.created_at desc, o.id desc limit $2"
);
/// What is paid, and what is paid on delivery, which is expected without a limit.
const COUNT_TO_SHIP: &str = "select count(*) from orders o where o.status = 'paid'
    or (o.status = 'confirmed' and exists (select 1 from payments p
      where p.order_id = o.id and p.status = 'expected' and p.expires_at is null))";
const LIST_ALL: &str =
    select_orders!("where o.account_id = $1 order by o.created_at desc, o.id desc limit $2");

impl Orders<'_> {
    /// The orders of an account, newest first, without the cancelled ones.
    pub async fn list(&mut self, account: &AccountId, limit: u32) -> Result<Vec<Order>> {
        let rows: Vec<OrderRow> = with_connection!(self.0, c => {
            sqlx::query_as(LIST).bind(account.as_str()).bind(i64::from(limit)).fetch_all(c).await
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The same with the cancelled ones.
    pub async fn list_all(&mut self, account: &AccountId, limit: u32) -> Result<Vec<Order>> {
        let rows: Vec<OrderRow> = with_connection!(self.0, c => {
            sqlx::query_as(LIST_ALL)
                .bind(account.as_str())
                .bind(i64::from(limit))
                .fetch_all(c)
                .await
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// How many orders wait for their parcel to be sent.
    pub async fn count_to_ship(&mut self) -> Result<u64> {
        let count: i64 = with_connection!(self.0, c => {
            sqlx::query_scalar(COUNT_TO_SHIP).fetch_one(c).await
        })?;
        Ok(count.unsigned_abs())
    }

    /// A page of the orders of all accounts, newest first.
    pub async fn page(&mut self, after: Option<&OrderId>, limit: u32) -> Result<Vec<Order>> {
        let after = after.map_or("", OrderId::as_str);
        let rows: Vec<OrderRow> = with_connection!(self.0, c => {
            sqlx::query_as(PAGE).bind(after).bind(i64::from(limit)).fetch_all(c).await
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
