//! Orders as their owner sees them: the receipt, and the list in the account.

use domain::{OrderStatus, OrderToken, Refusal, Timestamp};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shop::{OrderSummary, OrderView};
use web::routes;

use super::{
    Alert, Page,
    checkout::written,
    dates::Moment,
    expect_shop, expect_visitor, page,
    summary::{Amounts, Lines, Things},
    take_flash,
};

/// The page of one order.
#[component]
pub fn OrderPage() -> impl IntoView {
    let token = use_params_map().get_untracked().get("token").unwrap_or_default();
    page(async move {
        let token = OrderToken::parse(&token).ok_or(Refusal::NotFound)?;
        let order = expect_shop()?.orders().by_token(&expect_visitor()?, &token).await?;
        let flash = take_flash().await?;
        let title = format!("Order {}", order.number);
        Ok(view! {
            <Page title=title private=true>
                <div class="receipt stack stack-loose">
                    <Alert flash/>
                    <Headline order=order.clone()/>
                    <Receipt order/>
                    <div class="cluster">
                        <a class="button" href=routes::ACCOUNT_ORDERS>"All your orders"</a>
                        <a class="button-link" href=routes::PRODUCTS>"Continue shopping"</a>
                    </div>
                </div>
            </Page>
        })
    })
}

#[component]
fn Headline(order: OrderView) -> impl IntoView {
    let (title, words) = match order.status {
        OrderStatus::AwaitingCode => (
            "Waiting for your code",
            "Nothing was charged. Enter the code from your phone to confirm this order.",
        ),
        OrderStatus::Paying => (
            "Your payment is on its way",
            "Your order is confirmed and its things are set aside. The bank takes its time; \
             you need not do anything.",
        ),
        OrderStatus::Paid => {
            ("Thank you, your order is confirmed", "It is paid, and we are packing it.")
        }
        OrderStatus::Shipped => ("Your order is on its way", "It was handed over for delivery."),
        OrderStatus::Cancelled => ("This order was cancelled", "Nothing was charged."),
        OrderStatus::Refunded => ("This order was refunded", "The whole amount went back to you."),
    };
    let resume = (order.status == OrderStatus::AwaitingCode).then(|| {
        view! {
            <p><a class="button button-primary" href=routes::CHECKOUT_CONFIRM>"Enter the code"</a></p>
        }
    });
    view! {
        <div class="stack stack-tight">
            <h1>{title}</h1>
            <p class="muted">{words}</p>
            <p class="cluster small">
                <Status status=order.status/>
                <span>"Order "{order.number}" · "<Moment at=order.created_at/></span>
            </p>
            {resume}
        </div>
    }
}

#[component]
fn Receipt(order: OrderView) -> impl IntoView {
    let address = written(&order.address);
    view! {
        <section class="card" aria-label="Order summary">
            <Things lines=order.quote.lines().to_vec()/>
            <Amounts quote=order.quote/>
            <dl class="facts">
                <div><dt>"Delivered to"</dt><dd><Lines lines=address/></dd></div>
                <div><dt>"Shipping"</dt><dd>{order.shipping}</dd></div>
                <div><dt>"Paid with"</dt><dd>{order.method}</dd></div>
                <div><dt>"Paid to"</dt><dd>{order.payee}</dd></div>
                {dated("Paid on", order.paid_at)}
                {dated("Shipped on", order.shipped_at)}
            </dl>
        </section>
    }
}

fn dated(label: &'static str, at: Option<Timestamp>) -> impl IntoView {
    at.map(|at| view! { <div><dt>{label}</dt><dd><Moment at/></dd></div> })
}

/// Where an order stands, as a small badge.
#[component]
pub fn Status(
    /// The status.
    status: OrderStatus,
) -> impl IntoView {
    let (words, class) = match status {
        OrderStatus::AwaitingCode => ("Waiting for code", "badge badge-warn"),
        OrderStatus::Paying => ("Paying", "badge badge-warn"),
        OrderStatus::Paid => ("Paid", "badge badge-good"),
        OrderStatus::Shipped => ("Shipped", "badge badge-good"),
        OrderStatus::Cancelled => ("Cancelled", "badge"),
        OrderStatus::Refunded => ("Refunded", "badge"),
    };
    view! { <span class=class>{words}</span> }
}

/// The orders of the account.
#[component]
pub fn OrdersPage() -> impl IntoView {
    page(async {
        let orders = expect_shop()?.orders().list(&expect_visitor()?).await?;
        let is_empty = orders.is_empty();
        Ok(view! {
            <Page title="Your orders" private=true>
                <nav class="breadcrumb" aria-label="Breadcrumb">
                    <ol><li><a href=routes::ACCOUNT>"Account"</a></li></ol>
                </nav>
                <div class="page-head"><h1>"Your orders"</h1></div>
                {if is_empty {
                    view! {
                        <div class="empty">
                            <p class="strong">"You have not ordered anything yet."</p>
                            <a class="button button-primary" href=routes::PRODUCTS>"See all products"</a>
                        </div>
                    }.into_any()
                } else {
                    view! { <List orders/> }.into_any()
                }}
            </Page>
        })
    })
}

#[component]
fn List(orders: Vec<OrderSummary>) -> impl IntoView {
    let rows = orders.into_iter().map(|order| {
        let pieces = match order.count {
            1 => "1 piece".to_owned(),
            count => format!("{count} pieces"),
        };
        view! {
            <li class="order-row">
                <a class="strong" href=routes::order(order.token)>"Order "{order.number}</a>
                <Status status=order.status/>
                <span class="muted small"><Moment at=order.created_at/>" · "{pieces}</span>
                <span class="price">{order.total.to_string()}</span>
            </li>
        }
    });
    view! { <ul class="order-rows card">{rows.collect_view()}</ul> }
}
