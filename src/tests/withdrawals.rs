//! Withdrawal from a contract through plain forms, and the button that orders.

use std::sync::Arc;

use axum::http::StatusCode;
use payment::CashOnDelivery;
use web::routes;

use super::{
    catalogue_pages::between,
    enumeration::normal,
    purchases::at_review,
    support::{Browser, Page, Person, TestApp, on_both_engines},
};

/// A paid order: its buyer, the buyer's browser, and its number.
async fn bought(app: &TestApp) -> (Person, Browser, String) {
    let (person, mut browser) = at_review(app, &[]).await;
    browser.submit(routes::api::CHECKOUT_PLACE, &[]).await;
    let code = app.code(&person.phone).await;
    let page = browser.submit(routes::api::CHECKOUT_CONFIRM, &[("code", &code)]).await;
    let number = between(&page.html, "?order=", "\"").to_owned();
    (person, browser, number)
}

/// Both steps; the answers to the forms and the pages that follow.
async fn withdraw(browser: &mut Browser, number: &str, contact: &str) -> [Page; 4] {
    browser.get(routes::WITHDRAWAL).await;
    let stated = [("name", "Ada Buyer"), ("order_number", number), ("contact", contact)];
    let begun = browser.post(routes::api::WITHDRAWAL, &stated).await;
    let confirm = browser.get(&begun.location().unwrap()).await;
    let id = between(&confirm.html, "name=\"id\" value=\"", "\"").to_owned();
    let fields = [&stated[..], &[("id", &*id)]].concat();
    let confirmed = browser.post(routes::api::WITHDRAWAL_CONFIRM, &fields).await;
    let receipt = browser.get(&confirmed.location().unwrap()).await;
    [begun, confirm, confirmed, receipt]
}

on_both_engines!(a_contract_is_withdrawn_from_without_account_and_code, async |app: TestApp| {
    let (person, mut buyer, number) = bought(&app).await;
    let mut browser = app.browser();
    let footer = browser.get("/").await.html.replace("<!>", "");
    assert!(footer.contains("<a href=\"/withdrawal\">Withdraw from contract here</a>"));
    let [_, confirm, _, receipt] = withdraw(&mut browser, &number, &person.email).await;
    let html = confirm.html.replace("<!>", "");
    assert!(html.contains(">Confirm withdrawal</button>"), "{html}");
    assert_eq!(receipt.path, routes::WITHDRAWAL_RECEIPT);
    let text = receipt.text();
    let statement = format!("I withdraw from the contract of order {number}.");
    for part in [&*statement, "Ada Buyer", "1 January 2026", &person.email] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let again = browser.get(routes::WITHDRAWAL_RECEIPT).await.text();
    assert_eq!(again, text, "it can be loaded again");

    let orders = buyer.get(routes::ACCOUNT_ORDERS).await.html;
    let order = format!("/orders/{}", between(&orders, "href=\"/orders/", "\""));
    let order = buyer.get(&order).await.text();
    assert!(order.contains("Your withdrawal from this contract was received on"), "{order}");

    // The e-mail that confirms the address goes first, so that the receipt is the newest.
    assert!(!app.newest_email().await.contains(&number));
    app.shop.withdrawals().queue_receipts().await.unwrap();
    assert!(app.newest_email().await.contains(&number));

    let mut merchant = app.sign_in_merchant().await;
    let page = merchant.get(routes::MERCHANT_WITHDRAWALS).await;
    assert!(page.text().contains("In time"), "{}", page.text());
    let id = between(&page.html, "name=\"withdrawal\" value=\"", "\"").to_owned();
    let fields = [("withdrawal", &*id), ("state", "handled")];
    let page = merchant.submit(routes::api::MERCHANT_WITHDRAWALS_STATE, &fields).await;
    assert!(page.text().contains("Dealt with"), "{}", page.text());
    let page = merchant.submit(routes::api::MERCHANT_WITHDRAWALS_STATE, &fields).await;
    assert!(page.text().contains("has been dealt with since"), "{}", page.text());
});

#[tokio::test]
async fn an_order_that_is_paid_on_delivery_has_a_link_to_withdraw() {
    let on_delivery = CashOnDelivery { countries: Vec::new(), max: None };
    let app = TestApp::with_gateways(vec![Arc::new(on_delivery)], None).await;
    let (person, mut browser) = at_review(&app, &[]).await;
    let method = CashOnDelivery::NAME.as_str();
    browser.submit("/api/checkout/payment", &[("payment", method)]).await;
    browser.submit(routes::api::CHECKOUT_PLACE, &[]).await;
    let code = app.code(&person.phone).await;
    let page = browser.submit(routes::api::CHECKOUT_CONFIRM, &[("code", &code)]).await;
    assert!(page.path.starts_with("/orders/"), "{}", page.text());
    assert!(page.html.contains("/withdrawal?order=M-"), "{}", page.html);
}

#[tokio::test]
async fn x183_an_unknown_number_is_answered_in_the_same_bytes() {
    let app = TestApp::new().await;
    let (person, _, number) = bought(&app).await;
    // The pages repeat what was typed, so the wrong contact is as long as the right one.
    let foreign = person.email.replace("robin", "nobin");
    assert_ne!(foreign, person.email);
    let mut all = Vec::new();
    for (typed, contact) in
        [(&*number, &*person.email), ("M-2026-222222", &*person.email), (&*number, &*foreign)]
    {
        let pages = withdraw(&mut app.browser(), typed, contact).await;
        let pages = pages.map(|page| {
            let page = normal(&page).replace(typed, "NUMBER").replace(contact, "CONTACT");
            match page.split_once("name=\"id\" value=\"") {
                Some((before, after)) => format!("{before}{}", &after[32..]),
                None => page,
            }
        });
        all.push(pages);
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
    let sizes = all.iter().map(|pages| pages.iter().map(String::len).collect::<Vec<_>>());
    assert_eq!(sizes.collect::<std::collections::BTreeSet<_>>().len(), 1);
}

#[tokio::test]
async fn a_refused_statement_comes_back_with_its_problems() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    browser.get(routes::WITHDRAWAL).await;
    let stated = [("name", ""), ("order_number", "M-2026-7K4QXZ"), ("contact", "nobody")];
    let page = browser.submit(routes::api::WITHDRAWAL, &stated).await;
    assert_eq!(page.path, routes::WITHDRAWAL);
    assert_eq!(page.html.matches("aria-invalid=\"true\"").count(), 2, "{}", page.html);
    assert!(page.html.contains("value=\"M-2026-7K4QXZ\""), "{}", page.html);
    let page = browser.get(routes::WITHDRAWAL_CONFIRM).await;
    assert_eq!(page.path, routes::WITHDRAWAL, "there is nothing to confirm");
    let none = browser.get(routes::WITHDRAWAL_RECEIPT).await;
    assert_eq!(none.status, StatusCode::OK);
    assert!(none.text().contains("has given no notice"), "{}", none.text());
}

#[tokio::test]
async fn x182_the_button_says_buy_now_where_the_law_asks_and_links_what_is_agreed() {
    let app = TestApp::new().await;
    let (_, mut browser) = at_review(&app, &[]).await;
    for (country, region, postcode, label) in [
        ("DE", "", "10115", ">Buy now</button>"),
        ("GB", "", "E1 1AA", ">Buy now</button>"),
        ("US", "NY", "10001", ">Place order</button>"),
    ] {
        let address = [
            ("name", "Robin Buyer"),
            ("street", "1 Test Street"),
            ("city", "Town"),
            ("region", region),
            ("postcode", postcode),
            ("country", country),
        ];
        browser.submit(routes::api::CHECKOUT_ADDRESS, &address).await;
        let page = browser.get(routes::CHECKOUT_REVIEW).await;
        let html = page.html.replace("<!>", "");
        assert!(html.contains(label), "{country}: {html}");
        let name = "aria-label=\"Buy now: place order with obligation to pay\"";
        assert_eq!(page.html.contains(name), label.contains("Buy"), "{country}");
        let (_, form) = html.split_once("action=\"/api/checkout/place\"").unwrap();
        let (form, _) = form.split_once("</form>").unwrap();
        for page in ["/terms", "/privacy", "/returns"] {
            assert!(form.contains(&format!("<a href=\"{page}\">")), "{country}: {page}");
        }
    }
}
