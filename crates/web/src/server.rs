//! The server's half of a call: who asks, and how the answer travels.
//!
//! A plain form gets a redirect, and what there is to say waits in the session
//! for the next page. An island gets a status, a `Location` and words.

use std::{
    collections::HashMap,
    error::Error as _,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{CartId, Field, Refusal};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use serde::{Deserialize, Serialize};
use shop::{Error, Fault, Shop, Visitor};
use tower_sessions::Session;

use crate::{
    api::{ApiError, ApiErrorKind},
    text::{self, News},
};

/// What waits in the session for the next page. Never a password or a code.
const FLASH: &str = "flash";
/// The sign-in behind the session.
pub const SIGN_IN: &str = "sign_in";
/// A guest's basket.
const CART: &str = "cart";

/// The id of the request, which the visitor sees when something broke, and the
/// faults met while answering it; the trace layer logs each once.
#[derive(Clone, Debug)]
pub struct RequestTrace {
    /// The reference.
    pub id: Arc<str>,
    faults: Arc<Mutex<Vec<String>>>,
    refusals: Arc<Mutex<Vec<String>>>,
}

impl RequestTrace {
    /// The trace of a new request.
    pub fn new(id: &str) -> Self {
        Self { id: id.into(), faults: Arc::default(), refusals: Arc::default() }
    }

    /// Counts a refusal by its kind.
    pub fn note_refusal(&self, refusal: &Refusal) {
        let words = format!("{refusal:?}");
        let kind = words.split([' ', '(']).next().unwrap_or_default().to_owned();
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).push(kind);
    }

    /// The kinds of refusals noted so far; empties the list.
    pub fn take_refusals(&self) -> Vec<String> {
        std::mem::take(&mut *self.refusals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes a fault and everything that caused it.
    pub fn note(&self, fault: &Fault) {
        let mut line = fault.to_string();
        let mut cause = fault.source();
        while let Some(error) = cause {
            line = format!("{line}: {error}");
            cause = error.source();
        }
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// The faults noted so far; empties the list.
    pub fn take_faults(&self) -> Vec<String> {
        std::mem::take(&mut *self.faults.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The names of the shop's cookies. `__Host-` ties a cookie to this very host,
/// but browsers take it over https only, so plain http has a development name.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    /// The public address is https.
    pub is_secure: bool,
}

impl Cookies {
    /// The session.
    pub const fn session(self) -> &'static str {
        if self.is_secure { "__Host-marigold" } else { "marigold" }
    }

    /// The browser's secret.
    pub const fn browser(self) -> &'static str {
        if self.is_secure { "__Host-marigold-browser" } else { "marigold-browser" }
    }

    /// The trusted device.
    pub const fn device(self) -> &'static str {
        if self.is_secure { "__Host-marigold-device" } else { "marigold-device" }
    }

    /// The value of a `Set-Cookie` header; zero seconds take the cookie away.
    pub fn set(self, name: &str, value: &str, seconds: u64) -> String {
        let secure = if self.is_secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
    }
}

/// The value of a cookie in a request.
pub fn cookie<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    parts
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The shop.
pub fn shop() -> shop::Result<Shop> {
    use_context().ok_or_else(|| Fault::Broken("no shop in context").into())
}

/// The request, without its body.
pub fn request() -> shop::Result<Parts> {
    use_context().ok_or_else(|| Fault::Broken("no request in context").into())
}

/// The names of the cookies.
pub fn cookies() -> shop::Result<Cookies> {
    use_context().ok_or_else(|| Fault::Broken("no cookie names in context").into())
}

/// Who asks.
pub fn visitor() -> shop::Result<Visitor> {
    let visitor = request()?.extensions.get::<Visitor>().cloned();
    visitor.ok_or_else(|| Fault::Broken("no visitor in the request").into())
}

/// The browser's session.
pub fn session() -> shop::Result<Session> {
    let session = request()?.extensions.get::<Session>().cloned();
    session.ok_or_else(|| Fault::Broken("no session in the request").into())
}

/// The basket this browser filled before anybody signed in.
pub async fn guest_cart() -> shop::Result<Option<CartId>> {
    let session = session()?;
    if session.id().is_none() {
        return Ok(None);
    }
    session.get(CART).await.map_err(session_fault)
}

/// Remembers the basket of this browser.
pub async fn keep_guest_cart(cart: &CartId) -> shop::Result<()> {
    session()?.insert(CART, cart).await.map_err(session_fault)
}

/// A failing session store is a fault like any other.
pub fn session_fault(_: tower_sessions::session::Error) -> Error {
    Fault::Broken("the session could not be read or kept").into()
}

/// Adds a header to the answer.
pub fn add_header(name: HeaderName, value: &str) {
    if let (Some(response), Ok(value)) =
        (use_context::<ResponseOptions>(), HeaderValue::from_str(value))
    {
        response.append_header(name, value);
    }
}

/// Notes a fault for the log, and gives the reference the visitor is told.
pub fn reference(fault: &Fault) -> String {
    match trace() {
        Some(trace) => {
            trace.note(fault);
            trace.id.to_string()
        }
        None => "unknown".into(),
    }
}

fn trace() -> Option<RequestTrace> {
    request().ok()?.extensions.get::<RequestTrace>().cloned()
}

/// Where a call leads when it succeeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Go {
    to: Option<String>,
    news: Option<News>,
}

impl Go {
    /// To another page.
    pub fn to(path: impl Into<String>) -> Self {
        Self { to: Some(path.into()), news: None }
    }

    /// Nowhere: a plain form comes back to its page, an island stays.
    pub const fn stay() -> Self {
        Self { to: None, news: None }
    }

    /// With something to tell on the next page.
    pub fn saying(self, news: News) -> Self {
        Self { news: Some(news), ..self }
    }
}

/// What waits for the next page: why not, what was typed, what went well.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flash {
    /// Why it was not done.
    pub refusal: Option<Refusal>,
    /// The reference of something that broke.
    pub fault: Option<String>,
    /// What was typed, by the field's name; never a password or a code.
    pub typed: HashMap<String, String>,
    /// Something good.
    pub news: Option<News>,
}

impl Flash {
    /// What was typed into a field, to show it again.
    pub fn value(&self, field: Field) -> String {
        self.typed.get(field.as_str()).cloned().unwrap_or_default()
    }

    /// What is wrong with a field, in words.
    pub fn problem(&self, field: Field) -> Option<String> {
        let Some(Refusal::Invalid(problems)) = &self.refusal else { return None };
        problems.iter().find(|problem| problem.field() == field).copied().map(text::problem)
    }

    /// The sentence for the alert, if there is one.
    pub fn alert(&self) -> Option<String> {
        match (&self.fault, &self.refusal) {
            (Some(reference), _) => Some(broken(reference)),
            (None, refusal) => refusal.as_ref().map(text::refusal),
        }
    }
}

/// Takes what waits in the session.
pub async fn take_flash() -> shop::Result<Flash> {
    let session = session()?;
    if session.id().is_none() {
        return Ok(Flash::default());
    }
    // Looking first keeps a page without a flash from writing the session.
    match session.get_value(FLASH).await.map_err(session_fault)? {
        None => Ok(Flash::default()),
        Some(_) => Ok(session.remove(FLASH).await.ok().flatten().unwrap_or_default()),
    }
}

/// Turns the outcome of a use-case into the answer to the request.
///
/// `typed` is what the form held, to show it again after a refusal.
pub async fn settle(outcome: shop::Result<Go>, typed: &[(Field, &str)]) -> Result<(), ApiError> {
    if let (Err(Error::Refused(refusal)), Some(trace)) = (&outcome, trace()) {
        trace.note_refusal(refusal);
    }
    match outcome {
        Ok(go) => follow(go).await,
        Err(Error::Refused(Refusal::SignInNeeded)) => {
            follow(Go::to(format!("/login?next={}", page_of_form()))).await
        }
        Err(error) if is_form() => return_with(error, typed).await,
        Err(error) => Err(ApiError::from(error)),
    }
}

async fn follow(go: Go) -> Result<(), ApiError> {
    if let Some(news) = go.news.filter(|_| is_form() || go.to.is_some()) {
        keep(Flash { news: Some(news), ..Flash::default() }).await?;
    }
    match go.to {
        Some(path) => lead(&path),
        None if is_form() => lead(&page_of_form()),
        None => {}
    }
    Ok(())
}

async fn return_with(error: Error, typed: &[(Field, &str)]) -> Result<(), ApiError> {
    let typed = typed
        .iter()
        .filter(|(field, _)| !matches!(field, Field::Password | Field::Code))
        .map(|(field, value)| (field.as_str().to_owned(), value.chars().take(200).collect()))
        .collect();
    let (refusal, fault) = match error {
        Error::Refused(refusal) => (Some(refusal), None),
        Error::Failed(fault) => (None, Some(reference(&fault))),
    };
    keep(Flash { refusal, fault, typed, news: None }).await?;
    lead(&page_of_form());
    Ok(())
}

/// Keeps a flash for the next page.
async fn keep(flash: Flash) -> Result<(), ApiError> {
    session()?.insert(FLASH, flash).await.map_err(|error| session_fault(error).into())
}

/// Sends a form on with 303, and tells an island where to go.
fn lead(path: &str) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    if let Ok(value) = HeaderValue::from_str(path) {
        response.insert_header(header::LOCATION, value);
    }
    if is_form() {
        response.set_status(StatusCode::SEE_OTHER);
    }
}

/// A plain form asks for HTML; an island does not.
fn is_form() -> bool {
    request().is_ok_and(|parts| {
        let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        accept.is_some_and(|accept| accept.contains("text/html"))
    })
}

/// The page a form stood on: the path of the `Referer`, which the origin layer
/// has made sure is ours; without one, the page the call is named after.
fn page_of_form() -> String {
    let Ok(parts) = request() else { return "/".into() };
    let referer = parts.headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let path = referer.and_then(|referer| {
        let after_scheme = referer.split_once("://")?.1;
        after_scheme.find('/').and_then(|slash| after_scheme.get(slash..))
    });
    let named = parts.uri.path().strip_prefix("/api");
    path.and_then(local).or_else(|| named.and_then(local)).unwrap_or("/").to_owned()
}

/// The path if it leads to a page of this shop and nowhere else: one of the
/// known beginnings, and no character with which an address could turn into
/// another host, a scheme or a header.
pub fn local(path: &str) -> Option<&str> {
    const BEGINNINGS: [&str; 10] = [
        "/account",
        "/cart",
        "/checkout",
        "/login",
        "/merchant",
        "/orders",
        "/products",
        "/register",
        "/reset",
        "/simulator",
    ];
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_?=&.+%".contains(&byte);
    let (page, query) = path.split_once('?').unwrap_or((path, ""));
    let is_known = page == "/"
        || BEGINNINGS.iter().any(|beginning| {
            page.strip_prefix(beginning)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
    let is_safe = path.len() <= 512
        && path.bytes().all(is_plain)
        && !page.contains("//")
        && !page.contains("..")
        && (!page.contains('%') || page.starts_with("/simulator/"))
        && !query.contains('?');
    (is_known && is_safe).then_some(path)
}

/// What the visitor is told when something broke.
pub fn broken(reference: &str) -> String {
    format!("Something went wrong on our side, and nothing was changed. Reference: {reference}.")
}

impl From<Error> for ApiError {
    /// Sets the status too; only islands and programs get here.
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => {
                set_refusal_status(&refusal);
                Self { message: text::refusal(&refusal), kind: ApiErrorKind::Refused(refusal) }
            }
            Error::Failed(fault) => {
                if let Some(response) = use_context::<ResponseOptions>() {
                    response.set_status(StatusCode::INTERNAL_SERVER_ERROR);
                }
                Self { message: broken(&reference(&fault)), kind: ApiErrorKind::Failed }
            }
        }
    }
}

fn set_refusal_status(refusal: &Refusal) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let (status, wait) = match refusal {
        Refusal::Invalid(_) | Refusal::WrongOrExpired { .. } | Refusal::WrongPassword => {
            (StatusCode::UNPROCESSABLE_ENTITY, None)
        }
        Refusal::TooSoon { seconds } | Refusal::TooMany { seconds } => {
            (StatusCode::TOO_MANY_REQUESTS, Some(*seconds))
        }
        Refusal::Busy { seconds } => (StatusCode::SERVICE_UNAVAILABLE, Some(*seconds)),
        Refusal::SignInNeeded => (StatusCode::UNAUTHORIZED, None),
        Refusal::StepUpNeeded => (StatusCode::FORBIDDEN, None),
        Refusal::NotFound => (StatusCode::NOT_FOUND, None),
        _ => (StatusCode::CONFLICT, None),
    };
    response.set_status(status);
    if let Some(seconds) = wait {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x102_only_paths_of_this_shop_are_followed() {
        for path in ["/", "/checkout", "/account/security", "/products?q=mug&sort=price"] {
            assert_eq!(local(path), Some(path));
        }
        for path in [
            "",
            "//evil",
            "https:evil",
            "https://evil",
            "/\\evil",
            "/%09/evil",
            "javascript:alert(1)",
            "@evil",
            "/@evil",
            "/checkout\r\nSet-Cookie: a=b",
            "/checkoutevil",
            "/account//evil",
            "/account/../api",
            "/account%2f..",
            "/api/login",
            "/evil",
            "checkout",
        ] {
            assert_eq!(local(path), None, "{path:?}");
        }
    }

    #[test]
    fn a_flash_never_holds_more_than_it_should() {
        let cookies = Cookies { is_secure: true };
        assert!(cookies.set(cookies.browser(), "x", 1).ends_with("; Secure"));
        assert!(cookies.session().starts_with("__Host-"));
        assert!(!Cookies { is_secure: false }.session().contains("__Host-"));
    }
}
