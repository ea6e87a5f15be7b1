//! The parts of every page: frame, alert, field and button.

use axum::http::header;
use leptos::prelude::*;
use leptos_meta::Title;
use shop::legal::LegalKind;
use web::{
    routes,
    server::{self, Flash},
};

use super::{cart_count, expect_shop, expect_visitor, legal, page_to_return_to, with_next};

/// The frame of a page: title, header with navigation, content, footer.
///
/// No cache may store a `private` page, not even that of the browser.
#[component]
pub fn Page(
    /// The title, without the shop's name.
    #[prop(into)]
    title: String,
    /// Whether the page shows personal data.
    #[prop(optional)]
    private: bool,
    /// The content.
    children: Children,
) -> impl IntoView {
    if private {
        server::add_header(header::CACHE_CONTROL, "no-store");
    }
    view! {
        <Title text=title/>
        <a class="skip-link" href="#content">{t!("layout-skip")}</a>
        <Header/>
        <main id="content" tabindex="-1">{children()}</main>
        <Footer/>
    }
}

#[component]
fn Header() -> impl IntoView {
    let shop_name = shop_name();
    let is_signed_in = expect_visitor().is_ok_and(|visitor| visitor.signed_in.is_some());
    let cart = Suspend::new(async move {
        let count = cart_count().await;
        view! { <a href=routes::CART data-testid="nav-cart-link">{t!("layout-cart", count = count)}</a> }
    });
    let account = if is_signed_in {
        (routes::ACCOUNT.to_owned(), t!("layout-account"))
    } else {
        (with_next(routes::LOGIN, &page_to_return_to()), t!("layout-sign-in"))
    };
    view! {
        <header class="site-header">
            <a class="logo" href=routes::HOME>
                <svg class="logo-mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
                    <path
                        fill="currentColor"
                        d="M12 1l2.6 4.2 4.7-1.5-.5 4.9 4.2 2.5-3.9 3 1.7 4.6-4.9.2L13.900 23 12 18.500 10.100 23l-2-4.100-4.900-.2 1.700-4.600L1 11.100l4.200-2.500-.5-4.900 4.700 1.500z"
                    />
                </svg>
                <bdi>{shop_name}</bdi>
            </a>
            <nav aria-label=t!("layout-navigation")>
                <a href=routes::PRODUCTS>{t!("layout-products")}</a>
                {cart}
                <a href=account.0 data-testid="nav-account-link">{account.1}</a>
            </nav>
        </header>
    }
}

#[component]
fn Footer() -> impl IntoView {
    let links = LegalKind::ALL
        .iter()
        .map(|kind| view! { <a href=legal::address(*kind)>{legal::name(*kind)}</a> });
    view! {
        <footer class="site-footer">
            <nav aria-label=t!("legal-navigation")>
                {links.collect_view()}
                <a href=routes::ORDER_LOOKUP>{t!("lookup-title")}</a>
                <a href=routes::WITHDRAWAL>{t!("withdrawal-here")}</a>
            </nav>
            <p>{t_html!("layout-footer", shop = shop_name())}</p>
            <Contact/>
        </footer>
    }
}

/// How to reach the people behind the shop. The notices to phones have no room for the address,
/// and name the website instead.
#[component]
fn Contact() -> impl IntoView {
    let contact = server::text().contact().to_owned();
    let address = match contact.contains('@') && !contact.starts_with("https://") {
        true => format!("mailto:{contact}"),
        false => contact.clone(),
    };
    (!contact.is_empty()).then(|| {
        view! { <p>{t!("layout-contact")}" "<a href=address><bdi>{contact}</bdi></a></p> }
    })
}

fn shop_name() -> String {
    expect_shop().map(|shop| shop.settings().shop_name.clone()).unwrap_or_default()
}

/// The result of the last form: an error, which gets the focus so that it is read first, or a
/// flash message.
#[component]
pub fn Alert(
    /// The flash; only what belongs here, see [`Flash::take_at`].
    flash: Flash,
) -> impl IntoView {
    let alert = flash.alert().map(|words| {
        view! {
            <div class="alert" role="alert" id=server::ALERT tabindex="-1" autofocus>
                <p>{words}</p>
            </div>
        }
    });
    let message = flash.message.map(|message| {
        let text = server::text();
        let link = message.link(&text).map(|(to, words)| view! { <p><a href=to>{words}</a></p> });
        view! {
            <div class="notice" role="status">
                <p>{message.words(&text)}</p>
                {link}
            </div>
        }
    });
    view! { {alert}{message} }
}

/// The page of a form about who the visitor is: the form, and the result of the last one.
#[component]
pub fn FormPage(
    /// The title, which is also the heading.
    title: String,
    /// The result of the last form.
    flash: Flash,
    /// What stands between the heading and the result of the last form.
    #[prop(optional, into)]
    about: Option<String>,
    /// The form and the links below it.
    children: Children,
) -> impl IntoView {
    view! {
        <Page title=title.clone() private=true>
            <div class="narrow stack">
                <h1>{title}</h1>
                {about.map(|words| view! { <p>{words}</p> })}
                <Alert flash/>
                {children()}
            </div>
        </Page>
    }
}

/// One labelled field. Hint and problem are linked to it for screen readers.
#[component]
pub fn TextField(
    /// The label.
    #[prop(into)]
    label: String,
    /// The name in the form, and the id in the page.
    #[prop(into)]
    name: String,
    /// The `type` of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// The `autocomplete` of the input (WCAG 1.3.5).
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The value that was typed before.
    #[prop(optional, into)]
    value: String,
    /// The problem of the value.
    #[prop(optional_no_strip, into)]
    problem: Option<String>,
    /// The hint.
    #[prop(optional, into)]
    hint: String,
    /// Whether it may be empty.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    let problem_id = format!("{name}-problem");
    let described_by: Vec<&str> = [
        (!hint.is_empty()).then_some(hint_id.as_str()),
        problem.is_some().then_some(problem_id.as_str()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let described_by = (!described_by.is_empty()).then(|| described_by.join(" "));
    let is_wrong = problem.is_some();
    view! {
        <div class="field" class:field-wrong=is_wrong>
            <label for=name.clone()>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {problem.map(|words| view! { <p class="problem" id=problem_id>{words}</p> })}
            <input
                id=name.clone()
                name=name
                type=kind
                autocomplete=autocomplete
                value=value
                required=!optional
                aria-describedby=described_by
                aria-invalid=is_wrong.then_some("true")
            />
        </div>
    }
}

/// The button that sends a form.
#[component]
pub fn SubmitButton(
    /// The text of the button.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! { <button class="button button-primary" type="submit">{label}</button> }
}
