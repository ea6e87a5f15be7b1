//! The e-mail address of an account: whether it is confirmed, and the page of the link that
//! confirms it.

use leptos::{either::EitherOf4, prelude::*};
use leptos_router::hooks::use_query_map;
use shop::EmailState;
use web::routes;

use super::{
    Alert, Form, Page, SubmitButton, expect_shop, expect_visitor, page, path_here, redirect,
    take_flash,
};

/// The state of the address. Opening the link changes nothing: a button confirms, because mail
/// programs open links by themselves.
#[component]
pub fn EmailPage() -> impl IntoView {
    let token = use_query_map().read_untracked().get("token").unwrap_or_default();
    page(async move {
        let (shop, visitor) = (expect_shop()?, expect_visitor()?);
        if visitor.signed_in.is_none() {
            redirect(&routes::login_then(&path_here()));
        }
        let email = shop.account().profile(&visitor).await?.email;
        let state = shop.emails().state(&visitor).await?;
        let flash = take_flash()?;
        let step = match state {
            EmailState::Off => EitherOf4::A(view! { <p>{t!("email-off")}</p> }),
            EmailState::Confirmed => {
                EitherOf4::B(view! { <p>{t!("email-confirmed", email = email)}</p> })
            }
            EmailState::Unconfirmed if token.is_empty() => EitherOf4::C(view! {
                <p>{t!("email-about", email = email)}</p>
                <Form action=routes::api::ACCOUNT_EMAIL_SEND>
                    <SubmitButton label=t!("email-send")/>
                </Form>
            }),
            EmailState::Unconfirmed => EitherOf4::D(view! {
                <p>{t!("email-confirm-about", email = email)}</p>
                <Form action=routes::api::ACCOUNT_EMAIL_CONFIRM>
                    <input type="hidden" name="token" value=token/>
                    <SubmitButton label=t!("email-confirm")/>
                </Form>
            }),
        };
        Ok(view! {
            <Page title=t!("email-title") private=true>
                <div class="narrow stack">
                    <h1>{t!("email-title")}</h1>
                    <Alert flash/>
                    {step}
                    <p><a href=routes::ACCOUNT>{t!("phone-back")}</a></p>
                </div>
            </Page>
        })
    })
}
