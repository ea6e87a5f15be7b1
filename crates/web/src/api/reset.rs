//! Password reset.

use leptos::prelude::*;

use super::ApiError;

/// Begins a reset by e-mail address or phone number. The code page follows, whether or not there
/// is such an account.
#[server(prefix = "/api", endpoint = "reset")]
pub async fn begin_reset(
    /// E-mail address or phone number.
    #[server(default)]
    email: String,
    /// The page that follows the next sign-in, if it is a page of this shop.
    #[server(default)]
    next: String,
) -> Result<(), ApiError> {
    use domain::Field;

    use crate::{
        routes,
        server::{Redirect, remember_next, respond, rotate, shop, visitor},
    };
    let outcome = async {
        shop()?.reset().begin(&visitor()?, &email).await?;
        remember_next(&next).await?;
        rotate().await?;
        Ok(Redirect::to(routes::RESET_VERIFY))
    };
    respond(outcome.await, &[(Field::Email, &email)]).await
}

/// Verifies the code. This browser may then set a new password once.
#[server(prefix = "/api", endpoint = "reset/verify")]
pub async fn verify_reset(
    /// The typed code.
    #[server(default)]
    code: String,
) -> Result<(), ApiError> {
    use crate::{routes, server};
    server::run_and_rotate(server::Redirect::to(routes::RESET_PASSWORD), async |shop, visitor| {
        shop.reset().verify(&visitor, &code).await
    })
    .await
}

/// Sets the new password and signs every device of the account out.
#[server(prefix = "/api", endpoint = "reset/password")]
pub async fn set_password(
    /// The new password.
    #[server(default)]
    password: String,
) -> Result<(), ApiError> {
    use crate::{
        routes,
        server::{Redirect, log_out, respond, rotate, shop, visitor},
        text::FlashMessage,
    };
    let outcome = async {
        let visitor = visitor()?;
        shop()?.reset().set_password(&visitor, password).await?;
        // The cart of a guest and the page that follows the sign-in are kept.
        match visitor.signed_in {
            Some(_) => log_out().await?,
            None => rotate().await?,
        }
        Ok(Redirect::to(routes::LOGIN).with_flash(FlashMessage::PasswordSet))
    };
    respond(outcome.await, &[]).await
}
