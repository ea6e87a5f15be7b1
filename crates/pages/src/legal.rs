//! The legal pages, which the merchant writes.

use domain::Refusal;
use leptos::prelude::*;
use shop::legal::LegalKind;
use web::{routes, server};

use super::{Page, expect_shop, page};

/// The terms of sale.
#[component]
pub fn TermsPage() -> impl IntoView {
    legal_page(LegalKind::Terms)
}

/// The privacy notice.
#[component]
pub fn PrivacyPage() -> impl IntoView {
    legal_page(LegalKind::Privacy)
}

/// The imprint.
#[component]
pub fn ImprintPage() -> impl IntoView {
    legal_page(LegalKind::Imprint)
}

/// Returns and the right of withdrawal.
#[component]
pub fn ReturnsPage() -> impl IntoView {
    legal_page(LegalKind::Returns)
}

/// How to reach the shop.
#[component]
pub fn ContactPage() -> impl IntoView {
    legal_page(LegalKind::Contact)
}

/// The merchant's text may be in another language than the rest of the page.
fn legal_page(kind: LegalKind) -> AnyView {
    page(async move {
        let pages = expect_shop()?.settings().legal.clone();
        let language = server::text().language().tag();
        let found = pages.page(kind, language).cloned().ok_or(Refusal::NotFound)?;
        Ok(view! {
            <Page title=name(kind)>
                <article class="prose stack" lang=found.language().to_owned() dir="auto">
                    <h1>{found.title().to_owned()}</h1>
                    <div class="stack" inner_html=found.html().to_owned()></div>
                </article>
            </Page>
        })
    })
}

/// The name of a page in links.
pub fn name(kind: LegalKind) -> String {
    match kind {
        LegalKind::Terms => t!("legal-terms"),
        LegalKind::Privacy => t!("legal-privacy"),
        LegalKind::Imprint => t!("legal-imprint"),
        LegalKind::Returns => t!("legal-returns"),
        LegalKind::Contact => t!("legal-contact"),
    }
}

/// The address of a page.
pub const fn address(kind: LegalKind) -> &'static str {
    match kind {
        LegalKind::Terms => routes::TERMS,
        LegalKind::Privacy => routes::PRIVACY,
        LegalKind::Imprint => routes::IMPRINT,
        LegalKind::Returns => routes::RETURNS,
        LegalKind::Contact => routes::CONTACT,
    }
}
