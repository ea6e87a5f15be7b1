//! Requests to Stripe's API, version 1.
//!
//! Every request names the version of the API, so that a change of the account's default changes
//! nothing here (<https://docs.stripe.com/api/versioning>). No redirect is followed, and time and
//! size of an answer are limited.

use std::time::{Duration, UNIX_EPOCH};

use domain::{PaymentId, Timestamp};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, DATE, RETRY_AFTER},
};
use reqwest::redirect::Policy;
use serde::de::DeserializeOwned;

use super::{
    errors::{ApiError, ErrorBody, StripeError},
    form::Form,
    idempotency::{Failures, IdempotencyKey, MAX_KEYS, Step},
    retry::Attempt,
    settings::Settings,
    webhook_signature,
};

/// The version of the API that this module speaks.
pub(super) const API_VERSION: &str = "2026-10-28.endive";

/// The time to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The time of one attempt. Issuers may take some seconds to decide.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// How long an idle connection stays open.
const IDLE_CONNECTION_TIMEOUT: Duration = Duration::from_secs(90);
/// The largest body of an answer that is read. A page of 100 events has a few hundred KiB.
const MAX_RESPONSE_BYTES: usize = 4 * 1024 * 1024;

const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const STRIPE_SHOULD_RETRY: HeaderName = HeaderName::from_static("stripe-should-retry");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const FORM: &str = "application/x-www-form-urlencoded";

/// The client of one account.
pub(super) struct Client {
    http: reqwest::Client,
    /// Scheme and host, without a slash at the end.
    base_url: String,
    authorization: HeaderValue,
    /// The wait before a request is sent a second time.
    first_wait: Duration,
}

/// A result, and Stripe's id of the request, which its support asks for.
#[derive(Clone, Debug)]
pub(super) struct Reply<T> {
    pub(super) value: T,
    pub(super) request_id: Option<String>,
    /// The time of Stripe's clock.
    pub(super) date: Option<Timestamp>,
}

impl<T> Reply<T> {
    /// The same answer with another value.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Reply<U> {
        Reply { value: change(self.value), request_id: self.request_id, date: self.date }
    }
}

/// A request that can be sent more than once.
struct Request<'r> {
    method: Method,
    path: &'r str,
    form: &'r Form,
    key: Option<&'r IdempotencyKey>,
}

/// An answer of any status.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Client {
    /// A client with this key. It fails if the system's certificates are unreadable.
    pub(super) fn new(settings: &Settings) -> Result<Self, ClientError> {
        // Installing twice is an error that can be ignored: every caller installs `ring`.
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .pool_idle_timeout(IDLE_CONNECTION_TIMEOUT)
            .redirect(Policy::none())
            .user_agent(concat!("marigold/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| ClientError::Certificates)?;
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", settings.key.expose()))
            .map_err(|_| ClientError::Key)?;
        authorization.set_sensitive(true);
        let base_url = settings.base_url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { http, base_url, authorization, first_wait: settings.first_wait })
    }

    /// Reads an object or a list.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &Form,
    ) -> Result<Reply<T>, StripeError> {
        self.send(&Request { method: Method::GET, path, form: query, key: None }).await
    }

    /// Changes something, once for each key.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        form: &Form,
        key: &IdempotencyKey,
    ) -> Result<Reply<T>, StripeError> {
        self.send(&Request { method: Method::POST, path, form, key: Some(key) }).await
    }

    /// Creates the first object of a payment. What a failed request may have left behind must harm
    /// nobody, because a new key creates another object.
    pub(super) async fn create<T: DeserializeOwned>(
        &self,
        path: &str,
        form: &Form,
        payment: &PaymentId,
        step: Step,
    ) -> Result<Reply<T>, StripeError> {
        let mut failures = Failures::default();
        for number in 1..=MAX_KEYS {
            let key = IdempotencyKey::of_step(payment, step, number);
            match self.post(path, form, &key).await {
                Err(error) if error.is_server_failure() && failures.allow_another_key(&error) => {}
                answer => return answer,
            }
        }
        Err(StripeError::NoAnswer)
    }

    /// Posts a webhook to the shop's own address, and returns the status of the answer. The key is
    /// not sent.
    pub(super) async fn call(
        &self,
        url: &str,
        signature: &str,
        body: String,
    ) -> Result<StatusCode, StripeError> {
        let call = self.http.post(url).header(webhook_signature::HEADER, signature).body(body);
        let call = call.header(CONTENT_TYPE, "application/json; charset=utf-8");
        call.send().await.map(|answer| answer.status()).map_err(|_| StripeError::NoAnswer)
    }

    async fn send<T: DeserializeOwned>(
        &self,
        request: &Request<'_>,
    ) -> Result<Reply<T>, StripeError> {
        let seed = request.key.map_or(request.path, IdempotencyKey::as_str);
        let (mut number, mut may_have_happened) = (0, false);
        loop {
            number += 1;
            let answer = self.attempt(request).await;
            may_have_happened |= !matches!(answer, Err(StripeError::NotSent));
            let Some(wait) = attempt_of(&answer).wait(number, self.first_wait, seed) else {
                return match answer {
                    Ok(answer) => answer.read(),
                    Err(_) if may_have_happened => Err(StripeError::NoAnswer),
                    Err(_) => Err(StripeError::NotSent),
                };
            };
            tracing::debug!(event = "stripe.request_repeated", path = request.path, number);
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt(&self, request: &Request<'_>) -> Result<Answer, StripeError> {
        let mut url = format!("{}{}", self.base_url, request.path);
        if request.method == Method::GET && !request.form.is_empty() {
            url = format!("{url}?{}", request.form.encode());
        }
        let mut sent = self
            .http
            .request(request.method.clone(), url)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(STRIPE_VERSION, API_VERSION);
        if let Some(key) = request.key {
            sent = sent.header(IDEMPOTENCY_KEY, key.as_str());
        }
        if request.method == Method::POST {
            sent = sent.header(CONTENT_TYPE, FORM).body(request.form.encode());
        }
        let response = sent.send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                StripeError::NotSent
            } else {
                StripeError::NoAnswer
            }
        })?;
        Answer::receive(response).await
    }
}

/// Why there is no client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The certificates of the system cannot be read.
    #[error("the system's certificates cannot be read")]
    Certificates,
    /// The key has characters that a header cannot hold.
    #[error("the key cannot be sent")]
    Key,
}

impl Answer {
    async fn receive(mut response: reqwest::Response) -> Result<Self, StripeError> {
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(None) => return Ok(Self { status, headers, body }),
                Ok(Some(more)) if body.len() + more.len() <= MAX_RESPONSE_BYTES => {
                    body.extend_from_slice(&more);
                }
                Ok(Some(_)) | Err(_) => return Err(StripeError::NoAnswer),
            }
        }
    }

    fn read<T: DeserializeOwned>(self) -> Result<Reply<T>, StripeError> {
        let request_id = self.header(&REQUEST_ID).map(str::to_owned);
        if !self.status.is_success() {
            let body = serde_json::from_slice::<ErrorBody>(&self.body);
            return Err(StripeError::Refused(Box::new(ApiError {
                status: self.status,
                request_id,
                is_replayed: self.header(&IDEMPOTENT_REPLAYED) == Some("true"),
                details: body.map(|body| body.error).unwrap_or_default(),
            })));
        }
        let date = self.date();
        let value = serde_json::from_slice(&self.body).map_err(|_| StripeError::Unreadable)?;
        Ok(Reply { value, request_id, date })
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim)
    }

    fn date(&self) -> Option<Timestamp> {
        let date = httpdate::parse_http_date(self.header(&DATE)?).ok()?;
        Some(Timestamp::from_millis(0) + date.duration_since(UNIX_EPOCH).ok()?)
    }
}

fn attempt_of(answer: &Result<Answer, StripeError>) -> Attempt {
    let Ok(answer) = answer else { return Attempt::NoAnswer };
    if answer.status.is_success() {
        return Attempt::Answered {
            status: answer.status,
            should_retry: Some(false),
            retry_after: None,
        };
    }
    let should_retry = match answer.header(&STRIPE_SHOULD_RETRY) {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    };
    let seconds = answer.header(&RETRY_AFTER).and_then(|text| text.parse().ok());
    Attempt::Answered {
        status: answer.status,
        should_retry,
        retry_after: seconds.map(Duration::from_secs),
    }
}
