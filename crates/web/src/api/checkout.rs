//! The checkout, one call per step. Prices and totals are never taken from a form.

use leptos::prelude::*;

use super::ApiError;

/// Keeps the delivery address.
#[server(prefix = "/api", endpoint = "checkout/address")]
pub async fn set_address(
    /// Who receives it.
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

/// Keeps how the parcel travels.
#[server(prefix = "/api", endpoint = "checkout/shipping")]
pub async fn set_shipping(
    /// The way of shipping, by its word.
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

/// Keeps how it is paid.
#[server(prefix = "/api", endpoint = "checkout/payment")]
pub async fn set_payment(
    /// The means of payment, by the gateway's name.
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

/// Freezes the order and sends the code that confirms exactly this order.
#[server(prefix = "/api", endpoint = "checkout/place")]
pub async fn place_order(
    /// The password, where wrong codes ended the confirmation before.
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

/// Checks the code and pays the order it was made for.
#[server(prefix = "/api", endpoint = "checkout/confirm")]
pub async fn confirm_payment(
    /// What was typed.
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
