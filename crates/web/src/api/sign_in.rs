//! Signing in and out.

use leptos::prelude::*;

use super::ApiError;

/// Takes e-mail address and password. Whatever was typed, the code comes next,
/// unless this is a trusted device.
#[server(prefix = "/api", endpoint = "login")]
pub async fn sign_in(
    /// The account's address.
    #[server(default)]
    email: String,
    /// The password.
    #[server(default)]
    password: String,
    /// Where to go afterwards, if it is a page of this shop.
    #[server(default)]
    next: String,
) -> Result<(), ApiError> {
    use domain::Field;
    use shop::sign_in::SignInStep;

    use crate::server::{
        Go, device_token, let_in, remember_next, rotate, settle, shop, trust_device, visitor,
    };
    let outcome = async {
        let token = device_token()?;
        let (shop, visitor) = (shop()?, visitor()?);
        let step = shop.sign_in().begin(&visitor, &email, password, token.as_deref()).await?;
        remember_next(&next).await?;
        match step {
            SignInStep::CodeNeeded => {
                rotate().await?;
                Ok(Go::to("/login/verify"))
            }
            SignInStep::SignedIn { sign_in, device_token } => {
                trust_device(&device_token)?;
                let_in(&sign_in).await
            }
        }
    };
    settle(outcome.await, &[(Field::Email, &email)]).await
}

/// Takes the code of a sign-in.
#[server(prefix = "/api", endpoint = "login/verify")]
pub async fn verify_sign_in(
    /// What was typed as the code.
    #[server(default)]
    code: String,
    /// `yes` if this device need not be asked for codes for a while.
    #[server(default)]
    trust: String,
) -> Result<(), ApiError> {
    use crate::server::{let_in, settle, shop, trust_device, visitor};
    let outcome = async {
        let done = shop()?.sign_in().verify(&visitor()?, &code, trust == "yes").await?;
        if let Some(token) = &done.device_token {
            trust_device(token)?;
        }
        let_in(&done.sign_in).await
    };
    settle(outcome.await, &[]).await
}

/// Ends the sign-in of this browser.
#[server(prefix = "/api", endpoint = "logout")]
pub async fn sign_out() -> Result<(), ApiError> {
    use crate::{
        server::{Go, let_out, settle, shop, visitor},
        text::News,
    };
    let outcome = async {
        shop()?.sessions().sign_out(&visitor()?).await?;
        let_out().await?;
        Ok(Go::to("/login").saying(News::SignedOut))
    };
    settle(outcome.await, &[]).await
}
