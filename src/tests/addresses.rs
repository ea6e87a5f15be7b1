//! The form of the delivery address without script: each country has its own fields.

use web::server::PAGE_FIELD;

use super::{
    catalogue_pages::between,
    support::{Browser, TestApp},
};

const ADDRESS: &str = "/api/checkout/address";
const COUNTRY: &str = "/api/checkout/country";

/// A signed-in shopper with a mug in the cart.
async fn at_checkout(app: &TestApp) -> Browser {
    app.shop.seed().seed_catalogue().await.unwrap();
    let mut browser = app.browser();
    let product = browser.get("/products/sunday-mug").await;
    let variant = between(&product.html, "name=\"variant\" value=\"", "\"").to_owned();
    browser.submit("/api/cart/add", &[("variant", &variant), ("quantity", "1")]).await;
    app.join(&mut browser).await;
    browser.get("/checkout").await;
    browser
}

fn has_field(html: &str, name: &str) -> bool {
    html.contains(&format!("name=\"{name}\""))
}

#[tokio::test]
async fn change_country_shows_the_fields_of_the_country_and_keeps_what_was_typed() {
    let app = TestApp::new().await;
    let mut browser = at_checkout(&app).await;
    for (country, shown, hidden) in [
        ("US", ["city", "region", "postcode"].as_slice(), ["district"].as_slice()),
        ("JP", &["region", "postcode"], &["city", "district"]),
        ("CN", &["district", "city", "region", "postcode"], &[]),
        ("BR", &["district", "city", "region", "postcode"], &[]),
        ("GB", &["city", "postcode"], &["district", "region"]),
        ("DE", &["city", "postcode"], &["district", "region"]),
    ] {
        let typed = [("name", "Robin Typed"), ("street", "7 <Kept> Street"), ("country", country)];
        let page = browser.submit(COUNTRY, &typed).await;
        assert_eq!(page.path, "/checkout");
        assert!(page.html.contains("value=\"Robin Typed\""), "{country}");
        assert!(page.html.contains("7 &lt;Kept&gt; Street"), "{country}");
        assert!(!page.html.contains("role=\"alert\""), "{country}: nothing was checked");
        for field in shown {
            assert!(has_field(&page.html, field), "{country} has {field}");
        }
        for field in hidden {
            assert!(!has_field(&page.html, field), "{country} has no {field}");
        }
    }
}

#[tokio::test]
async fn an_address_with_a_state_is_stored_and_printed_in_its_order() {
    let app = TestApp::new().await;
    let mut browser = at_checkout(&app).await;
    let typed = |region| {
        [
            ("name", "Robin Buyer"),
            ("street", "1 Main St"),
            ("city", "Springfield"),
            ("region", region),
            ("postcode", "62701"),
            ("country", "US"),
        ]
    };
    // The form says in which part of the page it stands, where it shows again what was typed.
    let without_state = [&typed("")[..], &[(PAGE_FIELD, "/checkout#step")]].concat();
    let refused = browser.submit(ADDRESS, &without_state).await;
    assert!(has_field(&refused.html, "region"), "the form of the country is shown");
    assert!(refused.text().contains("Choose one from the list"), "{}", refused.text());
    let page = browser.submit(ADDRESS, &typed("IL")).await;
    assert!(page.text().contains("Springfield, IL 62701"), "{}", page.text());
    assert!(page.text().contains("United States"), "{}", page.text());
}

#[tokio::test]
async fn change_country_is_for_signed_in_shoppers() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let page = browser.submit(COUNTRY, &[("country", "JP")]).await;
    assert!(page.path.starts_with("/login"), "{}", page.path);
}
