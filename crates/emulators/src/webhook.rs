//! Webhooks to the shop: they are signed, sent, and repeated until the shop answers with 2xx.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::request_log::LoggedRequest;
use crate::sign::{self, Algorithm, Claims};
use crate::state::State;

const MAX_RETRY_BACKOFF: Duration = Duration::from_secs(30);

/// A webhook before it is signed.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    /// `true`: a `GET` without a body (MessageBird's SMS), otherwise a `POST`.
    pub is_get: bool,
    /// The address with its query.
    pub url: String,
    /// The body's media type.
    pub content_type: &'static str,
    pub body: String,
    /// How it is signed.
    pub signing: Signing,
    /// Unix seconds at which the event happened.
    pub at: i64,
    /// Whether the provider repeats it until it is answered with 2xx.
    pub is_repeated: bool,
    /// Becomes true when it is answered with 2xx.
    pub is_accepted: Arc<AtomicBool>,
}

/// How a webhook is authenticated.
#[derive(Debug, Clone)]
pub(crate) enum Signing {
    /// `X-Hub-Signature-256`.
    Meta { app_secret: String },
    /// `X-Twilio-Signature` over the address and the form's fields.
    Twilio { auth_token: String, form: Vec<(String, String)> },
    /// The same by a webhook rule, whose shared key and algorithm another header names.
    TwilioRule { shared_key: String, form: Vec<(String, String)> },
    /// Headers that the merchant configured.
    Headers(Vec<(String, String)>),
    /// `MessageBird-Signature-JWT`; each attempt gets a new token.
    MessageBird { signing_key: String },
    /// `messagebird-signature` over the time of the event, which repetitions keep.
    BirdChannels { signing_key: String },
    /// `Stripe-Signature` with every valid secret, and the seconds by which its time is wrong.
    Stripe { secrets: Vec<String>, skew: i64 },
    /// `webhook-signature`; repetitions keep the identifier.
    StandardWebhooks { secret: String, id: String },
}

impl Webhook {
    /// A `POST` in JSON that is repeated until it is answered with 2xx.
    pub fn json(url: String, body: String, signing: Signing, at: i64) -> Self {
        let content_type = "application/json";
        Self {
            is_get: false,
            url,
            content_type,
            body,
            signing,
            at,
            is_repeated: true,
            is_accepted: Arc::default(),
        }
    }

    /// The headers that authenticate the webhook.
    fn signature(&self, state: &State) -> Vec<(String, String)> {
        let is_bad = state.fault_toggles.get().has_bad_signatures;
        // A signature of a wrong key still has the right format.
        let key = |key: &String| if is_bad { format!("{key}x") } else { key.clone() };
        let body = self.body.as_bytes();
        let headers = match &self.signing {
            Signing::Meta { app_secret } => {
                vec![("x-hub-signature-256", sign::meta(&key(app_secret), body))]
            }
            Signing::Twilio { auth_token, form } => {
                vec![("x-twilio-signature", sign::twilio(&key(auth_token), &self.url, form))]
            }
            Signing::TwilioRule { shared_key, form } => {
                let settings =
                    "key=webhooks_sharedkey_01hzx3v9k2m4n6p8q0r2s4t6v8,algorithm=HMAC_SHA256";
                let signature = sign::twilio_rule(&key(shared_key), &self.url, form);
                vec![
                    ("x-twilio-webhooks-signature-settings", String::from(settings)),
                    ("x-twilio-signature", signature),
                ]
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
            Signing::Stripe { secrets, skew } => {
                let at = (state.config.clock)() + skew;
                let keys: Vec<String> = secrets.iter().map(key).collect();
                vec![("stripe-signature", sign::stripe(&keys, at, body))]
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

/// Sends a webhook, twice if a toggle says so. Failed webhooks are repeated in the background, so
/// that they do not delay the next one.
pub(crate) async fn send(state: &Arc<State>, webhook: Webhook) {
    let toggles = state.fault_toggles.get();
    if toggles.is_silent {
        return;
    }
    for _ in 0..=u8::from(toggles.has_duplicates) {
        deliver(state, webhook.clone()).await;
    }
}

async fn deliver(state: &Arc<State>, webhook: Webhook) {
    if attempt(state, &webhook).await || !webhook.is_repeated {
        return;
    }
    let retrying = Arc::clone(state);
    state.spawn(async move {
        let mut backoff = retrying.config.webhook_backoff;
        for _ in 0..retrying.config.webhook_retries {
            tokio::time::sleep(backoff).await;
            if attempt(&retrying, &webhook).await {
                return;
            }
            backoff = (backoff * 2).min(MAX_RETRY_BACKOFF);
        }
        retrying.count("webhooks_given_up");
    });
}

/// One attempt; true if it was answered with 2xx.
async fn attempt(state: &State, webhook: &Webhook) -> bool {
    let mut headers = vec![(String::from("user-agent"), String::from("emulator"))];
    if !webhook.is_get {
        headers.push((String::from("content-type"), String::from(webhook.content_type)));
    }
    headers.extend(webhook.signature(state));
    let mut request = if webhook.is_get {
        state.webhook_client.get(&webhook.url)
    } else {
        state.webhook_client.post(&webhook.url).body(webhook.body.clone())
    };
    for (name, value) in &headers {
        request = request.header(name, value);
    }
    let (status, response, note) = match request.send().await {
        Err(error) => (None, String::new(), Some(error.without_url().to_string())),
        Ok(received) => {
            let status = received.status().as_u16();
            (Some(status), received.text().await.unwrap_or_default(), None)
        }
    };
    let is_accepted = status.is_some_and(|status| (200..300).contains(&status));
    webhook.is_accepted.fetch_or(is_accepted, Ordering::SeqCst);
    state.count(if is_accepted { "webhooks_accepted" } else { "webhooks_rejected" });
    state.request_log.record(LoggedRequest {
        number: 0,
        at: state.now(),
        direction: "out",
        method: String::from(if webhook.is_get { "GET" } else { "POST" }),
        url: webhook.url.clone(),
        headers,
        body: webhook.body.clone(),
        status,
        response,
        note,
    });
    state.changes.notify();
    is_accepted
}
