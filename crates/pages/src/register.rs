//! Registration: the form, then the code that proves the phone.

use domain::{Field, Purpose};
use leptos::prelude::*;
use web::routes;

use super::{
    CodePage, Form, FormPage, StartAgain, SubmitButton, TextField, expect_visitor, next_page, page,
    redirect_signed_in, take_flash, with_next,
};

/// Name, e-mail address, phone and password.
#[component]
pub fn RegisterPage() -> impl IntoView {
    let next = next_page();
    page(async move {
        redirect_signed_in(&expect_visitor()?, &next);
        let flash = take_flash()?;
        let sign_in = with_next(routes::LOGIN, &next);
        Ok(view! {
            <FormPage title=t!("register-title") flash=flash.clone()>
                <Form class="stack" action=routes::api::REGISTER novalidate=true>
                    <input type="hidden" name="next" value=next/>
                    <TextField
                        label=t!("field-name")
                        name="name"
                        autocomplete="name"
                        value=flash.value(Field::Name)
                        problem=flash.problem(Field::Name)
                    />
                    <TextField
                        label=t!("field-email")
                        name="email"
                        kind="email"
                        autocomplete="username"
                        value=flash.value(Field::Email)
                        problem=flash.problem(Field::Email)
                        hint=t!("register-email-hint")
                    />
                    <TextField
                        label=t!("register-phone")
                        name="phone"
                        kind="tel"
                        autocomplete="tel"
                        value=flash.value(Field::Phone)
                        problem=flash.problem(Field::Phone)
                        hint=t!("register-phone-hint")
                    />
                    <TextField
                        label=t!("field-password")
                        name="password"
                        kind="password"
                        autocomplete="new-password"
                        problem=flash.problem(Field::Password)
                        hint=t!("password-hint")
                    />
                    <SubmitButton label=t!("register")/>
                </Form>
                <p>{t!("register-known")}" "<a href=sign_in>{t!("register-sign-in")}</a></p>
            </FormPage>
        })
    })
}

/// The code that proves the phone.
#[component]
pub fn RegisterCodePage() -> impl IntoView {
    view! {
        <CodePage
            title=t!("register-code-title")
            purpose=Purpose::Phone
            action=routes::api::REGISTER_VERIFY
            start_again=StartAgain::At(routes::REGISTER)
        />
    }
}
