//! What a gateway is told of an order.

use domain::{Buyer, EmailAddress, Language, Quantity};
use payment::{AuthorizeRequest, OrderReference, PaymentLine};
use store::{Connection, Order, Payment};

use super::{PAGE_TTL, Payments};
use crate::error::{Error, Fault, Result};

impl Payments {
    /// The request to authorise a payment: the same each time it is made, as the gateway's
    /// idempotency demands.
    pub(super) async fn request(&self, payment: &Payment) -> Result<AuthorizeRequest> {
        let mut rows = self.db.read().await?;
        let order = rows.orders().find(&payment.order).await?;
        let order = order.ok_or(Error::Failed(Fault::Broken("payments.order_id")))?;
        let (email, locale) = buyer(&mut rows, &order).await?;
        let return_url = self.gateways.return_url(&order.names.token);
        Ok(AuthorizeRequest {
            payment: payment.id.clone(),
            lines: lines(&mut rows, &order).await?,
            order: OrderReference { id: order.names.id, number: order.names.number },
            amount: payment.amount,
            method: payment.method.clone(),
            email: Some(email),
            locale,
            cancel_url: return_url.clone(),
            return_url,
            save_for: None,
            saved_method: None,
            expires_at: payment.expires_at.unwrap_or(payment.created_at + PAGE_TTL),
        })
    }
}

/// The e-mail address and the language of a buyer.
async fn buyer(rows: &mut Connection, order: &Order) -> Result<(EmailAddress, Language)> {
    match &order.header.buyer {
        Buyer::Account(id) => {
            let account = rows.accounts().find(id).await?;
            let account = account.ok_or(Error::Failed(Fault::Broken("orders.account_id")))?;
            Ok((account.email, account.language))
        }
        Buyer::Guest { email, .. } => Ok((email.clone(), Language::default())),
    }
}

/// The lines of an order, with shipping as the last one.
async fn lines(rows: &mut Connection, order: &Order) -> Result<Vec<PaymentLine>> {
    let lines = rows.orders().lines(&order.names.id).await?.into_iter().map(|line| PaymentLine {
        name: line.product.name,
        quantity: line.quantity,
        unit: line.unit,
    });
    let shipping = PaymentLine {
        name: order.header.shipping.clone(),
        quantity: Quantity::ONE,
        unit: order.header.shipping_price,
    };
    let has_shipping_price = shipping.unit.minor() != 0;
    Ok(lines.chain(has_shipping_price.then_some(shipping)).collect())
}
