//! Makes a response of the outcome of a use case.
//!
//! A plain form gets a redirect, and a flash for the next page.
//! An island gets a status, a `Location` and the message.

use std::collections::HashMap;

use domain::{Field, Refusal};
use http::{HeaderValue, StatusCode, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use shop::{Error, Shop, Visitor, merchant::Merchant};

use super::{
    flash::{Flash, store_flash},
    local, request, shop, text,
    trace::{note_refusal, reference},
    visitor,
};
use crate::{
    api::error::{ApiError, ApiErrorKind},
    routes,
    text::FlashMessage,
};

/// The name of the field in which a form says which page it stands on.
pub const PAGE_FIELD: &str = "page";

/// The page that a form says it stands on, as the form sent it. A layer takes it from the body
/// and puts it into the extensions of the request.
#[derive(Clone, Debug)]
pub struct PageOfForm(pub String);

/// Where the browser goes after a use case succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    to: Option<String>,
    anchor: Option<String>,
    flash: Option<FlashMessage>,
    /// What the form held, if the next page shows it again.
    typed: HashMap<String, String>,
}

impl Redirect {
    /// Goes to another page.
    pub fn to(path: impl Into<String>) -> Self {
        Self { to: Some(path.into()), anchor: None, flash: None, typed: HashMap::new() }
    }

    /// Stays: a plain form returns to its page, an island does nothing.
    pub fn stay() -> Self {
        Self { to: None, anchor: None, flash: None, typed: HashMap::new() }
    }

    /// Leads to the element with this `id`, so that the page comes back at the same spot. An id
    /// that was made of what a form held may be anything: then the page comes back at its top.
    pub fn at(self, id: String) -> Self {
        let is_id = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        Self { anchor: is_id.then_some(id), ..self }
    }

    /// Shows again on the next page what the form held, without a refusal.
    pub fn keeping(self, typed: &[(Field, &str)]) -> Self {
        Self { typed: kept(typed), ..self }
    }

    /// Adds a message for the next page.
    pub fn with_flash(self, flash: FlashMessage) -> Self {
        Self { flash: Some(flash), ..self }
    }
}

/// Makes the response to a request of the outcome of its use case.
///
/// `typed` is what the form held, to show it again after a refusal.
pub async fn respond(
    outcome: shop::Result<Redirect>,
    typed: &[(Field, &str)],
) -> Result<(), ApiError> {
    if let Err(Error::Refused(refusal)) = &outcome {
        note_refusal(refusal);
    }
    match outcome {
        Ok(redirect) => follow(redirect),
        Err(Error::Refused(Refusal::SignInNeeded)) => {
            follow(Redirect::to(routes::login_then(&page_of_form())))
        }
        // An overloaded shop writes no session.
        Err(error @ Error::Refused(Refusal::Busy { .. })) => Err(ApiError::from(error)),
        Err(Error::Refused(refusal)) if !is_form() && ends_step(&refusal) => {
            return_with(refusal.clone().into(), typed)?;
            Err(ApiError::from(Error::Refused(refusal)))
        }
        Err(error) if is_form() => return_with(error, typed),
        Err(error) => Err(ApiError::from(error)),
    }
}

/// Whether the page of the form has changed, for an island too: there is no code to enter any
/// more, or another step is due.
const fn ends_step(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::WrongOrExpired { left: 0 }
            | Refusal::WrongRecoveryCode { left: 0 }
            | Refusal::NoChallenge
            | Refusal::ConfirmationEnded
            | Refusal::OrderChanged
            | Refusal::PaymentDeclined
            | Refusal::StepUpNeeded
    )
}

/// Runs a use case for the visitor, and redirects when it succeeds.
///
/// `typed` is what the form held, to show it again after a refusal.
pub async fn run_action(
    redirect: Redirect,
    typed: &[(Field, &str)],
    action: impl AsyncFnOnce(Shop, Visitor) -> shop::Result<()>,
) -> Result<(), ApiError> {
    let outcome = async {
        action(shop()?, visitor()?).await?;
        Ok(redirect)
    };
    respond(outcome.await, typed).await
}

/// Runs an action of the merchant, and says that it was saved.
pub async fn save(
    typed: &[(Field, &str)],
    action: impl AsyncFnOnce(Merchant<'_>) -> shop::Result<()>,
) -> Result<(), ApiError> {
    let redirect = Redirect::stay().with_flash(FlashMessage::Saved);
    run_action(redirect, typed, async |shop, visitor| action(shop.merchant(&visitor)?).await).await
}

/// An address with the `id` of an element.
fn with_anchor(path: &str, anchor: Option<&str>) -> String {
    anchor.map_or_else(|| path.to_owned(), |anchor| format!("{path}#{anchor}"))
}

fn follow(redirect: Redirect) -> Result<(), ApiError> {
    let is_shown = is_form() || redirect.to.is_some();
    if is_shown && (redirect.flash.is_some() || !redirect.typed.is_empty()) {
        let (message, typed) = (redirect.flash, redirect.typed);
        store_flash(Flash { message, typed, ..Flash::default() })?;
    }
    let anchor = redirect.anchor.as_deref();
    match redirect.to {
        Some(path) => send_to(&with_anchor(&path, anchor)),
        None if is_form() => send_to(&with_anchor(&page_of_form(), anchor)),
        None => {}
    }
    Ok(())
}

fn return_with(error: Error, typed: &[(Field, &str)]) -> Result<(), ApiError> {
    let typed = kept(typed);
    let (refusal, fault) = match error {
        Error::Refused(refusal) => (Some(refusal), None),
        Error::Failed(fault) => (None, Some(reference(&fault))),
    };
    let page = match refusal {
        Some(Refusal::CookieNeeded) => routes::without_cookie(&page_of_form()),
        _ => page_of_form(),
    };
    store_flash(Flash { refusal, fault, typed, message: None })?;
    send_to(&page);
    Ok(())
}

/// What a form held by the names of its fields, without what is secret.
fn kept(typed: &[(Field, &str)]) -> HashMap<String, String> {
    let shown = typed.iter().filter(|(field, _)| !matches!(field, Field::Password | Field::Code));
    shown
        .map(|(field, value)| (field.as_str().to_owned(), value.chars().take(200).collect()))
        .collect()
}

/// Redirects a form with 303, and tells an island in `Location` where to go.
fn send_to(path: &str) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    if let Ok(value) = HeaderValue::from_str(path) {
        response.insert_header(header::LOCATION, value);
    }
    if is_form() {
        response.set_status(StatusCode::SEE_OTHER);
    }
}

/// Whether a plain form sent the request: it accepts HTML, which an island does not.
fn is_form() -> bool {
    request().is_ok_and(|parts| {
        let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        accept.is_some_and(|accept| accept.contains("text/html"))
    })
}

/// The page of the form: the one that the form names, or else the one of the `Referer`, which the
/// origin layer has checked. Both are followed only to a page of this shop.
fn page_of_form() -> String {
    let Ok(parts) = request() else { return routes::HOME.into() };
    let named = parts.extensions.get::<PageOfForm>().and_then(|page| page_of(&page.0));
    let referer = parts.headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let referer = referer.and_then(|referer| {
        let after_scheme = referer.split_once("://")?.1;
        after_scheme.find('/').and_then(|slash| after_scheme.get(slash..))
    });
    named.or_else(|| referer.and_then(page_of)).unwrap_or(routes::HOME).to_owned()
}

/// The page at this address of the shop; without the query if that has characters which `local`
/// does not follow, such as those of an advertisement.
fn page_of(address: &str) -> Option<&str> {
    local(address).or_else(|| local(address.split_once('?')?.0))
}

impl From<Error> for ApiError {
    /// Sets the status too. Plain forms get here only when the shop is too busy.
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => {
                set_refusal_status(&refusal);
                Self { message: text().refusal(&refusal), kind: ApiErrorKind::Refused(refusal) }
            }
            Error::Failed(fault) => {
                if let Some(response) = use_context::<ResponseOptions>() {
                    response.set_status(StatusCode::INTERNAL_SERVER_ERROR);
                }
                Self { message: text().fault(&reference(&fault)), kind: ApiErrorKind::Failed }
            }
        }
    }
}

fn set_refusal_status(refusal: &Refusal) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let (status, wait) = match refusal {
        refusal if refusal.is_about_input() => (StatusCode::UNPROCESSABLE_ENTITY, None),
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
