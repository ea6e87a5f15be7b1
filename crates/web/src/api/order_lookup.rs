//! Finding an order without an account.

use leptos::prelude::*;

use super::ApiError;

/// Sends a code to the buyer's phone. The code page follows, whether or not there is such an order.
#[server(prefix = "/api", endpoint = "orders/lookup")]
pub async fn begin_order_lookup(
    /// The number of the order.
    #[server(default)]
    order_number: String,
    /// The e-mail address or the phone of the buyer.
    #[server(default)]
    contact: String,
) -> Result<(), ApiError> {
    use domain::Field;

    use crate::{
        routes,
        server::{Redirect, respond, rotate, shop, visitor},
    };
    let outcome = async {
        shop()?.order_lookup().begin(&visitor()?, &order_number, &contact).await?;
        rotate().await?;
        Ok(Redirect::to(routes::ORDER_LOOKUP_VERIFY))
    };
    let typed = [(Field::OrderNumber, &*order_number), (Field::Contact, &*contact)];
    respond(outcome.await, &typed).await
}

/// Verifies the code, and leads to the order.
#[server(prefix = "/api", endpoint = "orders/lookup/verify")]
pub async fn verify_order_lookup(
    /// The typed code.
    #[server(default)]
    code: String,
) -> Result<(), ApiError> {
    use crate::{
        routes,
        server::{Redirect, respond, shop, visitor},
    };
    let outcome = async {
        let order = shop()?.order_lookup().verify(&visitor()?, &code).await?;
        Ok(Redirect::to(routes::order(order)))
    };
    respond(outcome.await, &[]).await
}
