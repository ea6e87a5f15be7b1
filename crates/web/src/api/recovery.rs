//! Recovery codes, and signing in with one to set a new phone.

use leptos::prelude::*;

use super::ApiError;

/// Begins to make recovery codes. Checks the password and sends a code to the phone.
#[server(prefix = "/api", endpoint = "account/recovery-codes/password")]
pub async fn begin_recovery_codes(
    /// The password.
    #[server(default)]
    password: String,
) -> Result<(), ApiError> {
    use crate::{routes, server};
    server::run_and_rotate(
        server::Redirect::to(routes::ACCOUNT_RECOVERY_CODES),
        async |shop, visitor| shop.account().begin_step_up(&visitor, password).await,
    )
    .await
}

/// Verifies the code sent to the phone.
#[server(prefix = "/api", endpoint = "account/recovery-codes/step-up")]
pub async fn confirm_recovery_codes(
    /// The typed code.
    #[server(default)]
    code: String,
) -> Result<(), ApiError> {
    use crate::{routes, server};
    server::run_and_rotate(
        server::Redirect::to(routes::ACCOUNT_RECOVERY_CODES),
        async |shop, visitor| shop.account().verify_step_up(&visitor, &code).await,
    )
    .await
}

/// Cancels the code that recovery codes wait for, which leads back to the password.
#[server(prefix = "/api", endpoint = "account/recovery-codes/start-again")]
pub async fn start_recovery_codes_again() -> Result<(), ApiError> {
    use crate::{routes, server};
    server::run_action(
        server::Redirect::to(routes::ACCOUNT_RECOVERY_CODES),
        &[],
        async |shop, visitor| shop.account().start_step_up_again(&visitor).await,
    )
    .await
}

/// Makes recovery codes, which the page then shows.
#[server(prefix = "/api", endpoint = "account/recovery-codes/make")]
pub async fn make_recovery_codes() -> Result<(), ApiError> {
    use crate::{routes, server};
    server::run_action(
        server::Redirect::to(routes::ACCOUNT_RECOVERY_CODES),
        &[],
        async |shop, visitor| shop.recovery_codes().make(&visitor).await,
    )
    .await
}

/// The owner has saved the recovery codes, which are not shown again.
#[server(prefix = "/api", endpoint = "account/recovery-codes/saved")]
pub async fn save_recovery_codes() -> Result<(), ApiError> {
    use crate::{routes, server, text::FlashMessage};
    server::run_action(
        server::Redirect::to(routes::ACCOUNT).with_flash(FlashMessage::RecoveryCodesSaved),
        &[],
        async |shop, visitor| shop.recovery_codes().mark_saved(&visitor).await,
    )
    .await
}

/// Asks this browser, whose sign-in waits for a code, for a recovery code instead.
#[server(prefix = "/api", endpoint = "login/recovery")]
pub async fn begin_recovery() -> Result<(), ApiError> {
    use crate::{routes, server};
    server::run_action(server::Redirect::to(routes::RECOVERY), &[], async |shop, visitor| {
        shop.lost_phone().begin(&visitor).await
    })
    .await
}

/// Verifies a recovery code. This browser may then set a new phone once.
#[server(prefix = "/api", endpoint = "login/recovery/verify")]
pub async fn verify_recovery_code(
    /// The typed code.
    #[server(default)]
    code: String,
) -> Result<(), ApiError> {
    use crate::{routes, server};
    server::run_and_rotate(server::Redirect::to(routes::RECOVERY_PHONE), async |shop, visitor| {
        shop.lost_phone().verify_code(&visitor, &code).await
    })
    .await
}

/// Uses the change of phone that the merchant started, whose wait is over, instead of a recovery
/// code.
#[server(prefix = "/api", endpoint = "login/recovery/assisted")]
pub async fn use_assisted_change() -> Result<(), ApiError> {
    use crate::{routes, server};
    server::run_and_rotate(server::Redirect::to(routes::RECOVERY_PHONE), async |shop, visitor| {
        shop.lost_phone().use_assisted(&visitor).await
    })
    .await
}

/// Sends a code to the new phone.
#[server(prefix = "/api", endpoint = "login/recovery/phone")]
pub async fn begin_new_phone(
    /// The new number.
    #[server(default)]
    phone: String,
) -> Result<(), ApiError> {
    use domain::Field;

    use crate::{routes, server};
    server::run_action(
        server::Redirect::to(routes::RECOVERY_PHONE),
        &[(Field::Phone, &phone)],
        async |shop, visitor| shop.lost_phone().begin_new_phone(&visitor, &phone).await,
    )
    .await
}

/// Verifies the code sent to the new phone, which becomes the phone of the account, and signs
/// its owner in.
#[server(prefix = "/api", endpoint = "login/recovery/phone/verify")]
pub async fn verify_new_phone(
    /// The typed code.
    #[server(default)]
    code: String,
) -> Result<(), ApiError> {
    use crate::{server, text::FlashMessage};
    server::run_and_log_in(FlashMessage::PhoneChanged, async |shop, visitor| {
        shop.lost_phone().verify_new_phone(&visitor, &code).await
    })
    .await
}

/// Cancels the code to the new phone, so that another number can be given.
#[server(prefix = "/api", endpoint = "login/recovery/start-again")]
pub async fn start_new_phone_again() -> Result<(), ApiError> {
    use crate::{routes, server};
    server::run_action(server::Redirect::to(routes::RECOVERY_PHONE), &[], async |shop, visitor| {
        shop.lost_phone().start_again(&visitor).await
    })
    .await
}
