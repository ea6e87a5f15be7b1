//! A new password: whom it is about, the code, and then the password.

use domain::{Field, Purpose};
use leptos::{either::Either, prelude::*};
use web::routes;

use super::{
    Alert, CodeScreen, Page, StartAgain, SubmitButton, TextField, code::code_of, expect_shop,
    expect_visitor, next_page, page, take_flash, with_next,
};

/// E-mail address or phone number.
#[component]
pub fn ResetPage() -> impl IntoView {
    let next = next_page();
    page(async move {
        let flash = take_flash().await?;
        let problem = flash.problem(Field::Email).or_else(|| flash.problem(Field::Phone));
        Ok(view! {
            <Page title="Reset your password" private=true>
                <div class="narrow stack">
                    <h1>"Reset your password"</h1>
                    <p>"Tell us who you are. If we know you, a code comes to your phone, and then you can set a new password."</p>
                    <Alert flash=flash.clone()/>
                    <form class="stack" method="post" action=routes::api::RESET novalidate>
                        <input type="hidden" name="next" value=next.clone()/>
                        <TextField
                            label="E-mail address or phone number"
                            name="email"
                            autocomplete="username"
                            value=flash.value(Field::Email)
                            problem
                        />
                        <SubmitButton label="Send the code"/>
                    </form>
                    <p><a href=with_next(routes::LOGIN, &next)>"Back to sign in"</a></p>
                </div>
            </Page>
        })
    })
}

/// The code of a reset.
#[component]
pub fn ResetCodePage() -> impl IntoView {
    page(async {
        let (code, flash) = (code_of(Purpose::Reset).await?, take_flash().await?);
        Ok(view! {
            <Page title="Enter your code" private=true>
                <div class="narrow stack">
                    <h1>"Enter your code"</h1>
                    <CodeScreen code action=routes::api::RESET_VERIFY start_again=StartAgain::At(routes::RESET) flash/>
                </div>
            </Page>
        })
    })
}

/// The new password; only for a browser that gave the right code.
#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    page(async {
        let may_set = expect_shop()?.reset().may_set_password(&expect_visitor()?).await?;
        let flash = take_flash().await?;
        let form = if may_set {
            Either::Left(view! { <NewPassword problem=flash.problem(Field::Password)/> })
        } else {
            Either::Right(view! {
                <p>"This page opens after the right code, once, and for a short while."</p>
                <p><a class="button button-primary" href=routes::RESET>"Start again"</a></p>
            })
        };
        Ok(view! {
            <Page title="Set a password" private=true>
                <div class="narrow stack">
                    <h1>"Set a password"</h1>
                    <Alert flash/>
                    {form}
                </div>
            </Page>
        })
    })
}

#[component]
fn NewPassword(#[prop(into)] problem: Option<String>) -> impl IntoView {
    view! {
        <p>"Afterwards every device is signed out, this one too."</p>
        <form class="stack" method="post" action=routes::api::RESET_PASSWORD novalidate>
            <TextField
                label="New password"
                name="password"
                kind="password"
                autocomplete="new-password"
                problem
                hint="At least 12 characters. A few words you can remember are fine."
            />
            <SubmitButton label="Set the password"/>
        </form>
    }
}
