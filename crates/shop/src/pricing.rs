//! What a purchase costs: the one place in the shop where prices are added up.

use domain::{Adjustment, AdjustmentKind, Currency, LineItem, PricingError, Quote};
use store::Order;

use crate::{
    error::{Error, Fault, Result},
    shipping::Shipping,
};

/// The price of the lines without shipping, as a cart shows it.
pub(crate) fn goods(currency: Currency, lines: Vec<LineItem>) -> Result<Quote> {
    Ok(Quote::new(currency, lines, Vec::new())?)
}

/// The price of the lines with this shipping method.
pub(crate) fn quote(currency: Currency, lines: Vec<LineItem>, shipping: Shipping) -> Result<Quote> {
    let goods = goods(currency, lines)?;
    let amount = shipping.price(goods.subtotal())?;
    Ok(goods.with(Adjustment { kind: AdjustmentKind::Shipping, amount })?)
}

/// The price agreed when an order was placed. Rows whose amounts do not add up are an
/// error.
pub(crate) fn agreed(order: &Order, lines: Vec<LineItem>) -> Result<Quote> {
    let header = &order.header;
    let shipping = Adjustment { kind: AdjustmentKind::Shipping, amount: header.shipping_price };
    let quote = Quote::new(header.total.currency(), lines, vec![shipping])?;
    if (quote.subtotal(), quote.total()) == (header.subtotal, header.total) {
        Ok(quote)
    } else {
        Err(Error::Failed(Fault::Broken("orders.total_minor")))
    }
}

/// An amount beyond 64 bits, in two currencies or below zero: a price that cannot be.
impl From<PricingError> for Error {
    fn from(error: PricingError) -> Self {
        Self::Failed(Fault::Pricing(error))
    }
}
