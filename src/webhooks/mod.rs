//! Webhooks of the messaging providers and of the payment gateways ([`gateway`]). The provider's module checks the signature over the
//! raw bytes, then parses them; the shop stores the events, and only then is the call
//! answered.
//!
//! Programs call here, not browsers: there is no session, no cookie and no origin to check.
//! The signature replaces all of them.

mod body;
mod gateway;

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::get,
};
use shop::{
    providers::{MessageProvider, WebhookError, WebhookRequest, WebhookResponse},
    warnings,
};
use web::routes;

use self::body::{LongBodies, Unread};
use crate::{AppState, layers::refuse, metrics};

/// The `Retry-After` in seconds if the queue is full.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// The state of the route: the application's, and the permits for long bodies.
#[derive(Clone)]
struct Calls {
    state: AppState,
    long_bodies: LongBodies,
}

/// The route of the webhooks, with and without a slash at the end of the address. It is merged
/// outside of the layers for browsers.
pub fn routes(state: &AppState) -> Router {
    let calls = Calls { state: state.clone(), long_bodies: LongBodies::default() };
    Router::new()
        .route(routes::webhooks::PROVIDER, get(call).post(call))
        .route(routes::webhooks::PROVIDER_SLASH, get(call).post(call))
        .with_state(calls)
}

async fn call(
    State(calls): State<Calls>,
    Path(provider): Path<String>,
    request: Request,
) -> Response {
    if let Some(gateway) = calls.state.shop.payments().called_at(&provider).cloned() {
        return gateway::call(&calls, gateway.as_ref(), request).await;
    }
    let Some(provider) = calls.state.shop.delivery().webhook_provider(&provider) else {
        return refuse(StatusCode::NOT_FOUND, "No such provider calls here.");
    };
    let (parts, body) = request.into_parts();
    let limit = provider.max_webhook_bytes();
    match calls.long_bodies.read(&parts.headers, body, limit).await {
        Ok(body) => calls.answer(provider.as_ref(), &parts, &body.bytes).await,
        Err(unread) => {
            count_refused(provider.name(), unread.as_str());
            unread_response(unread)
        }
    }
}

impl Calls {
    async fn answer(&self, provider: &dyn MessageProvider, parts: &Parts, body: &[u8]) -> Response {
        let state = &self.state;
        // The address as the provider knows it: a client may send any `Host` header.
        let path = parts.uri.path_and_query().map_or(routes::HOME, |path| path.as_str());
        let request = WebhookRequest {
            method: &parts.method,
            url: &format!("{}{path}", state.site.origin()),
            headers: &parts.headers,
            body,
            now: state.shop.clock().now(),
        };
        match provider.read_webhook(&request) {
            Ok(WebhookResponse::Echo(text)) => {
                metrics::count_webhook(provider.name(), "echoed");
                let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
                (kind, text).into_response()
            }
            Ok(events) => self.take(provider.name(), events).await,
            Err(refused) => {
                count_refused(provider.name(), refused.as_str());
                refusal_response(refused, &parts.method)
            }
        }
    }

    /// Has the shop store the events. If that fails, the status lets the provider call again.
    async fn take(&self, provider: &'static str, events: WebhookResponse) -> Response {
        match self.state.shop.delivery().handle_webhook(provider, events).await {
            Ok(true) => {
                metrics::count_webhook(provider, "taken");
                StatusCode::OK.into_response()
            }
            Ok(false) => {
                count_refused(provider, "no_room");
                call_again()
            }
            Err(error) => {
                metrics::count_webhook(provider, "failed");
                tracing::error!(
                    event = "webhook.store_failed",
                    provider,
                    error = %domain::Causes(&error),
                    "webhook events could not be stored"
                );
                call_again()
            }
        }
    }
}

/// Counts a refusal. The log gets one line a minute for each provider and reason, because calls
/// without a key must not fill it.
fn count_refused(provider: &'static str, reason: &'static str) {
    metrics::count_webhook(provider, reason);
    warnings::count("webhook.refused", provider, reason);
}

/// The response to a call whose events could not be stored now.
fn call_again() -> Response {
    let mut answer = refuse(StatusCode::SERVICE_UNAVAILABLE, "Call again later.");
    answer.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
    answer
}

/// The response to a call whose body was not read.
fn unread_response(unread: Unread) -> Response {
    match unread {
        Unread::TooLarge => {
            refuse(StatusCode::PAYLOAD_TOO_LARGE, "That is more than is ever needed here.")
        }
        Unread::TooSlow => refuse(StatusCode::REQUEST_TIMEOUT, "That took too long to arrive."),
        Unread::BrokenOff => refuse(StatusCode::BAD_REQUEST, "This call did not arrive whole."),
        Unread::NoRoom => call_again(),
    }
}

/// The response to a call that was refused: a status, and no detail that helps an attacker.
fn refusal_response(refused: WebhookError, method: &Method) -> Response {
    match refused {
        WebhookError::NoSignature | WebhookError::BadSignature | WebhookError::Stale => {
            refuse(StatusCode::UNAUTHORIZED, "This call is not signed as it should be.")
        }
        WebhookError::UnknownAlgorithm | WebhookError::NoSharedKey => {
            refuse(StatusCode::FORBIDDEN, "This signature cannot be checked here.")
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
