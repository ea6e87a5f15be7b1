//! Signing in: the password, then the code.

use domain::{Field, Purpose};
use leptos::prelude::*;
use web::routes;

use super::{
    CodePage, Form, FormPage, StartAgain, SubmitButton, TextField, expect_visitor, next_page, page,
    redirect_signed_in, take_flash, with_next,
};

/// E-mail address and password.
#[component]
pub fn SignInPage() -> impl IntoView {
    let next = next_page();
    page(async move {
        redirect_signed_in(&expect_visitor()?, &next);
        let flash = take_flash()?;
        let (reset, register) =
            (with_next(routes::RESET, &next), with_next(routes::REGISTER, &next));
        Ok(view! {
            <FormPage title=t!("sign-in") flash=flash.clone()>
                <Form class="stack" action=routes::api::LOGIN novalidate=true>
                    <input type="hidden" name="next" value=next/>
                    <TextField
                        label=t!("field-email")
                        name="email"
                        kind="email"
                        autocomplete="username"
                        value=flash.value(Field::Email)
                        problem=flash.problem(Field::Email)
                    />
                    <TextField
                        label=t!("field-password")
                        name="password"
                        kind="password"
                        autocomplete="current-password"
                        problem=flash.problem(Field::Password)
                    />
                    <SubmitButton label=t!("sign-in")/>
                </Form>
                <p><a href=reset>{t!("sign-in-forgot")}</a></p>
                <p><a href=routes::RECOVERY>{t!("sign-in-lost-phone")}</a></p>
                <p>{t!("sign-in-new")}" "<a href=register>{t!("sign-in-register")}</a></p>
            </FormPage>
        })
    })
}

/// The code of a sign-in.
#[component]
pub fn SignInCodePage() -> impl IntoView {
    view! {
        <CodePage
            title=t!("sign-in-code-title")
            purpose=Purpose::Login
            action=routes::api::LOGIN_VERIFY
            start_again=StartAgain::At(routes::LOGIN)
            below=without_phone
        >
            <label class="check">
                <input type="checkbox" name="trust" value="yes"/>
                <span>{t!("sign-in-trust")}</span>
            </label>
        </CodePage>
    }
}

/// The way of a person who has lost the phone.
fn without_phone() -> impl IntoView {
    view! {
        <Form action=routes::api::LOGIN_RECOVERY>
            <button class="button-link" type="submit">{t!("recovery-no-phone")}</button>
        </Form>
    }
}
