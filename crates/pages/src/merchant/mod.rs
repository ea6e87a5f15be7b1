//! The pages of the merchant. They are not found for other visitors.

mod accounts;
mod messages;
mod messaging;
mod orders;
mod products;
mod withdrawals;

pub use accounts::AccountsPage;
pub use messages::MessagesPage;
pub use messaging::MessagingPage;
pub use orders::{OrderPage, OrdersPage};
pub use products::ProductsPage;
pub use withdrawals::WithdrawalsPage;

use domain::DeliveryStatus;
use leptos::prelude::*;
use web::routes;

use super::{Alert, Page, expect_shop, expect_visitor, page, take_flash};

/// The frame of every page of the merchant.
#[component]
fn Frame(
    /// The title of the page.
    #[prop(into)]
    title: String,
    /// The address of the tab it belongs to.
    tab: &'static str,
    children: Children,
) -> impl IntoView {
    let tabs = [
        (routes::MERCHANT, t!("merchant-overview")),
        (routes::MERCHANT_ORDERS, t!("merchant-orders")),
        (routes::MERCHANT_WITHDRAWALS, t!("merchant-withdrawals")),
        (routes::MERCHANT_PRODUCTS, t!("merchant-products")),
        (routes::MERCHANT_MESSAGES, t!("merchant-messages")),
        (routes::MERCHANT_MESSAGING, t!("merchant-messaging")),
        (routes::MERCHANT_ACCOUNTS, t!("merchant-accounts")),
    ]
    .map(|(address, label)| {
        let is_current = (address == tab).then_some("page");
        view! { <a href=address aria-current=is_current>{label}</a> }
    });
    view! {
        <Page title=t!("merchant-title", title = title.as_str()) private=true>
            <nav class="tabs" aria-label=t!("merchant-navigation")>{tabs.collect_view()}</nav>
            <div class="page-head"><h1>{title}</h1></div>
            {children()}
        </Page>
    }
}

/// A variant with at most this stock is nearly sold out.
const LOW_STOCK_THRESHOLD: u32 = 3;

/// The overview: what needs the merchant's attention, and recent orders.
#[component]
pub fn OverviewPage() -> impl IntoView {
    page(async {
        let (shop, visitor) = (expect_shop()?, expect_visitor()?);
        let merchant = shop.merchant(&visitor)?;
        let orders = merchant.orders(None).await?.orders;
        let products = merchant.products().await?;
        let messages = merchant.messages(None).await?.messages;
        let to_ship = merchant.orders_to_ship().await?;
        let variants = products.iter().flat_map(|product| &product.variants);
        let low_stock = variants.filter(|variant| variant.stock <= LOW_STOCK_THRESHOLD).count();
        let is_lost = |status| status == DeliveryStatus::Failed;
        let lost = messages.iter().filter(|message| is_lost(message.status)).count();
        let withdrawals = merchant.open_withdrawals().await?;
        let latest = orders.into_iter().take(5).collect();
        let flash = take_flash()?;
        Ok(view! {
            <Frame title=t!("merchant-overview") tab=routes::MERCHANT>
                <Alert flash/>
                <dl class="tiles">
                    <div class="tile"><dt>{t!("overview-to-ship")}</dt><dd>{to_ship}</dd></div>
                    <div class="tile"><dt>{t!("overview-withdrawals")}</dt><dd>{withdrawals}</dd></div>
                    <div class="tile"><dt>{t!("overview-low-stock")}</dt><dd>{low_stock}</dd></div>
                    <div class="tile"><dt>{t!("overview-undelivered")}</dt><dd>{lost}</dd></div>
                </dl>
                <section class="stack" aria-labelledby="latest">
                    <div class="cluster spread">
                        <h2 id="latest">{t!("overview-latest")}</h2>
                        <a href=routes::MERCHANT_ORDERS>{t!("overview-all-orders")}</a>
                    </div>
                    <orders::Table orders=latest/>
                </section>
            </Frame>
        })
    })
}
