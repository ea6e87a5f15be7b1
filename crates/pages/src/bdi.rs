//! What may be written in another direction than the text around it: names, amounts, phone
//! numbers, addresses. `<bdi>` isolates it, so that it does not mix up its neighbours.

use domain::Money;
use leptos::prelude::*;
use text::Part;
use web::server;

/// An amount in the language of the page.
pub fn amount(amount: Money) -> impl IntoView {
    view! { <bdi>{server::text().money(amount)}</bdi> }
}

/// A message whose variables are isolated. [`t_html!`] makes it.
pub fn isolated(parts: Vec<Part>) -> impl IntoView {
    let parts = parts.into_iter().map(|part| match part {
        Part::Plain(words) => words.into_any(),
        Part::Isolated(words) => view! { <bdi>{words}</bdi> }.into_any(),
    });
    parts.collect_view()
}
