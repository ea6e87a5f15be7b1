//! The lines and totals of a cart or an order, for every step of a purchase and the receipt.

use domain::{AdjustmentKind, PricedLine, Quote};
use leptos::{either::Either, prelude::*};
use web::server;

use super::{art::Picture, bdi::amount};

/// The lines of a cart or an order.
#[component]
pub fn OrderLines(
    /// The lines of a cart or of an order.
    lines: Vec<PricedLine>,
) -> impl IntoView {
    let lines = lines.into_iter().map(|PricedLine { item, total }| {
        let (product, variant, quantity) = (item.product, item.variant, item.quantity.get());
        let options = t!(
            "summary-options",
            colour = server::text().colour(variant.colour),
            size = variant.size,
            count = quantity
        );
        view! {
            <li class="summary-line">
                <Picture art=product.art colour=variant.colour/>
                <span class="summary-text">
                    <bdi class="strong">{product.name}</bdi>
                    <span class="muted small">{options}</span>
                </span>
                {amount(total)}
            </li>
        }
    });
    view! { <ul class="summary-lines">{lines.collect_view()}</ul> }
}

/// Subtotal, adjustments such as shipping, and total.
#[component]
pub fn Amounts(
    /// The amounts.
    quote: Quote,
    /// Whether the shipping method is chosen; otherwise standard shipping is assumed.
    #[prop(default = true)]
    is_shipping_known: bool,
) -> impl IntoView {
    let adjustments = quote.adjustments().iter().map(|adjustment| {
        let label = match adjustment.kind {
            AdjustmentKind::Shipping if is_shipping_known => t!("shipping"),
            AdjustmentKind::Shipping => t!("standard-shipping"),
        };
        let cost = match adjustment.amount.minor() {
            0 => Either::Left(t!("shipping-free")),
            _ => Either::Right(amount(adjustment.amount)),
        };
        view! { <div><dt>{label}</dt><dd>{cost}</dd></div> }
    });
    let adjustments = adjustments.collect_view();
    view! {
        <dl class="totals">
            <div><dt>{t!("subtotal")}</dt><dd>{amount(quote.subtotal())}</dd></div>
            {adjustments}
            <div class="total"><dt>{t!("total")}</dt><dd>{amount(quote.total())}</dd></div>
        </dl>
    }
}

/// Lines of text, one under the other.
#[component]
pub fn Lines(
    /// The lines.
    lines: Vec<String>,
) -> impl IntoView {
    let lines = lines.into_iter().map(|line| view! { <bdi>{line}</bdi> });
    view! { <span class="step-lines">{lines.collect_view()}</span> }
}
