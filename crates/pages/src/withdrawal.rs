//! Withdrawal from a contract (Directive 2011/83/EU, Art. 11a): the statement, its confirmation,
//! and the receipt. No account and no code is needed.

use domain::Field;
use leptos::{either::Either, prelude::*};
use leptos_router::hooks::use_query_map;
use shop::withdrawals::{WithdrawalReceipt, WithdrawalStatement};
use web::{routes, server};

use super::{
    Alert, Flash, Form, FormPage, Page, SubmitButton, TextField, dates::DateTime, expect_shop,
    expect_visitor, page, redirect, take_flash,
};

/// The statement: who withdraws from which contract.
#[component]
pub fn WithdrawalPage() -> impl IntoView {
    let order = use_query_map().get_untracked().get("order").unwrap_or_default();
    page(async move {
        let flash = take_flash()?;
        let typed = flash.value(Field::OrderNumber);
        let number = if typed.is_empty() { order } else { typed };
        Ok(view! {
            <FormPage title=t!("withdrawal-title") about=t!("withdrawal-about") flash=flash.clone()>
                <Form class="stack" action=routes::api::WITHDRAWAL novalidate=true>
                    <TextField
                        label=t!("field-name")
                        name="name"
                        autocomplete="name"
                        value=flash.value(Field::Name)
                        problem=flash.problem(Field::Name)
                    />
                    <TextField
                        label=t!("field-order-number")
                        name="order_number"
                        hint=t!("order-number-hint")
                        value=number
                        problem=flash.problem(Field::OrderNumber)
                    />
                    <TextField
                        label=t!("field-contact")
                        name="contact"
                        autocomplete="email"
                        hint=t!("withdrawal-contact-hint")
                        value=flash.value(Field::Contact)
                        problem=flash.problem(Field::Contact)
                    />
                    <SubmitButton label=t!("withdrawal-continue")/>
                </Form>
                <p><a href=routes::RETURNS>{t!("legal-returns")}</a></p>
            </FormPage>
        })
    })
}

/// The confirmation of the statement, which stands in the flash.
#[component]
pub fn WithdrawalConfirmPage() -> impl IntoView {
    page(async {
        let flash = take_flash()?;
        let statement = WithdrawalStatement {
            name: flash.value(Field::Name),
            order_number: flash.value(Field::OrderNumber),
            contact: flash.value(Field::Contact),
        };
        if statement.order_number.is_empty() {
            redirect(routes::WITHDRAWAL);
            return Ok(Either::Left(()));
        }
        let id = expect_shop()?.withdrawals().new_id()?;
        Ok(Either::Right(view! { <Confirmation statement id=id.to_string() flash/> }))
    })
}

#[component]
fn Confirmation(statement: WithdrawalStatement, id: String, flash: Flash) -> impl IntoView {
    let WithdrawalStatement { name, order_number, contact } = statement.clone();
    view! {
        <FormPage title=t!("withdrawal-confirm-title") about=t!("withdrawal-confirm-about") flash>
            <section class="card stack" aria-label=t!("withdrawal-statement-label")>
                <Statement statement/>
            </section>
            <Form class="stack" action=routes::api::WITHDRAWAL_CONFIRM>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="name" value=name/>
                <input type="hidden" name="order_number" value=order_number/>
                <input type="hidden" name="contact" value=contact/>
                <SubmitButton label=t!("withdrawal-confirm")/>
            </Form>
            <p><a href=routes::WITHDRAWAL>{t!("withdrawal-change")}</a></p>
        </FormPage>
    }
}

#[component]
fn Statement(statement: WithdrawalStatement) -> impl IntoView {
    let number = statement.order_number.clone();
    view! {
        <p class="strong">{t_html!("withdrawal-statement", number = number)}</p>
        <dl class="facts">
            <div><dt>{t!("field-name")}</dt><dd><bdi>{statement.name}</bdi></dd></div>
            <div><dt>{t!("field-order-number")}</dt><dd><bdi>{statement.order_number}</bdi></dd></div>
            <div><dt>{t!("field-contact")}</dt><dd><bdi>{statement.contact}</bdi></dd></div>
        </dl>
    }
}

/// The receipt, which the browser that gave the notice can open and print for a day.
#[component]
pub fn WithdrawalReceiptPage() -> impl IntoView {
    page(async {
        let receipt = expect_shop()?.withdrawals().receipt(&expect_visitor()?).await?;
        let flash = take_flash()?;
        let content = match receipt {
            Some(receipt) => Either::Left(view! { <Receipt receipt/> }),
            None => Either::Right(view! {
                <p>{t!("withdrawal-receipt-none")}</p>
                <p><a class="button" href=routes::WITHDRAWAL>{t!("withdrawal-here")}</a></p>
            }),
        };
        Ok(view! {
            <Page title=t!("withdrawal-receipt-title") private=true>
                <div class="receipt stack stack-loose">
                    <Alert flash/>
                    {content}
                </div>
            </Page>
        })
    })
}

#[component]
fn Receipt(receipt: WithdrawalReceipt) -> impl IntoView {
    let shop = expect_shop().map(|shop| shop.settings().shop_name.clone()).unwrap_or_default();
    view! {
        <h1>{t!("withdrawal-receipt-title")}</h1>
        <section class="card stack" aria-label=t!("withdrawal-statement-label")>
            <Statement statement=receipt.statement/>
            <dl class="facts">
                <div><dt>{t!("withdrawal-received-by")}</dt><dd><bdi>{shop}</bdi></dd></div>
                <div><dt>{t!("withdrawal-received-at")}</dt><dd><DateTime at=receipt.received_at/></dd></div>
            </dl>
        </section>
        <p class="screen-only">{t!("withdrawal-receipt-about")}</p>
        <p class="screen-only">{t!("withdrawal-receipt-email")}</p>
    }
}

/// The link to the withdrawal function, for the order with this number.
pub fn link_for(number: &str) -> impl IntoView + use<> {
    let address = routes::withdrawal_from(number);
    view! { <a class="button-link" href=address>{t!("withdrawal-here")}</a> }
}

/// When a withdrawal from this order was received.
pub fn received(at: domain::Timestamp) -> impl IntoView {
    let when = server::text().date_time(at);
    view! { <p class="notice">{t!("withdrawal-received", date = when)}</p> }
}
