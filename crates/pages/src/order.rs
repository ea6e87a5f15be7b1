//! Orders as their owner sees them: the receipt, and the list of the account.

use domain::{OrderStatus, OrderToken, Refusal, Timestamp};
use leptos::{either::Either, prelude::*};
use leptos_router::hooks::use_params_map;
use shop::{OrderSummary, OrderView};
use web::{routes, server};

use super::{
    Alert, Page,
    agreement::AgreedTexts,
    bdi::amount,
    checkout::written,
    dates::DateTime,
    expect_shop, expect_visitor, invoice, page,
    summary::{Amounts, Lines, OrderLines},
    take_flash, withdrawal,
};

/// The page of one order.
#[component]
pub fn OrderPage() -> impl IntoView {
    let token = use_params_map().get_untracked().get("token").unwrap_or_default();
    page(async move {
        let token = OrderToken::parse(&token).ok_or(Refusal::NotFound)?;
        let visitor = expect_visitor()?;
        let is_signed_in = visitor.signed_in.is_some();
        let shop = expect_shop()?;
        let order = shop.orders().by_token(&visitor, &token).await?;
        let flash = take_flash()?;
        let title = t!("order-title", number = order.number.as_str());
        let is_contract =
            matches!(order.status, OrderStatus::Paying | OrderStatus::Paid | OrderStatus::Shipped);
        let withdraw = is_contract.then(|| withdrawal::link_for(&order.number));
        let invoice = invoice_link(&order, &token, &shop.settings().invoice_seller);
        let withdrawn = order.withdrawn_at.map(withdrawal::received);
        Ok(view! {
            <Page title=title private=true>
                <div class="receipt stack stack-loose">
                    <Alert flash/>
                    {withdrawn}
                    <Headline order=order.clone()/>
                    <Receipt order=order.clone()/>
                    {invoice}
                    {order.agreement.map(|agreement| view! { <AgreedTexts agreement/> })}
                    <div class="cluster screen-only">
                        {is_signed_in.then(|| view! {
                            <a class="button" href=routes::ACCOUNT_ORDERS>{t!("orders-all")}</a>
                        })}
                        <a class="button-link" href=routes::PRODUCTS>{t!("continue-shopping")}</a>
                        {withdraw}
                    </div>
                </div>
            </Page>
        })
    })
}

#[component]
fn Headline(order: OrderView) -> impl IntoView {
    let (title, words) = match order.status {
        OrderStatus::AwaitingCode => (t!("order-awaiting-code-title"), t!("order-awaiting-code")),
        OrderStatus::Paying => (t!("order-paying-title"), t!("order-paying")),
        OrderStatus::Paid => (t!("order-paid-title"), t!("order-paid")),
        OrderStatus::Shipped => (t!("order-shipped-title"), t!("order-shipped")),
        OrderStatus::Cancelled => (t!("order-cancelled-title"), t!("order-cancelled")),
        OrderStatus::Refunded => (t!("order-refunded-title"), t!("order-refunded")),
    };
    let resume = (order.status == OrderStatus::AwaitingCode).then(|| {
        view! {
            <p><a class="button button-primary" href=routes::CHECKOUT_CONFIRM>{t!("order-enter-code")}</a></p>
        }
    });
    view! {
        <div class="stack stack-tight screen-only">
            <h1>{title}</h1>
            <p class="muted">{words}</p>
            <p class="cluster small">
                <Status status=order.status/>
                <span>{t!("order-title", number = order.number)}" · "<DateTime at=order.created_at/></span>
            </p>
            {resume}
        </div>
    }
}

#[component]
fn Receipt(order: OrderView) -> impl IntoView {
    let address = written(&order.address);
    let seller = match expect_shop() {
        Ok(shop) => shop.settings().invoice_seller.clone(),
        Err(_) => vec![order.payee.clone()],
    };
    let heading = if order.paid_at.is_some() { t!("receipt") } else { t!("checkout-order") };
    view! {
        <section class="card" aria-label=t!("checkout-summary")>
            <div class="receipt-head">
                <h2>{heading}</h2>
                <p><Lines lines=seller/></p>
            </div>
            <OrderLines lines=order.quote.lines().to_vec()/>
            <Amounts quote=order.quote/>
            <p class="hint">{t!("receipt-taxes")}</p>
            <dl class="facts">
                <div><dt>{t!("receipt-number")}</dt><dd><bdi>{order.number}</bdi></dd></div>
                <div><dt>{t!("receipt-placed-on")}</dt><dd><DateTime at=order.created_at/></dd></div>
                <div><dt>{t!("delivered-to")}</dt><dd><Lines lines=address/></dd></div>
                <div><dt>{t!("shipping")}</dt><dd>{server::text().shipping(&order.shipping)}</dd></div>
                <div><dt>{t!("order-paid-with")}</dt><dd>{server::text().payment_method(&order.method)}</dd></div>
                {order.invoice.as_ref().map(|invoice| view! {
                    <div><dt>{t!("invoice-number")}</dt><dd><bdi>{invoice.number.clone()}</bdi></dd></div>
                })}
                {dated(t!("invoice-issued-on"), order.invoice.map(|invoice| invoice.issued_at))}
                {dated(t!("order-paid-on"), order.paid_at)}
                {dated(t!("order-shipped-on"), order.shipped_at)}
            </dl>
        </section>
    }
}

fn dated(label: String, at: Option<Timestamp>) -> impl IntoView {
    at.map(|at| view! { <div><dt>{label}</dt><dd><DateTime at/></dd></div> })
}

/// The status of an order, as a badge.
#[component]
pub fn Status(
    /// The status.
    status: OrderStatus,
) -> impl IntoView {
    let class = match status {
        OrderStatus::AwaitingCode | OrderStatus::Paying => "badge badge-warn",
        OrderStatus::Paid | OrderStatus::Shipped => "badge badge-good",
        OrderStatus::Cancelled | OrderStatus::Refunded => "badge",
    };
    view! { <span class=class>{server::text().order_status(status)}</span> }
}

/// The orders of the account.
#[component]
pub fn OrdersPage() -> impl IntoView {
    page(async {
        let orders = expect_shop()?.orders().list(&expect_visitor()?).await?;
        let flash = take_flash()?;
        let is_empty = orders.is_empty();
        Ok(view! {
            <Page title=t!("orders-title") private=true>
                <nav class="breadcrumb" aria-label=t!("breadcrumb")>
                    <ol><li><a href=routes::ACCOUNT>{t!("layout-account")}</a></li></ol>
                </nav>
                <div class="page-head"><h1>{t!("orders-title")}</h1></div>
                <Alert flash/>
                {if is_empty {
                    view! {
                        <div class="empty">
                            <p class="strong">{t!("orders-none")}</p>
                            <a class="button button-primary" href=routes::PRODUCTS>{t!("all-products")}</a>
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
        let pieces = t!("order-pieces", count = order.count);
        view! {
            <li class="order-row">
                <a class="strong" href=routes::order(order.token)>{t!("order-title", number = order.number)}</a>
                <Status status=order.status/>
                <span class="muted small"><DateTime at=order.created_at/>" · "{pieces}</span>
                <span class="price">{amount(order.total)}</span>
            </li>
        }
    });
    view! { <ul class="order-rows card">{rows.collect_view()}</ul> }
}

/// The link to the invoice, once there is one that a PDF can show.
fn invoice_link(
    order: &OrderView,
    token: &OrderToken,
    seller: &[String],
) -> Option<impl IntoView + use<>> {
    order.invoice.as_ref()?;
    let is_possible = invoice::is_possible(&server::text(), order, seller);
    Some(match is_possible {
        true => Either::Left(view! {
            <p class="screen-only">
                <a href=routes::downloads::invoice(token) download>{t!("invoice-download")}</a>
            </p>
        }),
        false => Either::Right(view! {
            <p class="hint screen-only">{t!("invoice-print-instead")}</p>
        }),
    })
}
