//! What signing in and out does to the session and the cookies.
//!
//! The session gets a new id at the password, at the code and at every step-up, so that an
//! id that was known before is useless afterwards.

use domain::{Secret, SignInId};
use http::header;
use shop::{Error, Shop, Visitor, devices::DEVICE_TRUST_TTL};

use super::{
    CART, Redirect, SIGN_IN, add_header, cookie, cookies, guest_cart, local, reference, request,
    respond, run_action, session, session_fault, shop, visitor,
};
use crate::{api::ApiError, routes, text::FlashMessage};

/// The key of the page that follows the sign-in, in the session.
const NEXT: &str = "next";

/// Gives the session a new id and keeps its content. A session without an id gets its first
/// one when it is stored.
pub async fn rotate() -> shop::Result<()> {
    let session = session()?;
    if session.id().is_none() {
        return Ok(());
    }
    session.cycle_id().await.map_err(session_fault)
}

/// Runs a use case for the visitor, as [`run_action`] does, after which this browser may do something
/// that it might not do before. So the session gets a new id.
pub async fn run_and_rotate(
    redirect: Redirect,
    action: impl AsyncFnOnce(Shop, Visitor) -> shop::Result<()>,
) -> Result<(), ApiError> {
    run_action(redirect, &[], async |shop, visitor| {
        action(shop, visitor).await?;
        rotate().await
    })
    .await
}

/// Runs a use case that signs this browser in, and leads to the page that the visitor asked for.
pub async fn run_and_log_in(
    flash: FlashMessage,
    action: impl AsyncFnOnce(Shop, Visitor) -> shop::Result<SignInId>,
) -> Result<(), ApiError> {
    let outcome = async {
        let sign_in = action(shop()?, visitor()?).await?;
        Ok(log_in(&sign_in).await?.with_flash(flash))
    };
    respond(outcome.await, &[]).await
}

/// Stores the page that the visitor asked for before signing in.
pub async fn remember_next(next: &str) -> shop::Result<()> {
    match local(next) {
        Some(next) => session()?.insert(NEXT, next).await.map_err(session_fault),
        None => Ok(()),
    }
}

/// Signs this browser in: the session gets a new id and the sign-in, and the guest's cart is
/// merged into the account's. An earlier sign-in of the session ends.
pub async fn log_in(sign_in: &SignInId) -> shop::Result<Redirect> {
    // Read before the rotation, after which the session has no id and so seems to be empty.
    let guest = guest_cart().await?;
    rotate().await?;
    let session = session()?;
    session.insert(SIGN_IN, sign_in).await.map_err(session_fault)?;
    // The browser keeps its secret for as long as it is known to have signed in.
    add_header(header::SET_COOKIE, &cookies()?.set_browser(&visitor()?.browser));
    // The code is consumed, so the sign-in must succeed: what fails from here on is only logged.
    let earlier = visitor()?.signed_in.map(|signed_in| signed_in.id);
    if earlier.is_some_and(|earlier| earlier != *sign_in) {
        logged(shop()?.sessions().sign_out(&visitor()?).await);
    }
    let signed_in = logged(shop()?.sessions().resume(sign_in).await).flatten();
    let visitor = Visitor { signed_in, ..visitor()? };
    if let Some(cart) = guest
        && logged(shop()?.carts().merge(&visitor, &cart).await).is_some()
    {
        session.remove_value(CART).await.map_err(session_fault)?;
    }
    let next = session.remove::<String>(NEXT).await.map_err(session_fault)?;
    let redirect = Redirect::to(next.as_deref().and_then(local).unwrap_or(routes::ACCOUNT));
    Ok(match logged(shop()?.recovery_codes().are_offered(&visitor).await) {
        Some(true) => redirect.with_flash(FlashMessage::RecoveryCodesOffered),
        Some(false) | None => redirect.with_flash(FlashMessage::SignedIn),
    })
}

/// What a use case returned; `None` if it refused or failed. A fault is logged.
fn logged<T>(outcome: shop::Result<T>) -> Option<T> {
    match outcome {
        Ok(value) => Some(value),
        Err(Error::Refused(_)) => None,
        Err(Error::Failed(fault)) => {
            reference(&fault);
            None
        }
    }
}

/// Signs this browser out: its session is emptied. A trusted device stays trusted until the
/// account removes it.
pub async fn log_out() -> shop::Result<()> {
    session()?.clear().await;
    rotate().await?;
    add_header(header::HeaderName::from_static("clear-site-data"), "\"cache\"");
    Ok(())
}

/// The token of a trusted device, if this browser has one.
pub fn device_token() -> shop::Result<Option<String>> {
    let name = cookies()?.device();
    Ok(cookie(&request()?, name).map(str::to_owned))
}

/// Sets the cookie of a trusted device, for as long as its row is valid.
pub fn trust_device(token: &Secret<String>) -> shop::Result<()> {
    let cookies = cookies()?;
    let line = cookies.set(cookies.device(), token.expose(), DEVICE_TRUST_TTL.as_secs());
    add_header(header::SET_COOKIE, &line);
    Ok(())
}
