//! The checkout: contact, address, shipping, payment, review, and then the code.
//!
//! Each step has an address (`?step=`). Completed steps stay visible as summaries with a link to
//! change them, and every step shows what is ordered.

mod address;
mod confirm;
mod steps;

pub use address::written;
pub use confirm::ConfirmPage;

use domain::{PricedLine, Refusal};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use shop::{CartView, CheckoutView, Error, Step};
use web::{routes, server};

use super::{
    Alert, Flash, Page,
    bdi::amount,
    expect_shop, expect_visitor, page, redirect,
    summary::{Amounts, OrderLines},
    take_flash,
};

/// The steps as the page shows them, in order. An account has completed the first one already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Contact,
    Address,
    Shipping,
    Payment,
    Review,
}

impl Stage {
    const ALL: [Self; 5] =
        [Self::Contact, Self::Address, Self::Shipping, Self::Payment, Self::Review];

    const fn of(step: Step) -> Self {
        match step {
            Step::Address => Self::Address,
            Step::Shipping => Self::Shipping,
            Step::Payment => Self::Payment,
            Step::Review => Self::Review,
        }
    }

    /// The word in the address of the page.
    const fn word(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Address => "address",
            Self::Shipping => "shipping",
            Self::Payment => "payment",
            Self::Review => "review",
        }
    }

    fn title(self) -> String {
        match self {
            Self::Contact => t!("checkout-step-contact"),
            Self::Address => t!("checkout-step-address"),
            Self::Shipping => t!("checkout-step-shipping"),
            Self::Payment => t!("checkout-step-payment"),
            Self::Review => t!("checkout-step-review"),
        }
    }
}

/// The checkout.
#[component]
pub fn CheckoutPage() -> impl IntoView {
    let asked = use_query_map().get_untracked().get("step").unwrap_or_default();
    page(async move {
        let (shop, visitor) = (expect_shop()?, expect_visitor()?);
        let flash = take_flash()?;
        if visitor.signed_in.is_none() {
            let guest = server::guest_cart().await?;
            let cart = shop.carts().view(&visitor, guest.as_ref()).await?;
            return Ok(view! { <Guest cart flash/> }.into_any());
        }
        let view = match shop.checkout().view(&visitor).await {
            Err(Error::Refused(Refusal::CartEmpty)) => {
                redirect(routes::CART);
                return Ok(().into_any());
            }
            view => view?,
        };
        let current = current(&asked, view.next);
        Ok(view! { <Steps view current flash/> }.into_any())
    })
}

/// The requested step if every step before it is done, else the next one.
fn current(asked: &str, next: Step) -> Stage {
    let asked = Stage::ALL.into_iter().find(|stage| stage.word() == asked);
    match asked {
        Some(Stage::Contact) | None => Stage::of(next),
        Some(asked) => asked.min(Stage::of(next)),
    }
}

#[component]
fn Steps(view: CheckoutView, current: Stage, flash: Flash) -> impl IntoView {
    let mut flash = flash;
    let of_step = flash.take_at(steps::STEP);
    let quote = view.quote.clone();
    let lines = quote.lines().to_vec();
    let is_shipping_known = view.shipping.is_some();
    let amounts = view! { <Amounts quote is_shipping_known/> }.into_any();
    let sections = steps::sections(view, current, of_step);
    view! {
        <Page title=t!("checkout-step-title", step = current.title()) private=true>
            <div class="page-head"><h1>{t!("checkout-title")}</h1></div>
            <Progress current/>
            <div class="with-aside">
                <div class="stack">
                    <Alert flash/>
                    {sections}
                </div>
                <Summary lines amounts/>
            </div>
        </Page>
    }
}

#[component]
fn Progress(current: Stage) -> impl IntoView {
    let marks = Stage::ALL.into_iter().map(|stage| {
        let is_done = stage < current;
        view! {
            <li class:done=is_done aria-current=(stage == current).then_some("step")>
                {stage.title()}
                {is_done.then(|| view! { <span class="visually-hidden">" "{t!("checkout-step-done")}</span> })}
            </li>
        }
    });
    view! { <ol class="progress" aria-label=t!("checkout-steps")>{marks.collect_view()}</ol> }
}

/// The page of a guest, who has to sign in: the code that confirms a payment needs a phone that
/// was proved to be the buyer's.
#[component]
fn Guest(cart: CartView, flash: Flash) -> impl IntoView {
    let is_empty = cart.lines.is_empty();
    let lines: Vec<_> = cart.lines.into_iter().map(|line| line.priced).collect();
    let amounts = view! {
        <dl class="totals">
            <div class="total"><dt>{t!("subtotal")}</dt><dd>{amount(cart.subtotal)}</dd></div>
        </dl>
    };
    let amounts = amounts.into_any();
    view! {
        <Page title=t!("checkout-title") private=true>
            <div class="page-head"><h1>{t!("checkout-title")}</h1></div>
            <Progress current=Stage::Contact/>
            <div class="with-aside">
                <div class="stack">
                    <Alert flash/>
                    <section class="card" aria-labelledby="contact">
                        <h2 id="contact">{t!("checkout-contact")}</h2>
                        <p>
                            {t!("checkout-guest")}
                        </p>
                        <div class="cluster">
                            <a class="button button-primary" href=routes::login_then(routes::CHECKOUT)>{t!("checkout-sign-in")}</a>
                            <a class="button" href=routes::register_then(routes::CHECKOUT)>{t!("checkout-register")}</a>
                        </div>
                    </section>
                </div>
                {(!is_empty).then(|| view! { <Summary lines amounts/> })}
            </div>
        </Page>
    }
}

/// The ordered products and their prices, beside every step.
#[component]
fn Summary(lines: Vec<PricedLine>, amounts: AnyView) -> impl IntoView {
    view! {
        <section class="card aside" aria-label=t!("checkout-summary")>
            <div class="cluster spread">
                <h2 class="summary-title">{t!("checkout-order")}</h2>
                <a href=routes::CART class="button-link small">
                    {t!("checkout-change")}<span class="visually-hidden">" "{t!("checkout-change-cart")}</span>
                </a>
            </div>
            <OrderLines lines/>
            {amounts}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_step_is_open_before_the_earlier_ones_are_complete() {
        assert_eq!(current("review", Step::Shipping), Stage::Shipping);
        assert_eq!(current("address", Step::Review), Stage::Address);
        assert_eq!(current("", Step::Payment), Stage::Payment);
        assert_eq!(current("contact", Step::Address), Stage::Address);
        assert_eq!(current("nonsense", Step::Review), Stage::Review);
    }
}
