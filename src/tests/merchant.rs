//! The merchant's forms: they carry what their page showed, and are refused with both values if
//! that has changed. Plain forms and requests of a script get the same answer.

use std::time::Duration;

use axum::http::StatusCode;
use domain::VariantId;
use shop::merchant::MerchantVariant;
use web::routes;

use super::support::{Browser, Page, TestApp, on_both_engines};

/// A signed-in merchant of a shop with the demo's catalogue and its two orders of the past.
async fn merchant(app: &TestApp) -> Browser {
    app.shop.seed().seed_catalogue().await.unwrap();
    app.sign_in_merchant().await
}

/// The fields of the form with this address and this value, as the page shows them.
fn form(html: &str, action: &str, value: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let value = tag.split_once(&format!("{name}=\""))?.1;
        Some(value.split_once('"')?.0.to_owned())
    };
    let mut forms = html.split("<form").map(|rest| rest.split("</form").next().unwrap());
    let form = forms
        .find(|form| form.contains(&format!("\"{action}\"")) && form.contains(value))
        .unwrap_or_else(|| panic!("no form {action} with {value}"));
    let fields = form.split("<input").skip(1).filter_map(|tag| {
        let tag = tag.split_once('>')?.0;
        Some((attribute(tag, " name")?, attribute(tag, " value").unwrap_or_default()))
    });
    fields.collect()
}

/// The fields with another value for one of them.
fn with<'f>(fields: &'f [(String, String)], name: &str, value: &'f str) -> Vec<(&'f str, &'f str)> {
    let change = |(field, shown): &'f (String, String)| {
        (field.as_str(), if field == name { value } else { shown.as_str() })
    };
    fields.iter().map(change).collect()
}

/// A variant as the merchant's page shows it now.
async fn now(app: &TestApp, id: &VariantId) -> MerchantVariant {
    let products = app.shop.merchant(&app.merchant()).unwrap().products().await.unwrap();
    let mut variants = products.into_iter().flat_map(|product| product.variants);
    variants.find(|variant| variant.id == *id).unwrap()
}

const STOCK: &str = routes::api::MERCHANT_PRODUCTS_STOCK;
const PRICE: &str = routes::api::MERCHANT_PRODUCTS_PRICE;
const PIECES: &str = routes::api::MERCHANT_PRODUCTS_PIECES;
const LISTED: &str = routes::api::MERCHANT_PRODUCTS_LISTED;
const RECOVER: &str = routes::api::MERCHANT_ACCOUNTS_RECOVER;
const START: &str = routes::api::MERCHANT_PHONE_CHANGE_START;
const CANCEL: &str = routes::api::MERCHANT_PHONE_CHANGE_CANCEL;

on_both_engines!(a_stock_of_an_older_page_is_refused_with_both_values, async |app| {
    let mut browser = merchant(&app).await;
    let page = browser.get(routes::MERCHANT_PRODUCTS).await;
    let id = between(&page.html, "name=\"variant\" value=\"");
    let variant = VariantId::parse(&id).unwrap();
    let shown = now(&app, &variant).await.stock;
    let fields = form(&page.html, STOCK, &id);
    let as_merchant = app.merchant();
    let colleague = app.shop.merchant(&as_merchant).unwrap();
    colleague.set_stock(&variant, shown, "7").await.unwrap();
    let both = format!("The stock was {shown} when this page was loaded, and is 7 now.");

    // With a script the answer is the message, without one it stands on the page.
    let answer = browser.fetch(STOCK, &with(&fields, "stock", "30")).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.html.contains(&both), "{}", answer.html);
    let page = browser.submit(STOCK, &with(&fields, "stock", "30")).await;
    assert_eq!(page.path, routes::MERCHANT_PRODUCTS);
    assert!(page.text().contains(&both), "{}", page.text());
    assert_eq!(now(&app, &variant).await.stock, 7, "nothing was saved");

    // The page has kept what was typed and shows the stock of now, so that it can be saved again.
    let fields = form(&page.html, STOCK, &id);
    assert!(fields.contains(&("shown".into(), "7".into())), "{fields:?}");
    assert!(fields.contains(&("stock".into(), "30".into())), "{fields:?}");
    browser.submit(STOCK, &with(&fields, "stock", "30")).await;
    assert_eq!(now(&app, &variant).await.stock, 30);
});

on_both_engines!(a_price_of_an_older_page_is_refused_with_both_values, async |app| {
    let mut browser = merchant(&app).await;
    let page = browser.get(routes::MERCHANT_PRODUCTS).await;
    let id = between(&page.html, "name=\"variant\" value=\"");
    let variant = VariantId::parse(&id).unwrap();
    let before = now(&app, &variant).await.price;
    let fields = form(&page.html, PRICE, &id);
    let as_merchant = app.merchant();
    let colleague = app.shop.merchant(&as_merchant).unwrap();
    colleague.set_price(&variant, before.minor(), "77.31").await.unwrap();
    let page = browser.submit(PRICE, &with(&fields, "price", "12")).await;
    let before = text::Text::default().money(before);
    let both = format!("The price was {before} when this page was loaded, and is €77.31 now.");
    assert!(page.text().contains(&both), "{}", page.text());
    assert_eq!(now(&app, &variant).await.price.minor(), 77_31);
});

on_both_engines!(received_pieces_are_added_to_the_stock_of_now_and_once, async |app| {
    let mut browser = merchant(&app).await;
    let page = browser.get(routes::MERCHANT_PRODUCTS).await;
    let id = between(&page.html, "name=\"variant\" value=\"");
    let variant = VariantId::parse(&id).unwrap();
    let shown = now(&app, &variant).await.stock;
    let fields = form(&page.html, PIECES, &id);
    let as_merchant = app.merchant();
    let colleague = app.shop.merchant(&as_merchant).unwrap();
    colleague.set_stock(&variant, shown, "7").await.unwrap();
    browser.submit(PIECES, &with(&fields, "pieces", "+5")).await;
    assert_eq!(now(&app, &variant).await.stock, 12);
    let page = browser.submit(PIECES, &with(&fields, "pieces", "+5")).await;
    assert!(page.text().contains("The stock is 12 now."), "{}", page.text());
    let page = browser.get(routes::MERCHANT_PRODUCTS).await;
    let fields = form(&page.html, PIECES, &id);
    let page = browser.submit(PIECES, &with(&fields, "pieces", "-13")).await;
    assert!(page.text().contains("The stock cannot go below 0."), "{}", page.text());
    assert_eq!(now(&app, &variant).await.stock, 12);
});

on_both_engines!(an_order_that_moved_on_is_refused_with_both_statuses, async |app| {
    let mut browser = merchant(&app).await;
    let as_merchant = app.merchant();
    let colleague = app.shop.merchant(&as_merchant).unwrap();
    let orders = colleague.orders(None).await.unwrap().orders;
    let paid = orders.iter().find(|order| order.status == domain::OrderStatus::Paid).unwrap();
    let address = routes::merchant_order(&paid.id);
    let page = browser.get(&address).await;
    let refund = form(&page.html, routes::api::MERCHANT_ORDERS_REFUND, paid.id.as_str());
    let version = colleague.order(&paid.id).await.unwrap().version;
    colleague.ship(&paid.id, version).await.unwrap();
    let both = "was “Paid” when this page was loaded, and is “Shipped” now.";
    let fields = with(&refund, "", "");
    let page = browser.submit(routes::api::MERCHANT_ORDERS_REFUND, &fields).await;
    assert!(page.text().contains(both), "{}", page.text());
    let order = colleague.order(&paid.id).await.unwrap();
    assert_eq!(order.status, domain::OrderStatus::Shipped, "nothing was refunded");
    let refund = form(&page.html, routes::api::MERCHANT_ORDERS_REFUND, paid.id.as_str());
    browser.submit(routes::api::MERCHANT_ORDERS_REFUND, &with(&refund, "", "")).await;
    let order = colleague.order(&paid.id).await.unwrap();
    assert_eq!(order.status, domain::OrderStatus::Refunded);
});

on_both_engines!(the_box_to_restock_is_shown_until_the_things_are_back, async |app| {
    let part = routes::api::MERCHANT_ORDERS_REFUND_PART;
    let mut browser = merchant(&app).await;
    let as_merchant = app.merchant();
    let orders = app.shop.merchant(&as_merchant).unwrap().orders(None).await.unwrap().orders;
    let paid = orders.iter().find(|order| order.status == domain::OrderStatus::Paid).unwrap();
    let page = browser.get(&routes::merchant_order(&paid.id)).await;
    let fields = form(&page.html, part, paid.id.as_str());
    assert!(fields.iter().any(|(name, _)| name == "restock"), "{fields:?}");
    let page = browser.submit(part, &with(&fields, "amount", "1")).await;
    let fields = form(&page.html, part, paid.id.as_str());
    assert!(fields.iter().all(|(name, _)| name != "restock"), "{fields:?}");
});

on_both_engines!(a_listing_of_an_older_page_is_refused_with_both_values, async |app| {
    let mut browser = merchant(&app).await;
    let old = browser.get(routes::MERCHANT_PRODUCTS).await;
    let product = between(&old.html, "name=\"product\" value=\"");
    let toggle = |page: &Page| form(&page.html, LISTED, &product);
    let is_listed = async || {
        let as_merchant = app.merchant();
        let products = app.shop.merchant(&as_merchant).unwrap().products().await.unwrap();
        products.iter().find(|one| one.id.as_str() == product).unwrap().is_listed
    };
    let fields = toggle(&old);
    let page = browser.submit(LISTED, &with(&fields, "", "")).await;
    assert!(page.text().contains("Saved") && !is_listed().await);
    let page = browser.submit(LISTED, &with(&fields, "", "")).await;
    let both = "on the shelf when this page was loaded, and is off the shelf now";
    assert!(page.text().contains(both) && !is_listed().await, "{}", page.text());
    // The page that says so shows the product as it is, and its button puts it back.
    let hidden = toggle(&page);
    assert_eq!(browser.fetch(LISTED, &with(&hidden, "", "")).await.status, StatusCode::OK);
    let answer = browser.fetch(LISTED, &with(&hidden, "", "")).await;
    let both = "off the shelf when this page was loaded, and is on the shelf now";
    assert!(answer.status == StatusCode::CONFLICT && answer.html.contains(both), "{}", answer.html);
    assert!(is_listed().await);
});

#[tokio::test]
async fn codes_switched_on_from_an_older_page_are_refused_with_both_values() {
    let app = TestApp::new().await;
    let mut browser = merchant(&app).await;
    let person = app.join(&mut app.browser()).await;
    let address = routes::merchant_account(&person.email);
    app.disable_codes(&person).await;
    let old = browser.get(&address).await;
    assert!(old.text().contains("Codes are off since"), "{}", old.text());
    let old = form(&old.html, RECOVER, "shown");
    let page = browser.submit(RECOVER, &with(&old, "", "")).await;
    assert!(page.text().contains("Saved") && page.text().contains("Codes are on."));
    let page = browser.submit(RECOVER, &with(&old, "", "")).await;
    assert!(page.text().contains("were off since"), "{}", page.text());
    assert!(page.text().contains("and are on now. Nothing was changed."), "{}", page.text());

    // An attacker has used up the attempts again, which the colleague of the old page cannot know.
    app.clock.advance(Duration::from_secs(600));
    app.disable_codes(&person).await;
    let page = browser.submit(RECOVER, &with(&old, "", "")).await;
    assert!(page.text().contains("and are off again since"), "{}", page.text());
    assert!(page.text().contains("Codes are off since"), "nothing was changed: {}", page.text());
    let new = form(&page.html, RECOVER, "shown");
    let page = browser.submit(RECOVER, &with(&new, "", "")).await;
    assert!(page.text().contains("Codes are on."), "{}", page.text());
}

on_both_engines!(a_change_of_phone_of_an_older_page_is_refused_with_both_values, async |app| {
    let mut browser = merchant(&app).await;
    let person = app.join(&mut app.browser()).await;
    let address = routes::merchant_account(&person.email);
    let page = browser.get(&address).await;
    let start = form(&page.html, START, "account");
    let started = browser.submit(START, &with(&start, "", "")).await;
    assert!(started.text().contains("Waiting"), "{}", started.text());
    let cancel = form(&started.html, CANCEL, "account");
    app.clock.advance(Duration::from_secs(60));
    let page = browser.submit(START, &with(&start, "", "")).await;
    let none = "No change of phone was open when this page was loaded, and one was started at";
    assert!(page.text().contains(none), "{}", page.text());
    let page = browser.submit(CANCEL, &with(&cancel, "", "")).await;
    assert!(page.text().contains("Saved") && !page.text().contains("Waiting"), "{}", page.text());
    let page = browser.submit(CANCEL, &with(&cancel, "", "")).await;
    assert!(page.text().contains("was open when this page was loaded, and has ended."));
    browser.submit(START, &with(&start, "", "")).await;
    let page = browser.submit(CANCEL, &with(&cancel, "", "")).await;
    assert!(page.text().contains("and another one was started at"), "{}", page.text());
    assert!(page.text().contains("Waiting"), "nothing was cancelled: {}", page.text());
});

#[tokio::test]
async fn a_form_that_does_not_say_what_its_page_showed_is_refused() {
    let app = TestApp::new().await;
    let mut browser = merchant(&app).await;
    let page = browser.get(routes::MERCHANT_PRODUCTS).await;
    let id = between(&page.html, "name=\"variant\" value=\"");
    let before = now(&app, &VariantId::parse(&id).unwrap()).await;
    let product = between(&page.html, "name=\"product\" value=\"");
    let person = app.join(&mut app.browser()).await;
    let page = browser.get(&routes::merchant_account(&person.email)).await;
    let account = between(&page.html, "name=\"account\" value=\"");
    let (product, account) = (("product", product.as_str()), ("account", account.as_str()));
    for shown in [None, Some(""), Some("-1"), Some("1e3"), Some("many")] {
        for (action, field) in [(STOCK, "stock"), (PRICE, "price")] {
            let mut fields = vec![("variant", id.as_str()), (field, "1")];
            fields.extend(shown.map(|shown| ("shown", shown)));
            let answer = browser.fetch(action, &fields).await;
            assert_eq!(answer.status, StatusCode::CONFLICT, "{action} {shown:?}");
        }
        let mut fields = vec![("variant", id.as_str()), ("pieces", "1")];
        fields.extend(shown.map(|shown| ("change", shown)));
        assert_eq!(browser.fetch(PIECES, &fields).await.status, StatusCode::CONFLICT, "{shown:?}");
        for (action, of) in [(LISTED, product), (RECOVER, account), (CANCEL, account)] {
            let mut fields = vec![of];
            fields.extend(shown.map(|shown| ("shown", shown)));
            let answer = browser.fetch(action, &fields).await;
            assert_eq!(answer.status, StatusCode::CONFLICT, "{action} {shown:?}");
        }
    }
    let after = now(&app, &VariantId::parse(&id).unwrap()).await;
    assert_eq!((after.stock, after.price), (before.stock, before.price));
}

/// The text after `begin`, up to the next quotation mark.
fn between(html: &str, begin: &str) -> String {
    super::catalogue_pages::between(html, begin, "\"").to_owned()
}
