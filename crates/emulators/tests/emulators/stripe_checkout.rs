//! Stripe: Checkout Sessions and the pages that a browser opens.

use emulators::Emulator;
use serde_json::{Value, json};

use crate::stripe::{encode, get, id, pay, post, stripe, total};
use crate::support::{TestProvider, TestResponse};

const SESSION: &[(&str, &str)] = &[
    ("mode", "payment"),
    ("line_items[0][quantity]", "2"),
    ("line_items[0][price_data][currency]", "eur"),
    ("line_items[0][price_data][unit_amount]", "1000"),
    ("line_items[0][price_data][product_data][name]", "Seeds & <b>bulbs</b>"),
    ("payment_intent_data[capture_method]", "manual"),
    ("payment_intent_data[metadata][order]", "7"),
    ("client_reference_id", "order-7"),
    ("customer_email", "shopper@shop.example"),
    ("success_url", "https://shop.example/done?session={CHECKOUT_SESSION_ID}"),
    ("cancel_url", "https://shop.example/cart"),
];

async fn open(stripe: &TestProvider, more: &[(&str, &str)]) -> TestResponse {
    post(stripe, "/v1/checkout/sessions", &[SESSION, more].concat()).await
}

async fn read(stripe: &TestProvider, session: &str) -> Value {
    get(stripe, &format!("/v1/checkout/sessions/{session}?expand[]=payment_intent")).await.body
}

/// Posts a form as a browser does. Returns the status, the address it is sent to, and the page.
async fn submit(url: &str, form: &[(&str, &str)]) -> (u16, String, String) {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let response = client.post(url).body(encode(form)).send().await.unwrap();
    let location =
        response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), location.unwrap_or_default(), response.text().await.unwrap())
}

async fn enter(url: &str, number: &str) -> (u16, String, String) {
    let form = [("number", number), ("expiry", "12 / 34"), ("cvc", "123"), ("name", "A Shopper")];
    submit(url, &form).await
}

fn url(session: &TestResponse) -> String {
    session.body["url"].as_str().unwrap_or_else(|| panic!("{session:?}")).to_owned()
}

fn page(emulator: &Emulator, path: &str) -> String {
    format!("{}{path}", emulator.base_url())
}

/// <https://docs.stripe.com/payments/checkout/how-checkout-works>
#[tokio::test]
async fn a_card_on_the_hosted_page_authorizes_the_payment_of_its_session() {
    let stripe = stripe().await;
    let session = open(&stripe, &[]).await;
    assert_eq!(session.body["amount_total"], 2000, "{session:?}");
    assert_eq!(session.body["payment_intent"], Value::Null, "there is none before an attempt");
    let shown = stripe.send(stripe.client.get(url(&session))).await.body;
    let shown = shown.as_str().unwrap();
    assert!(shown.contains("20.00 EUR") && shown.contains("https://shop.example/cart"));
    assert!(shown.contains("Seeds &amp; &lt;b&gt;bulbs") && !shown.contains("<script"));
    let (status, location, _) = enter(&url(&session), "4242 4242 4242 4242").await;
    let id = id(&session);
    assert_eq!((status, location), (303, format!("https://shop.example/done?session={id}")));
    let session = read(&stripe, &id).await;
    assert_eq!((&session["status"], &session["url"]), (&json!("complete"), &Value::Null));
    assert_eq!(session["payment_status"], "unpaid", "it is not captured yet");
    assert_eq!(session["payment_intent"]["status"], "requires_capture");
    assert_eq!(session["payment_intent"]["metadata"]["order"], "7");
    let ledger = stripe.get("/emulator/ledger").await.body;
    assert_eq!(ledger["payments"][0]["client_reference_id"], "order-7");
    let again = enter(&page(&stripe.emulator, &format!("/c/pay/{id}")), "4242424242424242").await;
    assert_eq!(again.0, 200, "a second click charges nothing");
    assert_eq!(total(&stripe, "authorized").await, 2000);
}

/// <https://docs.stripe.com/testing>
#[tokio::test]
async fn a_wrong_entry_or_a_declined_card_leaves_the_session_open() {
    let stripe = stripe().await;
    let session = open(&stripe, &[]).await;
    for (number, words) in [
        ("4242424242424241", "Your card number is invalid."),
        ("5019717010103742", "used a non test card"),
        ("4000000000009995", "Your card has insufficient funds."),
        ("4000000000000002", "Your card was declined."),
    ] {
        let (status, _, page) = enter(&url(&session), number).await;
        assert!(status == 422 && page.contains(words), "{number}: {status} {page}");
    }
    let expired = [("number", "4242424242424242"), ("expiry", "10/20"), ("cvc", "123")];
    assert!(submit(&url(&session), &expired).await.2.contains("is in the past"));
    assert_eq!(read(&stripe, &id(&session)).await["status"], "open");
    assert_eq!(enter(&url(&session), "4242424242424242").await.0, 303);
    assert_eq!(total(&stripe, "held").await, 2000);
}

/// <https://docs.stripe.com/testing#regulatory-cards>
#[tokio::test]
async fn the_banks_page_completes_or_fails_the_session() {
    let stripe = stripe().await;
    let session = open(&stripe, &[]).await;
    let (_, bank, _) = enter(&url(&session), "4000002760003184").await;
    assert!(bank.starts_with("/redirect/authenticate/"), "{bank}");
    let bank = page(&stripe.emulator, &bank);
    assert_eq!(stripe.send(stripe.client.get(&bank)).await.status, 200);
    let failed = submit(&bank, &[("outcome", "fail")]).await;
    assert_eq!((failed.0, failed.1), (303, format!("/c/pay/{}", id(&session))));
    let shown = stripe.send(stripe.client.get(url(&session))).await.body;
    assert!(shown.as_str().unwrap().contains("We are unable to authenticate"));
    assert_eq!(submit(&bank, &[("outcome", "complete")]).await.0, 404, "it was answered");
    let (_, bank, _) = enter(&url(&session), "4000002760003184").await;
    let done = submit(&page(&stripe.emulator, &bank), &[("outcome", "complete")]).await;
    assert!(done.1.starts_with("https://shop.example/done"), "{done:?}");
    assert_eq!(read(&stripe, &id(&session)).await["status"], "complete");
}

/// <https://docs.stripe.com/payments/3d-secure/authentication-flow>
#[tokio::test]
async fn an_intents_bank_page_returns_to_the_shop_with_the_result() {
    let stripe = stripe().await;
    for (outcome, result, status) in [
        ("complete", "succeeded", "requires_capture"),
        ("fail", "failed", "requires_payment_method"),
    ] {
        let manual = [("capture_method", "manual")];
        let asked = pay(&stripe, "pm_card_authenticationRequired", &manual).await;
        let action = &asked.body["next_action"]["redirect_to_url"];
        assert_eq!(action["return_url"], "https://shop.example/back", "{asked:?}");
        let bank = action["url"].as_str().unwrap();
        let (_, back, _) = submit(bank, &[("outcome", outcome)]).await;
        let start = format!("https://shop.example/back?payment_intent={}", id(&asked));
        assert!(back.starts_with(&start) && back.ends_with(&format!("redirect_status={result}")));
        let read = get(&stripe, &format!("/v1/payment_intents/{}", id(&asked))).await;
        assert_eq!(read.body["status"], status);
    }
}

/// <https://docs.stripe.com/api/checkout/sessions/expire>
#[tokio::test]
async fn an_expired_session_cannot_be_paid_and_its_intent_is_canceled() {
    let stripe = stripe().await;
    let session = open(&stripe, &[]).await;
    let (_, bank, _) = enter(&url(&session), "4000002760003184").await;
    let path = format!("/v1/checkout/sessions/{}", id(&session));
    let intent = read(&stripe, &id(&session)).await["payment_intent"]["id"].clone();
    let cancel = format!("/v1/payment_intents/{}/cancel", intent.as_str().unwrap());
    assert_eq!(post(&stripe, &cancel, &[]).await.status, 400, "the session is expired instead");
    let expired = post(&stripe, &format!("{path}/expire"), &[]).await;
    assert_eq!((&expired.body["status"], &expired.body["url"]), (&json!("expired"), &Value::Null));
    assert_eq!(post(&stripe, &format!("{path}/expire"), &[]).await.status, 400);
    let late = submit(&page(&stripe.emulator, &bank), &[("outcome", "complete")]).await;
    assert_eq!(late.0, 404);
    assert_eq!(read(&stripe, &id(&session)).await["payment_intent"]["status"], "canceled");
    let shown = enter(&url(&session), "4242424242424242").await;
    assert!(shown.2.contains("The session has expired"), "{shown:?}");
    assert_eq!(total(&stripe, "authorized").await, 0);
}

/// <https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at>
#[tokio::test]
async fn a_session_lives_between_half_an_hour_and_a_day() {
    let stripe = stripe().await;
    let now = stripe.get("/emulator/clock").await.body["now"].as_i64().unwrap();
    for (seconds, status) in [(1_700, 400), (1_860, 200), (86_300, 200), (86_500, 400)] {
        let expires_at = (now + seconds).to_string();
        let opened = open(&stripe, &[("expires_at", &expires_at)]).await;
        assert_eq!(opened.status, status, "{seconds}: {opened:?}");
    }
    let session = open(&stripe, &[]).await;
    stripe.post("/emulator/clock", json!({ "advance": 24 * 3600 })).await;
    assert_eq!(read(&stripe, &id(&session)).await["status"], "expired");
    let open = get(&stripe, "/v1/checkout/sessions?status=open").await.body;
    assert_eq!(open["data"], json!([]));
}

/// <https://docs.stripe.com/payments/save-during-payment>
#[tokio::test]
async fn consent_saves_the_card_for_a_customer() {
    let stripe = stripe().await;
    let more = [("payment_intent_data[setup_future_usage]", "off_session")];
    let session = open(&stripe, &more).await;
    enter(&url(&session), "4242424242424242").await;
    let session = read(&stripe, &id(&session)).await;
    let customer = session["customer"].as_str().unwrap();
    let saved = get(&stripe, &format!("/v1/customers/{customer}/payment_methods")).await.body;
    assert_eq!(saved["data"][0]["card"]["last4"], "4242");
    assert_eq!(saved["data"][0]["billing_details"]["email"], "shopper@shop.example");
}

/// <https://docs.stripe.com/testing#regulatory-cards>
#[tokio::test]
async fn a_card_that_was_set_up_with_authentication_is_charged_off_session() {
    let stripe = stripe().await;
    let customer = id(&post(&stripe, "/v1/customers", &[]).await);
    let consent = [("customer", customer.as_str()), ("setup_future_usage", "off_session")];
    let asked = pay(&stripe, "pm_card_authenticationRequiredOnSetup", &consent).await;
    let bank = asked.body["next_action"]["redirect_to_url"]["url"].as_str().unwrap();
    submit(bank, &[("outcome", "complete")]).await;
    let intent = get(&stripe, &format!("/v1/payment_intents/{}", id(&asked))).await.body;
    let card = intent["payment_method"].as_str().unwrap();
    let of_customer = [("customer", customer.as_str()), ("off_session", "true")];
    assert_eq!(pay(&stripe, card, &of_customer).await.body["status"], "succeeded");
    let present = pay(&stripe, card, &[("customer", &customer)]).await;
    assert_eq!(present.body["status"], "requires_action", "the shopper is asked when present");
}

/// <https://docs.stripe.com/payments/during-payment/charge-shipping>
#[tokio::test]
async fn the_first_shipping_option_is_part_of_the_total() {
    let stripe = stripe().await;
    let rate = "shipping_options[0][shipping_rate_data]";
    let name = format!("{rate}[display_name]");
    let amount = format!("{rate}[fixed_amount][amount]");
    let currency = format!("{rate}[fixed_amount][currency]");
    let more = [(name.as_str(), "Post"), (&amount, "490"), (&currency, "eur")];
    let session = open(&stripe, &more).await;
    assert_eq!(session.body["amount_total"], 2490, "{session:?}");
    enter(&url(&session), "4242424242424242").await;
    assert_eq!(total(&stripe, "held").await, 2490);
    let mixed = [(name.as_str(), "Post"), (&amount, "490"), (&currency, "usd")];
    assert_eq!(open(&stripe, &mixed).await.status, 400);
}

/// <https://docs.stripe.com/payments/checkout/save-during-payment>
#[tokio::test]
async fn the_box_on_the_page_saves_the_card_only_where_it_is_offered() {
    let stripe = stripe().await;
    let customer = id(&post(&stripe, "/v1/customers", &[("email", "a@shop.example")]).await);
    let mut form = SESSION.to_vec();
    form.retain(|(name, _)| *name != "customer_email");
    form.push(("customer", &customer));
    let card =
        [("number", "4242424242424242"), ("expiry", "12/34"), ("cvc", "123"), ("save", "yes")];
    for (offer, saved) in [("disabled", 0), ("enabled", 1)] {
        let offer = [("saved_payment_method_options[payment_method_save]", offer)];
        let session = post(&stripe, "/v1/checkout/sessions", &[&form[..], &offer].concat()).await;
        assert_eq!(submit(&url(&session), &card).await.0, 303, "{session:?}");
        let list = get(&stripe, &format!("/v1/customers/{customer}/payment_methods")).await.body;
        assert_eq!(list["data"].as_array().unwrap().len(), saved, "{list}");
    }
}

#[tokio::test]
async fn the_page_for_people_shows_what_each_card_was_charged() {
    let stripe = stripe().await;
    let paid = pay(&stripe, "pm_card_visa", &[("capture_method", "manual")]).await;
    let page = stripe.get("/").await.body;
    let page = page.as_str().unwrap();
    assert!(page.contains(&id(&paid)) && page.contains("requires_capture · held 20.00 EUR"));
}

#[tokio::test]
async fn wrong_sessions_are_refused() {
    let stripe = stripe().await;
    for (more, param) in [
        (("payment_method_types[0]", "card"), "payment_method_types"),
        (("mode", "subscription"), "mode"),
        (("line_items[1][quantity]", "1"), "line_items[1][price_data]"),
        (("line_items[0][quantity]", "0"), "line_items[0][quantity]"),
        (("line_items[0][price_data][unit_amount]", "1"), "line_items"),
        (("success_url", "shop"), "success_url"),
        (("customer", "cus_1"), "customer"),
        (("payment_intent_data[capture]", "manual"), "payment_intent_data[capture]"),
    ] {
        let refused = open(&stripe, &[more]).await;
        assert_eq!(refused.status, 400, "{more:?}");
        assert_eq!(refused.body["error"]["param"], param, "{more:?}: {refused:?}");
    }
}
