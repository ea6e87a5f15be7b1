//! A twin, a place for its webhooks, and a client without any cleverness.

use emulators::{Config, Emulator, Exchange, Provider};
use serde_json::Value;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// A number of the range for fiction.
pub fn number(last_three: &str) -> String {
    format!("+447700900{last_three}")
}

/// A twin, a place for its webhooks, and a client.
pub struct TestProvider {
    pub emulator: Emulator,
    pub shop: MockServer,
    pub client: reqwest::Client,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub body: Value,
}

impl Answered {
    /// The number of Meta's error.
    pub fn code(&self) -> i64 {
        self.body.pointer("/error/code").and_then(Value::as_i64).unwrap_or_default()
    }
}

impl TestProvider {
    pub async fn of(provider: Provider) -> Self {
        Self::with(provider, |_| {}).await
    }

    /// The shop answers every webhook with 200.
    pub async fn with(provider: Provider, change: impl FnOnce(&mut Config)) -> Self {
        let provider = Self::with_silent_shop(provider, change).await;
        Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&provider.shop).await;
        provider
    }

    /// The shop answers as the test mounts it; 404 until then.
    pub async fn with_silent_shop(provider: Provider, change: impl FnOnce(&mut Config)) -> Self {
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

    /// Sends a request and reads the answer.
    pub async fn ask(&self, request: reqwest::RequestBuilder) -> Answered {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        Answered { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    pub async fn get(&self, path: &str) -> Answered {
        self.ask(self.client.get(self.url(path))).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answered {
        self.ask(self.client.post(self.url(path)).body(body.to_string())).await
    }

    /// Waits for so many webhooks, and gives them as the shop got them.
    pub async fn webhooks(&self, count: usize) -> Vec<Request> {
        self.emulator.until_wire(|wire| webhooks(wire) >= count).await;
        self.shop.received_requests().await.unwrap()
    }

    /// Waits for so many webhooks, and gives their bodies.
    pub async fn reports(&self, count: usize) -> Vec<Value> {
        let requests = self.webhooks(count).await;
        requests.iter().map(|each| serde_json::from_slice(&each.body).unwrap()).collect()
    }
}

fn webhooks(wire: &[Exchange]) -> usize {
    wire.iter().filter(|each| each.direction == "out").count()
}
