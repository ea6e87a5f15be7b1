//! Signing in: the password, then the code.

use domain::{Field, Purpose};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use web::server::local;

use super::{
    Alert, CodeScreen, Page, SubmitButton, TextField, code::code_of, expect_visitor, lead_to, page,
    take_flash,
};

/// E-mail address and password.
#[component]
pub fn SignInPage() -> impl IntoView {
    let next = use_query_map().read_untracked().get("next").unwrap_or_default();
    let next = local(&next).unwrap_or_default().to_owned();
    page(async move {
        if expect_visitor()?.signed_in.is_some() {
            lead_to(local(&next).unwrap_or("/account"));
        }
        let flash = take_flash().await?;
        Ok(view! {
            <Page title="Sign in" private=true>
                <div class="narrow stack">
                    <h1>"Sign in"</h1>
                    <Alert flash=flash.clone()/>
                    <form class="stack" method="post" action="/api/login" novalidate>
                        <input type="hidden" name="next" value=next/>
                        <TextField
                            label="E-mail address"
                            name="email"
                            kind="email"
                            autocomplete="username"
                            value=flash.value(Field::Email)
                            problem=flash.problem(Field::Email)
                        />
                        <TextField
                            label="Password"
                            name="password"
                            kind="password"
                            autocomplete="current-password"
                            problem=flash.problem(Field::Password)
                        />
                        <SubmitButton label="Sign in"/>
                    </form>
                    <p><a href="/reset">"Forgot your password?"</a></p>
                    <p>"New here? "<a href="/register">"Create an account"</a></p>
                </div>
            </Page>
        })
    })
}

/// The code of a sign-in.
#[component]
pub fn SignInCodePage() -> impl IntoView {
    page(async {
        let (code, flash) = (code_of(Purpose::Login).await?, take_flash().await?);
        Ok(view! {
            <Page title="Enter your code" private=true>
                <div class="narrow stack">
                    <h1>"Enter your code"</h1>
                    <CodeScreen code action="/api/login/verify" start_again="/login" flash>
                        <label class="check">
                            <input type="checkbox" name="trust" value="yes"/>
                            <span>"Do not ask for codes on this device for 30 days"</span>
                        </label>
                    </CodeScreen>
                </div>
            </Page>
        })
    })
}
