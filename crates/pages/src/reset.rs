//! The password reset: the identifier, the code, and then the new password.

use domain::{Field, Purpose};
use leptos::{either::Either, prelude::*};
use web::routes;

use super::{
    CodePage, Form, FormPage, StartAgain, SubmitButton, TextField, expect_shop, expect_visitor,
    next_page, page, take_flash, with_next,
};

/// E-mail address or phone number.
#[component]
pub fn ResetPage() -> impl IntoView {
    let next = next_page();
    page(async move {
        let flash = take_flash()?;
        let sign_in = with_next(routes::LOGIN, &next);
        let problem = flash.problem(Field::Email).or_else(|| flash.problem(Field::Phone));
        Ok(view! {
            <FormPage title=t!("reset-title") about=t!("reset-about") flash=flash.clone()>
                <Form class="stack" action=routes::api::RESET novalidate=true>
                    <input type="hidden" name="next" value=next/>
                    <TextField
                        label=t!("reset-who")
                        name="email"
                        autocomplete="username"
                        value=flash.value(Field::Email)
                        problem
                    />
                    <SubmitButton label=t!("send-code")/>
                </Form>
                <p><a href=sign_in>{t!("reset-back")}</a></p>
            </FormPage>
        })
    })
}

/// The code of a reset.
#[component]
pub fn ResetCodePage() -> impl IntoView {
    view! {
        <CodePage
            title=t!("sign-in-code-title")
            purpose=Purpose::Reset
            action=routes::api::RESET_VERIFY
            start_again=StartAgain::At(routes::RESET)
        />
    }
}

/// The form for the new password, only for a browser that gave the right code.
#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    page(async {
        let may_set = expect_shop()?.reset().may_set_password(&expect_visitor()?).await?;
        let flash = take_flash()?;
        let form = if may_set {
            Either::Left(view! { <NewPassword problem=flash.problem(Field::Password)/> })
        } else {
            Either::Right(view! {
                <p>{t!("reset-too-early")}</p>
                <p><a class="button button-primary" href=routes::RESET>{t!("start-again")}</a></p>
            })
        };
        Ok(view! { <FormPage title=t!("reset-set-title") flash>{form}</FormPage> })
    })
}

#[component]
fn NewPassword(#[prop(into)] problem: Option<String>) -> impl IntoView {
    view! {
        <p>{t!("reset-signs-out")}</p>
        <Form class="stack" action=routes::api::RESET_PASSWORD novalidate=true>
            <TextField
                label=t!("field-new-password")
                name="password"
                kind="password"
                autocomplete="new-password"
                problem
                hint=t!("password-hint")
            />
            <SubmitButton label=t!("reset-set")/>
        </Form>
    }
}
