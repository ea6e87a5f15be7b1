//! Notices of withdrawal, for the merchant.

use leptos::{either::Either, prelude::*};
use leptos_router::hooks::use_query_map;
use shop::{consumer_law::WithdrawalPeriod, merchant::MerchantWithdrawal};
use web::{routes, server};

use super::{
    super::{Alert, Form, dates::DateTime, expect_shop, expect_visitor, page, take_flash},
    Frame,
};

/// All notices, newest first.
#[component]
pub fn WithdrawalsPage() -> impl IntoView {
    let after = use_query_map().get_untracked().get("after");
    page(async move {
        let shop = expect_shop()?;
        let found = shop.merchant(&expect_visitor()?)?.withdrawals(after.as_deref()).await?;
        let flash = take_flash()?;
        let more = found.next.map(|after| routes::list_after(routes::MERCHANT_WITHDRAWALS, after));
        let list = match found.withdrawals.is_empty() {
            true => Either::Left(view! { <p class="empty muted">{t!("withdrawals-none")}</p> }),
            false => Either::Right(view! { <Notices notices=found.withdrawals/> }),
        };
        Ok(view! {
            <Frame title=t!("merchant-withdrawals") tab=routes::MERCHANT_WITHDRAWALS>
                <Alert flash/>
                <p class="hint">{t!("withdrawals-about")}</p>
                {list}
                {more.map(|address| view! {
                    <p class="more"><a class="button" href=address rel="next">{t!("show-more")}</a></p>
                })}
            </Frame>
        })
    })
}

/// Notices as cards.
#[component]
pub fn Notices(
    /// The notices.
    notices: Vec<MerchantWithdrawal>,
) -> impl IntoView {
    let cards = notices.into_iter().map(|notice| view! { <li><Notice notice/></li> });
    view! { <ul class="stack">{cards.collect_view()}</ul> }
}

#[component]
fn Notice(notice: MerchantWithdrawal) -> impl IntoView {
    let id = format!("withdrawal-{}", notice.id);
    let period = period(notice.period);
    let order = match &notice.order {
        Some(order) => Either::Left(view! {
            <a href=routes::merchant_order(order)><bdi>{notice.order_number.clone()}</bdi></a>
        }),
        None => Either::Right(view! { <bdi>{notice.order_number.clone()}</bdi> }),
    };
    let (class, state) = match notice.is_handled {
        true => ("badge badge-good", t!("withdrawal-handled")),
        false => ("badge badge-warn", t!("withdrawal-open")),
    };
    view! {
        <article class="card stack" id=id.clone()>
            <p class="cluster"><span class=class>{state}</span><DateTime at=notice.received_at/></p>
            <dl class="facts">
                <div><dt>{t!("field-order-number")}</dt><dd>{order}</dd></div>
                <div><dt>{t!("field-name")}</dt><dd><bdi>{notice.name}</bdi></dd></div>
                <div><dt>{t!("field-contact")}</dt><dd><bdi>{notice.contact}</bdi></dd></div>
                <div><dt>{t!("withdrawal-period")}</dt><dd>{period}</dd></div>
            </dl>
            <Handled id=notice.id.to_string() is_handled=notice.is_handled/>
        </article>
    }
}

/// The button that changes the state. The form carries the state that the page showed.
#[component]
fn Handled(id: String, is_handled: bool) -> impl IntoView {
    let label = if is_handled { t!("withdrawal-reopen") } else { t!("withdrawal-handle") };
    let next = if is_handled { "open" } else { "handled" };
    view! {
        <Form action=routes::api::MERCHANT_WITHDRAWALS_STATE>
            <input type="hidden" name="withdrawal" value=id/>
            <input type="hidden" name="state" value=next/>
            <button class="button" type="submit">{label}</button>
        </Form>
    }
}

fn period(period: Option<WithdrawalPeriod>) -> String {
    match period {
        None => t!("withdrawal-no-order"),
        Some(WithdrawalPeriod::Open) => t!("withdrawal-in-time"),
        Some(WithdrawalPeriod::None) => t!("withdrawal-no-period"),
        Some(WithdrawalPeriod::Over { ended_at }) => {
            t!("withdrawal-late", date = server::text().date_time(ended_at))
        }
    }
}
