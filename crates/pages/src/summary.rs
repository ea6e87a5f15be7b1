//! What is bought and what it costs, as it stands beside every step of a
//! purchase and on the receipt.

use domain::{Art, Colour, Money};
use leptos::prelude::*;
use shop::{CartLineView, OrderLineView, Totals};

use super::art::Picture;

/// One thing that is bought.
#[derive(Clone, Debug)]
pub struct SummaryLine {
    art: Art,
    colour: Colour,
    name: String,
    size: String,
    quantity: u32,
    total: Money,
}

impl From<CartLineView> for SummaryLine {
    fn from(line: CartLineView) -> Self {
        let CartLineView { art, colour, name, size, quantity, total, .. } = line;
        Self { art, colour, name, size, quantity, total }
    }
}

impl From<OrderLineView> for SummaryLine {
    fn from(line: OrderLineView) -> Self {
        let OrderLineView { art, colour, name, size, quantity, total, .. } = line;
        Self { art, colour, name, size, quantity, total }
    }
}

/// Everything that is bought, line by line.
#[component]
pub fn Things<I>(
    /// The lines of a cart or of an order.
    lines: I,
) -> impl IntoView
where
    I: IntoIterator<Item: Into<SummaryLine>>,
{
    let lines = lines.into_iter().map(|line| {
        let SummaryLine { art, colour, name, size, quantity, total } = line.into();
        let options = format!("{}, {size} × {quantity}", colour.name());
        view! {
            <li class="summary-line">
                <Picture art colour/>
                <span class="summary-text">
                    <span class="strong">{name}</span>
                    <span class="muted small">{options}</span>
                </span>
                <span>{total.to_string()}</span>
            </li>
        }
    });
    view! { <ul class="summary-lines">{lines.collect_view()}</ul> }
}

/// Subtotal, shipping and total.
#[component]
pub fn Amounts(
    /// The amounts.
    totals: Totals,
    /// Whether the way of shipping is chosen, and not merely the usual one.
    #[prop(default = true)]
    is_shipping_known: bool,
) -> impl IntoView {
    let label = if is_shipping_known { "Shipping" } else { "Standard shipping" };
    let shipping = match totals.shipping.minor() {
        0 => "Free".to_owned(),
        _ => totals.shipping.to_string(),
    };
    view! {
        <dl class="totals">
            <div><dt>"Subtotal"</dt><dd>{totals.subtotal.to_string()}</dd></div>
            <div><dt>{label}</dt><dd>{shipping}</dd></div>
            <div class="total"><dt>"Total"</dt><dd>{totals.total.to_string()}</dd></div>
        </dl>
    }
}

/// Lines of text, one under the other.
#[component]
pub fn Lines(
    /// The lines.
    lines: Vec<String>,
) -> impl IntoView {
    let lines = lines.into_iter().map(|line| view! { <span>{line}</span> });
    view! { <span class="step-lines">{lines.collect_view()}</span> }
}
