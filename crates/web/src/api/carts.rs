//! Adds, changes and removes lines of the cart.

use leptos::prelude::*;

use super::ApiError;

/// Adds pieces of a variant to the visitor's cart.
#[server(prefix = "/api", endpoint = "cart/add")]
pub async fn add_to_cart(
    /// The variant, by its id.
    #[server(default)]
    variant: String,
    /// The number of pieces.
    #[server(default)]
    quantity: String,
) -> Result<(), ApiError> {
    use domain::{Field, Problem, Quantity, VariantId};

    use crate::{
        routes,
        server::{Redirect, guest_cart, respond, shop, store_guest_cart, visitor},
        text::FlashMessage,
    };
    let outcome = async {
        let visitor = visitor()?;
        let variant = VariantId::parse(&variant).ok_or(Problem::Choice(Field::Variant))?;
        let pieces = Quantity::parse(&quantity).ok_or(Problem::Line(Field::Quantity))?;
        let known = guest_cart().await?;
        let cart = shop()?.carts().add(&visitor, known.as_ref(), &variant, pieces).await?;
        if visitor.signed_in.is_none() && known.as_ref() != Some(&cart) {
            store_guest_cart(&cart).await?;
        }
        Ok(Redirect::to(routes::CART)
            .at(format!("line-{variant}"))
            .with_flash(FlashMessage::AddedToCart))
    };
    respond(outcome.await, &[(Field::Quantity, &quantity)]).await
}

/// Sets the quantity of a variant in the cart.
#[server(prefix = "/api", endpoint = "cart/quantity")]
pub async fn set_cart_quantity(
    /// The variant, by its id.
    #[server(default)]
    variant: String,
    /// The number of pieces.
    #[server(default)]
    quantity: String,
) -> Result<(), ApiError> {
    use domain::{Field, Problem, Quantity, VariantId};

    use crate::{
        routes,
        server::{Redirect, guest_cart, respond, shop, visitor},
        text::FlashMessage,
    };
    let outcome = async {
        let variant = VariantId::parse(&variant).ok_or(Problem::Choice(Field::Variant))?;
        let pieces = Quantity::parse(&quantity).ok_or(Problem::Line(Field::Quantity))?;
        let cart = guest_cart().await?;
        shop()?.carts().set_quantity(&visitor()?, cart.as_ref(), &variant, pieces).await?;
        Ok(Redirect::to(routes::CART)
            .at(format!("line-{variant}"))
            .with_flash(FlashMessage::CartChanged))
    };
    respond(outcome.await, &[]).await
}

/// Removes a variant from the cart.
#[server(prefix = "/api", endpoint = "cart/remove")]
pub async fn remove_from_cart(
    /// The variant, by its id.
    #[server(default)]
    variant: String,
) -> Result<(), ApiError> {
    use domain::{Field, Problem, VariantId};

    use crate::{
        routes,
        server::{Redirect, guest_cart, respond, shop, visitor},
        text::FlashMessage,
    };
    let outcome = async {
        let variant = VariantId::parse(&variant).ok_or(Problem::Choice(Field::Variant))?;
        let cart = guest_cart().await?;
        shop()?.carts().remove(&visitor()?, cart.as_ref(), &variant).await?;
        Ok(Redirect::to(routes::CART).at("cart".to_owned()).with_flash(FlashMessage::LineRemoved))
    };
    respond(outcome.await, &[]).await
}
