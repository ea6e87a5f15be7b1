//! From cookies to a [`Visitor`]: the browser's secret, the client's address,
//! and the account if a living sign-in stands behind the session.
//!
//! A browser gets its secret with the first form it sends. What it only looked at
//! before began nothing that a secret could be the proof of.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use domain::SignInId;
use shop::{BrowserSecret, ClientAddress, SignedIn, Visitor};
use std::net::{IpAddr, Ipv4Addr};
use tower_sessions::Session;
use web::server::{self, RequestTrace};

use super::{client::Client, refuse};
use crate::Front;

/// How long a browser keeps its secret: longer than any code lives.
const BROWSER_SECONDS: u64 = 24 * 60 * 60;
/// The most of a user agent that is kept.
const LONGEST_AGENT: usize = 200;

/// Puts the visitor into the request, and a secret into browsers that need one.
pub async fn visitor(State(front): State<Front>, request: Request, next: Next) -> Response {
    match recognise(&front, request).await {
        Ok((request, cookie)) => {
            let mut response = next.run(request).await;
            if let Some(cookie) = cookie {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(response) => response,
    }
}

async fn recognise(
    front: &Front,
    request: Request,
) -> Result<(Request, Option<HeaderValue>), Response> {
    let (mut parts, body) = request.into_parts();
    let cookies = front.site.cookies();
    let known = server::cookie(&parts, cookies.browser()).and_then(BrowserSecret::parse);
    let is_change = !parts.method.is_safe();
    let trace = parts.extensions.get::<RequestTrace>().cloned();
    let fail = |error: shop::Error| {
        if let (Some(trace), shop::Error::Failed(fault)) = (&trace, &error) {
            trace.note(fault);
        }
        refuse(StatusCode::SERVICE_UNAVAILABLE, "The shop cannot answer just now.")
    };
    let (browser, cookie) = match known {
        Some(secret) => (secret, None),
        None => {
            let secret = BrowserSecret::from_bits(front.entropy.bits().map_err(&fail)?);
            let line = cookies.set(cookies.browser(), secret.expose(), BROWSER_SECONDS);
            (secret, HeaderValue::from_str(&line).ok().filter(|_| is_change))
        }
    };
    let signed_in = match parts.extensions.get::<Session>() {
        Some(session) => resume(front, session).await.map_err(&fail)?,
        None => None,
    };
    let address = parts.extensions.get::<Client>().map_or(Ipv4Addr::UNSPECIFIED.into(), |c| c.0);
    let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    parts.extensions.insert(Visitor {
        browser,
        address: ClientAddress::of(IpAddr::to_canonical(&address)),
        user_agent: agent.unwrap_or("").chars().take(LONGEST_AGENT).collect(),
        language: domain::Language::default(),
        signed_in,
    });
    Ok((Request::from_parts(parts, body), cookie))
}

/// The account behind the session; a sign-in that ended is forgotten.
async fn resume(front: &Front, session: &Session) -> shop::Result<Option<SignedIn>> {
    if session.id().is_none() {
        return Ok(None);
    }
    let id = session.get::<SignInId>(server::SIGN_IN).await.map_err(server::session_fault)?;
    let Some(id) = id else { return Ok(None) };
    let signed_in = front.shop.sessions().resume(&id).await?;
    if signed_in.is_none() {
        session.remove_value(server::SIGN_IN).await.map_err(server::session_fault)?;
    }
    Ok(signed_in)
}
