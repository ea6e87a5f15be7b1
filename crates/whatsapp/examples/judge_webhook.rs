//! Reads webhook calls as lines of JSON, and answers each with the events that its provider reads
//! or the reason of the refusal. `scripts/judges` compares the answers with those of the
//! providers' own libraries.

use std::{
    collections::HashMap,
    error::Error,
    io::{self, BufRead, Write},
    sync::Arc,
};

use domain::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::json;
use whatsapp::{
    MessageProvider, ProviderContext, SettingsSource, WebhookRequest, WebhookResponse,
    http_client::HttpClient, providers,
};

/// A call, and the shop that receives it.
#[derive(Deserialize)]
struct Line {
    provider: String,
    settings: HashMap<String, String>,
    public_url: String,
    method: String,
    url: String,
    headers: HashMap<String, String>,
    body: String,
    /// Seconds since 1970.
    now: i64,
}

/// Settings, and what was wrong with them.
struct Settings(HashMap<String, String>, Vec<String>);

impl SettingsSource for Settings {
    fn optional(&mut self, name: &'static str) -> Option<String> {
        self.0.get(name).cloned()
    }

    fn refuse(&mut self, name: &'static str, problem: &str, _: &str) {
        self.1.push(format!("{name} {problem}"));
    }
}

fn open(line: &Line) -> Result<Arc<dyn MessageProvider>, Box<dyn Error>> {
    let now = Timestamp::from_millis(line.now.saturating_mul(1000));
    let context = ProviderContext {
        http_client: HttpClient::offline()?,
        public_url: line.public_url.as_str().into(),
        template_prefix: "marigold".into(),
        now: Arc::new(move || now),
    };
    let mut settings = Settings(line.settings.clone(), Vec::new());
    let opened = providers::open(&line.provider, &mut settings, &context);
    opened.flatten().ok_or_else(|| settings.1.join("; ").into())
}

/// The answer to a call: the number of events, or the reason of the refusal.
fn answer(text: &str) -> Result<serde_json::Value, Box<dyn Error>> {
    let line: Line = serde_json::from_str(text)?;
    let mut headers = HeaderMap::new();
    for (name, value) in &line.headers {
        headers.insert(name.parse::<HeaderName>()?, HeaderValue::from_str(value)?);
    }
    let request = WebhookRequest {
        method: &line.method.parse::<Method>()?,
        url: &line.url,
        headers: &headers,
        body: line.body.as_bytes(),
        now: Timestamp::from_millis(line.now.saturating_mul(1000)),
    };
    Ok(match open(&line)?.read_webhook(&request) {
        Ok(WebhookResponse::Events { events, .. }) => json!({ "events": events.len() }),
        Ok(WebhookResponse::Echo(text)) => json!({ "echo": text }),
        Err(refused) => json!({ "refused": refused.as_str() }),
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = answer(&line?).unwrap_or_else(|error| json!({ "error": error.to_string() }));
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
