//! What a signed-in shopper can change: password, phone, sessions and devices.

use leptos::prelude::*;

use super::ApiError;

/// Sets a new password. It needs the current one.
#[server(prefix = "/api", endpoint = "account/password")]
pub async fn change_password(
    /// The current password.
    #[server(default)]
    current: String,
    /// The new password.
    #[server(default)]
    password: String,
) -> Result<(), ApiError> {
    use crate::{routes, server, text::FlashMessage};
    let section = server::Redirect::to(routes::ACCOUNT_SECURITY).at("password-section".to_owned());
    let page = section.with_flash(FlashMessage::PasswordChanged);
    server::run_and_rotate(page, async |shop, visitor| {
        shop.account().change_password(&visitor, current, password).await
    })
    .await
}

/// Begins a change of phone. Checks the password and sends a code to the current phone.
#[server(prefix = "/api", endpoint = "account/phone/password")]
pub async fn begin_step_up(
    /// The password.
    #[server(default)]
    password: String,
) -> Result<(), ApiError> {
    use crate::{routes, server};
    server::run_and_rotate(server::Redirect::to(routes::ACCOUNT_PHONE), async |shop, visitor| {
        shop.account().begin_step_up(&visitor, password).await
    })
    .await
}

/// Verifies the code sent to the current phone.
#[server(prefix = "/api", endpoint = "account/phone/step-up")]
pub async fn verify_step_up(
    /// The typed code.
    #[server(default)]
    code: String,
) -> Result<(), ApiError> {
    use crate::{routes, server};
    server::run_and_rotate(server::Redirect::to(routes::ACCOUNT_PHONE), async |shop, visitor| {
        shop.account().verify_step_up(&visitor, &code).await
    })
    .await
}

/// Sends a code to the new number.
#[server(prefix = "/api", endpoint = "account/phone/number")]
pub async fn begin_phone_change(
    /// The new number.
    #[server(default)]
    phone: String,
) -> Result<(), ApiError> {
    use domain::Field;

    use crate::{routes, server};
    server::run_action(
        server::Redirect::to(routes::ACCOUNT_PHONE),
        &[(Field::Phone, &phone)],
        async |shop, visitor| shop.account().begin_phone_change(&visitor, &phone).await,
    )
    .await
}

/// Verifies the code sent to the new phone, which becomes the phone of the account.
#[server(prefix = "/api", endpoint = "account/phone/verify")]
pub async fn verify_phone_change(
    /// The typed code.
    #[server(default)]
    code: String,
) -> Result<(), ApiError> {
    use crate::{routes, server, text::FlashMessage};
    let page = server::Redirect::to(routes::ACCOUNT).with_flash(FlashMessage::PhoneChanged);
    server::run_and_rotate(page, async |shop, visitor| {
        shop.account().verify_phone_change(&visitor, &code).await
    })
    .await
}

/// Cancels the code that a change of phone waits for, which leads back to the number or to the
/// password.
#[server(prefix = "/api", endpoint = "account/phone/start-again")]
pub async fn start_phone_change_again() -> Result<(), ApiError> {
    use crate::{routes, server};
    server::run_action(server::Redirect::to(routes::ACCOUNT_PHONE), &[], async |shop, visitor| {
        shop.account().start_phone_change_again(&visitor).await
    })
    .await
}

/// Ends one sign-in of the account.
#[server(prefix = "/api", endpoint = "account/sessions/end")]
pub async fn end_session(
    /// Its id.
    #[server(default)]
    id: String,
) -> Result<(), ApiError> {
    use domain::{Refusal, SignInId};

    use crate::{routes, server, text::FlashMessage};
    server::run_action(
        server::Redirect::to(routes::ACCOUNT_SECURITY)
            .at("sessions".to_owned())
            .with_flash(FlashMessage::SessionEnded),
        &[],
        async |shop, visitor| {
            let id = SignInId::parse(&id).ok_or(Refusal::NotFound)?;
            shop.sessions().end(&visitor, &id).await
        },
    )
    .await
}

/// Ends every sign-in of the account but this one.
#[server(prefix = "/api", endpoint = "account/sessions/end-others")]
pub async fn end_other_sessions() -> Result<(), ApiError> {
    use crate::{routes, server, text::FlashMessage};
    server::run_action(
        server::Redirect::to(routes::ACCOUNT_SECURITY)
            .at("sessions".to_owned())
            .with_flash(FlashMessage::OtherSessionsEnded),
        &[],
        async |shop, visitor| shop.sessions().end_others(&visitor).await,
    )
    .await
}

/// Revokes a trusted device.
#[server(prefix = "/api", endpoint = "account/devices/forget")]
pub async fn forget_device(
    /// Its id.
    #[server(default)]
    id: String,
) -> Result<(), ApiError> {
    use domain::{DeviceId, Refusal};

    use crate::{routes, server, text::FlashMessage};
    server::run_action(
        server::Redirect::to(routes::ACCOUNT_SECURITY)
            .at("devices".to_owned())
            .with_flash(FlashMessage::DeviceForgotten),
        &[],
        async |shop, visitor| {
            let id = DeviceId::parse(&id).ok_or(Refusal::NotFound)?;
            shop.devices().revoke(&visitor, &id).await
        },
    )
    .await
}
