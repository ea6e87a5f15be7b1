//! One account, for the merchant. After a hundred wrong codes in a row the codes of a phone are
//! disabled. The merchant enables them here again once the owner has been identified.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use shop::merchant::AccountView;
use web::routes;

use super::{
    super::{Alert, Form, TextField, expect_shop, expect_visitor, page, take_flash},
    Frame,
};

/// Finds an account by its e-mail address.
#[component]
pub fn AccountsPage() -> impl IntoView {
    let email = use_query_map().get_untracked().get("email").unwrap_or_default();
    page(async move {
        let account = expect_shop()?.merchant(&expect_visitor()?)?.account(&email).await?;
        let flash = take_flash()?;
        let is_unknown = account.is_none() && !email.is_empty();
        Ok(view! {
            <Frame title=t!("merchant-accounts") tab=routes::MERCHANT_ACCOUNTS>
                <Alert flash/>
                <form class="narrow stack" method="get" action=routes::MERCHANT_ACCOUNTS>
                    <TextField label=t!("field-email") name="email" kind="email" value=email/>
                    <button class="button" type="submit">{t!("account-find")}</button>
                </form>
                {account.map(|account| view! { <Account account/> })}
                {is_unknown.then(|| view! { <p class="empty muted">{t!("account-none")}</p> })}
            </Frame>
        })
    })
}

#[component]
fn Account(account: AccountView) -> impl IntoView {
    let state =
        if account.codes_are_off { t!("account-codes-off") } else { t!("account-codes-on") };
    let recover = account.codes_are_off.then(|| {
        view! {
            <p class="hint">
                {t!("account-recover-hint")}
            </p>
            <Form action=routes::api::MERCHANT_ACCOUNTS_RECOVER>
                <input type="hidden" name="account" value=account.id.to_string()/>
                <button class="button button-primary" type="submit">{t!("account-recover")}</button>
            </Form>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="account">
            <h2 id="account"><bdi>{account.name}</bdi></h2>
            <p><bdi>{account.email.as_str().to_owned()}</bdi>" · "<bdi>{account.masked_phone}</bdi></p>
            <p>{state}</p>
            {recover}
        </section>
    }
}
