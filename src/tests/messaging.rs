//! The merchant's page about messaging.

use std::sync::Arc;

use axum::http::StatusCode;
use domain::{Language, MessageKind};
use web::routes;

use super::support::{Caller, TestApp};

const PAGE: &str = "/merchant/messaging";

#[tokio::test]
async fn the_merchant_sees_providers_templates_and_prices() {
    let app = TestApp::new().await;
    let mut browser = app.sign_in_merchant().await;
    let page = browser.get(PAGE).await;
    assert_eq!(page.status, StatusCode::OK);
    for words in ["simulator", "In use", "0.0382 USD", "2026-10-01", "have no templates"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert!(!page.text().contains("What the check found"), "without a check");
    let page = browser.get("/merchant/messaging?check=yes").await;
    assert!(page.text().contains("Everything is in order."), "{}", page.text());
}

#[tokio::test]
async fn templates_are_submitted_and_synchronised_from_the_page() {
    let caller = Arc::new(Caller::default());
    let app = TestApp::with_providers(vec![caller.clone()]).await;
    let mut browser = app.sign_in_merchant_with(|| caller.code()).await;
    let page = browser.get(PAGE).await;
    let (all, approved) =
        (MessageKind::ALL.len() * Language::ALL.len(), MessageKind::ALL.len() * 7);
    assert!(page.text().contains(&format!("0 of {all} can be sent")), "{}", page.text());
    assert!(page.text().contains("marigold templates submit caller"), "{}", page.text());
    let provider = [("provider", "caller")];
    browser.get(PAGE).await;
    let page = browser.submit("/api/merchant/messaging/submit", &provider).await;
    assert_eq!(page.path, PAGE);
    let taken = format!("{all} of {all} templates were taken.");
    assert!(page.text().contains(&taken), "{}", page.text());
    assert!(page.text().contains("Pending"), "{}", page.text());
    let page = browser.submit("/api/merchant/messaging/sync", &provider).await;
    assert!(page.text().contains(&format!("{approved} of {all} can be sent")), "{}", page.text());
    for words in ["Approved", "Rejected", "INVALID_FORMAT"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    let page = browser.get("/merchant/messaging?check=yes").await;
    assert!(page.text().contains("There is something to change."), "{}", page.text());
    assert!(page.text().contains(&format!("{approved} of {all} are approved")), "{}", page.text());
}

#[tokio::test]
async fn s_b09_the_messaging_page_is_not_found_for_others() {
    let app = TestApp::with_providers(vec![Arc::new(Caller::default())]).await;
    let mut browser = app.browser();
    for path in [PAGE, "/merchant/messaging?check=yes"] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND);
    }
    for call in ["submit", "sync"] {
        let path = format!("/api/merchant/messaging/{call}");
        let answer = browser.fetch(&path, &[("provider", "caller")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{call}");
    }
}

#[tokio::test]
async fn sb09_a_shopper_finds_no_merchant_page_and_no_merchant_action() {
    const ORDER: (&str, &str) = ("order", "0123456789abcdef0123456789abcdef");
    const VARIANT: (&str, &str) = ("variant", "0123456789abcdef0123456789abcdef");
    const PRODUCT: (&str, &str) = ("product", "0123456789abcdef0123456789abcdef");
    const ACCOUNT: (&str, &str) = ("account", "0123456789abcdef0123456789abcdef");
    const PROVIDER: (&str, &str) = ("provider", "simulator");
    let actions: [(&str, &[(&str, &str)]); 10] = [
        (routes::api::MERCHANT_ORDERS_SHIP, &[ORDER]),
        (routes::api::MERCHANT_ORDERS_CANCEL, &[ORDER]),
        (routes::api::MERCHANT_ORDERS_REFUND, &[ORDER]),
        (routes::api::MERCHANT_PRODUCTS_PRICE, &[VARIANT, ("price", "1.00")]),
        (routes::api::MERCHANT_PRODUCTS_STOCK, &[VARIANT, ("stock", "1")]),
        (routes::api::MERCHANT_PRODUCTS_PIECES, &[VARIANT, ("pieces", "1")]),
        (routes::api::MERCHANT_PRODUCTS_LISTED, &[PRODUCT, ("shown", "no")]),
        (routes::api::MERCHANT_ACCOUNTS_RECOVER, &[ACCOUNT]),
        (routes::api::MERCHANT_MESSAGING_SUBMIT, &[PROVIDER]),
        (routes::api::MERCHANT_MESSAGING_SYNC, &[PROVIDER]),
    ];
    let pages = [
        routes::MERCHANT,
        routes::MERCHANT_ORDERS,
        "/merchant/orders/0123456789abcdef0123456789abcdef",
        routes::MERCHANT_PRODUCTS,
        routes::MERCHANT_ACCOUNTS,
        routes::MERCHANT_MESSAGES,
        routes::MERCHANT_MESSAGING,
    ];
    let app = TestApp::new().await;
    let mut shopper = app.browser();
    app.join(&mut shopper).await;
    for browser in [&mut shopper, &mut app.browser()] {
        for path in pages {
            assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for (path, fields) in actions {
            let answer = browser.fetch(path, fields).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
