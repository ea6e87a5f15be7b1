//! Orders as their owners see them, and what time does to them. An order is
//! found by its token together with its owner; to anybody else it is not there.

use std::time::Duration;

use domain::{
    Address, Art, Colour, Money, OrderId, OrderStatus, OrderToken, PaymentStatus, Refusal,
    Timestamp, VariantId,
};
use store::{Connection, Order, OrderLine};

use crate::{Error, Result, Shop, Visitor, carts::unsummable, shipping::Shipping};

/// An order that waits longer than this for its code is cancelled.
pub const WAITING_LIFE: Duration = Duration::from_secs(60 * 60);
/// A guest's basket that nobody touches is thrown away after this long.
const GUEST_CART_LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Orders in an account's list.
const LISTED: u32 = 100;

/// Orders.
pub struct Orders<'s>(&'s Shop);

impl Shop {
    /// Orders.
    pub fn orders(&self) -> Orders<'_> {
        Orders(self)
    }
}

/// What is paid, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// The lines.
    pub subtotal: Money,
    /// The shipping.
    pub shipping: Money,
    /// Both.
    pub total: Money,
}

/// One line of an order, at the price agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLineView {
    /// What.
    pub variant: VariantId,
    /// The product's name in addresses.
    pub slug: String,
    /// The product's name.
    pub name: String,
    /// The colour.
    pub colour: Colour,
    /// The size.
    pub size: String,
    /// What is drawn for it.
    pub art: Art,
    /// How many.
    pub quantity: u32,
    /// What one cost.
    pub unit: Money,
    /// What the line cost.
    pub total: Money,
}

/// An order on its own page.
#[derive(Clone, Debug)]
pub struct OrderView {
    /// Its name for people.
    pub number: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// Where its newest payment stands, if there was one.
    pub payment: Option<PaymentStatus>,
    /// What was bought.
    pub lines: Vec<OrderLineView>,
    /// What it cost.
    pub totals: Totals,
    /// How it travels.
    pub shipping: String,
    /// Where it goes.
    pub address: Address,
    /// Who is paid.
    pub payee: String,
    /// How it is paid.
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
    /// Its name in addresses.
    pub token: OrderToken,
    /// Its name for people.
    pub number: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// What was paid.
    pub total: Money,
    /// When it was placed.
    pub created_at: Timestamp,
    /// How many pieces.
    pub count: u32,
}

impl Orders<'_> {
    /// The visitor's order of this token. What it says comes from the rows alone;
    /// looking at it moves nothing.
    pub async fn by_token(&self, visitor: &Visitor, token: &OrderToken) -> Result<OrderView> {
        let account = &visitor.require_signed_in()?.account;
        let mut rows = self.0.db().read().await?;
        let order = rows.orders().find_by_token(token, account).await?;
        let order = order.ok_or(Error::Refused(Refusal::NotFound))?;
        self.view(&mut rows, order).await
    }

    /// The visitor's orders, newest first.
    pub async fn list(&self, visitor: &Visitor) -> Result<Vec<OrderSummary>> {
        let account = &visitor.require_signed_in()?.account;
        let orders = self.0.db().read().await?.orders().list(account, LISTED).await?;
        Ok(orders.into_iter().map(OrderSummary::of).collect())
    }

    /// What time does: orders nobody confirmed are cancelled, baskets nobody
    /// came back to are thrown away. Answers how many rows went.
    pub async fn sweep(&self) -> Result<u64> {
        let now = self.0.clock().now();
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let cancelled = tx.orders().cancel_waiting(now - WAITING_LIFE, now).await?;
                    Ok(cancelled + tx.carts().delete_old(now - GUEST_CART_LIFE).await?)
                })
            })
            .await
    }

    pub(crate) async fn view(&self, rows: &mut Connection, order: Order) -> Result<OrderView> {
        let id = &order.names.id;
        let lines = order_lines(rows, id).await?;
        let payment = rows.payments().find_of_order(id).await?;
        let method = self.0.method_label(&order.terms.method);
        let shipping = Shipping::parse(&order.terms.shipping).map_or("", Shipping::label);
        Ok(OrderView {
            lines,
            number: order.names.number,
            status: order.status,
            payment: payment.map(|payment| payment.status),
            totals: Totals {
                subtotal: order.terms.subtotal,
                shipping: order.terms.shipping_price,
                total: order.terms.total,
            },
            shipping: shipping.to_owned(),
            address: order.terms.address,
            payee: order.terms.payee,
            method: method.to_owned(),
            created_at: order.created_at,
            paid_at: order.paid_at,
            shipped_at: order.shipped_at,
        })
    }
}

impl Shop {
    /// What the shopper reads for a means of payment.
    pub(crate) fn method_label(&self, id: &str) -> &'static str {
        let methods = self.gateway().methods();
        methods.iter().find(|method| method.id == id).map_or("", |method| method.label)
    }
}

/// The lines of an order as they are shown.
pub(crate) async fn order_lines(rows: &mut Connection, id: &OrderId) -> Result<Vec<OrderLineView>> {
    rows.orders().lines(id).await?.into_iter().map(OrderLineView::of).collect()
}

impl OrderLineView {
    fn of(line: OrderLine) -> Result<Self> {
        Ok(Self {
            total: line.unit.checked_mul(line.quantity.get()).map_err(unsummable)?,
            variant: line.variant,
            slug: line.slug,
            name: line.product_name,
            colour: line.colour,
            size: line.size,
            art: line.art,
            quantity: line.quantity.get(),
            unit: line.unit,
        })
    }
}

impl OrderSummary {
    fn of(order: Order) -> Self {
        Self {
            token: order.names.token,
            number: order.names.number,
            status: order.status,
            total: order.terms.total,
            created_at: order.created_at,
            count: order.pieces,
        }
    }
}
