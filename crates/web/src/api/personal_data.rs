//! The data of the account: a copy of it, and the deletion of the account.

use leptos::prelude::*;

use super::ApiError;

/// Lets this sign-in download a copy of the account's data, if the password is right.
#[server(prefix = "/api", endpoint = "account/data/export")]
pub async fn permit_data_export(
    /// The password.
    #[server(default)]
    password: String,
) -> Result<(), ApiError> {
    use crate::{
        routes,
        server::{Redirect, run_action},
    };
    let redirect = Redirect::to(routes::ACCOUNT_DATA).at("copy".to_owned());
    run_action(redirect, &[], async |shop, visitor| {
        shop.personal_data().permit_export(&visitor, password).await
    })
    .await
}

/// Deletes the account, if the password is right.
#[server(prefix = "/api", endpoint = "account/delete")]
pub async fn delete_account(
    /// The password.
    #[server(default)]
    password: String,
) -> Result<(), ApiError> {
    use crate::{
        routes,
        server::{Redirect, log_out, run_action},
        text::FlashMessage,
    };
    let redirect = Redirect::to(routes::LOGIN).with_flash(FlashMessage::AccountDeleted);
    run_action(redirect, &[], async |shop, visitor| {
        shop.personal_data().delete_account(&visitor, password).await?;
        log_out().await
    })
    .await
}
