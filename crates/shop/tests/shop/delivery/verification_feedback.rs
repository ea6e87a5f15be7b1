//! Codes that their provider keeps, and how it hears of their end.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::PhoneNumber;
use emulators::{Config, Emulator, Exchange, Provider};
use shop::Shop;
use whatsapp::{Common, MessageProvider, Variables, VerificationOutcome, wire::Wire};

use super::support::{LOGIN, Scene, Scripted, fail_over};
use crate::{
    codes::support::{issue, request, verify, wrong},
    support::{TestShop, phone},
};

const LIFE: Duration = Duration::from_secs(10 * 60);

async fn tell(scene: &Scene) {
    scene.shop.delivery().report_outcomes().await.unwrap();
}

#[tokio::test]
async fn whoever_keeps_a_code_hears_once_that_it_was_used() {
    let provider = Arc::new(Scripted::new("only").keeping_codes());
    let scene = Scene::new(&[&provider]).await;
    scene.run().await;
    tell(&scene).await;
    assert_eq!(provider.ended(), [], "it lives");
    let code = provider.handed()[0].code.clone().unwrap();
    verify(&scene.shop, &scene.visitor, LOGIN, &wrong(&code)).await.unwrap_err();
    tell(&scene).await;
    assert_eq!(provider.ended(), [], "a wrong code is no end");
    verify(&scene.shop, &scene.visitor, LOGIN, &code).await.unwrap();
    tell(&scene).await;
    tell(&scene).await;
    assert_eq!(provider.ended(), [("only-1".to_owned(), VerificationOutcome::Approved)]);
}

#[tokio::test]
async fn whoever_keeps_a_code_hears_of_every_message_of_one_that_was_replaced_or_expired() {
    let provider = Arc::new(Scripted::new("only").keeping_codes());
    let scene = Scene::new(&[&provider]).await;
    scene.run().await;
    scene.test.clock.advance(Duration::from_secs(60));
    scene.shop.codes().resend(&scene.visitor, LOGIN).await.unwrap();
    scene.run().await;
    issue(&scene.test, &scene.visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    scene.run().await;
    tell(&scene).await;
    let dropped = |name: &str| (name.to_owned(), VerificationOutcome::Canceled);
    assert_eq!(provider.ended(), [dropped("only-1"), dropped("only-2")], "replaced");
    scene.test.clock.advance(LIFE);
    tell(&scene).await;
    assert_eq!(provider.ended(), [dropped("only-1"), dropped("only-2"), dropped("only-3")]);
}

#[tokio::test]
async fn only_whoever_keeps_codes_hears_of_them() {
    let keeping = Arc::new(Scripted::answering("keeping", &[fail_over()]).keeping_codes());
    let plain = Arc::new(Scripted::new("plain"));
    let scene = Scene::new(&[&keeping, &plain]).await;
    scene.run().await;
    assert_eq!(plain.count(), 1);
    scene.test.clock.advance(LIFE);
    tell(&scene).await;
    assert_eq!((keeping.ended(), plain.ended()), (vec![], vec![]));
}

#[tokio::test]
async fn where_no_courier_keeps_codes_their_ends_cost_no_statement() {
    for tracks_verifications in [false, true] {
        let provider = Scripted::new("only");
        let provider = if tracks_verifications { provider.keeping_codes() } else { provider };
        let scene = Scene::new(&[&Arc::new(provider)]).await;
        scene.run().await;
        scene.test.clock.advance(LIFE);
        let now = scene.test.clock.now();
        let kept = scene
            .test
            .db
            .read()
            .await
            .unwrap()
            .provider_verifications()
            .ended(10, now)
            .await
            .unwrap();
        assert_eq!(kept.len(), usize::from(tracks_verifications));
        scene.test.db.close().await;
        assert_eq!(scene.shop.delivery().report_outcomes().await.is_err(), tracks_verifications);
    }
}

/// A shop that sends its codes by Twilio Verify, played by its twin.
struct Verify {
    test: TestShop,
    shop: Shop,
    emulator: Emulator,
    phone: PhoneNumber,
}

impl Verify {
    async fn open() -> Self {
        let test = TestShop::new().await;
        let emulator = Emulator::start(Config::new(Provider::Twilio)).await.unwrap();
        let clock = test.clock.clone();
        let common = Common {
            wire: Wire::new().unwrap(),
            public_url: "http://127.0.0.1".into(),
            template_prefix: "marigold".into(),
            now: Arc::new(move || clock.now()),
        };
        let shop = test.with_courier(twilio(&emulator, &common));
        Self { test, shop, emulator, phone: phone(100) }
    }

    /// Somebody asks for a code, it is sent, and Twilio names its verification.
    async fn send(&self, visitor: &shop::Visitor) -> String {
        issue(&self.test, visitor, &request(LOGIN, 1, &self.phone)).await.unwrap();
        self.shop.delivery().run_due().await;
        self.emulator.messages().pop().and_then(|message| message.reference).unwrap()
    }

    async fn tell(&self) {
        self.shop.delivery().report_outcomes().await.unwrap();
    }

    /// What the twin was told of a verification, and answered.
    fn told(&self, verification: &str) -> Vec<(String, Option<u16>)> {
        let is_of_it = |exchange: &Exchange| {
            exchange.direction == "in" && exchange.url.ends_with(&format!("/{verification}"))
        };
        let all = self.emulator.wire().into_iter().filter(is_of_it);
        all.map(|exchange| (exchange.body, exchange.status)).collect()
    }
}

fn twilio(emulator: &Emulator, common: &Common) -> Arc<dyn MessageProvider> {
    let mut settings = Given(emulator.settings().into_iter().collect());
    whatsapp::providers::open("twilio", &mut settings, common).flatten().unwrap()
}

/// Settings that are given instead of read.
struct Given(HashMap<&'static str, String>);

impl Variables for Given {
    fn optional(&mut self, name: &'static str) -> Option<String> {
        self.0.get(name).cloned()
    }

    fn refuse(&mut self, name: &'static str, problem: &str, _: &str) {
        panic!("{name} {problem}");
    }
}

#[tokio::test]
async fn a_verify_code_that_expires_is_cancelled_at_twilio() {
    let verify = Verify::open().await;
    let sent = verify.send(&verify.test.visitor()).await;
    verify.tell().await;
    assert_eq!(verify.told(&sent), [], "it lives");
    verify.test.clock.advance(LIFE);
    verify.tell().await;
    assert_eq!(verify.told(&sent), [("Status=canceled".to_owned(), Some(200))]);
}

#[tokio::test]
async fn a_verify_code_that_is_replaced_is_cancelled_at_twilio_and_its_successor_is_not() {
    let verify = Verify::open().await;
    let visitor = verify.test.visitor();
    let first = verify.send(&visitor).await;
    issue(&verify.test, &visitor, &request(LOGIN, 1, &verify.phone)).await.unwrap();
    verify.tell().await;
    assert_eq!(verify.told(&first), [("Status=canceled".to_owned(), Some(200))]);
    verify.shop.delivery().run_due().await;
    let second = verify.emulator.messages().pop().unwrap();
    verify.tell().await;
    assert_eq!(verify.told(&second.reference.unwrap()), []);
    let code = second.code.unwrap();
    crate::codes::support::verify(&verify.shop, &visitor, LOGIN, &code).await.unwrap();
}

#[tokio::test]
async fn a_verify_code_that_is_used_is_approved_at_twilio() {
    let verify = Verify::open().await;
    let visitor = verify.test.visitor();
    let sent = verify.send(&visitor).await;
    let code = verify.emulator.messages().pop().and_then(|message| message.code).unwrap();
    crate::codes::support::verify(&verify.shop, &visitor, LOGIN, &code).await.unwrap();
    verify.tell().await;
    assert_eq!(verify.told(&sent), [("Status=approved".to_owned(), Some(200))]);
}
