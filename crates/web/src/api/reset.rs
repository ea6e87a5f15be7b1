//! Password reset.

use leptos::prelude::*;

use super::ApiError;

/// Takes an e-mail address or a phone number. The code page follows, whether or not there is
/// such an account.
#[server(prefix = "/api", endpoint = "reset")]
pub async fn begin_reset(
    /// E-mail address or phone number.
    #[server(default)]
    email: String,
    /// Where to go after signing in with it, if it is a page of this shop.
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

/// Takes the code; this browser may then set a new password, once.
#[server(prefix = "/api", endpoint = "reset/verify")]
pub async fn verify_reset(
    /// What was typed as the code.
    #[server(default)]
    code: String,
) -> Result<(), ApiError> {
    use crate::{
        routes,
        server::{Redirect, respond, rotate, shop, visitor},
    };
    let outcome = async {
        shop()?.reset().verify(&visitor()?, &code).await?;
        rotate().await?;
        Ok(Redirect::to(routes::RESET_PASSWORD))
    };
    respond(outcome.await, &[]).await
}

/// Takes the new password; every device of the account is signed out.
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
        // A guest's basket stays, and the page that a sign-in was needed for.
        match visitor.signed_in {
            Some(_) => log_out().await?,
            None => rotate().await?,
        }
        Ok(Redirect::to(routes::LOGIN).with_flash(FlashMessage::PasswordSet))
    };
    respond(outcome.await, &[]).await
}
