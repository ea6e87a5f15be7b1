//! Idempotency keys (<https://docs.stripe.com/api/idempotent_requests>).

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::problem::Problem;
use crate::http::{ApiRequest, ApiResponse, Pending};

/// Keys are forgotten after a day at the earliest.
const KEY_TTL: i64 = 24 * 3600;

const MAX_KEY_LEN: usize = 255;

/// The responses to the first requests, by key.
#[derive(Debug, Default)]
pub(super) struct Keys(Mutex<HashMap<String, First>>);

#[derive(Debug)]
struct First {
    path: String,
    parameters: Vec<(String, String)>,
    request_id: String,
    at: i64,
    /// Whether the response has not left yet.
    is_pending: Arc<AtomicBool>,
    status: u16,
    body: String,
}

/// The key of a request; other methods than `POST` have none.
pub(super) fn key(request: &ApiRequest) -> Option<&str> {
    request.header("idempotency-key").filter(|_| request.method == "POST")
}

impl Keys {
    /// The response to the first request with this key.
    ///
    /// # Errors
    /// When that request was another one, or has not been answered yet.
    pub fn find(&self, request: &ApiRequest, now: i64) -> Result<Option<ApiResponse>, Problem> {
        let Some(key) = key(request) else { return Ok(None) };
        if key.len() > MAX_KEY_LEN {
            let message = format!("Idempotency keys have up to {MAX_KEY_LEN} characters.");
            return Err(Problem::idempotency(400, message));
        }
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.retain(|_, first| now < first.at + KEY_TTL);
        let Some(first) = keys.get(key) else { return Ok(None) };
        if first.is_pending.load(Ordering::SeqCst) {
            let message = format!(
                "There is currently another in-progress request using this Idempotent Key (that \
                 probably means you submitted twice, and the other request is still going \
                 through): {key}. Please try again later."
            );
            return Err(Problem::idempotency(409, message).with_code("idempotency_key_in_use"));
        }
        if first.path != request.path {
            let message = format!(
                "Keys for idempotent requests can only be used for the same endpoint they were \
                 first used for ('{}' vs '{}'). Try using a key other than '{key}' if you meant to \
                 execute a different request.",
                request.path, first.path
            );
            return Err(Problem::idempotency(400, message));
        }
        if first.parameters != sorted(request) {
            let message = format!(
                "Keys for idempotent requests can only be used with the same parameters they were \
                 first used with. Try using a key other than '{key}' if you meant to execute a \
                 different request."
            );
            return Err(Problem::idempotency(400, message));
        }
        Ok(Some(first.replay()))
    }

    /// Keeps the response to an executed request, in place of the one before.
    pub fn keep(&self, request: &ApiRequest, response: &mut ApiResponse, id: &str, now: i64) {
        let Some(key) = key(request) else { return };
        let is_pending = Arc::new(AtomicBool::new(true));
        response.pending = Some(Pending(Arc::clone(&is_pending)));
        let first = First {
            path: request.path.clone(),
            parameters: sorted(request),
            request_id: String::from(id),
            at: now,
            is_pending,
            status: response.status,
            body: response.body.clone(),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(String::from(key), first);
    }

    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl First {
    fn replay(&self) -> ApiResponse {
        let mut response = ApiResponse::empty(self.status)
            .with_header("idempotent-replayed", "true")
            .with_header("original-request", self.request_id.clone());
        response.body.clone_from(&self.body);
        response
    }
}

/// The parameters, whose order does not matter.
fn sorted(request: &ApiRequest) -> Vec<(String, String)> {
    let mut parameters = request.form();
    parameters.sort();
    parameters
}
