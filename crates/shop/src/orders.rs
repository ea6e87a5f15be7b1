//! Orders as their owners see them, and how they expire. An order is found by its token
//! together with its owner, so that a token alone reveals nothing.

use std::time::Duration;

use domain::{Address, Money, OrderStatus, OrderToken, PaymentStatus, Quote, Refusal, Timestamp};
use store::{Connection, Db, Order, transaction};

use crate::{
    clock::Clock,
    consents::{self, Agreement},
    draft::Terms,
    error::Result,
    invoices::InvoiceView,
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
    /// The invoice, a moment after the payment.
    pub invoice: Option<InvoiceView>,
    /// What the shopper agreed to.
    pub agreement: Option<Agreement>,
    /// When the newest notice of withdrawal from it was received.
    pub withdrawn_at: Option<Timestamp>,
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
    /// The order with this token, for its owner, and for a browser that found it with a code
    /// (`order_lookup`). Reading it changes nothing.
    pub async fn by_token(&self, visitor: &Visitor, token: &OrderToken) -> Result<OrderView> {
        let mut rows = self.db.read().await?;
        let own = match &visitor.signed_in {
            Some(signed_in) => rows.orders().find_by_token(token, &signed_in.account).await?,
            None => None,
        };
        let order = match own {
            Some(order) => Some(order),
            None => self.permitted(&mut rows, visitor, token).await?,
        };
        match order {
            Some(order) => self.view(&mut rows, order).await,
            None if visitor.signed_in.is_none() => Err(Refusal::SignInNeeded.into()),
            None => Err(Refusal::NotFound.into()),
        }
    }

    /// The order that this browser found with a code a short time ago.
    async fn permitted(
        &self,
        rows: &mut Connection,
        visitor: &Visitor,
        token: &OrderToken,
    ) -> Result<Option<Order>> {
        let (browser, now) = (visitor.browser.digest(), self.clock.now());
        match rows.order_permissions().find(token, &browser, now).await? {
            Some(id) => Ok(rows.orders().find(&id).await?),
            None => Ok(None),
        }
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
            tx.order_permissions().delete_expired(now).await?;
            let cancelled = tx.orders().cancel_waiting(now - CONFIRMATION_TIMEOUT, now).await?;
            tx.order_origins().forget_settled().await?;
            Ok(cancelled + tx.carts().delete_old(now - GUEST_CART_TTL).await?)
        })
        .await
    }

    pub(crate) async fn view(&self, rows: &mut Connection, order: Order) -> Result<OrderView> {
        let payment = rows.payments().find_of_order(&order.names.id).await?;
        let invoice = rows.invoices().find(&order.names.id).await?;
        let agreement = consents::agreement(rows, &order.names.id).await?;
        let withdrawals = rows.withdrawals().of_order(&order.names.id).await?;
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
            invoice: invoice.as_ref().map(InvoiceView::of),
            agreement,
            withdrawn_at: withdrawals.last().map(|notice| notice.received_at),
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
