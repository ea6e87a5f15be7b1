//! Signing in: the password, then the code.

use domain::{Field, Purpose};
use leptos::prelude::*;
use web::routes;

use super::{
    Alert, CodeScreen, Form, Page, StartAgain, SubmitButton, TextField, code::code_of,
    expect_visitor, next_page, page, redirect, take_flash, with_next,
};

/// E-mail address and password.
#[component]
pub fn SignInPage() -> impl IntoView {
    let next = next_page();
    page(async move {
        if expect_visitor()?.signed_in.is_some() {
            redirect(if next.is_empty() { routes::ACCOUNT } else { &next });
        }
        let flash = take_flash()?;
        let (reset, register) =
            (with_next(routes::RESET, &next), with_next(routes::REGISTER, &next));
        Ok(view! {
            <Page title=t!("sign-in") private=true>
                <div class="narrow stack">
                    <h1>{t!("sign-in")}</h1>
                    <Alert flash=flash.clone()/>
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
                </div>
            </Page>
        })
    })
}

/// The code of a sign-in.
#[component]
pub fn SignInCodePage() -> impl IntoView {
    page(async {
        let (code, flash) = (code_of(Purpose::Login).await?, take_flash()?);
        let is_live = code.as_ref().is_some_and(|code| code.is_live);
        let without_phone = is_live.then(|| {
            view! {
                <Form action=routes::api::LOGIN_RECOVERY>
                    <button class="button-link" type="submit">{t!("recovery-no-phone")}</button>
                </Form>
            }
        });
        Ok(view! {
            <Page title=t!("sign-in-code-title") private=true>
                <div class="narrow stack">
                    <h1>{t!("sign-in-code-title")}</h1>
                    <CodeScreen code action=routes::api::LOGIN_VERIFY start_again=StartAgain::At(routes::LOGIN) flash>
                        <label class="check">
                            <input type="checkbox" name="trust" value="yes"/>
                            <span>{t!("sign-in-trust")}</span>
                        </label>
                    </CodeScreen>
                    {without_phone}
                </div>
            </Page>
        })
    })
}
