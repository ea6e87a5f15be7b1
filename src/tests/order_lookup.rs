//! Finding an order through plain forms.

use web::routes;

use super::{
    catalogue_pages::between,
    enumeration::normal,
    purchases::at_review,
    support::{Page, TestApp, on_both_engines},
};

/// The answer to the form in a new browser, and the page that follows.
async fn look_up(app: &TestApp, number: &str, contact: &str) -> [Page; 2] {
    let mut browser = app.browser();
    browser.get(routes::ORDER_LOOKUP).await;
    let typed = [("order_number", number), ("contact", contact)];
    let begun = browser.post(routes::api::ORDER_LOOKUP, &typed).await;
    let page = browser.get(&begun.location().unwrap()).await;
    [begun, page]
}

on_both_engines!(an_order_is_found_without_an_account, async |app: TestApp| {
    let (person, mut buyer) = at_review(&app, &[]).await;
    buyer.submit(routes::api::CHECKOUT_PLACE, &[]).await;
    let code = app.code(&person.phone).await;
    let bought = buyer.submit(routes::api::CHECKOUT_CONFIRM, &[("code", &code)]).await;
    let number = between(&bought.html, "?order=", "\"").to_owned();

    // The shop sends no two codes to one phone within a few seconds.
    app.clock.advance(std::time::Duration::from_secs(60));
    let mut browser = app.browser();
    browser.get(routes::ORDER_LOOKUP).await;
    let typed = [("order_number", &*number), ("contact", person.phone.expose())];
    let page = browser.submit(routes::api::ORDER_LOOKUP, &typed).await;
    assert_eq!(page.path, routes::ORDER_LOOKUP_VERIFY, "{}", page.text());
    let code = app.code(&person.phone).await;
    let page = browser.submit(routes::api::ORDER_LOOKUP_VERIFY, &[("code", &code)]).await;
    assert_eq!(page.path, bought.path);
    assert!(page.text().contains(&number), "{}", page.text());
    assert!(page.header("cache-control").contains("no-store"));
    assert!(!page.html.contains("href=\"/account/orders\""), "it is signed in nowhere");
    let orders = browser.get(routes::ACCOUNT_ORDERS).await;
    assert_eq!(orders.path, routes::login_then(routes::ACCOUNT_ORDERS), "{}", orders.text());
    let page = app.browser().get(&bought.path).await;
    let sign_in = routes::login_then(&bought.path);
    assert_eq!(page.path, sign_in, "another browser is asked to sign in");
});

#[tokio::test]
async fn x187_unknown_orders_are_answered_in_the_same_bytes() {
    let app = TestApp::new().await;
    let (person, mut buyer) = at_review(&app, &[]).await;
    buyer.submit(routes::api::CHECKOUT_PLACE, &[]).await;
    let code = app.code(&person.phone).await;
    let bought = buyer.submit(routes::api::CHECKOUT_CONFIRM, &[("code", &code)]).await;
    let number = between(&bought.html, "?order=", "\"").to_owned();
    let mut all = Vec::new();
    for (number, contact) in [
        (&*number, &*person.email),
        ("M-2026-222222", &*person.email),
        (&*number, "nobody@example.com"),
    ] {
        let pages = look_up(&app, number, contact).await;
        all.push(pages.map(|page| normal(&page)));
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
}

#[tokio::test]
async fn a_refused_look_up_comes_back_with_what_was_typed() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    browser.get(routes::ORDER_LOOKUP).await;
    let typed = [("order_number", "M-2026-7K4QXZ"), ("contact", "nobody")];
    let page = browser.submit(routes::api::ORDER_LOOKUP, &typed).await;
    assert_eq!(page.path, routes::ORDER_LOOKUP);
    assert!(page.html.contains("value=\"M-2026-7K4QXZ\""), "{}", page.html);
    assert_eq!(page.html.matches("aria-invalid=\"true\"").count(), 1, "{}", page.html);
}
