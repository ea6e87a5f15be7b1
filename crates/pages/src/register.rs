//! Opening an account: who it is for, then the code that proves the phone.

use domain::{Field, Purpose};
use leptos::prelude::*;
use web::routes;

use super::{
    Alert, CodeScreen, Page, StartAgain, SubmitButton, TextField, code::code_of, next_page, page,
    take_flash, with_next,
};

/// Name, e-mail address, phone and password.
#[component]
pub fn RegisterPage() -> impl IntoView {
    let next = next_page();
    page(async move {
        let flash = take_flash().await?;
        Ok(view! {
            <Page title="Create your account" private=true>
                <div class="narrow stack">
                    <h1>"Create your account"</h1>
                    <Alert flash=flash.clone()/>
                    <form class="stack" method="post" action=routes::api::REGISTER novalidate>
                        <input type="hidden" name="next" value=next.clone()/>
                        <TextField
                            label="Full name"
                            name="name"
                            autocomplete="name"
                            value=flash.value(Field::Name)
                            problem=flash.problem(Field::Name)
                        />
                        <TextField
                            label="E-mail address"
                            name="email"
                            kind="email"
                            autocomplete="username"
                            value=flash.value(Field::Email)
                            problem=flash.problem(Field::Email)
                            hint="You sign in with it."
                        />
                        <TextField
                            label="Mobile phone with WhatsApp"
                            name="phone"
                            kind="tel"
                            autocomplete="tel"
                            value=flash.value(Field::Phone)
                            problem=flash.problem(Field::Phone)
                            hint="With country code, such as +44 7700 900111. We send codes there when you sign in and when you pay, and nothing else."
                        />
                        <TextField
                            label="Password"
                            name="password"
                            kind="password"
                            autocomplete="new-password"
                            problem=flash.problem(Field::Password)
                            hint="At least 12 characters. A few words you can remember are fine."
                        />
                        <SubmitButton label="Create account"/>
                    </form>
                    <p>"Already a customer? "<a href=with_next(routes::LOGIN, &next)>"Sign in instead"</a></p>
                </div>
            </Page>
        })
    })
}

/// The code that proves the phone.
#[component]
pub fn RegisterCodePage() -> impl IntoView {
    page(async {
        let (code, flash) = (code_of(Purpose::Phone).await?, take_flash().await?);
        Ok(view! {
            <Page title="Confirm your phone" private=true>
                <div class="narrow stack">
                    <h1>"Confirm your phone"</h1>
                    <CodeScreen code action=routes::api::REGISTER_VERIFY start_again=StartAgain::At(routes::REGISTER) flash/>
                </div>
            </Page>
        })
    })
}
