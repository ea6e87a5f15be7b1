//! The test harness: an emulator, a server for its webhooks, and an HTTP client.

use emulators::{Config, Emulator, LoggedRequest, Provider};
use serde_json::Value;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// A number of the range that is reserved for fiction.
pub fn number(last_three: &str) -> String {
    format!("+447700900{last_three}")
}

/// An emulator, a server for its webhooks, and an HTTP client.
pub struct TestProvider {
    pub emulator: Emulator,
    pub shop: MockServer,
    pub client: reqwest::Client,
}

#[derive(Debug)]
pub struct TestResponse {
    pub status: u16,
    pub body: Value,
}

impl TestResponse {
    /// The code of Meta's error, or 0.
    pub fn code(&self) -> i64 {
        self.body.pointer("/error/code").and_then(Value::as_i64).unwrap_or_default()
    }
}

impl TestProvider {
    pub async fn new(provider: Provider) -> Self {
        Self::with(provider, |_| {}).await
    }

    /// The test server answers every webhook with 200.
    pub async fn with(provider: Provider, change: impl FnOnce(&mut Config)) -> Self {
        let provider = Self::without_webhook_responses(provider, change).await;
        Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&provider.shop).await;
        provider
    }

    /// The test server answers as the test configures it, until then with 404.
    pub async fn without_webhook_responses(
        provider: Provider,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let shop = MockServer::start().await;
        let mut config = Config::new(provider);
        config.webhook = Some(format!("{}/webhooks/{}", shop.uri(), provider.name()));
        config.webhook_backoff = std::time::Duration::from_millis(1);
        change(&mut config);
        let emulator = Emulator::start(config).await.unwrap();
        Self { emulator, shop, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.emulator.base_url())
    }

    /// Sends a request and reads the response.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> TestResponse {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        TestResponse { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    pub async fn get(&self, path: &str) -> TestResponse {
        self.send(self.client.get(self.url(path))).await
    }

    pub async fn post(&self, path: &str, body: Value) -> TestResponse {
        self.send(self.client.post(self.url(path)).body(body.to_string())).await
    }

    /// Waits until the emulator has sent `count` webhooks, and returns those that were received.
    pub async fn webhooks(&self, count: usize) -> Vec<Request> {
        self.emulator.wait_for_requests(|log| webhook_count(log) >= count).await;
        self.shop.received_requests().await.unwrap()
    }

    /// Waits for `count` webhooks, and returns their bodies.
    pub async fn webhook_bodies(&self, count: usize) -> Vec<Value> {
        let requests = self.webhooks(count).await;
        requests.iter().map(|each| serde_json::from_slice(&each.body).unwrap()).collect()
    }
}

fn webhook_count(log: &[LoggedRequest]) -> usize {
    log.iter().filter(|each| each.direction == "out").count()
}
