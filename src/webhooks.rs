//! Provider callbacks: raw bytes in, believed only after the courier has proved
//! them, handed to the shop, and answered when what they say is in the rows.
//!
//! Programs call here, not browsers: there is no session, no cookie and no origin
//! to check. The signature stands for all of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::Timestamp;
use shop::providers::{MessageProvider, WebhookError, WebhookRequest, WebhookResponse};
use web::routes;

use crate::{
    AppState,
    layers::{limit_body, refuse},
};

/// The most a call may hold. A receipt has about one KiB, and some hundred may
/// come at once.
const LARGEST: usize = 256 * 1024;
/// The least time between two lines of the log about the same refusal.
const QUIET: Duration = Duration::from_secs(60);
/// When to call again after there was no room, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// The front door, and what was complained about lately.
#[derive(Clone)]
struct Calls {
    state: AppState,
    complaints: Arc<Mutex<HashMap<(&'static str, &'static str), Timestamp>>>,
}

/// The one route. Merge it outside the layers that are for browsers.
pub fn routes(state: &AppState) -> Router {
    let calls = Calls { state: state.clone(), complaints: Arc::default() };
    Router::new().route(routes::webhooks::PROVIDER, get(call).post(call)).with_state(calls)
}

async fn call(
    State(calls): State<Calls>,
    Path(provider): Path<String>,
    request: Request,
) -> Response {
    let Some(provider) = calls.state.shop.delivery().provider(&provider) else {
        return refuse(StatusCode::NOT_FOUND, "No such provider calls here.");
    };
    let (parts, body) = request.into_parts();
    match limit_body::read(&parts.headers, body, LARGEST).await {
        Ok(body) => calls.answer(provider.as_ref(), &parts, &body).await,
        Err(answer) => {
            calls.complain(provider.name(), "too_large_or_slow");
            answer
        }
    }
}

impl Calls {
    async fn answer(
        &self,
        provider: &dyn MessageProvider,
        parts: &Parts,
        body: &Bytes,
    ) -> Response {
        let state = &self.state;
        // As the provider was told it: the `Host` header is anybody's word.
        let path = parts.uri.path_and_query().map_or(routes::HOME, |path| path.as_str());
        let request = WebhookRequest {
            method: &parts.method,
            url: &format!("{}{path}", state.site.origin()),
            headers: &parts.headers,
            body,
            now: state.shop.clock().now(),
        };
        match provider.read_webhook(&request) {
            Ok(WebhookResponse::Echo(words)) => {
                state.metrics.count_callback(provider.name(), "echoed");
                let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
                (kind, words).into_response()
            }
            Ok(news) => self.take(provider.name(), news).await,
            Err(refused) => {
                self.complain(provider.name(), refused.as_str());
                turn_away(refused, &parts.method)
            }
        }
    }

    /// Hands news to the shop. What it could not act on, the provider is asked to
    /// send again.
    async fn take(&self, provider: &'static str, news: WebhookResponse) -> Response {
        match self.state.shop.delivery().handle_webhook(provider, news).await {
            Ok(true) => {
                self.state.metrics.count_callback(provider, "taken");
                StatusCode::OK.into_response()
            }
            Ok(false) => {
                self.complain(provider, "no_room");
                call_again()
            }
            Err(error) => {
                self.state.metrics.count_callback(provider, "failed");
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    provider,
                    "news could not be written down"
                );
                call_again()
            }
        }
    }

    /// Counts every refusal, and logs the first of a kind in a minute: whoever
    /// calls without a key must not fill the log.
    fn complain(&self, provider: &'static str, reason: &'static str) {
        self.state.metrics.count_callback(provider, reason);
        let now = self.state.shop.clock().now();
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        let last = complaints.get(&(provider, reason));
        if last.is_none_or(|last| now.since(*last) >= QUIET) {
            complaints.insert((provider, reason), now);
            tracing::warn!(provider, reason, "a call in a provider's name was refused");
        }
    }
}

/// What a call is told whose news could not be taken now.
fn call_again() -> Response {
    let mut answer = refuse(StatusCode::SERVICE_UNAVAILABLE, "Call again later.");
    answer.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
    answer
}

/// What a call that is not believed is told: a status, and nothing to learn from.
fn turn_away(refused: WebhookError, method: &Method) -> Response {
    match refused {
        WebhookError::NoSignature | WebhookError::BadSignature | WebhookError::Stale => {
            refuse(StatusCode::UNAUTHORIZED, "This call is not signed as it should be.")
        }
        WebhookError::Malformed => refuse(StatusCode::BAD_REQUEST, "This call cannot be read."),
        WebhookError::NotOffered if *method == Method::POST => {
            refuse(StatusCode::NOT_FOUND, "No such calls are taken here.")
        }
        WebhookError::NotOffered => {
            let mut answer = refuse(StatusCode::METHOD_NOT_ALLOWED, "Only POST is taken here.");
            answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
            answer
        }
    }
}
