//! The pages. They are rendered on the server only and call the shop directly. Plain links and
//! forms suffice for all of them; islands only add comfort.

// A page is one nested type, which exceeds the default limit.
#![recursion_limit = "256"]

/// A text in the language of the page, by its key in `crates/text/locales`.
macro_rules! t {
    ($($message:tt)*) => {
        ::text::message!(::web::server::text(), $($message)*)
    };
}

/// A text whose variables are elements of their own: see [`bdi`].
macro_rules! t_html {
    ($($message:tt)*) => {
        $crate::bdi::isolated(::text::message_parts!(::web::server::text(), $($message)*))
    };
}

mod account;
mod agreement;
pub mod art;
mod bdi;
mod cart;
mod catalogue;
mod checkout;
mod code;
mod context;
pub mod dates;
mod email;
mod form;
mod home;
pub mod invoice;
mod layout;
mod legal;
mod merchant;
mod not_found;
mod order;
mod order_lookup;
mod personal_data;
mod product;
mod recovery;
pub mod recovery_codes;
mod register;
mod reset;
mod sign_in;
pub mod simulator;
mod summary;
mod withdrawal;

use std::future::Future;

use axum::http::{StatusCode, Uri, header};
use domain::Refusal;
use leptos::{config::LeptosOptions, prelude::*, tachys::reactive_graph::OwnedView};
use leptos_axum::ResponseOptions;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    hooks::use_query_map,
    params::ParamsMap,
    path,
};
use shop::{Error, Shop, Visitor};
use web::{routes, server};

pub use code::{CodePage, CodeScreen, StartAgain};
pub use context::PageContext;
pub use form::Form;
pub use layout::{Alert, FormPage, Page, SubmitButton, TextField};
pub use web::server::{Flash, take_flash};

/// Addresses of pages with islands. Only these load WebAssembly. A trailing slash stands for all
/// addresses below.
const LIVE: [&str; 9] = [
    routes::LOGIN_VERIFY,
    routes::REGISTER_VERIFY,
    routes::RESET_VERIFY,
    routes::RECOVERY_PHONE,
    routes::ACCOUNT_PHONE,
    routes::ACCOUNT_RECOVERY_CODES,
    routes::CHECKOUT_CONFIRM,
    routes::ORDER_LOOKUP_VERIFY,
    routes::SIMULATED_PHONE_PREFIX,
];

/// The document around every page.
///
/// `scripts` are the elements that load the WebAssembly of the islands. Pages without islands do
/// not have them.
pub fn shell(
    options: &LeptosOptions,
    stylesheet: &str,
    scripts: &dyn Fn() -> AnyView,
) -> impl IntoView + use<> {
    let path = server::request().map(|parts| parts.uri.path().to_owned()).unwrap_or_default();
    let has_islands = has_islands(&path);
    let language = server::text().language();
    let scripts = has_islands.then(scripts);
    view! {
        <!DOCTYPE html>
        <html
            lang=language.tag()
            dir=language.direction().as_str()
            data-hydrated=(!has_islands).then_some("true")>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="stylesheet" href=stylesheet.to_owned()/>
                <link rel="icon" href=routes::files::FAVICON_SVG type="image/svg+xml"/>
                <AutoReload options=options.clone()/>
                {scripts}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Whether the page at this path has islands. Other pages run no script.
pub fn has_islands(path: &str) -> bool {
    LIVE.iter().any(|live| path == *live || (live.ends_with('/') && path.starts_with(live)))
}

/// The normalised address of a page that is the same for all visitors. `None` for other pages and
/// for pages that show typed text, whose number is unlimited.
pub fn public_address(address: &Uri) -> Option<String> {
    let query = || {
        let pairs = form_urlencoded::parse(address.query().unwrap_or_default().as_bytes());
        pairs.into_owned().collect::<ParamsMap>()
    };
    match address.path() {
        routes::HOME => Some(routes::HOME.into()),
        routes::PRODUCTS => catalogue::public_address(&query()),
        path => product::public_address(path.strip_prefix(routes::PRODUCT_PREFIX)?, &query()),
    }
}

/// The route table.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    // It is read here because the context is gone when the head is written.
    let shop_name = expect_shop().map(|shop| shop.settings().shop_name.clone()).ok();
    let formatter = move |title: String| match &shop_name {
        Some(name) => escaped(&format!("{title} · {name}")),
        None => escaped(&title),
    };
    view! {
        <Title formatter/>
        <Router>
            <Routes fallback=not_found::NotFound>
                <Route path=path!("/") view=home::HomePage ssr=SsrMode::Async/>
                <Route path=path!("/products") view=catalogue::CataloguePage ssr=SsrMode::Async/>
                <Route path=path!("/products/:slug") view=product::ProductPage ssr=SsrMode::Async/>
                <Route path=path!("/cart") view=cart::CartPage ssr=SsrMode::Async/>
                <Route path=path!("/checkout") view=checkout::CheckoutPage ssr=SsrMode::Async/>
                <Route path=path!("/checkout/confirm") view=checkout::ConfirmPage ssr=SsrMode::Async/>
                <Route path=path!("/orders/lookup") view=order_lookup::OrderLookupPage ssr=SsrMode::Async/>
                <Route path=path!("/orders/lookup/verify") view=order_lookup::OrderLookupCodePage ssr=SsrMode::Async/>
                <Route path=path!("/checkout/return/:token") view=order::ReturnPage ssr=SsrMode::Async/>
                <Route path=path!("/orders/:token") view=order::OrderPage ssr=SsrMode::Async/>
                <Route path=path!("/account/orders") view=order::OrdersPage ssr=SsrMode::Async/>
                <Route path=path!("/terms") view=legal::TermsPage ssr=SsrMode::Async/>
                <Route path=path!("/privacy") view=legal::PrivacyPage ssr=SsrMode::Async/>
                <Route path=path!("/imprint") view=legal::ImprintPage ssr=SsrMode::Async/>
                <Route path=path!("/returns") view=legal::ReturnsPage ssr=SsrMode::Async/>
                <Route path=path!("/contact") view=legal::ContactPage ssr=SsrMode::Async/>
                <Route path=path!("/withdrawal") view=withdrawal::WithdrawalPage ssr=SsrMode::Async/>
                <Route path=path!("/withdrawal/confirm") view=withdrawal::WithdrawalConfirmPage ssr=SsrMode::Async/>
                <Route path=path!("/withdrawal/receipt") view=withdrawal::WithdrawalReceiptPage ssr=SsrMode::Async/>
                <Route path=path!("/merchant") view=merchant::OverviewPage ssr=SsrMode::Async/>
                <Route path=path!("/merchant/orders") view=merchant::OrdersPage ssr=SsrMode::Async/>
                <Route path=path!("/merchant/orders/:id") view=merchant::OrderPage ssr=SsrMode::Async/>
                <Route path=path!("/merchant/withdrawals") view=merchant::WithdrawalsPage ssr=SsrMode::Async/>
                <Route path=path!("/merchant/products") view=merchant::ProductsPage ssr=SsrMode::Async/>
                <Route path=path!("/merchant/accounts") view=merchant::AccountsPage ssr=SsrMode::Async/>
                <Route path=path!("/merchant/messages") view=merchant::MessagesPage ssr=SsrMode::Async/>
                <Route path=path!("/merchant/messaging") view=merchant::MessagingPage ssr=SsrMode::Async/>
                <Route path=path!("/register") view=register::RegisterPage ssr=SsrMode::Async/>
                <Route path=path!("/register/verify") view=register::RegisterCodePage ssr=SsrMode::Async/>
                <Route path=path!("/login") view=sign_in::SignInPage ssr=SsrMode::Async/>
                <Route path=path!("/login/verify") view=sign_in::SignInCodePage ssr=SsrMode::Async/>
                <Route path=path!("/login/recovery") view=recovery::RecoveryPage ssr=SsrMode::Async/>
                <Route path=path!("/login/recovery/phone") view=recovery::RecoveryPhonePage ssr=SsrMode::Async/>
                <Route path=path!("/reset") view=reset::ResetPage ssr=SsrMode::Async/>
                <Route path=path!("/reset/verify") view=reset::ResetCodePage ssr=SsrMode::Async/>
                <Route path=path!("/reset/password") view=reset::ResetPasswordPage ssr=SsrMode::Async/>
                <Route path=path!("/account") view=account::AccountPage ssr=SsrMode::Async/>
                <Route path=path!("/account/security") view=account::SecurityPage ssr=SsrMode::Async/>
                <Route path=path!("/account/phone") view=account::PhonePage ssr=SsrMode::Async/>
                <Route path=path!("/account/recovery-codes") view=recovery_codes::RecoveryCodesPage ssr=SsrMode::Async/>
                <Route path=path!("/account/email") view=email::EmailPage ssr=SsrMode::Async/>
                <Route path=path!("/account/data") view=personal_data::PersonalDataPage ssr=SsrMode::Async/>
                <Route path=path!("/simulator") view=simulator::SimulatorPage ssr=SsrMode::Async/>
                <Route path=path!("/simulator/:phone") view=simulator::SimulatedPhonePage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}

/// Escapes a title, which may contain typed text, because leptos_meta does not.
fn escaped(title: &str) -> String {
    title.replace('&', "&amp;").replace('<', "&lt;")
}

/// Renders the result of a page, or else a redirect to the sign-in page, "not found", or an error
/// page with a reference.
///
/// The type is erased here, because the route table would otherwise be one type of all pages.
pub fn page<V>(content: impl Future<Output = shop::Result<V>> + Send + 'static) -> AnyView
where
    V: IntoView + 'static,
{
    Suspend::new(async move {
        let view = match content.await {
            Ok(content) => content.into_any(),
            Err(error) => error_view(&error),
        };
        // A suspended part is rendered when its request is no longer the current one of the
        // thread, and `Meta` and `Link` would find no head, or that of another request.
        match Owner::current() {
            Some(owner) => OwnedView::new_with_owner(view, owner).into_any(),
            None => view,
        }
    })
    .into_any()
}

fn error_view(error: &Error) -> AnyView {
    match error {
        Error::Refused(Refusal::NotFound) => not_found::NotFound().into_any(),
        Error::Refused(Refusal::SignInNeeded) => {
            let here = server::request().map(|parts| parts.uri.path().to_owned());
            redirect(&routes::login_then(&here.unwrap_or_default()));
            ().into_any()
        }
        Error::Refused(refusal) => not_found::refused(refusal).into_any(),
        Error::Failed(fault) => not_found::broken(fault).into_any(),
    }
}

/// Sends the visitor to another page instead of rendering this one.
pub fn redirect(path: &str) {
    server::add_header(header::LOCATION, path);
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::SEE_OTHER);
    }
}

/// Sends a visitor who is signed in already on to `next`, or to the account.
pub fn redirect_signed_in(visitor: &Visitor, next: &str) {
    if visitor.signed_in.is_some() {
        redirect(if next.is_empty() { routes::ACCOUNT } else { next });
    }
}

/// The page that follows the sign-in: `next` of the address if it is a page of this shop, or an
/// empty text.
pub fn next_page() -> String {
    let next = use_query_map().read_untracked().get("next").unwrap_or_default();
    server::local(&next).unwrap_or_default().to_owned()
}

/// Where a visitor is who signs in by the link in the header: this page, or on the pages of the
/// sign-in themselves what they lead to. The front page leads to the account.
pub fn page_to_return_to() -> String {
    const SIGN_IN_PAGES: [&str; 3] = [routes::LOGIN, routes::REGISTER, routes::RESET];
    let here = path_here();
    if SIGN_IN_PAGES.iter().any(|page| here.starts_with(page)) {
        return next_page();
    }
    let is_place = here != routes::HOME && !here.starts_with(routes::SIMULATOR);
    server::local(&here).filter(|_| is_place).unwrap_or_default().to_owned()
}

/// The address of a page that leads on to the next one.
pub fn with_next(page: &str, next: &str) -> String {
    if next.is_empty() {
        return page.to_owned();
    }
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{page}?next={next}")
}

/// The shop.
pub fn expect_shop() -> shop::Result<Shop> {
    server::shop()
}

/// The visitor of the request.
pub fn expect_visitor() -> shop::Result<Visitor> {
    server::visitor()
}

/// The path and query of this page, for links that reload it.
pub fn path_here() -> String {
    server::request()
        .ok()
        .and_then(|parts| Some(parts.uri.path_and_query()?.to_string()))
        .unwrap_or_default()
}

/// The number of pieces in the visitor's cart; zero if the cart cannot be read, so that the page
/// is shown all the same.
pub async fn cart_count() -> u32 {
    let count = async {
        let cart = server::guest_cart().await?;
        let view = expect_shop()?.carts().view(&expect_visitor()?, cart.as_ref()).await?;
        shop::Result::<u32>::Ok(view.count)
    };
    count.await.unwrap_or(0)
}
