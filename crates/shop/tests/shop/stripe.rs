//! The whole shop with Stripe, which the emulator of Stripe plays: its ledger and the shop's orders
//! agree, whatever fails between them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{OrderStatus, OrderToken, PaymentStatus, Timestamp, VariantId};
use emulators::{Config, Emulator, Fault, Provider, ScriptedFault};
use payment::{
    Gateway, Url,
    stripe::{SecretKey, Settings, Stripe, WebhookSecrets, parse_base_url},
};
use serde_json::Value;
use shop::{Placed, Returned, Visitor};
use test_shop::{BEGIN, Options};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    commerce::{Person, products_on_sale, shopper, stock},
    support::TestShop,
};

const CARD: &str = "card";
const GOOD: &str = "4242424242424242";
const DECLINED: &str = "4000000000009995";
/// The price with shipping, in cents.
const TOTAL: i64 = 14_90;
const STOCK: u32 = 3;
/// After this time the lease of a payment has ended.
const LEASE_OVER: Duration = Duration::from_secs(31);
/// After this time a page is closed, and a hold that was not confirmed is released.
const TOO_LATE: Duration = Duration::from_secs(36 * 60);

/// A shop with Stripe, and a shopper who can place an order of one thing.
struct Scene {
    shop: TestShop,
    emulator: Emulator,
    now: Arc<AtomicI64>,
    person: Person,
    thing: VariantId,
}

impl Scene {
    async fn new() -> Self {
        let now = Arc::new(AtomicI64::new(BEGIN.as_millis()));
        let clock = Arc::clone(&now);
        let clock: emulators::Clock = Arc::new(move || clock.load(Ordering::SeqCst) / 1000);
        let config = Config { clock, throughput: 10_000, ..Config::new(Provider::Stripe) };
        let emulator = Emulator::start(config).await.unwrap();
        let gateway: Arc<dyn Gateway> = Arc::new(stripe(&emulator, Arc::clone(&now)));
        let options = Options { gateways: vec![gateway], ..Options::default() };
        let shop = TestShop::build(options).await;
        let thing = products_on_sale(&shop, 10_00, STOCK).await;
        let person = shopper(&shop, 1).await;
        person.add_to_cart(&shop, &thing, 1).await;
        person.fill_checkout(&shop, CARD).await;
        Self { shop, emulator, now, person, thing }
    }

    fn visitor(&self) -> &Visitor {
        &self.person.visitor
    }

    async fn place(&self) -> shop::Result<Placed> {
        self.shop.checkout().place(self.visitor()).await
    }

    async fn page(&self) -> Url {
        match self.place().await.unwrap() {
            Placed::AtGateway(page) => page,
            other => panic!("{other:?}"),
        }
    }

    async fn token(&self) -> OrderToken {
        self.shop.orders().list(self.visitor()).await.unwrap()[0].token.clone()
    }

    async fn come_back(&self) -> shop::Result<Returned> {
        self.shop.checkout().returned(self.visitor(), &self.token().await).await
    }

    async fn status(&self) -> (OrderStatus, Option<PaymentStatus>) {
        let order = self.shop.orders().by_token(self.visitor(), &self.token().await).await;
        order.map(|order| (order.status, order.payment)).unwrap()
    }

    async fn confirm(&self) -> shop::Result<OrderToken> {
        let code = self.shop.last_code(&self.person.phone).await;
        self.shop.checkout().confirm(self.visitor(), &code).await
    }

    fn advance(&self, time: Duration) {
        self.shop.clock.advance(time);
        self.now.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Another server settles what is due, again and again.
    async fn recover(&self) {
        let after = self.shop.another_process().await;
        for _ in 0..4 {
            self.advance(LEASE_OVER);
            after.payments().reconcile_pending().await.unwrap();
        }
    }

    async fn ledger(&self) -> Value {
        let answer = http(&self.emulator.base_url(), "GET", "/emulator/ledger", "").await;
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// Checks that order, stock and Stripe agree, and that no hold and no page is left. Returns
    /// whether the order is paid.
    async fn agrees(&self, case: &str) -> bool {
        let ledger = self.ledger().await;
        let sum = |name: &str| {
            let payments = ledger["payments"].as_array().unwrap();
            payments.iter().map(|payment| payment[name].as_i64().unwrap()).sum::<i64>()
        };
        let left = |name: &str| ledger[name].as_array().unwrap().len();
        let is_paid = self.status().await.0 == OrderStatus::Paid;
        let kept = sum("captured") - sum("refunded");
        let stock = stock(&self.shop, &self.thing).await;
        let expected = if is_paid { (TOTAL, STOCK - 1) } else { (0, STOCK) };
        assert_eq!((kept, stock), expected, "{case}: {ledger}");
        assert_eq!((left("held"), left("open_sessions")), (0, 0), "{case}: {ledger}");
        is_paid
    }
}

fn stripe(emulator: &Emulator, now: Arc<AtomicI64>) -> Stripe {
    let values = emulator.settings();
    let value = |wanted: &str| {
        let value = values.iter().find(|(name, _)| *name == wanted);
        value.map(|(_, value)| value.clone()).unwrap()
    };
    let settings = Settings::new(
        SecretKey::parse(&value("STRIPE_SECRET_KEY")).unwrap(),
        WebhookSecrets::parse(&value("STRIPE_WEBHOOK_SECRET")).unwrap(),
        parse_base_url(&value("STRIPE_BASE_URL")).unwrap(),
    );
    let settings = Settings { first_wait: Duration::ZERO, ..settings };
    let now = move || Timestamp::from_millis(now.load(Ordering::SeqCst));
    Stripe::new(settings, Arc::new(now)).unwrap()
}

/// Types a card on Stripe's page. Returns the first line of the answer.
async fn pay(page: &Url, card: &str) -> String {
    let form = format!("number={card}&expiry=12/34&cvc=123&name=Ada&email=ada@example.com");
    let origin = page.origin().ascii_serialization();
    let answer = http(&origin, "POST", page.path(), &form).await;
    answer.lines().next().unwrap().to_owned()
}

async fn http(origin: &str, method: &str, path: &str, form: &str) -> String {
    let host = origin.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn x166_a_card_is_held_then_the_code_is_asked_then_the_money_is_taken() {
    let scene = Scene::new().await;
    let page = scene.page().await;
    assert_eq!(scene.come_back().await.unwrap(), Returned::SeeOrder, "nothing is paid yet");
    assert!(pay(&page, GOOD).await.contains("303"));
    assert_eq!(scene.come_back().await.unwrap(), Returned::EnterCode);
    let held = (OrderStatus::Authorised, Some(PaymentStatus::Authorised));
    assert_eq!(scene.status().await, held);
    assert_eq!(scene.ledger().await["held"].as_array().unwrap().len(), 1);
    scene.confirm().await.unwrap();
    assert!(scene.agrees("confirmed").await);
}

#[tokio::test]
async fn x168_what_a_shopper_does_not_finish_is_closed_and_released() {
    let scene = Scene::new().await;
    let page = scene.page().await;
    assert!(pay(&page, DECLINED).await.contains("422"));
    assert_eq!(scene.shop.messages(&scene.person.phone).await.len(), 0);
    scene.advance(TOO_LATE);
    scene.recover().await;
    assert!(!scene.agrees("abandoned").await);
    let page = scene.page().await;
    assert!(pay(&page, GOOD).await.contains("303"));
    assert_eq!(scene.come_back().await.unwrap(), Returned::EnterCode);
    scene.advance(TOO_LATE);
    scene.recover().await;
    assert!(!scene.agrees("not confirmed").await);
}

#[tokio::test]
async fn x161_whatever_fails_at_stripe_an_order_is_paid_once_or_not_at_all() {
    for kind in [
        Fault::Internal,
        Fault::InternalAfter,
        Fault::Unavailable,
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::Truncated,
    ] {
        for path in ["/checkout/sessions", "/capture", "/v1/"] {
            let scene = Scene::new().await;
            let case = format!("{kind:?} {path}");
            let method = Some("POST".to_owned());
            let fault = ScriptedFault { kind, method, path: path.to_owned(), skip: 0, times: 3 };
            scene.emulator.set_scripted_faults(vec![fault]);
            let mut is_held = false;
            if let Ok(Placed::AtGateway(page)) = scene.place().await {
                pay(&page, GOOD).await;
                is_held = scene.come_back().await.is_ok_and(|step| step == Returned::EnterCode);
            }
            if is_held {
                // The shopper may be told that it takes longer.
                scene.confirm().await.ok();
            }
            scene.recover().await;
            scene.advance(TOO_LATE);
            scene.recover().await;
            scene.recover().await;
            assert_eq!(scene.agrees(&case).await, is_held, "{case}");
        }
    }
}
