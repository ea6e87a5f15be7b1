//! Signing in and out.

use leptos::prelude::*;

use super::ApiError;

/// Checks e-mail address and password. If they match, the code follows, unless this is a trusted
/// device.
#[server(prefix = "/api", endpoint = "login")]
pub async fn sign_in(
    /// The e-mail address.
    #[server(default)]
    email: String,
    /// The password.
    #[server(default)]
    password: String,
    /// The page that follows, if it is a page of this shop.
    #[server(default)]
    next: String,
) -> Result<(), ApiError> {
    use domain::Field;
    use shop::sign_in::SignInStep;

    use crate::{
        routes,
        server::{
            Redirect, device_token, log_in, remember_next, respond, rotate, shop, trust_device,
            visitor,
        },
    };
    let outcome = async {
        let token = device_token()?;
        let (shop, visitor) = (shop()?, visitor()?);
        let step = shop.sign_in().begin(&visitor, &email, password, token.as_deref()).await?;
        remember_next(&next).await?;
        match step {
            SignInStep::CodeNeeded => {
                rotate().await?;
                Ok(Redirect::to(routes::LOGIN_VERIFY))
            }
            SignInStep::SignedIn { sign_in, device_token } => {
                trust_device(&device_token)?;
                log_in(&sign_in).await
            }
        }
    };
    respond(outcome.await, &[(Field::Email, &email)]).await
}

/// Verifies the code of a sign-in.
#[server(prefix = "/api", endpoint = "login/verify")]
pub async fn verify_sign_in(
    /// The typed code.
    #[server(default)]
    code: String,
    /// `yes` if this device needs no codes for a while.
    #[server(default)]
    trust: String,
) -> Result<(), ApiError> {
    use crate::server::{log_in, respond, shop, trust_device, visitor};
    let outcome = async {
        let done = shop()?.sign_in().verify(&visitor()?, &code, trust == "yes").await?;
        if let Some(token) = &done.device_token {
            trust_device(token)?;
        }
        log_in(&done.sign_in).await
    };
    respond(outcome.await, &[]).await
}

/// Ends the sign-in of this browser.
#[server(prefix = "/api", endpoint = "logout")]
pub async fn sign_out() -> Result<(), ApiError> {
    use crate::{
        routes,
        server::{Redirect, log_out, respond, shop, visitor},
        text::FlashMessage,
    };
    let outcome = async {
        shop()?.sessions().sign_out(&visitor()?).await?;
        log_out().await?;
        Ok(Redirect::to(routes::LOGIN).with_flash(FlashMessage::SignedOut))
    };
    respond(outcome.await, &[]).await
}
