//! Sends a code of any purpose again, or by text message.

use leptos::prelude::*;

use super::ApiError;

/// Sends the code of a purpose again. Responds with the seconds until the next resend.
#[server(prefix = "/api", endpoint = "codes/resend")]
pub async fn resend_code(
    /// The purpose, by its stored word.
    #[server(default)]
    purpose: String,
) -> Result<u32, ApiError> {
    use domain::{Purpose, Refusal};

    use crate::{
        server::{Redirect, respond, shop, visitor},
        text::FlashMessage,
    };
    let seconds = async {
        let purpose = Purpose::parse(&purpose).ok_or(Refusal::NoChallenge)?;
        let (shop, visitor) = (shop()?, visitor()?);
        shop.codes().resend(&visitor, purpose).await?;
        let view = shop.codes().status(&visitor, purpose).await?;
        Ok(view.map_or(0, |view| view.resend_in_seconds))
    };
    let seconds = seconds.await;
    let wait = seconds.as_ref().copied().unwrap_or(0);
    respond(seconds.map(|_| Redirect::stay().with_flash(FlashMessage::CodeSentAgain)), &[]).await?;
    Ok(wait)
}

/// Sends the code of a purpose by text message, if the shop offers that.
#[server(prefix = "/api", endpoint = "codes/sms")]
pub async fn send_code_by_sms(
    /// The purpose, by its stored word.
    #[server(default)]
    purpose: String,
) -> Result<(), ApiError> {
    use domain::{Purpose, Refusal};

    use crate::{
        server::{Redirect, run_action},
        text::FlashMessage,
    };
    run_action(
        Redirect::stay().with_flash(FlashMessage::CodeSentBySms),
        &[],
        async |shop, visitor| {
            let purpose = Purpose::parse(&purpose).ok_or(Refusal::NoChallenge)?;
            shop.codes().send_by_sms(&visitor, purpose).await
        },
    )
    .await
}
