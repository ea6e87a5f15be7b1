//! The cart: one plain form for each button, and totals from the database.

use domain::{LineItem, PricedLine, quantity};
use leptos::prelude::*;
use shop::{CartLine, CartView};
use web::{routes, server};

use super::{
    Alert, Flash, Form, Page, art::Picture, bdi::amount, expect_shop, expect_visitor, page,
    take_flash,
};

/// The cart.
#[component]
pub fn CartPage() -> impl IntoView {
    page(async {
        let guest = server::guest_cart().await?;
        let cart = expect_shop()?.carts().view(&expect_visitor()?, guest.as_ref()).await?;
        let flash = take_flash()?;
        Ok(view! {
            <Page title=t!("cart-title") private=true>
                <div class="page-head"><h1>{t!("cart-heading")}</h1></div>
                <div class="stack">
                    {if cart.lines.is_empty() {
                        view! { <Empty flash/> }.into_any()
                    } else {
                        view! { <Full cart flash/> }.into_any()
                    }}
                </div>
            </Page>
        })
    })
}

/// The `id` of the lines, to which the page comes back when one was removed.
const LINES: &str = "cart";

#[component]
fn Empty(flash: Flash) -> impl IntoView {
    view! {
        <section class="empty" id=LINES aria-label=t!("cart-title")>
            <Alert flash/>
            <p class="strong">{t!("cart-empty")}</p>
            <p class="muted">{t!("cart-empty-advice")}</p>
            <a class="button button-primary" href=routes::PRODUCTS>{t!("all-products")}</a>
        </section>
    }
}

#[component]
fn Full(cart: CartView, flash: Flash) -> impl IntoView {
    let mut flash = flash;
    let of_all = flash.take_at(LINES);
    let is_short = cart.lines.iter().any(|line| line.available < line.priced.item.quantity.get());
    let lines = cart.lines.into_iter().map(|line| {
        let id = format!("line-{}", line.priced.item.variant.id);
        let flash = flash.take_at(&id);
        view! { <Line line id flash/> }
    });
    let lines = lines.collect_view();
    view! {
        <Alert flash/>
        <div class="with-aside">
            <section id=LINES class="stack" aria-label=t!("cart-title")>
                <Alert flash=of_all/>
                <ul class="cart-lines">{lines}</ul>
            </section>
            <section class="card aside" aria-label=t!("cart-totals")>
                <dl class="totals">
                    <div class="total"><dt>{t!("cart-subtotal")}</dt><dd>{amount(cart.subtotal)}</dd></div>
                </dl>
                <p class="hint">{t!("cart-shipping-later")}</p>
                {is_short.then(|| view! {
                    <p class="problem">
                        {t!("cart-shortage")}
                    </p>
                })}
                <a class="button button-primary button-wide" href=routes::CHECKOUT>{t!("cart-check-out")}</a>
                <a class="button-link" href=routes::PRODUCTS>{t!("continue-shopping")}</a>
            </section>
        </div>
    }
}

/// One line. Its forms come back to its `id`.
#[component]
fn Line(line: CartLine, id: String, flash: Flash) -> impl IntoView {
    let PricedLine { item, total } = line.priced.clone();
    let (product, variant) = (item.product, item.variant);
    let href = routes::product_in(&product.slug, variant.colour.as_str());
    let name = format!("name-{}", variant.id);
    let options = format!("{}, {}", server::text().colour(variant.colour), variant.size);
    let each = (item.quantity.get() > 1).then(
        || view! { <p class="hint">{t_html!("cart-each", price = server::text().money(item.unit))}</p> },
    );
    let few = shortage(&line).map(|words| view! { <p class="problem">{words}</p> });
    view! {
        <li class="cart-line" id=id.clone()>
            <Alert flash/>
            <a class="line-art" href=href.clone() tabindex="-1" aria-hidden="true">
                <Picture art=product.art colour=variant.colour/>
            </a>
            <div class="line-text">
                <h2 class="line-name" id=name.clone()><a href=href><bdi>{product.name}</bdi></a></h2>
                <p class="muted small">{options}</p>
                {each}
                {few}
            </div>
            <p class="line-price">{amount(total)}</p>
            <Buttons line name anchor=id.clone()/>
        </li>
    }
}

/// The note on a line whose quantity exceeds the stock.
fn shortage(line: &CartLine) -> Option<String> {
    match line.available {
        0 => Some(t!("cart-sold-out")),
        left if left < line.priced.item.quantity.get() => Some(t!("cart-few", count = left)),
        _ => None,
    }
}

#[component]
fn Buttons(line: CartLine, name: String, anchor: String) -> impl IntoView {
    let LineItem { variant, quantity, .. } = line.priced.item;
    let (variant, quantity) = (variant.id.to_string(), quantity.get());
    let max = line.available.min(quantity::MAX_QUANTITY);
    // One click reduces the quantity to the stock.
    let fewer = quantity.saturating_sub(1).min(max.max(1));
    view! {
        <div class="line-buttons">
            <div class="stepper">
                <Step
                    label=t!("cart-decrease")
                    sign="−"
                    variant=variant.clone()
                    to=fewer
                    disabled={quantity <= 1}
                    name=name.clone()
                    anchor=anchor.clone()
                />
                <span class="stepper-count">
                    <span class="visually-hidden">{t!("cart-quantity")}" "</span>{quantity}
                </span>
                <Step
                    label=t!("cart-increase")
                    sign="+"
                    variant=variant.clone()
                    to=quantity + 1
                    disabled={quantity >= max}
                    name=name.clone()
                    anchor=anchor.clone()
                />
            </div>
            <Form action=routes::api::CART_REMOVE class="inline" anchor>
                <input type="hidden" name="variant" value=variant/>
                <button class="button-link" type="submit" aria-describedby=name>{t!("cart-remove")}</button>
            </Form>
        </div>
    }
}

#[component]
fn Step(
    label: String,
    sign: &'static str,
    variant: String,
    to: u32,
    disabled: bool,
    name: String,
    anchor: String,
) -> impl IntoView {
    view! {
        <Form action=routes::api::CART_QUANTITY class="inline" anchor>
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
        </Form>
    }
}
