//! Webhooks to the shop: signed, sent, and sent again until they are answered with 2xx.

use std::sync::Arc;
use std::time::Duration;

use crate::sign::{self, Algorithm, Claims};
use crate::state::State;
use crate::wire::Exchange;

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How long the shop may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// A webhook before it is signed.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// `true`: a `GET` without a body (MessageBird's SMS), otherwise a `POST`.
    pub is_get: bool,
    /// The address with its query.
    pub url: String,
    /// The type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// How it is signed.
    pub signing: Signing,
    /// Unix seconds at which the event happened.
    pub at: i64,
    /// Whether the provider repeats it when it is not answered with 2xx.
    pub is_repeated: bool,
}

/// How a webhook proves where it comes from.
#[derive(Debug, Clone)]
pub(crate) enum Signing {
    /// `X-Hub-Signature-256`.
    Meta { app_secret: String },
    /// `X-Twilio-Signature` over the address and the form's fields.
    Twilio { auth_token: String, form: Vec<(String, String)> },
    /// Headers that the merchant configured.
    Headers(Vec<(String, String)>),
    /// `MessageBird-Signature-JWT`, anew for each attempt.
    MessageBird { signing_key: String },
    /// `messagebird-signature` with the time of the event, also when it is repeated.
    BirdChannels { signing_key: String },
    /// `webhook-signature`; the identifier stays the same when it is repeated.
    StandardWebhooks { secret: String, id: String },
}

impl Report {
    /// A `POST` of JSON that is repeated until it is answered.
    pub fn json(url: String, body: String, signing: Signing, at: i64) -> Self {
        let content_type = "application/json";
        Self { is_get: false, url, content_type, body, signing, at, is_repeated: true }
    }

    /// The headers that sign it.
    fn signature(&self, state: &State) -> Vec<(String, String)> {
        let is_bad = state.switches.get().has_bad_signatures;
        // A wrong key: the signature has the right shape, and nothing else is right.
        let key = |key: &String| if is_bad { format!("{key}x") } else { key.clone() };
        let body = self.body.as_bytes();
        let headers = match &self.signing {
            Signing::Meta { app_secret } => {
                vec![("x-hub-signature-256", sign::meta(&key(app_secret), body))]
            }
            Signing::Twilio { auth_token, form } => {
                vec![("x-twilio-signature", sign::twilio(&key(auth_token), &self.url, form))]
            }
            Signing::Headers(headers) => {
                return headers.iter().map(|(name, value)| (name.clone(), key(value))).collect();
            }
            Signing::MessageBird { signing_key } => {
                let token_id = state.identifiers.uuid();
                let claims =
                    Claims { url: &self.url, body, issued_at: state.now(), token_id: &token_id };
                let token = sign::messagebird(&key(signing_key), Algorithm::Hs256, claims);
                vec![("messagebird-signature-jwt", token)]
            }
            Signing::BirdChannels { signing_key } => {
                let at = self.at.to_string();
                let signature = sign::bird_channels(&key(signing_key), &at, &self.url, body);
                vec![("messagebird-signature", signature), ("messagebird-request-timestamp", at)]
            }
            Signing::StandardWebhooks { secret, id } => {
                let at = state.now().to_string();
                let secret = if is_bad { String::from("whsec_eHh4") } else { secret.clone() };
                let signature = sign::standard_webhooks(&secret, id, &at, body);
                vec![
                    ("webhook-id", id.clone()),
                    ("webhook-timestamp", at),
                    ("webhook-signature", signature),
                ]
            }
        };
        headers.into_iter().map(|(name, value)| (String::from(name), value)).collect()
    }
}

/// The client for webhooks.
///
/// # Errors
/// When it cannot be built.
pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    // Another part of the process may have chosen already; then its choice stands.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
}

/// Sends a webhook; if it fails, repetitions go on beside.
pub(crate) async fn deliver(state: &Arc<State>, report: Report) {
    if attempt(state, &report).await || !report.is_repeated {
        return;
    }
    let again = Arc::clone(state);
    state.spawn(async move {
        let mut wait = again.config.webhook_backoff;
        for _ in 0..again.config.webhook_retries {
            tokio::time::sleep(wait).await;
            if attempt(&again, &report).await {
                return;
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        again.count("webhooks_given_up");
    });
}

/// One attempt; true if it was answered with 2xx.
async fn attempt(state: &State, report: &Report) -> bool {
    let mut headers = vec![(String::from("user-agent"), String::from("emulator"))];
    if !report.is_get {
        headers.push((String::from("content-type"), String::from(report.content_type)));
    }
    headers.extend(report.signature(state));
    let mut request = if report.is_get {
        state.client.get(&report.url)
    } else {
        state.client.post(&report.url).body(report.body.clone())
    };
    for (name, value) in &headers {
        request = request.header(name, value);
    }
    let (status, answer, note) = match request.send().await {
        Err(error) => (None, String::new(), Some(error.without_url().to_string())),
        Ok(response) => {
            let status = response.status().as_u16();
            (Some(status), response.text().await.unwrap_or_default(), None)
        }
    };
    let is_taken = status.is_some_and(|status| (200..300).contains(&status));
    state.count(if is_taken { "webhooks_taken" } else { "webhooks_refused" });
    state.wire.record(Exchange {
        number: 0,
        at: state.now(),
        direction: "out",
        method: String::from(if report.is_get { "GET" } else { "POST" }),
        url: report.url.clone(),
        headers,
        body: report.body.clone(),
        status,
        answer,
        note,
    });
    state.watch.changed();
    is_taken
}
