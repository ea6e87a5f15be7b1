//! Calls of the payment gateways. The gateway's module checks the signature over the raw bytes, then
//! reads the events; the shop stores them, and only then is the call answered. Events of unknown
//! kinds are answered with success, because the gateway would repeat them otherwise.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use shop::payments::{CallbackError, Gateway, RawCallback, TakenCallback};

use super::{Calls, call_again, count_refused, unread_response};
use crate::{layers::refuse, metrics};

/// More than the largest event of any gateway.
const MAX_BYTES: usize = 1024 * 1024;

/// Answers a call of a gateway.
pub async fn call(calls: &Calls, gateway: &dyn Gateway, request: Request) -> Response {
    let name = gateway.name().as_str();
    let (parts, body) = request.into_parts();
    if parts.method != Method::POST {
        return only_post();
    }
    let body = match calls.long_bodies.read(&parts.headers, body, MAX_BYTES).await {
        Ok(body) => body,
        Err(unread) => {
            count_refused(name, unread.as_str());
            return unread_response(unread);
        }
    };
    let headers = pairs(&parts.headers);
    let now = calls.state.shop.clock().now();
    let callback = RawCallback { headers: &headers, body: &body.bytes, now };
    match calls.state.shop.payments().handle_callback(gateway, &callback).await {
        Ok(TakenCallback::Taken) => {
            metrics::count_webhook(name, "taken");
            StatusCode::OK.into_response()
        }
        Ok(TakenCallback::Refused(refused)) => {
            count_refused(name, refused.as_str());
            refusal_response(refused)
        }
        Err(error) => {
            metrics::count_webhook(name, "failed");
            tracing::error!(
                event = "webhook.store_failed",
                provider = name,
                error = %domain::Causes(&error),
                "webhook events could not be stored"
            );
            call_again()
        }
    }
}

/// The headers as a gateway reads them: names in lower case, values as bytes.
fn pairs(headers: &HeaderMap) -> Vec<(&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}

fn only_post() -> Response {
    let mut answer = refuse(StatusCode::METHOD_NOT_ALLOWED, "Only POST is taken here.");
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    answer
}

/// The response to a call that was refused: a status, and no detail that helps an attacker.
fn refusal_response(refused: CallbackError) -> Response {
    match refused {
        CallbackError::NoSignature | CallbackError::BadSignature | CallbackError::Stale => {
            refuse(StatusCode::UNAUTHORIZED, "This call is not signed as it should be.")
        }
        CallbackError::Malformed => refuse(StatusCode::BAD_REQUEST, "This call cannot be read."),
        CallbackError::NotOffered => refuse(StatusCode::NOT_FOUND, "No such calls are taken here."),
    }
}
