//! The emulator of Stripe, which somebody else has written from Stripe's documentation, and an
//! account of the shop there. Its ledger says who was charged how much, and which hold still hangs.

use std::{future::Future, sync::Arc, time::Duration};

use domain::{Money, PaymentId, RefundId};
use emulators::{Config, Emulator, Fault, Provider, ScriptedFault};
use payment::{
    Authorization, AuthorizeRequest, CaptureOutcome, CaptureRequest, Gateway, GatewayError,
    GatewayReference, PaymentState, RefundOutcome, RefundRequest, Url,
    stripe::{SecretKey, Settings, Stripe, WebhookSecrets, parse_base_url},
};
use reqwest::redirect::Policy;
use serde_json::Value;

use crate::support::{NOW, money, payment, request};

/// A running emulator, and the shop's account there.
pub struct Account {
    emulator: Emulator,
    pub gateway: Stripe,
    http: reqwest::Client,
    pub request: AuthorizeRequest,
    pub payment: PaymentId,
}

impl Account {
    pub async fn open() -> Self {
        Self::open_with(None).await
    }

    pub async fn open_with(webhook: Option<String>) -> Self {
        let clock: emulators::Clock = Arc::new(|| NOW.as_millis() / 1000);
        let config = Config { webhook, clock, throughput: 10_000, ..Config::new(Provider::Stripe) };
        let emulator = Emulator::start(config).await.unwrap();
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
        let gateway = Stripe::new(settings, Arc::new(|| NOW)).unwrap();
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { emulator, gateway, http, request: request(), payment: payment() }
    }

    pub async fn ask(&self) -> (GatewayReference, Url) {
        let answer = known(|| self.gateway.authorize(&self.request)).await;
        let Authorization::ActionNeeded { reference, url, .. } = answer else {
            panic!("{answer:?}")
        };
        (reference, url)
    }

    /// Types a card on the page. Returns the status, and where the page leads.
    pub async fn pay(&self, page: &Url, card: &str) -> (u16, Option<String>) {
        let form = format!("number={card}&expiry=12/34&cvc=123&name=Ada&email=ada@example.com");
        self.post_form(page.as_str(), form).await
    }

    pub async fn post_form(&self, url: &str, form: String) -> (u16, Option<String>) {
        let posted = self
            .http
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .unwrap();
        let location = posted.headers().get("location");
        let location = location.map(|value| value.to_str().unwrap().to_owned());
        (posted.status().as_u16(), location)
    }

    /// Creates an object at Stripe that the shop does not create, and returns its id.
    pub async fn create(&self, path: &str, form: &str) -> String {
        let settings = self.emulator.settings();
        let key = settings.iter().find(|(name, _)| *name == "STRIPE_SECRET_KEY").unwrap();
        let url = format!("{}{path}", self.emulator.base_url());
        let created = self
            .http
            .post(url)
            .header("authorization", format!("Bearer {}", key.1))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned())
            .send()
            .await
            .unwrap();
        let object: Value = serde_json::from_str(&created.text().await.unwrap()).unwrap();
        object["id"].as_str().unwrap_or_else(|| panic!("{object}")).to_owned()
    }

    pub async fn control(&self, path: &str, body: Value) {
        let url = format!("{}{path}", self.emulator.base_url());
        let posted = self.http.post(url).body(body.to_string()).send().await.unwrap();
        assert!(posted.status().is_success(), "{path}");
    }

    pub async fn ledger(&self) -> Value {
        let url = format!("{}/emulator/ledger", self.emulator.base_url());
        let text = self.http.get(url).send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// What the ledger says of all payments together: authorised, captured, refunded; holds and
    /// pages that are still open.
    pub async fn sums(&self) -> (i64, i64, i64, usize, usize) {
        let ledger = self.ledger().await;
        let sum = |name: &str| {
            let payments = ledger["payments"].as_array().unwrap();
            payments.iter().map(|payment| payment[name].as_i64().unwrap()).sum()
        };
        let count = |name: &str| ledger[name].as_array().unwrap().len();
        (sum("authorized"), sum("captured"), sum("refunded"), count("held"), count("open_sessions"))
    }

    pub async fn state(&self, reference: &GatewayReference) -> PaymentState {
        known(|| self.gateway.find(&self.payment, Some(reference))).await.unwrap()
    }

    pub async fn capture(&self, reference: &GatewayReference, minor: i64) -> CaptureOutcome {
        let amount = money(minor);
        let capture = CaptureRequest { payment: payment(), reference: reference.clone(), amount };
        known(|| self.gateway.capture(&capture)).await
    }

    pub async fn refund(
        &self,
        number: u128,
        reference: &GatewayReference,
        amount: Money,
    ) -> RefundOutcome {
        let refund = RefundRequest {
            refund: RefundId::from_bits(number),
            payment: payment(),
            reference: Some(reference.clone()),
            amount,
        };
        known(|| self.gateway.refund(&refund)).await
    }

    /// The next requests to this address fail.
    pub fn fail(&self, kind: Fault, path: &str, times: u64) {
        let method = Some("POST".to_owned());
        let fault = ScriptedFault { kind, method, path: path.to_owned(), skip: 0, times };
        self.emulator.set_scripted_faults(vec![fault]);
    }
}

/// Asks again while the answer is unknown, as the shop's reconciler does.
pub async fn known<T, F: Future<Output = Result<T, GatewayError>>>(
    mut ask: impl FnMut() -> F,
) -> T {
    for _ in 0..10 {
        match ask().await {
            Ok(answer) => return answer,
            Err(GatewayError::Unknown | GatewayError::Unreachable) => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the answer stays unknown");
}
