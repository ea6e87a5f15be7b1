//! Where orders were placed, and how many orders of the same origin hold stock without being paid.

use domain::{OrderId, Timestamp};

use crate::{
    Result,
    connection::{Handle, execute, with_connection},
};

repository! {
    /// Where orders were placed.
    order_origins: OrderOrigins
}

/// Where an order was placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderOrigin {
    pub order: OrderId,
    /// The digest of the secret of the browser.
    pub browser: String,
    /// The keyed hash of the network address.
    pub address: String,
    /// The keyed hash of the phone that gets the code.
    pub phone: String,
}

/// How many other orders of the same origin hold stock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldOrders {
    /// Those whose payment is not decided, or that no code confirmed.
    pub of_browser: u32,
    /// The same; only those placed since a given time.
    pub of_address: u32,
    /// The same.
    pub of_phone: u32,
    /// Those that a code confirmed and that are paid later.
    pub confirmed_of_phone: u32,
}

/// The statuses of an order in which its stock is free or sold; in all others it is held.
macro_rules! holding_nothing {
    () => {
        "('awaiting_code', 'paid', 'shipped', 'cancelled', 'refunded')"
    };
}

const NOTE: &str = "insert into order_origins (order_id, browser, address, phone, placed_at)
    values ($1, $2, $3, $4, $5) on conflict (order_id) do update set browser = excluded.browser,
    address = excluded.address, phone = excluded.phone, placed_at = excluded.placed_at";
const FIND: &str = "select browser, address, phone from order_origins where order_id = $1";
/// See `challenges`: two transactions of the same origin must not both take the last place.
const TAKE_TURN: &str = "select pg_advisory_xact_lock(hashtextextended($1, 0))";
const COUNT_HELD: &str = concat!(
    "select
      cast(coalesce(sum(case when browser = $2 and not is_confirmed then 1 else 0 end), 0)
        as bigint),
      cast(coalesce(sum(case when address = $3 and placed_at > $5 and not is_confirmed
        then 1 else 0 end), 0) as bigint),
      cast(coalesce(sum(case when phone = $4 and not is_confirmed then 1 else 0 end), 0)
        as bigint),
      cast(coalesce(sum(case when phone = $4 and is_confirmed then 1 else 0 end), 0) as bigint)
    from (select h.browser, h.address, h.phone, h.placed_at,
        o.status = 'confirmed' and exists (select 1 from payments p where p.order_id = o.id
          and p.status = 'expected' and p.authorisation_id is not null) as is_confirmed
      from order_origins h join orders o on o.id = h.order_id
      where (h.browser = $2 or h.address = $3 or h.phone = $4) and h.order_id <> $1
      and o.status not in ",
    holding_nothing!(),
    ") held"
);
const FORGET_SETTLED: &str = concat!(
    "delete from order_origins where order_id in (select id from orders where status in ",
    holding_nothing!(),
    " and status <> 'awaiting_code')"
);

impl OrderOrigins<'_> {
    /// Notes where an order was placed, or placed again.
    pub async fn note(&mut self, origin: &OrderOrigin, now: Timestamp) -> Result<()> {
        execute!(
            self.0,
            NOTE,
            origin.order.as_str(),
            origin.browser.as_str(),
            origin.address.as_str(),
            origin.phone.as_str(),
            now.as_millis()
        )?;
        Ok(())
    }

    /// How many other orders of the same origin hold stock. Until the transaction ends, no other
    /// order of that origin is counted. An order whose origin was not noted has none beside it.
    pub async fn count_held_beside(
        &mut self,
        order: &OrderId,
        since: Timestamp,
    ) -> Result<HeldOrders> {
        let origin: Option<(String, String, String)> = with_connection!(self.0, c => {
            sqlx::query_as(FIND).bind(order.as_str()).fetch_optional(c).await
        })?;
        let Some((browser, address, phone)) = origin else { return Ok(HeldOrders::default()) };
        self.take_turns([&browser, &address, &phone]).await?;
        let counts: (i64, i64, i64, i64) = with_connection!(self.0, c => {
            sqlx::query_as(COUNT_HELD)
                .bind(order.as_str())
                .bind(browser)
                .bind(address)
                .bind(phone)
                .bind(since.as_millis())
                .fetch_one(c)
                .await
        })?;
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(HeldOrders {
            of_browser: number(counts.0),
            of_address: number(counts.1),
            of_phone: number(counts.2),
            confirmed_of_phone: number(counts.3),
        })
    }

    /// Takes the turns of all three in one order, so that no two transactions wait for each other.
    async fn take_turns(&mut self, mut keys: [&str; 3]) -> Result<()> {
        if matches!(self.0.handle, Handle::Sqlite(_)) {
            return Ok(());
        }
        keys.sort_unstable();
        for key in keys {
            execute!(self.0, TAKE_TURN, format!("origin/{key}"))?;
        }
        Ok(())
    }

    /// Deletes the origins of orders that hold no stock any more and will hold none.
    pub async fn forget_settled(&mut self) -> Result<u64> {
        Ok(execute!(self.0, FORGET_SETTLED)?)
    }
}

#[cfg(test)]
mod tests {
    use domain::{OrderStatus, StockStatus};

    #[test]
    fn the_statuses_that_hold_nothing_are_those_of_the_state_machine() {
        for status in OrderStatus::ALL {
            let is_listed = holding_nothing!().contains(&format!("'{}'", status.as_str()));
            assert_eq!(is_listed, status.stock() != StockStatus::Reserved, "{status:?}");
        }
    }
}
