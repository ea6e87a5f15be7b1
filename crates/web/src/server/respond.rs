//! Makes a response of the outcome of a use case.
//!
//! A plain form gets a redirect, and a flash for the next page.
//! An island gets a status, a `Location` and the message.

use std::collections::HashMap;

use domain::{Field, OrderId, OrderVersion, Refusal};
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
    islands::code_field,
    routes,
    text::FlashMessage,
};

/// The name of the field in which a form says which page it stands on.
pub const PAGE_FIELD: &str = "page";

/// The page that a form says it stands on, as the form sent it, with the `id` of its part of the
/// page as fragment. A layer takes it from the body and puts it into the extensions of the request.
#[derive(Clone, Debug)]
pub struct PageOfForm(pub String);

/// The `id` of the alert, to which a refused form leads. There is one at most on a page.
pub const ALERT: &str = "alert";

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

    /// Stays: a plain form returns to its part of its page, an island does nothing.
    pub fn stay() -> Self {
        Self { to: None, anchor: None, flash: None, typed: HashMap::new() }
    }

    /// Leads to the element with this `id`, so that the page comes back at the same spot. An id
    /// that was made of what a form held may be anything: then the page comes back at its top.
    pub fn at(self, id: String) -> Self {
        Self { anchor: is_id(&id).then_some(id), ..self }
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
            follow(Redirect::to(routes::login_then(&place_of_form().page)))
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
            | Refusal::PaymentUnavailable
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

/// Runs an action of the merchant on an order, as the page of the form showed it.
pub async fn save_order(
    order: &str,
    shown: &str,
    typed: &[(Field, &str)],
    action: impl AsyncFnOnce(Merchant<'_>, &OrderId, OrderVersion) -> shop::Result<()>,
) -> Result<(), ApiError> {
    save(typed, async |merchant| {
        let order = OrderId::parse(order).ok_or(Refusal::NotFound)?;
        let shown = OrderVersion::parse(shown).ok_or(Refusal::NotPossible)?;
        action(merchant, &order, shown).await
    })
    .await
}

/// An address with the `id` of an element.
fn with_anchor(path: &str, anchor: Option<&str>) -> String {
    anchor.map_or_else(|| path.to_owned(), |anchor| format!("{path}#{anchor}"))
}

fn follow(redirect: Redirect) -> Result<(), ApiError> {
    let Redirect { to, anchor, flash, typed } = redirect;
    if to.is_none() && !is_form() {
        return Ok(());
    }
    let place = to.map_or_else(place_of_form, |page| Place { page, anchor });
    if flash.is_some() || !typed.is_empty() {
        let anchor = place.anchor.clone();
        store_flash(Flash { message: flash, typed, anchor, ..Flash::default() })?;
    }
    send_to(&with_anchor(&place.page, place.anchor.as_deref()));
    Ok(())
}

/// Returns to the page of the form. Without script the fragment moves the focus: to the field of a
/// code that was not right, which its alert describes, and otherwise to the alert. With script the
/// page is loaded again, for which an address with another fragment would not suffice.
fn return_with(error: Error, typed: &[(Field, &str)]) -> Result<(), ApiError> {
    let typed = kept(typed);
    let (refusal, fault) = match error {
        Error::Refused(refusal) => (Some(refusal), None),
        Error::Failed(fault) => (None, Some(reference(&fault))),
    };
    let Place { page, anchor } = place_of_form();
    let page = match refusal {
        Some(Refusal::CookieNeeded) => routes::without_cookie(&page),
        _ => page,
    };
    let focus = match refusal.as_ref().is_some_and(is_about_code) {
        true => code_field::NAME,
        false => ALERT,
    };
    store_flash(Flash { refusal, fault, typed, message: None, anchor })?;
    send_to(&with_anchor(&page, is_form().then_some(focus)));
    Ok(())
}

/// Whether another code may be right, which is typed into the same field.
fn is_about_code(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::WrongOrExpired { left } | Refusal::WrongRecoveryCode { left } => *left > 0,
        Refusal::Invalid(problems) => problems.iter().all(|problem| problem.field() == Field::Code),
        _ => false,
    }
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

/// A page, and the `id` of a part of it.
struct Place {
    page: String,
    anchor: Option<String>,
}

/// Where the form stands: what the form says, or else the page of the `Referer`, which the origin
/// layer has checked. Both are followed only to a page of this shop.
fn place_of_form() -> Place {
    let Ok(parts) = request() else { return Place { page: routes::HOME.into(), anchor: None } };
    let named = parts.extensions.get::<PageOfForm>().map(|page| page.0.as_str());
    let (named, anchor) = match named.and_then(|named| named.split_once('#')) {
        Some((page, anchor)) => (Some(page), is_id(anchor).then_some(anchor)),
        None => (named, None),
    };
    let referer = parts.headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let referer = referer.and_then(|referer| {
        let after_scheme = referer.split_once("://")?.1;
        after_scheme.find('/').and_then(|slash| after_scheme.get(slash..))
    });
    let page = named.and_then(page_of).or_else(|| referer.and_then(page_of));
    Place { page: page.unwrap_or(routes::HOME).to_owned(), anchor: anchor.map(str::to_owned) }
}

/// Whether a text can be the `id` of an element, and so a fragment without further characters.
fn is_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !text.is_empty() && text.len() <= 100 && text.bytes().all(is_plain)
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
