//! Registration.

use leptos::prelude::*;

use super::ApiError;

/// Begins a registration and sends a code, which proves the phone.
#[server(prefix = "/api", endpoint = "register")]
pub async fn register(
    /// The name.
    #[server(default)]
    name: String,
    /// The e-mail address.
    #[server(default)]
    email: String,
    /// The phone that codes are sent to.
    #[server(default)]
    phone: String,
    /// The password.
    #[server(default)]
    password: String,
    /// The page that follows, if it is a page of this shop.
    #[server(default)]
    next: String,
) -> Result<(), ApiError> {
    use domain::Field;
    use shop::registration::RegistrationForm;

    use crate::{
        routes,
        server::{Redirect, remember_next, respond, rotate, shop, visitor},
    };
    let typed =
        [(Field::Name, name.clone()), (Field::Email, email.clone()), (Field::Phone, phone.clone())];
    let outcome = async {
        let form = RegistrationForm { name, email, phone, password };
        shop()?.registration().begin(&visitor()?, form).await?;
        remember_next(&next).await?;
        rotate().await?;
        Ok(Redirect::to(routes::REGISTER_VERIFY))
    };
    let outcome = outcome.await;
    respond(outcome, &typed.each_ref().map(|(field, text)| (*field, text.as_str()))).await
}

/// Verifies the code, creates the account and signs its owner in.
#[server(prefix = "/api", endpoint = "register/verify")]
pub async fn verify_registration(
    /// The typed code.
    #[server(default)]
    code: String,
) -> Result<(), ApiError> {
    use crate::{server, text::FlashMessage};
    server::run_and_log_in(FlashMessage::Welcome, async |shop, visitor| {
        shop.registration().verify(&visitor, &code).await
    })
    .await
}
