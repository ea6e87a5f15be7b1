//! Verifications that are open at their provider, and the report of their outcome.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::PhoneNumber;
use emulators::{Config, Emulator, LoggedRequest, Provider};
use shop::Shop;
use whatsapp::{
    MessageProvider, ProviderContext, SettingsSource, VerificationOutcome, http_client::HttpClient,
};

use super::support::{LOGIN, Scene, Scripted, fail_over};
use crate::{
    codes::support::{issue, request, verify, wrong},
    support::{TestShop, phone},
};

const CODE_TTL: Duration = Duration::from_secs(10 * 60);

async fn report_outcomes(scene: &Scene) {
    scene.shop.delivery().report_outcomes().await.unwrap();
}

#[tokio::test]
async fn a_used_verification_is_reported_once() {
    let provider = Arc::new(Scripted::new("only").tracking_verifications());
    let scene = Scene::new(&[&provider]).await;
    scene.run().await;
    report_outcomes(&scene).await;
    assert_eq!(provider.ended(), [], "it is live");
    let code = provider.sent_messages()[0].code.clone().unwrap();
    verify(&scene.shop, &scene.visitor, LOGIN, &wrong(&code)).await.unwrap_err();
    report_outcomes(&scene).await;
    assert_eq!(provider.ended(), [], "a wrong code ends nothing");
    verify(&scene.shop, &scene.visitor, LOGIN, &code).await.unwrap();
    report_outcomes(&scene).await;
    report_outcomes(&scene).await;
    assert_eq!(provider.ended(), [("only-1".to_owned(), VerificationOutcome::Approved)]);
}

#[tokio::test]
async fn replaced_and_expired_verifications_are_reported_per_message() {
    let provider = Arc::new(Scripted::new("only").tracking_verifications());
    let scene = Scene::new(&[&provider]).await;
    scene.run().await;
    scene.test.clock.advance(Duration::from_secs(60));
    scene.shop.codes().resend(&scene.visitor, LOGIN).await.unwrap();
    scene.run().await;
    scene.test.clock.advance(Duration::from_secs(60));
    issue(&scene.test, &scene.visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    scene.run().await;
    report_outcomes(&scene).await;
    let dropped = |name: &str| (name.to_owned(), VerificationOutcome::Canceled);
    assert_eq!(provider.ended(), [dropped("only-1"), dropped("only-2")], "replaced");
    scene.test.clock.advance(CODE_TTL);
    report_outcomes(&scene).await;
    assert_eq!(provider.ended(), [dropped("only-1"), dropped("only-2"), dropped("only-3")]);
}

#[tokio::test]
async fn outcomes_are_reported_only_to_providers_that_track_them() {
    let tracking =
        Arc::new(Scripted::with_answers("tracking", &[fail_over()]).tracking_verifications());
    let plain = Arc::new(Scripted::new("plain"));
    let scene = Scene::new(&[&tracking, &plain]).await;
    scene.run().await;
    assert_eq!(plain.count(), 1);
    scene.test.clock.advance(CODE_TTL);
    report_outcomes(&scene).await;
    assert_eq!((tracking.ended(), plain.ended()), (vec![], vec![]));
}

#[tokio::test]
async fn without_tracking_providers_outcomes_cost_no_statement() {
    for tracks_verifications in [false, true] {
        let provider = Scripted::new("only");
        let provider =
            if tracks_verifications { provider.tracking_verifications() } else { provider };
        let scene = Scene::new(&[&Arc::new(provider)]).await;
        scene.run().await;
        scene.test.clock.advance(CODE_TTL);
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

/// A shop that sends its codes by the emulator of Twilio Verify.
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
        let common = ProviderContext {
            http_client: HttpClient::new().unwrap(),
            public_url: "http://127.0.0.1".into(),
            template_prefix: "marigold".into(),
            now: Arc::new(move || clock.now()),
        };
        let shop = test.with_provider(twilio(&emulator, &common));
        Self { test, shop, emulator, phone: phone(100) }
    }

    /// Requests and sends a code. Returns the id of its verification at Twilio.
    async fn send(&self, visitor: &shop::Visitor) -> String {
        issue(&self.test, visitor, &request(LOGIN, 1, &self.phone)).await.unwrap();
        self.shop.delivery().run_due().await;
        self.emulator.messages().pop().and_then(|message| message.reference).unwrap()
    }

    async fn report_outcomes(&self) {
        self.shop.delivery().report_outcomes().await.unwrap();
    }

    /// The requests about a verification that the emulator got, with the status of its responses.
    fn requests_about(&self, verification: &str) -> Vec<(String, Option<u16>)> {
        let is_of_it = |request: &LoggedRequest| {
            request.direction == "in" && request.url.ends_with(&format!("/{verification}"))
        };
        let all = self.emulator.request_log().into_iter().filter(is_of_it);
        all.map(|request| (request.body, request.status)).collect()
    }
}

fn twilio(emulator: &Emulator, common: &ProviderContext) -> Arc<dyn MessageProvider> {
    let mut settings = SettingsMap(emulator.settings().into_iter().collect());
    whatsapp::providers::open("twilio", &mut settings, common).flatten().unwrap()
}

/// Settings from a map.
struct SettingsMap(HashMap<&'static str, String>);

impl SettingsSource for SettingsMap {
    fn optional(&mut self, name: &'static str) -> Option<String> {
        self.0.get(name).cloned()
    }

    fn refuse(&mut self, name: &'static str, problem: &str, _: &str) {
        panic!("{name} {problem}");
    }
}

#[tokio::test]
async fn an_expired_verify_code_is_cancelled_at_twilio() {
    let verify = Verify::open().await;
    let sent = verify.send(&verify.test.visitor()).await;
    verify.report_outcomes().await;
    assert_eq!(verify.requests_about(&sent), [], "it is live");
    verify.test.clock.advance(CODE_TTL);
    verify.report_outcomes().await;
    assert_eq!(verify.requests_about(&sent), [("Status=canceled".to_owned(), Some(200))]);
}

#[tokio::test]
async fn a_replaced_verify_code_is_cancelled_at_twilio_its_successor_is_not() {
    let verify = Verify::open().await;
    let visitor = verify.test.visitor();
    let first = verify.send(&visitor).await;
    verify.test.clock.advance(Duration::from_secs(60));
    issue(&verify.test, &visitor, &request(LOGIN, 1, &verify.phone)).await.unwrap();
    verify.report_outcomes().await;
    assert_eq!(verify.requests_about(&first), [("Status=canceled".to_owned(), Some(200))]);
    verify.shop.delivery().run_due().await;
    let second = verify.emulator.messages().pop().unwrap();
    verify.report_outcomes().await;
    assert_eq!(verify.requests_about(&second.reference.unwrap()), []);
    let code = second.code.unwrap();
    crate::codes::support::verify(&verify.shop, &visitor, LOGIN, &code).await.unwrap();
}

#[tokio::test]
async fn a_used_verify_code_is_approved_at_twilio() {
    let verify = Verify::open().await;
    let visitor = verify.test.visitor();
    let sent = verify.send(&visitor).await;
    let code = verify.emulator.messages().pop().and_then(|message| message.code).unwrap();
    crate::codes::support::verify(&verify.shop, &visitor, LOGIN, &code).await.unwrap();
    verify.report_outcomes().await;
    assert_eq!(verify.requests_about(&sent), [("Status=approved".to_owned(), Some(200))]);
}
