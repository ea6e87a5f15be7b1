//! One account, for the merchant. After a hundred wrong codes in a row the codes of a phone are
//! disabled. The merchant enables them here again once the owner has been identified.

use domain::AccountId;
use leptos::{either::EitherOf3, prelude::*};
use leptos_router::hooks::use_query_map;
use shop::{
    PhoneChangeView,
    merchant::{AccountView, OpenPhoneChange},
};
use web::{routes, server};

use super::{
    super::{
        Alert, Flash, Form, TextField, dates::DateTime, expect_shop, expect_visitor, page,
        take_flash,
    },
    Frame,
};

/// Finds an account by its e-mail address.
#[component]
pub fn AccountsPage() -> impl IntoView {
    let email = use_query_map().get_untracked().get("email").unwrap_or_default();
    page(async move {
        let (shop, visitor) = (expect_shop()?, expect_visitor()?);
        let merchant = shop.merchant(&visitor)?;
        let account = merchant.account(&email).await?;
        let changes = merchant.phone_changes().await?;
        let mut flash = take_flash()?;
        let is_unknown = account.is_none() && !email.is_empty();
        let account = account.map(|account| {
            let (of_account, of_change) = (flash.take_at(ACCOUNT), flash.take_at(PHONE_CHANGE));
            view! { <Account account of_account of_change/> }
        });
        Ok(view! {
            <Frame title=t!("merchant-accounts") tab=routes::MERCHANT_ACCOUNTS>
                <Alert flash/>
                <form class="narrow stack" method="get" action=routes::MERCHANT_ACCOUNTS>
                    <TextField label=t!("field-email") name="email" kind="email" value=email/>
                    <button class="button" type="submit">{t!("account-find")}</button>
                </form>
                {account}
                <OpenChanges changes/>
                {is_unknown.then(|| view! { <p class="empty muted">{t!("account-none")}</p> })}
            </Frame>
        })
    })
}

// The headings by their ids, to which the forms below them come back.
const ACCOUNT: &str = "account";
const PHONE_CHANGE: &str = "phone-change";

/// The account, with the results of the forms of its two parts.
#[component]
fn Account(account: AccountView, of_account: Flash, of_change: Flash) -> impl IntoView {
    let state = match account.codes_off_since {
        Some(since) => t!("account-codes-off", since = server::text().date_time(since)),
        None => t!("account-codes-on"),
    };
    let id = account.id.clone();
    let recover = account.codes_off_since.map(|shown| {
        view! {
            <p class="hint">
                {t!("account-recover-hint")}
            </p>
            <Form action=routes::api::MERCHANT_ACCOUNTS_RECOVER anchor=ACCOUNT>
                <input type="hidden" name="account" value=account.id.to_string()/>
                <input type="hidden" name="shown" value=shown.as_millis().to_string()/>
                <button class="button button-primary" type="submit">{t!("account-recover")}</button>
            </Form>
        }
    });
    let change = ChangeOfPhone {
        open: account.phone_change,
        may_start: account.may_start_phone_change,
        has_confirmed_email: account.has_confirmed_email,
    };
    view! {
        <section class="card stack" aria-labelledby=ACCOUNT>
            <h2 id=ACCOUNT><bdi>{account.name}</bdi></h2>
            <Alert flash=of_account/>
            <p><bdi>{account.email.as_str().to_owned()}</bdi>" · "<bdi>{account.masked_phone}</bdi></p>
            <p>{state}</p>
            {recover}
            <PhoneChange account=id change flash=of_change/>
        </section>
    }
}

/// What can be done for an owner who lost the phone.
struct ChangeOfPhone {
    open: Option<PhoneChangeView>,
    may_start: bool,
    has_confirmed_email: bool,
}

#[component]
fn PhoneChange(account: AccountId, change: ChangeOfPhone, flash: Flash) -> impl IntoView {
    let ChangeOfPhone { open, may_start, has_confirmed_email } = change;
    let told = match has_confirmed_email {
        true => t!("phone-change-told-by-email"),
        false => t!("phone-change-told-by-phone"),
    };
    let id = account.to_string();
    let step = match open {
        Some(open) => EitherOf3::A(view! {
            <Times view=open.clone()/>
            <Form action=routes::api::MERCHANT_PHONE_CHANGE_CANCEL anchor=PHONE_CHANGE>
                <input type="hidden" name="account" value=id/>
                <input type="hidden" name="shown" value=open.started_at.as_millis().to_string()/>
                <button class="button" type="submit">{t!("phone-change-cancel")}</button>
            </Form>
        }),
        None if may_start => EitherOf3::B(view! {
            <p class="hint">{t!("phone-change-about")}" "{told}</p>
            <Form action=routes::api::MERCHANT_PHONE_CHANGE_START anchor=PHONE_CHANGE>
                <input type="hidden" name="account" value=id/>
                <button class="button" type="submit">{t!("phone-change-start")}</button>
            </Form>
        }),
        None => EitherOf3::C(view! { <p class="hint">{t!("phone-change-not-possible")}</p> }),
    };
    view! {
        <h3 id=PHONE_CHANGE>{t!("phone-change-title")}</h3>
        <Alert flash/>
        {step}
    }
}

/// When a change was started, and from when until when it opens the way.
#[component]
fn Times(view: PhoneChangeView) -> impl IntoView {
    let state = if view.is_ready { t!("phone-change-ready") } else { t!("phone-change-waits") };
    view! {
        <p>{state}</p>
        <dl class="facts">
            <div><dt>{t!("phone-change-started")}</dt><dd><DateTime at=view.started_at/></dd></div>
            <div><dt>{t!("phone-change-opens")}</dt><dd><DateTime at=view.ready_at/></dd></div>
            <div><dt>{t!("phone-change-ends")}</dt><dd><DateTime at=view.expires_at/></dd></div>
        </dl>
    }
}

/// Every open change of phone.
#[component]
fn OpenChanges(changes: Vec<OpenPhoneChange>) -> impl IntoView {
    (!changes.is_empty()).then(|| {
        let rows = changes.into_iter().map(|change| {
            let email = change.email.as_str().to_owned();
            let page = routes::merchant_account(&email);
            view! { <li class="stack-tight"><p><a href=page>{email}</a></p><Times view=change.view/></li> }
        });
        view! {
            <section class="card stack" aria-labelledby="changes">
                <h2 id="changes">{t!("phone-changes-title")}</h2>
                <ul class="order-rows">{rows.collect_view()}</ul>
            </section>
        }
    })
}
