//! The sections of the checkout: a summary of each completed step, the form of the current one,
//! and a heading for each later one.

use domain::{Address, Field, Money};
use leptos::prelude::*;
use shop::{
    CheckoutView, PaymentMethod, ShippingOption, consumer_law::OrderButton, legal::LegalKind,
};
use web::{routes, server};

use super::{
    super::{Alert, Flash, Form, SubmitButton, TextField, legal, summary::Lines},
    Stage,
    address::{AddressForm, written},
};

/// The `id` of the current section, to which its form comes back.
pub(super) const STEP: &str = "step";

/// All sections, with the current one open, which shows the result of its form.
pub(super) fn sections(view: CheckoutView, current: Stage, flash: Flash) -> impl IntoView + use<> {
    let address = view
        .address
        .clone()
        .unwrap_or_else(|| Address { name: view.name.clone(), ..Address::default() });
    let shipping =
        view.shipping_options.iter().find(|way| Some(way.id) == view.shipping.as_deref());
    let text = server::text();
    let shipping = shipping.map(|way| {
        let name = text.shipping(way.id);
        vec![t!("checkout-shipping-chosen", way = name, price = fee(way.price))]
    });
    let method = view.method.as_deref().map(|id| vec![text.payment_method(id)]);
    let contact =
        vec![view.name.clone(), view.email.as_str().to_owned(), view.masked_phone.clone()];
    let typed = flash.clone();
    view! {
        <Section
            title=t!("checkout-contact")
            what=String::new()
            stage=Stage::Contact
            done=Some(contact)
            is_current=false
            flash=Flash::default()
        />
        <Section
            title=t!("checkout-delivery-address")
            what=t!("checkout-change-address")
            stage=Stage::Address
            done=view.address.as_ref().map(written)
            is_current={current == Stage::Address}
            flash=flash.clone()
        >
            <AddressForm address flash=typed/>
        </Section>
        <Section title=t!("checkout-shipping") what=t!("checkout-change-shipping") stage=Stage::Shipping done=shipping is_current={current == Stage::Shipping} flash=flash.clone()>
            <Choices
                name=Field::Shipping
                action=routes::api::CHECKOUT_SHIPPING
                choices=view.shipping_options.iter().map(Choice::of_shipping).collect()
                chosen=view.shipping.clone()
            />
        </Section>
        <Section title=t!("checkout-payment") what=t!("checkout-change-payment") stage=Stage::Payment done=method is_current={current == Stage::Payment} flash=flash.clone()>
            <Choices
                name=Field::Payment
                action=routes::api::CHECKOUT_PAYMENT
                choices=view.methods.iter().map(Choice::of_payment).collect()
                chosen=view.method.clone()
            />
        </Section>
        {(current == Stage::Review).then(|| view! { <Review is_password_needed=view.is_password_needed button=view.button flash/> })}
    }
}

/// The price of a shipping method, in words.
fn fee(price: Money) -> String {
    if price.minor() == 0 { t!("shipping-free") } else { server::text().money(price) }
}

#[component]
fn Section(
    title: String,
    what: String,
    stage: Stage,
    done: Option<Vec<String>>,
    is_current: bool,
    flash: Flash,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let change = (stage != Stage::Contact && !is_current).then(|| {
        view! {
            <a class="button-link small" href=routes::checkout_step(stage.word())>
                {t!("checkout-change")}<span class="visually-hidden">" "{what}</span>
            </a>
        }
    });
    let id = format!("step-{}", stage.word());
    match (is_current, done) {
        (true, _) => view! {
            <section class="card" id=STEP aria-labelledby=id.clone()>
                <h2 id=id.clone()>{title}</h2>
                <Alert flash/>
                {children.map(|children| children())}
            </section>
        }
        .into_any(),
        (false, Some(lines)) => view! {
            <section class="card step-done" aria-labelledby=id.clone()>
                <div class="cluster spread"><h2 id=id.clone()>{title}</h2>{change}</div>
                <p class="muted small"><Lines lines/></p>
            </section>
        }
        .into_any(),
        (false, None) => view! {
            <section class="card step-later" aria-labelledby=id.clone()>
                <h2 id=id.clone()>{title}</h2>
            </section>
        }
        .into_any(),
    }
}

/// One option of a choice.
#[derive(Clone)]
struct Choice {
    id: String,
    label: String,
    detail: String,
    price: String,
}

impl Choice {
    fn of_shipping(way: &ShippingOption) -> Self {
        let text = server::text();
        Self {
            id: way.id.to_owned(),
            label: text.shipping(way.id),
            detail: text.shipping_time(way.id, way.free_from),
            price: fee(way.price),
        }
    }

    fn of_payment(method: &PaymentMethod) -> Self {
        Self {
            id: method.id.to_owned(),
            label: server::text().payment_method(method.id),
            detail: String::new(),
            price: String::new(),
        }
    }
}

#[component]
fn Choices(
    name: Field,
    action: &'static str,
    choices: Vec<Choice>,
    chosen: Option<String>,
) -> impl IntoView {
    let (legend, next) = match name {
        Field::Shipping => (t!("checkout-shipping-question"), t!("checkout-to-payment")),
        _ => (t!("checkout-payment-question"), t!("checkout-to-review")),
    };
    let first = choices.first().map(|choice| choice.id.clone());
    let chosen = chosen.or(first);
    let radios = choices.into_iter().map(|choice| {
        let is_chosen = chosen.as_ref() == Some(&choice.id);
        view! {
            <label class="choice">
                <input type="radio" name=name.as_str() value=choice.id checked=is_chosen required/>
                <span class="choice-text"><span>{choice.label}</span><span>{choice.detail}</span></span>
                <bdi class="choice-price">{choice.price}</bdi>
            </label>
        }
    });
    let radios = radios.collect_view();
    view! {
        <Form class="stack" action=action anchor=STEP>
            <fieldset class="field">
                <legend>{legend}</legend>
                <div class="choices">{radios}</div>
            </fieldset>
            <SubmitButton label=next/>
        </Form>
    }
}

#[component]
fn Review(is_password_needed: bool, button: OrderButton, flash: Flash) -> impl IntoView {
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
        <section class="card" id=STEP aria-labelledby="step-review">
            <h2 id="step-review">{t!("checkout-review")}</h2>
            <Alert flash/>
            <p>
                {t!("checkout-review-about")}
            </p>
            <Form class="stack" action=routes::api::CHECKOUT_PLACE novalidate=true anchor=STEP>
                {password}
                <LegalLinks/>
                {order_button(button)}
            </Form>
            <p class="hint">{t!("checkout-not-charged")}</p>
        </section>
    }
}

/// What the shopper agrees to with the order, and can read before.
#[component]
fn LegalLinks() -> impl IntoView {
    let links = [LegalKind::Terms, LegalKind::Privacy, LegalKind::Returns]
        .map(|kind| view! { <a href=legal::address(kind)>{legal::name(kind)}</a> });
    view! {
        <div class="stack-tight">
            <p class="small">{t!("checkout-legal")}</p>
            <p class="cluster small">{links.collect_view()}</p>
        </div>
    }
}

/// The button that places the order. Where the law asks that it says that ordering obliges to pay,
/// it shows nothing else; screen readers hear the words of the law.
fn order_button(button: OrderButton) -> impl IntoView {
    let (label, name) = match button {
        OrderButton::PlaceOrder => (t!("checkout-place"), None),
        OrderButton::BuyNow => (t!("checkout-buy-now"), Some(t!("checkout-buy-now-name"))),
    };
    view! { <button class="button button-primary" type="submit" aria-label=name>{label}</button> }
}
