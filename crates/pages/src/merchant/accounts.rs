//! One account, for whoever answers its owner's letters. After a hundred wrong
//! codes in a row a phone gets no more of them; once the owner has proved to be
//! the owner, the merchant switches them on again here.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use shop::merchant::AccountView;
use web::routes;

use super::{
    super::{Alert, TextField, expect_shop, expect_visitor, page, take_flash},
    Frame,
};

/// Finds an account by its e-mail address.
#[component]
pub fn AccountsPage() -> impl IntoView {
    let email = use_query_map().get_untracked().get("email").unwrap_or_default();
    page(async move {
        let account = expect_shop()?.merchant(&expect_visitor()?)?.account(&email).await?;
        let flash = take_flash().await?;
        let is_unknown = account.is_none() && !email.is_empty();
        Ok(view! {
            <Frame title="Accounts" tab=routes::MERCHANT_ACCOUNTS>
                <Alert flash/>
                <form class="narrow stack" method="get" action=routes::MERCHANT_ACCOUNTS>
                    <TextField label="E-mail address" name="email" kind="email" value=email/>
                    <button class="button" type="submit">"Find"</button>
                </form>
                {account.map(|account| view! { <Account account/> })}
                {is_unknown.then(|| view! { <p class="empty muted">"No account has this address."</p> })}
            </Frame>
        })
    })
}

#[component]
fn Account(account: AccountView) -> impl IntoView {
    let state = if account.codes_are_off {
        "Codes are off: too many wrong ones in a row."
    } else {
        "Codes are on."
    };
    let recover = account.codes_are_off.then(|| {
        view! {
            <p class="hint">
                "Make sure that it is the owner who asks, by something only the owner knows or has."
            </p>
            <form method="post" action=routes::api::MERCHANT_ACCOUNTS_RECOVER>
                <input type="hidden" name="account" value=account.id.to_string()/>
                <button class="button button-primary" type="submit">"Switch codes on again"</button>
            </form>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="account">
            <h2 id="account">{account.name}</h2>
            <p>{format!("{} · {}", account.email.as_str(), account.masked_phone)}</p>
            <p>{state}</p>
            {recover}
        </section>
    }
}
