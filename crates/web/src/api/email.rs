//! Confirming the e-mail address of an account.

use leptos::prelude::*;

use super::ApiError;

/// Sends a link to the address.
#[server(prefix = "/api", endpoint = "account/email/send")]
pub async fn send_email_confirmation() -> Result<(), ApiError> {
    use crate::{
        routes,
        server::{Redirect, run_action},
        text::FlashMessage,
    };
    run_action(
        Redirect::to(routes::ACCOUNT_EMAIL).with_flash(FlashMessage::EmailLinkSent),
        &[],
        async |shop, visitor| shop.emails().send_confirmation(&visitor).await,
    )
    .await
}

/// Confirms the address with the token of a link.
#[server(prefix = "/api", endpoint = "account/email/confirm")]
pub async fn confirm_email(
    /// The token.
    #[server(default)]
    token: String,
) -> Result<(), ApiError> {
    use crate::{
        routes,
        server::{Redirect, run_action},
        text::FlashMessage,
    };
    run_action(
        Redirect::to(routes::ACCOUNT).with_flash(FlashMessage::EmailConfirmed),
        &[],
        async |shop, visitor| shop.emails().confirm(&visitor, &token).await,
    )
    .await
}
