//! Files of the account: the invoice of an order, the copy of its data; and its deletion.

use axum::http::StatusCode;
use domain::MessageKind;
use web::routes;

use super::{
    purchases::at_review,
    support::{Browser, PASSWORD, Person, TestApp, on_both_engines},
};

/// A paid order with its invoice: the buyer, the buyer's browser, and the path of the order.
async fn bought(app: &TestApp) -> (Person, Browser, String) {
    let (person, mut browser) = at_review(app, &[]).await;
    browser.submit(routes::api::CHECKOUT_PLACE, &[]).await;
    let code = app.code(&person.phone).await;
    let page = browser.submit(routes::api::CHECKOUT_CONFIRM, &[("code", &code)]).await;
    assert!(!page.html.contains("invoice.pdf"), "there is no invoice yet");
    app.shop.invoices().assign_due().await.unwrap();
    (person, browser, page.path)
}

#[tokio::test]
async fn an_invoice_is_downloaded_by_who_may_read_the_order() {
    let app = TestApp::new().await;
    let (_, mut browser, order) = bought(&app).await;
    let page = browser.get(&order).await;
    let link = format!("{order}/invoice.pdf");
    assert!(page.html.contains(&format!("href=\"{link}\"")), "{}", page.html);
    assert!(page.text().contains("INV-20"), "{}", page.text());
    let file = browser.get(&link).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.header("content-type"), "application/pdf");
    assert_eq!(file.header("cache-control"), "no-store");
    assert!(file.html.starts_with("%PDF-1."));
    let foreign = app.browser().get(&link).await;
    assert_eq!(foreign.path, routes::login_then(&order), "{}", foreign.text());
    let unknown = browser.get("/orders/nothing/invoice.pdf").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

on_both_engines!(x190_a_copy_of_the_data_is_downloaded_after_the_password, async |app: TestApp| {
    let (person, mut browser, _) = bought(&app).await;
    let page = browser.get(routes::downloads::PERSONAL_DATA).await;
    assert_eq!(page.path, routes::ACCOUNT_DATA, "it leads to the form");
    let wrong = [("password", "not the violet kettle")];
    let page = browser.submit(routes::api::ACCOUNT_DATA_EXPORT, &wrong).await;
    assert!(page.text().contains("password"), "{}", page.text());
    let right = [("password", PASSWORD)];
    let page = browser.submit(routes::api::ACCOUNT_DATA_EXPORT, &right).await;
    assert!(page.html.contains("href=\"/account/data.json\""), "{}", page.html);
    let copy = browser.get(routes::downloads::PERSONAL_DATA).await;
    assert_eq!(copy.header("content-type"), "application/json");
    assert!(copy.html.contains(&person.email), "{}", copy.html);
});

on_both_engines!(x191_an_account_is_deleted_with_its_password, async |app: TestApp| {
    let (person, mut browser, order) = bought(&app).await;
    browser.get(routes::ACCOUNT_DATA).await;
    let page = browser.submit(routes::api::ACCOUNT_DELETE, &[("password", PASSWORD)]).await;
    assert_eq!(page.path, routes::LOGIN);
    assert!(page.text().contains("Your account was deleted."), "{}", page.text());
    let account = browser.get(routes::ACCOUNT).await;
    assert_eq!(account.path, routes::login_then(routes::ACCOUNT));
    let form = [("email", &*person.email), ("password", PASSWORD)];
    let page = browser.submit(routes::api::LOGIN, &form).await;
    assert!(page.text().contains("do not match"), "{}", page.text());
    assert_eq!(browser.get(&order).await.path, routes::login_then(&order));
    app.deliver().await;
    let messages = app.phones.messages(&person.phone);
    let told = messages.iter().filter(|one| one.purpose == MessageKind::AccountDeleted);
    assert_eq!(told.count(), 1, "the owner is told");
    let orders = app.sign_in_merchant().await.get(routes::MERCHANT_ORDERS).await;
    assert!(orders.text().contains("Robin Buyer"), "the merchant keeps the order");
});
