//! The checkout, with one server function for each step. Prices and totals never come from a
//! form.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;

/// The fields of a delivery address. Which of them a form has depends on its country.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressFields {
    /// The name of the recipient.
    name: String,
    /// Street and number.
    street: String,
    /// Flat, floor, c/o.
    extra: String,
    /// A part of the town.
    district: String,
    /// Town.
    city: String,
    /// State, province, prefecture or county.
    region: String,
    /// Postal code.
    postcode: String,
    /// ISO 3166 code of the country.
    country: String,
}

impl AddressFields {
    /// The fields by name, to show them again.
    pub fn typed(&self) -> [(domain::Field, &str); 8] {
        use domain::Field;
        [
            (Field::Name, &self.name),
            (Field::Street, &self.street),
            (Field::Extra, &self.extra),
            (Field::District, &self.district),
            (Field::City, &self.city),
            (Field::Region, &self.region),
            (Field::Postcode, &self.postcode),
            (Field::Country, &self.country),
        ]
    }
}

impl From<AddressFields> for domain::Address {
    fn from(fields: AddressFields) -> Self {
        let AddressFields { name, street, extra, district, city, region, postcode, country } =
            fields;
        Self { name, street, extra, district, city, region, postcode, country }
    }
}

/// Stores the delivery address.
#[server(prefix = "/api", endpoint = "checkout/address")]
pub async fn set_address(
    /// The address.
    #[server(flatten)]
    address: AddressFields,
) -> Result<(), ApiError> {
    use crate::{
        routes,
        server::{Redirect, respond, shop, visitor},
        text::FlashMessage,
    };
    let outcome = async {
        shop()?.checkout().set_address(&visitor()?, address.clone().into()).await?;
        Ok(Redirect::to(routes::CHECKOUT).at("step".to_owned()).with_flash(FlashMessage::Saved))
    };
    respond(outcome.await, &address.typed()).await
}

/// Shows the form of the chosen country, and keeps what was typed. Nothing is stored or checked.
#[server(prefix = "/api", endpoint = "checkout/country")]
pub async fn change_country(
    /// The address so far.
    #[server(flatten)]
    address: AddressFields,
) -> Result<(), ApiError> {
    use domain::Refusal;

    use crate::{
        routes,
        server::{Redirect, respond, visitor},
    };
    let outcome = async {
        if visitor()?.signed_in.is_none() {
            return Err(Refusal::SignInNeeded.into());
        }
        let step = Redirect::to(routes::checkout_step("address")).at("step".to_owned());
        Ok(step.keeping(&address.typed()))
    };
    respond(outcome.await, &[]).await
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
        text::FlashMessage,
    };
    let outcome = async {
        shop()?.checkout().set_shipping(&visitor()?, &shipping).await?;
        Ok(Redirect::to(routes::CHECKOUT).at("step".to_owned()).with_flash(FlashMessage::Saved))
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
        text::FlashMessage,
    };
    let outcome = async {
        shop()?.checkout().set_method(&visitor()?, &payment).await?;
        Ok(Redirect::to(routes::CHECKOUT).at("step".to_owned()).with_flash(FlashMessage::Saved))
    };
    respond(outcome.await, &[]).await
}

/// Places the order. What follows depends on its method: the code that confirms exactly this order,
/// the gateway's page, or nothing.
#[server(prefix = "/api", endpoint = "checkout/place")]
pub async fn place_order(
    /// The password, if wrong codes ended the confirmation before.
    #[server(default)]
    password: String,
) -> Result<(), ApiError> {
    use shop::Placed;

    use crate::{
        routes,
        server::{Redirect, respond, rotate, shop, visitor},
    };
    let outcome = async {
        let (shop, visitor) = (shop()?, visitor()?);
        let placed = if password.is_empty() {
            shop.checkout().place(&visitor).await?
        } else {
            let placed = shop.checkout().place_again(&visitor, password).await?;
            rotate().await?;
            placed
        };
        Ok(match placed {
            Placed::CodeSent => Redirect::to(routes::CHECKOUT_CONFIRM),
            Placed::AtGateway(page) => Redirect::to(page.as_str()),
            Placed::Done(order) => Redirect::to(routes::order(order)),
        })
    };
    respond(outcome.await, &[]).await
}

/// Sends the code of an order whose payment is authorised to this browser.
#[server(prefix = "/api", endpoint = "checkout/code")]
pub async fn send_order_code(
    /// The order, by its token.
    #[server(default)]
    order: String,
    /// The password, if wrong codes ended the confirmation before.
    #[server(default)]
    password: String,
) -> Result<(), ApiError> {
    use domain::{OrderToken, Refusal};

    use crate::{
        routes,
        server::{Redirect, respond, rotate, shop, visitor},
    };
    let outcome = async {
        let (shop, visitor) = (shop()?, visitor()?);
        let order = OrderToken::parse(&order).ok_or(Refusal::NotFound)?;
        if password.is_empty() {
            shop.checkout().request_code(&visitor, &order).await?;
        } else {
            shop.checkout().request_code_again(&visitor, &order, password).await?;
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
