//! The cart: one plain form per button, totals from the database.

use domain::quantity;
use leptos::prelude::*;
use shop::{CartLineView, CartView};
use web::{routes, server};

use super::{Alert, Page, art::Picture, expect_shop, expect_visitor, page, take_flash};

/// The cart.
#[component]
pub fn CartPage() -> impl IntoView {
    page(async {
        let guest = server::guest_cart().await?;
        let cart = expect_shop()?.carts().view(&expect_visitor()?, guest.as_ref()).await?;
        let flash = take_flash().await?;
        Ok(view! {
            <Page title="Cart" private=true>
                <div class="page-head"><h1>"Your cart"</h1></div>
                <div class="stack">
                    <Alert flash/>
                    {if cart.lines.is_empty() {
                        view! { <Empty/> }.into_any()
                    } else {
                        view! { <Full cart/> }.into_any()
                    }}
                </div>
            </Page>
        })
    })
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <section class="empty" aria-label="Cart">
            <p class="strong">"Your cart is empty."</p>
            <p class="muted">"Whatever you add waits here for you."</p>
            <a class="button button-primary" href=routes::PRODUCTS>"See all products"</a>
        </section>
    }
}

#[component]
fn Full(cart: CartView) -> impl IntoView {
    let is_short = cart.lines.iter().any(|line| line.available < line.quantity);
    let lines = cart.lines.into_iter().map(|line| view! { <Line line/> });
    view! {
        <div class="with-aside">
            <section aria-label="Cart">
                <ul class="cart-lines">{lines.collect_view()}</ul>
            </section>
            <section class="card aside" aria-label="Totals">
                <dl class="totals">
                    <div class="total"><dt>"Subtotal"</dt><dd>{cart.subtotal.to_string()}</dd></div>
                </dl>
                <p class="hint">"Taxes are included. Shipping is chosen at checkout."</p>
                {is_short.then(|| view! {
                    <p class="problem">
                        "Something here is no longer available as often as you want it. Please take \
                        fewer or remove it."
                    </p>
                })}
                <a class="button button-primary button-wide" href=routes::CHECKOUT>"Check out"</a>
                <a class="button-link" href=routes::PRODUCTS>"Continue shopping"</a>
            </section>
        </div>
    }
}

#[component]
fn Line(line: CartLineView) -> impl IntoView {
    let href = routes::product_in(&line.slug, line.colour.as_str());
    let name = format!("line-{}", line.variant);
    let options = format!("{}, {}", line.colour.name(), line.size);
    let each =
        (line.quantity > 1).then(|| view! { <p class="hint">{format!("{} each", line.unit)}</p> });
    let few = shortage(&line).map(|words| view! { <p class="problem">{words}</p> });
    view! {
        <li class="cart-line">
            <a class="line-art" href=href.clone() tabindex="-1" aria-hidden="true">
                <Picture art=line.art colour=line.colour/>
            </a>
            <div class="line-text">
                <h2 class="line-name" id=name.clone()><a href=href>{line.name.clone()}</a></h2>
                <p class="muted small">{options}</p>
                {each}
                {few}
            </div>
            <p class="line-price">{line.total.to_string()}</p>
            <Buttons line name/>
        </li>
    }
}

/// What to say when there are fewer pieces than wanted.
fn shortage(line: &CartLineView) -> Option<String> {
    match line.available {
        0 => Some("Sold out. Please remove it.".to_owned()),
        left if left < line.quantity => Some(format!("Only {left} left.")),
        _ => None,
    }
}

#[component]
fn Buttons(line: CartLineView, name: String) -> impl IntoView {
    let variant = line.variant.to_string();
    let most = line.available.min(quantity::MOST);
    // One click is enough to come down to what is left.
    let fewer = line.quantity.saturating_sub(1).min(most.max(1));
    view! {
        <div class="line-buttons">
            <div class="stepper">
                <Step
                    label="Decrease quantity"
                    sign="−"
                    variant=variant.clone()
                    to=fewer
                    disabled={line.quantity <= 1}
                    name=name.clone()
                />
                <span class="stepper-count">
                    <span class="visually-hidden">"Quantity: "</span>{line.quantity}
                </span>
                <Step
                    label="Increase quantity"
                    sign="+"
                    variant=variant.clone()
                    to=line.quantity + 1
                    disabled={line.quantity >= most}
                    name=name.clone()
                />
            </div>
            <form method="post" action=routes::api::CART_REMOVE class="inline">
                <input type="hidden" name="variant" value=variant/>
                <button class="button-link" type="submit" aria-describedby=name>"Remove"</button>
            </form>
        </div>
    }
}

#[component]
fn Step(
    label: &'static str,
    sign: &'static str,
    variant: String,
    to: u32,
    disabled: bool,
    name: String,
) -> impl IntoView {
    view! {
        <form method="post" action=routes::api::CART_QUANTITY class="inline">
            <input type="hidden" name="variant" value=variant/>
            <input type="hidden" name="quantity" value=to.to_string()/>
            <button
                class="stepper-button"
                type="submit"
                aria-label=label
                aria-describedby=name
                disabled=disabled
            >
                {sign}
            </button>
        </form>
    }
}
