//! The checkout, with one server function for each step. Prices and totals never come from a
//! form.

use leptos::prelude::*;

use super::ApiError;

/// Stores the delivery address.
#[server(prefix = "/api", endpoint = "checkout/address")]
pub async fn set_address(
    /// The name of the recipient.
    #[server(default)]
    name: String,
    /// Street and number.
    #[server(default)]
    street: String,
    /// Flat, floor, c/o.
    #[server(default)]
    extra: String,
    /// Town.
    #[server(default)]
    city: String,
    /// Postal code.
    #[server(default)]
    postcode: String,
    /// ISO 3166 code of the country.
    #[server(default)]
    country: String,
) -> Result<(), ApiError> {
    use domain::{Address, Field};

    use crate::{
        routes,
        server::{Redirect, respond, shop, visitor},
    };
    let typed = Address { name, street, extra, city, postcode, country };
    let outcome = async {
        shop()?.checkout().set_address(&visitor()?, typed.clone()).await?;
        Ok(Redirect::to(routes::CHECKOUT))
    };
    let again = [
        (Field::Name, typed.name.as_str()),
        (Field::Street, &typed.street),
        (Field::Extra, &typed.extra),
        (Field::City, &typed.city),
        (Field::Postcode, &typed.postcode),
        (Field::Country, &typed.country),
    ];
    respond(outcome.await, &again).await
}

/// Stores the shipping method.
#[server(prefix = "/api", endpoint = "checkout/shipping")]
pub async fn set_shipping(
    /// The shipping method, by its word.
    #[server(default)]
    shipping: String,
) -> Result<(), ApiError> {
    use crate::{
        routes,
        server::{Redirect, respond, shop, visitor},
    };
    let outcome = async {
        shop()?.checkout().set_shipping(&visitor()?, &shipping).await?;
        Ok(Redirect::to(routes::CHECKOUT))
    };
    respond(outcome.await, &[]).await
}

/// Stores the payment method.
#[server(prefix = "/api", endpoint = "checkout/payment")]
pub async fn set_payment(
    /// The payment method, by the gateway's id.
    #[server(default)]
    payment: String,
) -> Result<(), ApiError> {
    use crate::{
        routes,
        server::{Redirect, respond, shop, visitor},
    };
    let outcome = async {
        shop()?.checkout().set_method(&visitor()?, &payment).await?;
        Ok(Redirect::to(routes::CHECKOUT))
    };
    respond(outcome.await, &[]).await
}

/// Places the order and sends the code that confirms exactly this order.
#[server(prefix = "/api", endpoint = "checkout/place")]
pub async fn place_order(
    /// The password, if wrong codes ended the confirmation before.
    #[server(default)]
    password: String,
) -> Result<(), ApiError> {
    use crate::{
        routes,
        server::{Redirect, respond, rotate, shop, visitor},
    };
    let outcome = async {
        let (shop, visitor) = (shop()?, visitor()?);
        if password.is_empty() {
            shop.checkout().place(&visitor).await?;
        } else {
            shop.checkout().place_again(&visitor, password).await?;
            rotate().await?;
        }
        Ok(Redirect::to(routes::CHECKOUT_CONFIRM))
    };
    respond(outcome.await, &[]).await
}

/// Verifies the code and pays its order.
#[server(prefix = "/api", endpoint = "checkout/confirm")]
pub async fn confirm_payment(
    /// The typed code.
    #[server(default)]
    code: String,
) -> Result<(), ApiError> {
    use crate::{
        routes,
        server::{Redirect, respond, shop, visitor},
    };
    let outcome = async {
        let order = shop()?.checkout().confirm(&visitor()?, &code).await?;
        Ok(Redirect::to(routes::order(order)))
    };
    respond(outcome.await, &[]).await
}
