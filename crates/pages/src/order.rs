//! Orders as their owner sees them: the receipt, and the list of the account.

use domain::{OrderStatus, OrderToken, Refusal, Timestamp};
use leptos::{either::Either, prelude::*};
use leptos_router::hooks::use_params_map;
use shop::{BankAccount, NextStep, OrderSummary, OrderView, Returned};
use web::{routes, server};

use super::{
    Alert, Form, Page, SubmitButton, TextField,
    agreement::AgreedTexts,
    bdi::amount,
    checkout::written,
    dates::DateTime,
    expect_shop, expect_visitor, invoice, page, redirect,
    summary::{Amounts, Lines, OrderLines},
    take_flash, withdrawal,
};

/// The page of one order.
#[component]
pub fn OrderPage() -> impl IntoView {
    let token = use_params_map().get_untracked().get("token").unwrap_or_default();
    page(async move {
        let token = OrderToken::parse(&token).ok_or(Refusal::NotFound)?;
        let (shop, visitor) = (expect_shop()?, expect_visitor()?);
        let is_signed_in = visitor.signed_in.is_some();
        let order = shop.orders().by_token(&visitor, &token).await?;
        let next = shop.checkout().next_step(&visitor, &token).await?;
        let flash = take_flash()?;
        let title = t!("order-title", number = order.number.as_str());
        let withdraw = order.status.is_contract().then(|| withdrawal::link_for(&order.number));
        let invoice = invoice_link(&order, &token, &shop.settings().invoice_seller);
        let withdrawn = order.withdrawn_at.map(withdrawal::received);
        Ok(view! {
            <Page title=title private=true>
                <div class="receipt stack stack-loose">
                    <Alert flash/>
                    {withdrawn}
                    <Headline order=order.clone() next=next.clone()/>
                    <Next next=next.clone() token/>
                    {transfer(&order, &next, shop.settings().bank_account.clone())}
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

/// The heading, and a sentence that says where the order stands.
#[component]
fn Headline(order: OrderView, next: NextStep) -> impl IntoView {
    let (title, words) = headline(order.status, &next);
    view! {
        <div class="stack stack-tight screen-only">
            <h1>{title}</h1>
            <p class="muted">{words}</p>
            <p class="cluster small">
                <Status status=order.status/>
                <span>{t!("order-title", number = order.number)}" · "<DateTime at=order.created_at/></span>
            </p>
        </div>
    }
}

fn headline(status: OrderStatus, next: &NextStep) -> (String, String) {
    match (status, next) {
        (OrderStatus::AwaitingCode, NextStep::PlaceAgain { declined: Some(reason) }) => {
            let reason = server::text().decline_reason(*reason);
            (t!("order-declined-title"), t!("order-declined", reason = reason))
        }
        (OrderStatus::AwaitingCode, _) => {
            (t!("order-awaiting-code-title"), t!("order-awaiting-code"))
        }
        (OrderStatus::AwaitingAuthorisation, _) => {
            (t!("order-awaiting-authorisation-title"), t!("order-awaiting-authorisation"))
        }
        (OrderStatus::Authorised, _) => (t!("order-authorised-title"), t!("order-authorised")),
        (OrderStatus::Confirmed, NextStep::Transfer { until }) => {
            let until = server::text().date_time(*until);
            (t!("order-confirmed-title"), t!("order-confirmed-transfer", until = until))
        }
        (OrderStatus::Confirmed, _) => {
            (t!("order-confirmed-title"), t!("order-confirmed-on-delivery"))
        }
        (OrderStatus::Paying, _) => (t!("order-paying-title"), t!("order-paying")),
        (OrderStatus::Paid, _) => (t!("order-paid-title"), t!("order-paid")),
        (OrderStatus::Shipped, _) => (t!("order-shipped-title"), t!("order-shipped")),
        (OrderStatus::Cancelled, _) => (t!("order-cancelled-title"), t!("order-cancelled")),
        (OrderStatus::Refunded, _) => (t!("order-refunded-title"), t!("order-refunded")),
    }
}

/// What the shopper does next, if there is anything.
#[component]
fn Next(next: NextStep, token: OrderToken) -> impl IntoView {
    match next {
        NextStep::EnterCode => view! {
            <p class="screen-only"><a class="button button-primary" href=routes::CHECKOUT_CONFIRM>{t!("order-enter-code")}</a></p>
        }
        .into_any(),
        NextStep::SendCode { is_password_needed } => {
            view! { <SendCode token is_password_needed/> }.into_any()
        }
        NextStep::Authorise { page } => view! {
            <p class="cluster screen-only">
                {page.map(|page| view! {
                    <a class="button button-primary" rel="noreferrer" href=page.to_string()>{t!("order-to-payment-page")}</a>
                })}
                <a class="button" href=routes::checkout_step("payment")>{t!("order-other-payment")}</a>
            </p>
        }
        .into_any(),
        NextStep::PlaceAgain { declined: Some(_) } => view! {
            <p class="screen-only"><a class="button button-primary" href=routes::checkout_step("payment")>{t!("order-other-payment")}</a></p>
        }
        .into_any(),
        NextStep::PlaceAgain { declined: None } => view! {
            <p class="screen-only"><a class="button button-primary" href=routes::CHECKOUT_REVIEW>{t!("order-enter-code")}</a></p>
        }
        .into_any(),
        NextStep::Transfer { .. } | NextStep::Nothing => ().into_any(),
    }
}

/// The account to which the money of an order has to be transferred, while it is waited for.
fn transfer(
    order: &OrderView,
    next: &NextStep,
    account: Option<BankAccount>,
) -> Option<impl IntoView + use<>> {
    let (NextStep::Transfer { until }, Some(account)) = (next, account) else { return None };
    let (until, total, reference) = (*until, order.quote.total(), order.number.clone());
    let bank = account.bank.map(|bank| {
        view! { <div><dt>{t!("transfer-bank")}</dt><dd><bdi>{bank}</bdi></dd></div> }
    });
    Some(view! {
        <section class="card" aria-labelledby="transfer">
            <h2 id="transfer">{t!("transfer-title")}</h2>
            <dl class="facts">
                <div><dt>{t!("transfer-holder")}</dt><dd><bdi>{account.holder}</bdi></dd></div>
                <div><dt>{t!("transfer-account")}</dt><dd><bdi>{account.number}</bdi></dd></div>
                {bank}
                <div><dt>{t!("transfer-amount")}</dt><dd>{amount(total)}</dd></div>
                <div><dt>{t!("transfer-reference")}</dt><dd><bdi>{reference}</bdi></dd></div>
                <div><dt>{t!("transfer-until")}</dt><dd><DateTime at=until/></dd></div>
            </dl>
            <p class="hint">{t!("transfer-reference-hint")}</p>
        </section>
    })
}

/// Asks for the code in this browser.
#[component]
fn SendCode(token: OrderToken, is_password_needed: bool) -> impl IntoView {
    let password = is_password_needed.then(|| {
        view! {
            <TextField
                label=t!("field-password")
                name="password"
                kind="password"
                autocomplete="current-password"
                hint=t!("checkout-password-hint")
            />
        }
    });
    view! {
        <Form class="stack screen-only" action=routes::api::CHECKOUT_CODE novalidate=true>
            <input type="hidden" name="order" value=token.to_string()/>
            {password}
            <SubmitButton label=t!("order-send-code")/>
        </Form>
    }
}

/// Where the gateway sends shoppers back to: it leads on to the code, or to the order.
#[component]
pub fn ReturnPage() -> impl IntoView {
    let token = use_params_map().get_untracked().get("token").unwrap_or_default();
    page(async move {
        let token = OrderToken::parse(&token).ok_or(Refusal::NotFound)?;
        let (shop, visitor) = (expect_shop()?, expect_visitor()?);
        match shop.checkout().returned(&visitor, &token).await? {
            Returned::EnterCode => redirect(routes::CHECKOUT_CONFIRM),
            Returned::SeeOrder => redirect(&routes::order(token)),
        }
        Ok(())
    })
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
        OrderStatus::AwaitingCode
        | OrderStatus::AwaitingAuthorisation
        | OrderStatus::Authorised
        | OrderStatus::Paying => "badge badge-warn",
        OrderStatus::Confirmed | OrderStatus::Paid | OrderStatus::Shipped => "badge badge-good",
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
