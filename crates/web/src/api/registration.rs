//! Opening an account.

use leptos::prelude::*;

use super::ApiError;

/// Takes name, e-mail address, phone and password; a code proves the phone.
#[server(prefix = "/api", endpoint = "register")]
pub async fn register(
    /// What to call the person.
    #[server(default)]
    name: String,
    /// What to sign in with.
    #[server(default)]
    email: String,
    /// Where codes go.
    #[server(default)]
    phone: String,
    /// The password.
    #[server(default)]
    password: String,
    /// Where to go afterwards, if it is a page of this shop.
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

/// Takes the code; the account opens and its owner is signed in.
#[server(prefix = "/api", endpoint = "register/verify")]
pub async fn verify_registration(
    /// What was typed as the code.
    #[server(default)]
    code: String,
) -> Result<(), ApiError> {
    use crate::{
        server::{log_in, respond, shop, visitor},
        text::FlashMessage,
    };
    let outcome = async {
        let sign_in = shop()?.registration().verify(&visitor()?, &code).await?;
        Ok(log_in(&sign_in).await?.with_flash(FlashMessage::Welcome))
    };
    respond(outcome.await, &[]).await
}
