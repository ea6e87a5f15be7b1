//! How many orders may hold stock without being paid. Stock is held from the confirmation of an
//! order until its payment is decided, or from the start of a payment that is authorised first. So
//! nobody empties the shelves by orders that are never paid.
//!
//! Orders that a code confirmed and that are paid later, such as on delivery, hold stock for days by
//! their nature. They do not count among the undecided ones: each costs a code of its phone, and a
//! limit of their own, by phone, is what they have.

use std::time::Duration;

use domain::{OrderId, Timestamp};
use store::{Connection, HeldOrders, OrderOrigin, Recipient};

use super::{DAY, Limits, refuse};
use crate::{error::Result, keys::keyed_name, visitor::ClientAddress};

/// Undecided orders of one browser, and of one phone.
const MAX_HELD_OF_BROWSER: u32 = 3;
const MAX_HELD_OF_PHONE: u32 = 3;
/// Undecided orders of one network address that were placed within a day. Many people share the address of a
/// mobile network, and most of their payments take seconds.
const MAX_HELD_OF_ADDRESS: u32 = 20;
/// Orders of one phone that its codes confirmed and that are not paid yet.
const MAX_CONFIRMED_OF_PHONE: u32 = 10;
/// When to try again: a charge without an answer is decided after this time.
const RETRY_AFTER: Duration = Duration::from_secs(5 * 60);

impl Limits {
    /// Where an order is placed, by names that tell nothing to a reader of the database.
    pub(crate) fn origin(
        &self,
        order: &OrderId,
        browser_digest: &str,
        address: &ClientAddress,
        to: &Recipient,
    ) -> Result<OrderOrigin> {
        let address = keyed_name(&self.keys, "address", address.as_str().as_bytes())?;
        Ok(OrderOrigin {
            order: order.clone(),
            browser: format!("browser/{browser_digest}"),
            address: format!("address/{address}"),
            phone: self.subject(to)?,
        })
    }
}

/// Refuses an order that would hold stock beside too many others of its browser, its network
/// address or its phone. It must be called in the transaction that takes the stock, before it does.
pub(crate) async fn may_hold(tx: &mut Connection, order: &OrderId, now: Timestamp) -> Result<()> {
    let held = tx.order_origins().count_held_beside(order, now - DAY).await?;
    let HeldOrders { of_browser, of_address, of_phone, confirmed_of_phone: _ } = held;
    let is_full = of_browser >= MAX_HELD_OF_BROWSER
        || of_address >= MAX_HELD_OF_ADDRESS
        || of_phone >= MAX_HELD_OF_PHONE;
    refuse("held_stock", is_full.then(|| now + RETRY_AFTER), now)
}

/// Refuses an order that is paid later beside too many such orders of its phone. Other orders of the
/// phone go on. It must be called in the transaction that takes the stock, before it does.
pub(crate) async fn may_pay_later(
    tx: &mut Connection,
    order: &OrderId,
    now: Timestamp,
) -> Result<()> {
    let held = tx.order_origins().count_held_beside(order, now - DAY).await?;
    let is_full = held.confirmed_of_phone >= MAX_CONFIRMED_OF_PHONE;
    refuse("confirmed_unpaid", is_full.then(|| now + DAY), now)
}
