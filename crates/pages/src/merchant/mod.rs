//! The merchant's side. To anybody else these pages are not there.

mod accounts;
mod messages;
mod messaging;
mod orders;
mod products;

pub use accounts::AccountsPage;
pub use messages::MessagesPage;
pub use messaging::MessagingPage;
pub use orders::{OrderPage, OrdersPage};
pub use products::ProductsPage;

use domain::{DeliveryStatus, OrderStatus};
use leptos::prelude::*;
use web::routes;

use super::{Page, expect_shop, expect_visitor, page};

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
    const TABS: [(&str, &str); 6] = [
        (routes::MERCHANT, "Overview"),
        (routes::MERCHANT_ORDERS, "Orders"),
        (routes::MERCHANT_PRODUCTS, "Products"),
        (routes::MERCHANT_MESSAGES, "Messages"),
        (routes::MERCHANT_MESSAGING, "Messaging"),
        (routes::MERCHANT_ACCOUNTS, "Accounts"),
    ];
    let tabs = TABS.map(|(address, label)| {
        let is_current = (address == tab).then_some("page");
        view! { <a href=address aria-current=is_current>{label}</a> }
    });
    view! {
        <Page title=format!("{title} – merchant") private=true>
            <nav class="tabs" aria-label="Merchant">{tabs.collect_view()}</nav>
            <div class="page-head"><h1>{title}</h1></div>
            {children()}
        </Page>
    }
}

/// A variant with no more pieces than this is nearly sold out.
const SCARCE: u32 = 3;

/// What wants the merchant's attention, and what happened lately.
#[component]
pub fn OverviewPage() -> impl IntoView {
    page(async {
        let (shop, visitor) = (expect_shop()?, expect_visitor()?);
        let merchant = shop.merchant(&visitor)?;
        let orders = merchant.orders(None).await?.orders;
        let products = merchant.products().await?;
        let messages = merchant.messages(None).await?.messages;
        let paid = orders.iter().filter(|order| order.status == OrderStatus::Paid).count();
        let variants = products.iter().flat_map(|product| &product.variants);
        let scarce = variants.filter(|variant| variant.stock <= SCARCE).count();
        let is_lost = |status| status == DeliveryStatus::Failed;
        let lost = messages.iter().filter(|message| is_lost(message.status)).count();
        let latest = orders.into_iter().take(5).collect();
        Ok(view! {
            <Frame title="Overview" tab=routes::MERCHANT>
                <dl class="tiles">
                    <div class="tile"><dt>"To be shipped"</dt><dd>{paid}</dd></div>
                    <div class="tile"><dt>"Nearly sold out"</dt><dd>{scarce}</dd></div>
                    <div class="tile"><dt>"Messages not delivered"</dt><dd>{lost}</dd></div>
                </dl>
                <section class="stack" aria-labelledby="latest">
                    <div class="cluster spread">
                        <h2 id="latest">"Latest orders"</h2>
                        <a href=routes::MERCHANT_ORDERS>"All orders"</a>
                    </div>
                    <orders::Table orders=latest/>
                </section>
            </Frame>
        })
    })
}
