//! Authentication: makes a [`Visitor`] of cookies and connection. It has the browser's
//! secret, the client's address, and the account if the session has a live sign-in.
//!
//! A browser gets its secret with the page of a form that asks for a code, or else with the
//! first form that it sends. The request that sends such a form must have it: a browser that
//! refuses cookies could answer no code.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use domain::{Language, SignInId};
use shop::{BrowserSecret, ClientAddress, SignedIn, Visitor, audit::Event};
use std::net::{IpAddr, Ipv4Addr};
use text::message;
use tower_sessions::Session;
use web::{
    routes,
    server::{self, RequestTrace},
};

use super::{client_ip::ClientIp, refuse};
use crate::AppState;

/// How many characters of a user agent are kept.
const MAX_USER_AGENT_CHARS: usize = 200;

/// Adds the visitor to the request, and sets the secret in browsers that need one.
pub async fn authenticate(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match authenticate_visitor(&state, request).await {
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

async fn authenticate_visitor(
    state: &AppState,
    request: Request,
) -> Result<(Request, Option<HeaderValue>), Response> {
    let (mut parts, body) = request.into_parts();
    let cookies = state.site.cookies();
    let known = server::cookie(&parts, cookies.browser()).and_then(BrowserSecret::parse);
    let needs_secret = !parts.method.is_safe() || routes::FIRST_FORMS.contains(&parts.uri.path());
    let trace = parts.extensions.get::<RequestTrace>().cloned();
    let language = requested_language(&parts.headers);
    let fail = |error: shop::Error| {
        if let (Some(trace), shop::Error::Failed(fault)) = (&trace, &error) {
            trace.note(fault);
        }
        refuse(
            StatusCode::SERVICE_UNAVAILABLE,
            message!(state.text(language), "outside-unavailable"),
        )
    };
    let (browser, cookie) = match known {
        Some(secret) => (secret, None),
        None => {
            let secret = BrowserSecret::offered(state.entropy.bits().map_err(&fail)?);
            let line = cookies.set_browser(&secret);
            (secret, HeaderValue::from_str(&line).ok().filter(|_| needs_secret))
        }
    };
    let signed_in = match parts.extensions.get::<Session>() {
        Some(session) => resume(state, session).await.map_err(&fail)?,
        None => None,
    };
    let address = parts.extensions.get::<ClientIp>().map_or(Ipv4Addr::UNSPECIFIED.into(), |c| c.0);
    let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    parts.extensions.insert(Visitor {
        browser,
        address: ClientAddress::of(IpAddr::to_canonical(&address)),
        user_agent: agent.unwrap_or("").chars().take(MAX_USER_AGENT_CHARS).collect(),
        language: (state.page_language)(language).of_messages(),
        signed_in,
    });
    Ok((Request::from_parts(parts, body), cookie))
}

/// The account of the session. A sign-in that ended is removed from the session.
async fn resume(state: &AppState, session: &Session) -> shop::Result<Option<SignedIn>> {
    if session.id().is_none() {
        return Ok(None);
    }
    let id = session.get::<SignInId>(server::SIGN_IN).await.map_err(server::session_fault)?;
    let Some(id) = id else { return Ok(None) };
    let signed_in = state.shop.sessions().resume(&id).await?;
    if signed_in.is_none() {
        state.shop.audit().note(Event::SessionUsedAfterEnd, None, "");
        session.remove_value(server::SIGN_IN).await.map_err(server::session_fault)?;
    }
    Ok(signed_in)
}

/// The language for messages: the first of `Accept-Language` that there are
/// templates for, by weight (RFC 9110, 12.5.4); English if there is none.
pub fn requested_language(headers: &HeaderMap) -> Language {
    /// How many language ranges are read; no browser sends as many.
    const MAX_LANGUAGE_RANGES: usize = 20;
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let mut best = (Language::default(), 0);
    for item in accepted.unwrap_or("").split(',').take(MAX_LANGUAGE_RANGES) {
        let (tag, weight) = item.split_once(';').unwrap_or((item, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
        // In thousandths, the precision of the standard. A weight that is no number is zero.
        let weight = weight.map_or(0, |weight| (weight.clamp(0.0, 1.0) * 1000.0) as u32);
        if let Some(language) = Language::lookup(tag.trim())
            && weight > best.1
        {
            best = (language, weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(accepted: &str) -> &'static str {
        let headers = [(header::ACCEPT_LANGUAGE, accepted.parse().unwrap())];
        requested_language(&headers.into_iter().collect()).as_str()
    }

    #[test]
    fn the_first_accepted_language_with_templates_is_chosen() {
        assert_eq!(heard("de-AT,de;q=0.9,en;q=0.8"), "de");
        assert_eq!(heard("nl-NL,nl;q=0.9,fr;q=0.7,en;q=0.6"), "fr");
        assert_eq!(heard("en;q=0.5, pt-PT;q=0.8"), "pt_BR");
        assert_eq!(heard("es-419"), "es");
        assert_eq!(heard("nl"), "en");
        assert_eq!(heard("*"), "en");
        assert_eq!(heard(""), "en");
        assert_eq!(heard("de;q=0, fr;q=NaN, id;q=2"), "id");
        assert_eq!(requested_language(&HeaderMap::new()), Language::English);
    }
}
