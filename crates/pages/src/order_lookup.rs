//! Finding an order without an account: its number and the buyer's contact, and then the code.

use domain::{Field, Purpose};
use leptos::prelude::*;
use web::routes;

use super::{CodePage, Form, FormPage, StartAgain, SubmitButton, TextField, page, take_flash};

/// The number of the order and the contact of its buyer.
#[component]
pub fn OrderLookupPage() -> impl IntoView {
    page(async {
        let flash = take_flash()?;
        Ok(view! {
            <FormPage title=t!("lookup-title") about=t!("lookup-about") flash=flash.clone()>
                <Form class="stack" action=routes::api::ORDER_LOOKUP novalidate=true>
                    <TextField
                        label=t!("field-order-number")
                        name="order_number"
                        hint=t!("order-number-hint")
                        value=flash.value(Field::OrderNumber)
                        problem=flash.problem(Field::OrderNumber)
                    />
                    <TextField
                        label=t!("field-contact")
                        name="contact"
                        autocomplete="email"
                        hint=t!("lookup-contact-hint")
                        value=flash.value(Field::Contact)
                        problem=flash.problem(Field::Contact)
                    />
                    <SubmitButton label=t!("send-code")/>
                </Form>
                <p><a href=routes::ACCOUNT_ORDERS>{t!("lookup-account")}</a></p>
            </FormPage>
        })
    })
}

/// The code of a look-up.
#[component]
pub fn OrderLookupCodePage() -> impl IntoView {
    view! {
        <CodePage
            title=t!("sign-in-code-title")
            purpose=Purpose::OrderLookup
            action=routes::api::ORDER_LOOKUP_VERIFY
            start_again=StartAgain::At(routes::ORDER_LOOKUP)
        />
    }
}
