//! The request log: the last requests and their responses, unabridged.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// One request and its response, in either direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoggedRequest {
    /// Counted from the start of the emulator.
    pub number: u64,
    /// Unix seconds.
    pub at: i64,
    /// `in`: from the shop; `out`: a webhook.
    pub direction: &'static str,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query, or a webhook's whole address.
    pub url: String,
    /// The request's headers.
    pub headers: Vec<(String, String)>,
    /// The request's body.
    pub body: String,
    /// The response's status; none if there was no response.
    pub status: Option<u16>,
    /// The response's body.
    pub response: String,
    /// The fault that was injected, or why there was no response.
    pub note: Option<String>,
}

/// Keeps the last requests, up to its capacity.
#[derive(Debug)]
pub(crate) struct RequestLog {
    capacity: usize,
    state: Mutex<LogState>,
}

#[derive(Debug, Default)]
struct LogState {
    count: u64,
    requests: VecDeque<LoggedRequest>,
}

impl RequestLog {
    pub fn new(capacity: usize) -> Self {
        Self { capacity, state: Mutex::default() }
    }

    /// Adds a request and numbers it.
    pub fn record(&self, mut request: LoggedRequest) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.count += 1;
        request.number = state.count;
        if state.requests.len() >= self.capacity {
            state.requests.pop_front();
        }
        state.requests.push_back(request);
    }

    /// The logged requests, oldest first.
    pub fn all(&self) -> Vec<LoggedRequest> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.requests.iter().cloned().collect()
    }
}
