//! The texts that a shopper agreed to when an order was placed, as they were then.

use leptos::prelude::*;
use shop::{Agreement, legal::LegalKind};

use super::{dates::DateTime, legal};

/// The agreed texts, each behind its name.
#[component]
pub fn AgreedTexts(
    /// The agreement of the order.
    agreement: Agreement,
) -> impl IntoView {
    let texts = agreement.texts.into_iter().map(|text| {
        let name = LegalKind::parse(&text.kind).map(legal::name).unwrap_or_default();
        let version: String = text.version.chars().take(8).collect();
        let title = t!("agreement-text", name = name, version = version);
        view! {
            <details>
                <summary>{title}</summary>
                <pre class="agreed" lang=text.language dir="auto">{text.body}</pre>
            </details>
        }
    });
    view! {
        <section class="card stack screen-only" aria-labelledby="agreement">
            <h2 id="agreement">{t!("agreement-title")}</h2>
            <p class="muted small"><DateTime at=agreement.consented_at/></p>
            {texts.collect_view()}
        </section>
    }
}
