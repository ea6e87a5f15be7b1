//! The way to the gateway's page and back, with plain forms and without script, on both databases.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::{DeclineReason, OrderStatus};
use payment::Gateway;
use test_shop::{CARD, CARD_PAGE_ORIGIN, CARD_SIGNATURE, CardFault, CardGateway, CardStep};
use tower::ServiceExt;

use super::{
    purchases::at_review,
    support::{Browser, PASSWORD, Page, Person, TestApp},
};

/// A shop with the gateway of cards.
struct Scene {
    app: TestApp,
    cards: Arc<CardGateway>,
}

impl Scene {
    async fn new(database: Option<String>) -> Self {
        let cards = Arc::new(CardGateway::default());
        let gateways = vec![cards.clone() as Arc<dyn Gateway>];
        Self { app: TestApp::with_gateways(gateways, database).await, cards }
    }

    /// A shopper who was sent to the gateway's page.
    async fn at_gateway(&self) -> (Person, Browser) {
        let (person, mut browser) = at_review(&self.app, &[]).await;
        browser.submit("/api/checkout/payment", &[("payment", CARD)]).await;
        let placed = browser.post("/api/checkout/place", &[]).await;
        assert_eq!(placed.status, StatusCode::SEE_OTHER, "{}", placed.text());
        let page = placed.location().unwrap();
        assert!(page.starts_with(&format!("{CARD_PAGE_ORIGIN}/pay/")), "{page}");
        (person, browser)
    }

    /// The page of the only order.
    async fn order(&self, browser: &mut Browser) -> String {
        let orders = browser.get("/account/orders").await;
        let link = orders.html.split("href=\"/orders/").nth(1).unwrap();
        format!("/orders/{}", link.split('"').next().unwrap())
    }

    async fn come_back(&self, browser: &mut Browser) -> Page {
        let order = self.order(browser).await;
        browser.get(&order.replace("/orders/", "/checkout/return/")).await
    }

    async fn sign_in(&self, browser: &mut Browser, person: &Person) {
        self.app.clock.advance(Duration::from_secs(61));
        browser.get("/login").await;
        let form = [("email", &*person.email), ("password", PASSWORD)];
        let page = browser.submit("/api/login", &form).await;
        assert_eq!(page.path, "/login/verify", "{}", page.text());
        let code = self.app.code(&person.phone).await;
        browser.submit("/api/login/verify", &[("code", &code)]).await;
    }

    async fn status(&self) -> OrderStatus {
        let merchant = self.app.merchant();
        self.app.shop.merchant(&merchant).unwrap().orders(None).await.unwrap().orders[0].status
    }

    async fn call(&self, signature: Option<&str>, body: String) -> StatusCode {
        let mut request = Request::post("/webhooks/cards").header(header::HOST, "127.0.0.1:3000");
        if let Some(signature) = signature {
            request = request.header("x-signature", signature);
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self.app.router.clone().oneshot(request).await.unwrap();
        assert!(!response.headers().contains_key(header::SET_COOKIE));
        response.status()
    }
}

/// Runs a test on both engines.
macro_rules! on_both_engines {
    ($name:ident, $body:expr) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let body = $body;
            body(Scene::new(None).await).await;
            test_support::with_postgres_database(async |address| {
                body(Scene::new(Some(address)).await).await;
            })
            .await;
        }
    };
}

on_both_engines!(
    a_card_is_authorised_at_the_gateway_and_confirmed_by_the_code,
    async |scene: Scene| {
        let (person, mut browser) = scene.at_gateway().await;
        let waiting = scene.come_back(&mut browser).await;
        assert!(waiting.path.starts_with("/orders/"), "{}", waiting.path);
        assert!(waiting.text().contains("Your payment is not complete yet"), "{}", waiting.text());
        assert!(waiting.html.contains(&format!("href=\"{CARD_PAGE_ORIGIN}/pay/")));
        scene.cards.approve(&scene.cards.newest().id);
        let confirm = scene.come_back(&mut browser).await;
        assert_eq!(confirm.path, "/checkout/confirm", "{}", confirm.text());
        let code = scene.app.code(&person.phone).await;
        let paid = browser.submit("/api/checkout/confirm", &[("code", &code)]).await;
        assert!(paid.text().contains("your order is confirmed"), "{}", paid.text());
        assert_eq!(scene.status().await, OrderStatus::Paid);
        assert_eq!(scene.cards.newest().captured, scene.cards.newest().amount);
    }
);

on_both_engines!(
    x193_a_declined_card_gets_a_clear_sentence_and_no_message,
    async |scene: Scene| {
        let (person, mut browser) = scene.at_gateway().await;
        let before = scene.app.shop.messages(&person.phone).await.len();
        scene.cards.decline(&scene.cards.newest().id, DeclineReason::InsufficientFunds);
        let page = scene.come_back(&mut browser).await;
        let text = page.text();
        assert!(text.contains("There was not enough money in the account."), "{text}");
        assert!(text.contains("Nothing was charged."), "{text}");
        assert_eq!(scene.app.shop.messages(&person.phone).await.len(), before);
        assert!(page.html.contains("/checkout?step=payment"), "another card can be chosen");
        browser.submit("/api/checkout/payment", &[("payment", "demo_approve")]).await;
        let again = browser.submit("/api/checkout/place", &[]).await;
        assert_eq!(again.path, "/checkout/confirm", "{}", again.text());
    }
);

on_both_engines!(
    x23_the_link_of_the_order_asks_for_the_code_in_another_browser,
    async |scene: Scene| {
        let (person, mut browser) = scene.at_gateway().await;
        scene.cards.approve(&scene.cards.newest().id);
        let order = scene.order(&mut browser).await;
        let back = order.replace("/orders/", "/checkout/return/");
        let mut other = scene.app.browser();
        let stranger = other.get(&back).await;
        assert!(stranger.path.starts_with("/login"), "who is not signed in proves it first");
        let mut thief = scene.app.browser();
        scene.app.join(&mut thief).await;
        assert_eq!(thief.get(&back).await.status, StatusCode::NOT_FOUND);

        scene.sign_in(&mut other, &person).await;
        scene.app.clock.advance(Duration::from_secs(61));
        let confirm = other.get(&back).await;
        assert_eq!(confirm.path, "/checkout/confirm", "{}", confirm.text());
        let code = scene.app.code(&person.phone).await;
        let page = browser.get(&order).await;
        assert!(page.text().contains("Send the code"), "{}", page.text());
        let paid = other.submit("/api/checkout/confirm", &[("code", &code)]).await;
        assert!(paid.text().contains("your order is confirmed"), "{}", paid.text());
        assert_eq!(scene.cards.payments().len(), 1);
    }
);

#[tokio::test]
async fn x194_only_the_checkout_may_lead_to_the_gateway() {
    let scene = Scene::new(None).await;
    let (_, mut browser) = at_review(&scene.app, &[]).await;
    for (path, is_named) in [
        ("/checkout", true),
        ("/checkout?step=payment", true),
        ("/", false),
        ("/cart", false),
        ("/checkout/confirm", false),
        ("/account/orders", false),
        ("/login", false),
        ("/merchant", false),
        ("/no/such/page", false),
    ] {
        let page = browser.send(browser.request(Method::GET, path), "").await;
        let policy = page.header("content-security-policy").to_owned();
        let forms = policy.split("form-action ").nth(1).unwrap().to_owned();
        let expected =
            if is_named { format!("'self' {CARD_PAGE_ORIGIN}") } else { "'self'".into() };
        assert_eq!(forms, expected, "{path}: {policy}");
    }
}

#[tokio::test]
async fn x195_calls_of_a_gateway_are_answered_by_their_signature() {
    let scene = Scene::new(None).await;
    scene.at_gateway().await;
    let id = scene.cards.newest().id;
    scene.cards.approve(&id);
    let changed = format!("evt_1 {id} changed");
    assert_eq!(scene.call(None, changed.clone()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(scene.call(Some("forged"), changed.clone()).await, StatusCode::UNAUTHORIZED);
    let genuine = Some(CARD_SIGNATURE);
    for (body, status) in [
        ("", StatusCode::BAD_REQUEST),
        ("evt_2", StatusCode::BAD_REQUEST),
        ("evt_3 nobody changed", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(scene.call(genuine, body.to_owned()).await, status, "{body}");
    }
    let long = "x".repeat(1024 * 1024 + 1);
    assert_eq!(scene.call(genuine, long).await, StatusCode::PAYLOAD_TOO_LARGE);
    let unknown = format!("evt_4 {id} invoice.paid");
    assert_eq!(scene.call(genuine, unknown).await, StatusCode::OK, "unknown kinds are taken");
    let foreign = format!("evt_5 {:032x} changed", 7);
    assert_eq!(scene.call(genuine, foreign).await, StatusCode::OK, "so are foreign payments");
    assert_eq!(scene.app.shop.payments().reconcile_pending().await.unwrap(), 0);
    assert_eq!(scene.call(genuine, changed).await, StatusCode::OK);
    assert_eq!(scene.app.shop.payments().reconcile_pending().await.unwrap(), 1);
    assert_eq!(scene.status().await, OrderStatus::Authorised);
    let get = Request::get("/webhooks/cards").header(header::HOST, "127.0.0.1:3000");
    let get = scene.app.router.clone().oneshot(get.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(get.status(), StatusCode::METHOD_NOT_ALLOWED);
}

on_both_engines!(
    a_shopper_is_told_that_the_gateway_refuses_and_to_pay_otherwise,
    async |scene: Scene| {
        scene.cards.set_fault(Some((CardStep::Authorize, CardFault::Rejected)));
        let (_, mut browser) = at_review(&scene.app, &[]).await;
        browser.submit("/api/checkout/payment", &[("payment", CARD)]).await;
        let page = browser.submit("/api/checkout/place", &[]).await;
        let told = "This way to pay does not work at the moment.";
        assert!(page.text().contains(told), "{}", page.text());
        let address = scene.order(&mut browser).await;
        let order = browser.get(&address).await.text();
        assert!(order.contains(told) && order.contains("Nothing was charged."), "{order}");
        assert_eq!(scene.status().await, OrderStatus::AwaitingCode);
    }
);
