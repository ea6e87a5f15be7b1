//! The last requests and answers, word for word, for watching.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// One request and its answer, in either direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// Counted from the start of the twin.
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
    /// The answer's status; none: there was no answer.
    pub status: Option<u16>,
    /// The answer's body.
    pub answer: String,
    /// What the twin did on purpose, or why there was no answer.
    pub note: Option<String>,
}

/// Remembers the last exchanges.
#[derive(Debug)]
pub(crate) struct Wire {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    count: u64,
    exchanges: VecDeque<Exchange>,
}

impl Wire {
    pub fn new(capacity: usize) -> Self {
        Self { capacity, state: Mutex::default() }
    }

    /// Remembers an exchange and numbers it.
    pub fn record(&self, mut exchange: Exchange) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.count += 1;
        exchange.number = state.count;
        if state.exchanges.len() >= self.capacity {
            state.exchanges.pop_front();
        }
        state.exchanges.push_back(exchange);
    }

    /// The remembered exchanges, oldest first.
    pub fn all(&self) -> Vec<Exchange> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.exchanges.iter().cloned().collect()
    }
}
