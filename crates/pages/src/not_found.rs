//! What stands in the place of a page that is not there, or broke.

use axum::http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use shop::Fault;
use web::{routes, server, text};

use super::Page;

/// There is no such page, or it is not yours; the two look the same.
#[component]
pub fn NotFound() -> impl IntoView {
    answer(StatusCode::NOT_FOUND);
    view! {
        <Page title="Page not found">
            <h1>"Page not found"</h1>
            <p>"There is nothing at this address. It may have moved, or it was never here."</p>
            <p><a class="button" href=routes::PRODUCTS>"See all products"</a></p>
        </Page>
    }
}

/// Something broke; the reference finds it in the log.
pub fn broken(fault: &Fault) -> impl IntoView + use<> {
    answer(StatusCode::INTERNAL_SERVER_ERROR);
    apology("Something went wrong", server::broken(&server::reference(fault)))
}

/// The shop said no to showing the page.
pub fn refused(refusal: &domain::Refusal) -> impl IntoView + use<> {
    answer(match refusal {
        domain::Refusal::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::CONFLICT,
    });
    apology("That did not work", text::refusal(refusal))
}

fn apology(title: &'static str, words: String) -> impl IntoView {
    view! {
        <Page title=title private=true>
            <h1>{title}</h1>
            <p role="alert">{words}</p>
            <p><a class="button" href=routes::HOME>"Back to the shop"</a></p>
        </Page>
    }
}

fn answer(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}
