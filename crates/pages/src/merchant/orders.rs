//! Orders as the merchant sees them, and the actions on one.

use domain::{Field, OrderId, Refusal};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use shop::merchant::{DisputeView, HistoryView, MerchantOrder, MerchantOrderSummary};
use web::{routes, server};

use super::{
    super::{
        Alert, Flash, Form, TextField,
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
        let mut flash = take_flash()?;
        let of_actions = flash.take_at(ACTIONS);
        Ok(view! {
            <Frame title=t!("order-title", number = order.number.as_str()) tab=routes::MERCHANT_ORDERS>
                <div class="with-aside">
                    <div class="stack">
                        <Alert flash=flash.clone()/>
                        {(!order.disputes.is_empty()).then(|| view! { <Disputes disputes=order.disputes.clone()/> })}
                        {(!notices.is_empty()).then(|| view! { <Notices notices/> })}
                        <Facts order=order.clone()/>
                        {order.agreement.clone().map(|agreement| view! { <AgreedTexts agreement/> })}
                        <History entries=order.history.clone()/>
                    </div>
                    <Actions order flash=of_actions/>
                </div>
            </Frame>
        })
    })
}

#[component]
fn Facts(order: MerchantOrder) -> impl IntoView {
    let address = written(&order.address);
    let customer = vec![order.customer, order.email];
    let (paid, refunded) = (order.captured, order.refunded);
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
                {paid.map(|paid| view! { <div><dt>{t!("merchant-paid-amount")}</dt><dd>{amount(paid)}</dd></div> })}
                {refunded.map(|sum| view! { <div><dt>{t!("merchant-refunded-amount")}</dt><dd>{amount(sum)}</dd></div> })}
            </dl>
        </section>
    }
}

/// The `id` of the actions.
const ACTIONS: &str = "actions";

#[component]
fn Actions(order: MerchantOrder, flash: Flash) -> impl IntoView {
    let note = order.is_waiting_for_gateway.then(|| t!("merchant-paying"));
    let version = Version { id: order.id.to_string(), shown: order.version.to_string() };
    let danger = "button button-danger button-wide";
    let simple = [
        (
            order.may.ship,
            routes::api::MERCHANT_ORDERS_SHIP,
            t!("merchant-ship"),
            "button button-primary button-wide",
        ),
        (
            order.may.receive,
            routes::api::MERCHANT_ORDERS_RECEIVED,
            t!("merchant-received"),
            "button button-wide",
        ),
        (order.may.cancel, routes::api::MERCHANT_ORDERS_CANCEL, t!("merchant-cancel"), danger),
        (order.may.refund, routes::api::MERCHANT_ORDERS_REFUND, t!("merchant-refund"), danger),
    ];
    let forms = simple.into_iter().filter(|(may, ..)| *may).map(|(_, action, label, class)| {
        let version = version.clone();
        view! {
            <Form action=action anchor=ACTIONS>
                {version.fields()}
                <button class=class type="submit">{label}</button>
            </Form>
        }
    });
    let may_restock = order.may.restock;
    let refused =
        order.may.refuse.then(|| view! { <ParcelRefused version=version.clone() may_restock/> });
    let part = order.may.refund.then(|| {
        let (version, refund) = (version.clone(), order.next_refund.to_string());
        view! { <RefundPart version refund may_restock flash=flash.clone()/> }
    });
    view! {
        <section class="card aside stack" id=ACTIONS aria-label=t!("merchant-actions")>
            <Alert flash=flash.clone()/>
            <p><Status status=order.status/></p>
            {note.map(|words| view! { <p class="hint">{words}</p> })}
            {forms.collect_view()}
            {refused}
            {part}
        </section>
    }
}

/// The order as the page shows it, which every form about it carries.
#[derive(Clone)]
struct Version {
    id: String,
    shown: String,
}

impl Version {
    fn fields(self) -> impl IntoView {
        view! {
            <input type="hidden" name="order" value=self.id/>
            <input type="hidden" name="shown" value=self.shown/>
        }
    }
}

#[component]
fn ParcelRefused(version: Version, may_restock: bool) -> impl IntoView {
    view! {
        <Form class="stack stack-tight" action=routes::api::MERCHANT_ORDERS_PARCEL_REFUSED anchor=ACTIONS>
            {version.fields()}
            {may_restock.then(|| view! { <Restock/> })}
            <button class="button button-danger button-wide" type="submit">{t!("merchant-parcel-refused")}</button>
        </Form>
    }
}

#[component]
fn RefundPart(version: Version, refund: String, may_restock: bool, flash: Flash) -> impl IntoView {
    view! {
        <Form class="stack stack-tight" action=routes::api::MERCHANT_ORDERS_REFUND_PART anchor=ACTIONS novalidate=true>
            {version.fields()}
            <input type="hidden" name="refund" value=refund/>
            <TextField
                label=t!("merchant-refund-amount")
                name=Field::Amount.as_str()
                value=flash.value(Field::Amount)
                problem=flash.problem(Field::Amount)
            />
            {may_restock.then(|| view! { <Restock/> })}
            <button class="button button-danger button-wide" type="submit">{t!("merchant-refund-part")}</button>
        </Form>
    }
}

#[component]
fn Restock() -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" name="restock" value="yes"/>
            <span>{t!("merchant-restock")}</span>
        </label>
    }
}

/// What the gateway told of disputes.
#[component]
fn Disputes(disputes: Vec<DisputeView>) -> impl IntoView {
    let rows = disputes.into_iter().map(|dispute| {
        let until = dispute.respond_by.map(|at| server::text().date_time(at));
        let words = match until {
            Some(until) => t!("dispute-until", reason = dispute.reason, until = until),
            None => t!("dispute-reason", reason = dispute.reason),
        };
        let state = t!("dispute-state", state = dispute.status);
        view! { <li><strong>{state}</strong>" · "{amount(dispute.amount)}<br/>{words}</li> }
    });
    view! {
        <section class="card" aria-labelledby="disputes">
            <h2 id="disputes">{t!("disputes-title")}</h2>
            <p>{t!("disputes-about")}</p>
            <ul>{rows.collect_view()}</ul>
        </section>
    }
}

/// What happened to the order, oldest first.
#[component]
fn History(entries: Vec<HistoryView>) -> impl IntoView {
    let rows = entries.into_iter().map(|entry| {
        let text = server::text();
        let what = text.history_kind(entry.kind);
        let who = text.history_actor(entry.actor);
        let amount = entry.amount.map(|sum| view! { " · "{amount(sum)} });
        let details = [entry.reason.map(|reason| text.history_reason(&reason)), entry.request_id];
        let details: Vec<_> = details.into_iter().flatten().collect();
        let details = (!details.is_empty()).then(|| format!(" ({})", details.join(", ")));
        view! { <li><DateTime at=entry.at/>" · "{what}{details}{amount}" · "{who}</li> }
    });
    view! {
        <section class="card" aria-labelledby="history">
            <h2 id="history">{t!("history-title")}</h2>
            <ol class="small">{rows.collect_view()}</ol>
        </section>
    }
}
