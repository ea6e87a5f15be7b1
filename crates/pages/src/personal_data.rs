//! The data of the account: downloading a copy, and deleting the account.

use leptos::{either::Either, prelude::*};
use web::routes;

use super::{
    Alert, Form, Page, SubmitButton, TextField, expect_shop, expect_visitor, page, take_flash,
};

/// The page of the account's data.
#[component]
pub fn PersonalDataPage() -> impl IntoView {
    page(async {
        let view = expect_shop()?.personal_data().view(&expect_visitor()?).await?;
        let flash = take_flash()?;
        Ok(view! {
            <Page title=t!("data-title") private=true>
                <div class="narrow stack-loose">
                    <h1>{t!("data-title")}</h1>
                    <Alert flash/>
                    <Copy may_download=view.may_download/>
                    {view.may_delete.then(|| view! { <Deletion/> })}
                </div>
            </Page>
        })
    })
}

#[component]
fn Copy(may_download: bool) -> impl IntoView {
    let step = match may_download {
        true => Either::Left(view! {
            <p>{t!("data-copy-ready")}</p>
            <p><a class="button button-primary" href=routes::downloads::PERSONAL_DATA download>{t!("data-download")}</a></p>
        }),
        false => Either::Right(view! {
            <p>{t!("data-copy-about")}</p>
            <Form class="stack" action=routes::api::ACCOUNT_DATA_EXPORT novalidate=true>
                <TextField
                    label=t!("field-password")
                    name="password"
                    kind="password"
                    autocomplete="current-password"
                />
                <SubmitButton label=t!("data-copy")/>
            </Form>
        }),
    };
    view! {
        <section class="card stack" id="copy" aria-labelledby="copy-title">
            <h2 id="copy-title">{t!("data-copy-title")}</h2>
            {step}
        </section>
    }
}

#[component]
fn Deletion() -> impl IntoView {
    view! {
        <section class="card stack" id="deletion" aria-labelledby="deletion-title">
            <h2 id="deletion-title">{t!("data-delete-title")}</h2>
            <p>{t!("data-delete-about")}</p>
            <Form class="stack" action=routes::api::ACCOUNT_DELETE novalidate=true>
                <div class="field">
                    <label for="delete-password">{t!("data-delete-password")}</label>
                    <input
                        id="delete-password"
                        name="password"
                        type="password"
                        autocomplete="current-password"
                        required
                    />
                </div>
                <button class="button button-danger" type="submit">{t!("data-delete")}</button>
            </Form>
        </section>
    }
}
