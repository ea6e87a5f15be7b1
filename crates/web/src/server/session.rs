//! In and out: what a sign-in does to the browser's session and cookies.
//!
//! The session gets a new id at the password, at the code and at every step-up,
//! so that an id known before is worth nothing after.

use crate::routes;
use domain::{CartId, Secret, SignInId};
use http::header;
use shop::{Error, Visitor, devices::DEVICE_TRUST_TTL};

use super::{
    CART, Redirect, SIGN_IN, add_header, cookie, cookies, guest_cart, local, reference, request,
    session, session_fault, shop, visitor,
};

/// Where to go after signing in.
const NEXT: &str = "next";

/// Gives the session a new id; what is in it stays. One without an id gets its first
/// when it is kept.
pub async fn rotate() -> shop::Result<()> {
    let session = session()?;
    if session.id().is_none() {
        return Ok(());
    }
    session.cycle_id().await.map_err(session_fault)
}

/// Remembers where somebody wanted to go before being asked to sign in.
pub async fn remember_next(next: &str) -> shop::Result<()> {
    match local(next) {
        Some(next) => session()?.insert(NEXT, next).await.map_err(session_fault),
        None => Ok(()),
    }
}

/// Lets somebody in: a new id, the sign-in in the session, the guest's basket
/// joined with the account's. A sign-in that this one takes the place of ends.
pub async fn log_in(sign_in: &SignInId) -> shop::Result<Redirect> {
    // Before the rotation: a session without an id looks like one without a basket.
    let guest = guest_cart().await?;
    rotate().await?;
    let session = session()?;
    session.insert(SIGN_IN, sign_in).await.map_err(session_fault)?;
    // The code is spent: neither an older sign-in that cannot be ended nor a basket that
    // cannot be joined must lock anybody out.
    if let Err(Error::Failed(fault)) = shop()?.sessions().sign_out(&visitor()?).await {
        reference(&fault);
    }
    if let Some(cart) = guest {
        match adopt(sign_in, &cart).await {
            Ok(()) => drop(session.remove_value(CART).await.map_err(session_fault)?),
            Err(Error::Refused(_)) => {}
            Err(Error::Failed(fault)) => drop(reference(&fault)),
        }
    }
    let next = session.remove::<String>(NEXT).await.map_err(session_fault)?;
    Ok(Redirect::to(next.as_deref().and_then(local).unwrap_or(routes::ACCOUNT)))
}

async fn adopt(sign_in: &SignInId, cart: &CartId) -> shop::Result<()> {
    let shop = shop()?;
    let signed_in = shop.sessions().resume(sign_in).await?;
    shop.carts().adopt(&Visitor { signed_in, ..visitor()? }, cart).await
}

/// Lets somebody out: the session is forgotten here and in the browser. A
/// trusted device stays trusted; that is ended in the account.
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

/// Gives this browser the token of a trusted device, for as long as its row is good.
pub fn trust_device(token: &Secret<String>) -> shop::Result<()> {
    let cookies = cookies()?;
    let line = cookies.set(cookies.device(), token.expose(), DEVICE_TRUST_TTL.as_secs());
    add_header(header::SET_COOKIE, &line);
    Ok(())
}
