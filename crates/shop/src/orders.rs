//! Orders as their owners see them, and how they expire. An order is found by its token
//! together with its owner, so that a token alone reveals nothing.

use std::time::Duration;

use domain::{Address, Money, OrderStatus, OrderToken, PaymentStatus, Quote, Refusal, Timestamp};
use store::{Connection, Db, Order, transaction};

use crate::{
    clock::Clock,
    draft::Terms,
    error::{Error, Result},
    visitor::Visitor,
};

/// An order that waits longer than this for its code is cancelled.
pub const CONFIRMATION_TIMEOUT: Duration = Duration::from_secs(60 * 60);
/// A guest's cart that is not changed for so long is deleted.
const GUEST_CART_TTL: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How many orders an account's list shows.
const MAX_LISTED_ORDERS: u32 = 100;

/// The orders of accounts.
pub struct Orders<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
}

/// An order on its own page.
#[derive(Clone, Debug)]
pub struct OrderView {
    /// The number that people see.
    pub number: String,
    /// The status of the order.
    pub status: OrderStatus,
    /// The status of its newest payment, if there was one.
    pub payment: Option<PaymentStatus>,
    /// What was bought and what it cost.
    pub quote: Quote,
    /// The shipping method, by its word.
    pub shipping: String,
    /// The delivery address.
    pub address: Address,
    /// The name of the shop that is paid.
    pub payee: String,
    /// The payment method, by the gateway's id.
    pub method: String,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// When it was shipped.
    pub shipped_at: Option<Timestamp>,
}

/// An order in a list.
#[derive(Clone, Debug)]
pub struct OrderSummary {
    /// What identifies it in addresses of pages.
    pub token: OrderToken,
    /// The number that people see.
    pub number: String,
    /// The status of the order.
    pub status: OrderStatus,
    /// What is paid.
    pub total: Money,
    /// When it was placed.
    pub created_at: Timestamp,
    /// How many pieces.
    pub count: u32,
}

impl Orders<'_> {
    /// The visitor's order with this token. Reading it changes nothing.
    pub async fn by_token(&self, visitor: &Visitor, token: &OrderToken) -> Result<OrderView> {
        let account = &visitor.require_signed_in()?.account;
        let mut rows = self.db.read().await?;
        let order = rows.orders().find_by_token(token, account).await?;
        let order = order.ok_or(Error::Refused(Refusal::NotFound))?;
        self.view(&mut rows, order).await
    }

    /// The visitor's orders, newest first.
    pub async fn list(&self, visitor: &Visitor) -> Result<Vec<OrderSummary>> {
        let account = &visitor.require_signed_in()?.account;
        let orders = self.db.read().await?.orders().list(account, MAX_LISTED_ORDERS).await?;
        Ok(orders.into_iter().map(OrderSummary::of).collect())
    }

    /// Cancels orders that were not confirmed in time, and deletes the abandoned carts of
    /// guests. Returns how many there were.
    pub async fn sweep(&self) -> Result<u64> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            let cancelled = tx.orders().cancel_waiting(now - CONFIRMATION_TIMEOUT, now).await?;
            Ok(cancelled + tx.carts().delete_old(now - GUEST_CART_TTL).await?)
        })
        .await
    }

    pub(crate) async fn view(&self, rows: &mut Connection, order: Order) -> Result<OrderView> {
        let payment = rows.payments().find_of_order(&order.names.id).await?;
        let Terms { quote, shipping, address, method, payee, .. } = Terms::of(rows, &order).await?;
        Ok(OrderView {
            number: order.names.number,
            status: order.status,
            payment: payment.map(|payment| payment.status),
            quote,
            shipping,
            address,
            payee,
            method,
            created_at: order.created_at,
            paid_at: order.paid_at,
            shipped_at: order.shipped_at,
        })
    }
}

impl OrderSummary {
    fn of(order: Order) -> Self {
        Self {
            token: order.names.token,
            number: order.names.number,
            status: order.status,
            total: order.header.total,
            created_at: order.created_at,
            count: order.pieces,
        }
    }
}
