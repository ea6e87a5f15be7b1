//! Purchases through plain forms, also in parallel at two processes of one shop, on both
//! databases.

use axum::http::StatusCode;
use domain::Money;
use futures::future::join_all;

use super::{
    catalogue_pages::between,
    enumeration::normal,
    support::{Browser, PASSWORD, Page, Person, TestApp, on_both_engines},
};

const MUG: &str = "/products/sunday-mug";

/// The number of browser windows that send the same request in parallel.
const WINDOWS: usize = 12;

/// A signed-in shopper on the page for the code that confirms the payment of a mug.
async fn awaiting_confirmation(app: &TestApp) -> (Person, Browser) {
    awaiting_confirmation_with(app, &[]).await
}

/// The same, with additional fields in every form.
async fn awaiting_confirmation_with(app: &TestApp, more: &[(&str, &str)]) -> (Person, Browser) {
    let (person, mut browser) = at_review(app, more).await;
    let page = browser.submit("/api/checkout/place", more).await;
    assert_eq!(page.path, "/checkout/confirm", "{}", page.text());
    (person, browser)
}

/// A signed-in shopper who can place an order for a mug.
pub async fn at_review(app: &TestApp, more: &[(&str, &str)]) -> (Person, Browser) {
    app.shop.seed().seed_catalogue().await.unwrap();
    let mut browser = app.browser();
    let product = browser.get(MUG).await;
    let variant = between(&product.html, "name=\"variant\" value=\"", "\"").to_owned();
    let with = |fields: &[(&'static str, &'static str)]| [fields, more].concat();
    let added = [("variant", &*variant), ("quantity", "1")];
    browser.submit("/api/cart/add", &[&added, more].concat()).await;
    let person = app.join(&mut browser).await;
    let address = [
        ("name", "Robin Buyer"),
        ("street", "1 Test Street"),
        ("extra", ""),
        ("city", "London"),
        ("postcode", "E1 1AA"),
        ("country", "GB"),
    ];
    browser.submit("/api/checkout/address", &with(&address)).await;
    browser.submit("/api/checkout/shipping", &with(&[("shipping", "standard")])).await;
    browser.submit("/api/checkout/payment", &with(&[("payment", "demo_approve")])).await;
    (person, browser)
}

/// Sends one form from many windows in parallel, half of them to another process.
async fn at_once(app: &TestApp, browser: &Browser, path: &str, code: &str) -> Vec<Page> {
    let mut windows = Vec::new();
    for number in 0..WINDOWS {
        let other = match number % 2 {
            0 => app.browser(),
            _ => app.browser_of_neighbour().await,
        };
        windows.push(browser.another_window(other));
    }
    let sent = windows.into_iter().map(|mut window| {
        let (path, code) = (path.to_owned(), code.to_owned());
        tokio::spawn(async move { window.post(&path, &[("code", &code)]).await })
    });
    join_all(sent).await.into_iter().map(Result::unwrap).collect()
}

on_both_engines!(a_mug_is_bought_through_plain_forms, async |app: TestApp| {
    let (person, mut browser) = awaiting_confirmation(&app).await;
    let code = app.code(&person.phone).await;
    let page = browser.submit("/api/checkout/confirm", &[("code", &code)]).await;
    assert!(page.path.starts_with("/orders/"), "{}", page.text());
    assert!(page.text().contains("your order is confirmed"), "{}", page.text());
    assert!(browser.get("/account/orders").await.text().contains("M-20"));
    assert!(browser.get("/cart").await.text().contains("Your cart is empty."));
    assert_eq!(app.shop.gateway.statements().await.unwrap().len(), 1);
});

/// The amount that was charged for the mug.
async fn paid(app: &TestApp, more: &[(&str, &str)]) -> Money {
    let (person, mut browser) = awaiting_confirmation_with(app, more).await;
    let code = app.code(&person.phone).await;
    browser.submit("/api/checkout/confirm", &[&[("code", &*code)], more].concat()).await;
    app.shop.gateway.statements().await.unwrap()[0].amount
}

/// The shop has no coupons, so this is what the rule about them comes to.
#[tokio::test]
async fn x78_x87_neither_a_coupon_nor_a_price_in_a_form_changes_what_is_paid() {
    let more = [
        ("coupon", "FREE"),
        ("discount", "100"),
        ("price", "1"),
        ("amount", "1"),
        ("total", "1"),
        ("currency", "IDR"),
    ];
    let usual = paid(&TestApp::new().await, &[]).await;
    assert_eq!(paid(&TestApp::new().await, &more).await, usual);
}

#[tokio::test]
async fn x53_no_number_and_no_address_finds_an_order() {
    let app = TestApp::new().await;
    let (person, mut browser) = awaiting_confirmation(&app).await;
    let code = app.code(&person.phone).await;
    let page = browser.submit("/api/checkout/confirm", &[("code", &code)]).await;
    let number = format!("M-{}", between(&page.text(), "Order M-", " "));
    let known = [number.clone(), format!("{number}?email={}", person.email)];
    let unknown = ["M-2026-AAAAAA".to_owned(), format!("M-2026-AAAAAA?email={}", person.email)];
    let mut another = app.browser();
    app.join(&mut another).await;
    for (known, unknown) in known.iter().zip(&unknown) {
        let known = another.get(&format!("/orders/{known}")).await;
        let unknown = another.get(&format!("/orders/{unknown}")).await;
        assert_eq!(known.status, StatusCode::NOT_FOUND);
        assert_eq!(normal(&known), normal(&unknown));
    }
    let foreign = another.get(&page.path).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}

on_both_engines!(x80_many_confirmations_at_once_charge_once, async |app: TestApp| {
    let (person, mut browser) = awaiting_confirmation(&app).await;
    let code = app.code(&person.phone).await;
    let answers = at_once(&app, &browser, "/api/checkout/confirm", &code).await;
    let places: Vec<_> = answers.iter().map(|answer| answer.location().unwrap()).collect();
    assert!(places.iter().any(|place| place.starts_with("/orders/")), "{places:?}");
    assert_eq!(app.shop.gateway.statements().await.unwrap().len(), 1, "{places:?}");
    let orders = browser.get("/account/orders").await;
    assert_eq!(orders.text().matches("Order M-").count(), 1, "{}", orders.text());
});

on_both_engines!(x14_parallel_right_codes_make_one_sign_in, async |app: TestApp| {
    let person = app.join(&mut app.browser()).await;
    let before = app.sign_in_rows().await;
    let mut browser = app.browser();
    browser.submit("/api/login", &[("email", &person.email), ("password", PASSWORD)]).await;
    let code = app.code(&person.phone).await;
    let answers = at_once(&app, &browser, "/api/login/verify", &code).await;
    let places: Vec<_> = answers.iter().map(|answer| answer.location().unwrap()).collect();
    // Some are refused because the attempts are used up; the others lead to the same sign-in.
    assert!(places.iter().any(|place| place == "/account"), "{places:?}");
    assert_eq!(app.sign_in_rows().await, before + 1, "{places:?}");
});

#[tokio::test]
async fn an_order_is_a_receipt_with_seller_taxes_number_and_local_time() {
    let app = TestApp::new().await;
    let (person, mut browser) = awaiting_confirmation(&app).await;
    let code = app.code(&person.phone).await;
    let order = browser.submit("/api/checkout/confirm", &[("code", &code)]).await;
    let text = order.text();
    for words in ["Receipt", "Marigold", "Order number", "All prices include taxes.", " CET"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("UTC"), "{text}");
    assert!(order.html.contains("stack stack-tight screen-only"), "paper has the receipt alone");
}

#[tokio::test]
async fn an_amount_names_its_currency_once() {
    let app = TestApp::new().await;
    let (_, mut browser) = awaiting_confirmation(&app).await;
    let text = browser.get("/checkout/confirm").await.text();
    assert!(text.contains('€') && !text.contains("EUR"), "{text}");
}

#[tokio::test]
async fn a_payment_code_that_ended_leads_to_the_review_of_the_order() {
    let app = TestApp::new().await;
    let (person, mut browser) = awaiting_confirmation(&app).await;
    let code = app.code(&person.phone).await;
    app.clock.advance(std::time::Duration::from_secs(300));
    let page = browser.submit("/api/checkout/confirm", &[("code", &code)]).await;
    let said = "The time of this code is over: review your order for a new one.";
    assert!(page.text().contains(said), "{}", page.text());
    let next = between(&page.html, "href=\"/checkout?step=review\"", "/a>");
    assert!(next.contains("Review your order"), "{next}");
}

#[tokio::test]
async fn a_changed_cart_offers_to_review_the_order() {
    let app = TestApp::new().await;
    let (person, mut browser) = awaiting_confirmation(&app).await;
    let code = app.code(&person.phone).await;
    let product = browser.get(MUG).await;
    let variant = between(&product.html, "name=\"variant\" value=\"", "\"").to_owned();
    browser.submit("/api/cart/add", &[("variant", &*variant), ("quantity", "1")]).await;
    browser.get("/checkout/confirm").await;
    let page = browser.submit("/api/checkout/confirm", &[("code", &code)]).await;
    let said = "Something in your order changed since the code was sent: review your order";
    assert_eq!(page.text().matches(said).count(), 1, "{}", page.text());
    assert!(page.html.contains("href=\"/checkout?step=review\""), "{}", page.text());
}
