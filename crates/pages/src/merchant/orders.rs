//! Orders as the merchant sees them, and the actions on one.

use domain::{OrderEvent, OrderId, OrderStatus, Refusal};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use shop::merchant::{MerchantOrder, MerchantOrderSummary};
use web::{routes, server};

use super::{
    super::{
        Alert, Form,
        agreement::AgreedTexts,
        bdi::amount,
        checkout::written,
        dates::DateTime,
        expect_shop, expect_visitor,
        order::Status,
        page,
        summary::{Amounts, Lines, OrderLines},
        take_flash,
    },
    Frame,
    withdrawals::Notices,
};

/// All orders, newest first.
#[component]
pub fn OrdersPage() -> impl IntoView {
    let after = use_query_map().get_untracked().get("after");
    page(async move {
        let shop = expect_shop()?;
        let orders = shop.merchant(&expect_visitor()?)?.orders(after.as_deref()).await?;
        let flash = take_flash()?;
        let more = orders.next.map(|after| routes::list_after(routes::MERCHANT_ORDERS, after));
        Ok(view! {
            <Frame title=t!("merchant-orders") tab=routes::MERCHANT_ORDERS>
                <Alert flash/>
                <Table orders=orders.orders/>
                {more.map(|address| view! {
                    <p class="more"><a class="button" href=address rel="next">{t!("show-more")}</a></p>
                })}
            </Frame>
        })
    })
}

/// Orders as rows.
#[component]
pub fn Table(
    /// The orders.
    orders: Vec<MerchantOrderSummary>,
) -> impl IntoView {
    if orders.is_empty() {
        return view! { <p class="empty muted">{t!("merchant-no-orders")}</p> }.into_any();
    }
    let rows = orders.into_iter().map(|order| {
        view! {
            <tr>
                <th scope="row"><a href=routes::merchant_order(&order.id)>{order.number}</a></th>
                <td><Status status=order.status/></td>
                <td><bdi>{order.customer}</bdi></td>
                <td><DateTime at=order.created_at/></td>
                <td class="number">{amount(order.total)}</td>
            </tr>
        }
    });
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label=t!("merchant-orders")>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t!("merchant-order")}</th>
                        <th scope="col">{t!("merchant-order-status")}</th>
                        <th scope="col">{t!("merchant-customer")}</th>
                        <th scope="col">{t!("merchant-placed")}</th>
                        <th scope="col" class="number">{t!("total")}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// One order.
#[component]
pub fn OrderPage() -> impl IntoView {
    let id = use_params_map().get_untracked().get("id").unwrap_or_default();
    page(async move {
        let id = OrderId::parse(&id).ok_or(Refusal::NotFound)?;
        let shop = expect_shop()?;
        let visitor = expect_visitor()?;
        let merchant = shop.merchant(&visitor)?;
        let order = merchant.order(&id).await?;
        let notices = merchant.withdrawals_of(&id).await?;
        let flash = take_flash()?;
        Ok(view! {
            <Frame title=t!("order-title", number = order.number.as_str()) tab=routes::MERCHANT_ORDERS>
                <div class="with-aside">
                    <div class="stack">
                        <Alert flash/>
                        {(!notices.is_empty()).then(|| view! { <Notices notices/> })}
                        <Facts order=order.clone()/>
                        {order.agreement.clone().map(|agreement| view! { <AgreedTexts agreement/> })}
                    </div>
                    <Actions order/>
                </div>
            </Frame>
        })
    })
}

#[component]
fn Facts(order: MerchantOrder) -> impl IntoView {
    let address = written(&order.address);
    let customer = vec![order.customer, order.email];
    view! {
        <section class="card" aria-label=t!("checkout-summary")>
            <OrderLines lines=order.quote.lines().to_vec()/>
            <Amounts quote=order.quote/>
            <dl class="facts">
                <div><dt>{t!("merchant-customer")}</dt><dd><Lines lines=customer/></dd></div>
                <div><dt>{t!("merchant-deliver-to")}</dt><dd><Lines lines=address/></dd></div>
                <div><dt>{t!("shipping")}</dt><dd>{server::text().shipping(&order.shipping)}</dd></div>
                <div><dt>{t!("order-paid-with")}</dt><dd>{server::text().payment_method(&order.method)}</dd></div>
                <div><dt>{t!("merchant-placed")}</dt><dd><DateTime at=order.created_at/></dd></div>
            </dl>
        </section>
    }
}

#[component]
fn Actions(order: MerchantOrder) -> impl IntoView {
    let may = |event| order.status.after(event).is_some();
    let (id, shown) = (order.id.to_string(), order.version.to_string());
    let actions = [
        (
            OrderEvent::Ship,
            routes::api::MERCHANT_ORDERS_SHIP,
            t!("merchant-ship"),
            "button button-primary button-wide",
        ),
        (
            OrderEvent::Cancel,
            routes::api::MERCHANT_ORDERS_CANCEL,
            t!("merchant-cancel"),
            "button button-danger button-wide",
        ),
        (
            OrderEvent::Refund,
            routes::api::MERCHANT_ORDERS_REFUND,
            t!("merchant-refund"),
            "button button-danger button-wide",
        ),
    ];
    let forms =
        actions.into_iter().filter(|(event, ..)| may(*event)).map(|(_, action, label, class)| {
            let (id, shown) = (id.clone(), shown.clone());
            view! {
                <Form action=action>
                    <input type="hidden" name="order" value=id/>
                    <input type="hidden" name="shown" value=shown/>
                    <button class=class type="submit">{label}</button>
                </Form>
            }
        });
    let note = (order.status == OrderStatus::Paying).then(|| t!("merchant-paying"));
    view! {
        <section class="card aside" aria-label=t!("merchant-actions")>
            <p><Status status=order.status/></p>
            {note.map(|words| view! { <p class="hint">{words}</p> })}
            {forms.collect_view()}
        </section>
    }
}
