//! The pages in place of a page that is not found, failed or was refused.

use axum::http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use shop::Fault;
use web::{routes, server};

use super::Page;

/// The page of an unknown address, or of something that belongs to another visitor. Both look
/// the same.
#[component]
pub fn NotFound() -> impl IntoView {
    answer(StatusCode::NOT_FOUND);
    view! {
        <Page title=t!("not-found-title")>
            <h1>{t!("not-found-title")}</h1>
            <p>{t!("not-found-about")}</p>
            <p><a class="button" href=routes::PRODUCTS>{t!("all-products")}</a></p>
        </Page>
    }
}

/// The page of a fault, with the reference under which the log has it.
pub fn broken(fault: &Fault) -> impl IntoView + use<> {
    answer(StatusCode::INTERNAL_SERVER_ERROR);
    apology(t!("broken-title"), server::text().fault(&server::reference(fault)))
}

/// The page of a refusal.
pub fn refused(refusal: &domain::Refusal) -> impl IntoView + use<> {
    answer(match refusal {
        domain::Refusal::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::CONFLICT,
    });
    apology(t!("refused-title"), server::text().refusal(refusal))
}

fn apology(title: String, words: String) -> impl IntoView {
    view! {
        <Page title=title.clone() private=true>
            <h1>{title}</h1>
            <p role="alert">{words}</p>
            <p><a class="button" href=routes::HOME>{t!("back-to-shop")}</a></p>
        </Page>
    }
}

fn answer(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}
