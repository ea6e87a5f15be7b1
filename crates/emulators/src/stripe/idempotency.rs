//! Idempotency keys (<https://docs.stripe.com/api/idempotent_requests>).

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::problem::Problem;
use crate::http::{ApiRequest, ApiResponse};

/// Keys are forgotten after a day at the earliest.
const KEY_TTL: i64 = 24 * 3600;

const MAX_KEY_LEN: usize = 255;

/// The first requests with each key.
#[derive(Debug, Default)]
pub(super) struct Keys(Mutex<HashMap<String, First>>);

#[derive(Debug)]
struct First {
    path: String,
    parameters: Vec<(String, String)>,
    at: i64,
    /// Whether the response has not left yet.
    is_pending: Arc<AtomicBool>,
    response: Option<Kept>,
}

#[derive(Debug)]
struct Kept {
    request_id: String,
    status: u16,
    body: String,
}

/// The key of a request; other methods than `POST` have none.
pub(super) fn key(request: &ApiRequest) -> Option<&str> {
    request.header("idempotency-key").filter(|_| request.method == "POST")
}

impl Keys {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, First>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The response to the first request with this key, or none if this is the first one. That has
    /// the key then, until [`Keys::keep`] or [`Keys::release`].
    ///
    /// # Errors
    /// When the first request was another one, or has not been answered yet.
    pub fn begin(
        &self,
        request: &ApiRequest,
        is_pending: &Arc<AtomicBool>,
        now: i64,
    ) -> Result<Option<ApiResponse>, Problem> {
        let Some(key) = key(request) else { return Ok(None) };
        if key.len() > MAX_KEY_LEN {
            let message = format!("Idempotency keys have up to {MAX_KEY_LEN} characters.");
            return Err(Problem::idempotency(400, message));
        }
        let mut keys = self.lock();
        keys.retain(|_, first| now < first.at + KEY_TTL);
        if let Some(first) = keys.get(key) {
            first.check_is_same(request, key)?;
            return first.replay(key).map(Some);
        }
        keys.insert(String::from(key), First::new(request, is_pending, now));
        Ok(None)
    }

    /// Keeps the response to a request that was executed.
    pub fn keep(&self, request: &ApiRequest, response: &ApiResponse, request_id: &str) {
        let mut keys = self.lock();
        if let Some(first) = key(request).and_then(|key| keys.get_mut(key)) {
            first.response = Some(Kept::new(response, request_id));
        }
    }

    /// Gives the key of a request back that was not executed.
    pub fn release(&self, request: &ApiRequest) {
        if let Some(key) = key(request) {
            self.lock().remove(key);
        }
    }

    /// Keeps an error in place of the response, unless that has left already: then it is returned.
    pub fn keep_error(
        &self,
        request: &ApiRequest,
        error: &ApiResponse,
        request_id: &str,
        now: i64,
    ) -> Option<ApiResponse> {
        let key = key(request)?;
        let mut keys = self.lock();
        let first = keys.get(key).filter(|first| !first.is_pending.load(Ordering::SeqCst));
        if let Some(replayed) = first.and_then(|first| first.replay(key).ok()) {
            return Some(replayed);
        }
        let mut first = First::new(request, &Arc::default(), now);
        first.response = Some(Kept::new(error, request_id));
        keys.insert(String::from(key), first);
        None
    }

    pub fn clear(&self) {
        self.lock().clear();
    }
}

impl Kept {
    fn new(response: &ApiResponse, request_id: &str) -> Self {
        Self {
            request_id: String::from(request_id),
            status: response.status,
            body: response.body.clone(),
        }
    }
}

impl First {
    fn new(request: &ApiRequest, is_pending: &Arc<AtomicBool>, now: i64) -> Self {
        Self {
            path: request.path.clone(),
            parameters: sorted(request),
            at: now,
            is_pending: Arc::clone(is_pending),
            response: None,
        }
    }

    fn check_is_same(&self, request: &ApiRequest, key: &str) -> Result<(), Problem> {
        let message = if self.path != request.path {
            format!(
                "Keys for idempotent requests can only be used for the same endpoint they were \
                 first used for ('{}' vs '{}'). Try using a key other than '{key}' if you meant to \
                 execute a different request.",
                request.path, self.path
            )
        } else if self.parameters != sorted(request) {
            format!(
                "Keys for idempotent requests can only be used with the same parameters they were \
                 first used with. Try using a key other than '{key}' if you meant to execute a \
                 different request."
            )
        } else {
            return Ok(());
        };
        Err(Problem::idempotency(400, message))
    }

    fn replay(&self, key: &str) -> Result<ApiResponse, Problem> {
        let kept = self.response.as_ref().filter(|_| !self.is_pending.load(Ordering::SeqCst));
        let Some(kept) = kept else {
            let message = format!(
                "There is currently another in-progress request using this Idempotent Key (that \
                 probably means you submitted twice, and the other request is still going \
                 through): {key}. Please try again later."
            );
            return Err(Problem::idempotency(409, message).with_code("idempotency_key_in_use"));
        };
        let mut response = ApiResponse::empty(kept.status)
            .with_header("idempotent-replayed", "true")
            .with_header("original-request", kept.request_id.clone());
        response.body.clone_from(&kept.body);
        // "The API may ask us not to retry, if doing so would be a no-op" (stripe-python).
        Ok(if kept.status >= 500 {
            response.with_header("stripe-should-retry", "false")
        } else {
            response
        })
    }
}

/// The parameters, whose order does not matter.
fn sorted(request: &ApiRequest) -> Vec<(String, String)> {
    let mut parameters = request.form();
    parameters.sort();
    parameters
}
