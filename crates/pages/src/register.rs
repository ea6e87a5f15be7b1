//! Registration: the form, then the code that proves the phone.

use domain::{Field, Purpose};
use leptos::prelude::*;
use web::routes;

use super::{
    Alert, CodeScreen, Form, Page, StartAgain, SubmitButton, TextField, code::code_of, next_page,
    page, take_flash, with_next,
};

/// Name, e-mail address, phone and password.
#[component]
pub fn RegisterPage() -> impl IntoView {
    let next = next_page();
    page(async move {
        let flash = take_flash()?;
        let sign_in = with_next(routes::LOGIN, &next);
        Ok(view! {
            <Page title=t!("register-title") private=true>
                <div class="narrow stack">
                    <h1>{t!("register-title")}</h1>
                    <Alert flash=flash.clone()/>
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
                </div>
            </Page>
        })
    })
}

/// The code that proves the phone.
#[component]
pub fn RegisterCodePage() -> impl IntoView {
    page(async {
        let (code, flash) = (code_of(Purpose::Phone).await?, take_flash()?);
        Ok(view! {
            <Page title=t!("register-code-title") private=true>
                <div class="narrow stack">
                    <h1>{t!("register-code-title")}</h1>
                    <CodeScreen code action=routes::api::REGISTER_VERIFY start_again=StartAgain::At(routes::REGISTER) flash/>
                </div>
            </Page>
        })
    })
}
