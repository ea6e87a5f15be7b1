//! Faults and refusals of a request, for its log line and for metrics.

use std::sync::{Arc, Mutex, PoisonError};

use domain::{Causes, Refusal};
use shop::{Fault, audit::Event};

use super::{request, shop, visitor};

/// The id of a request, which the visitor is told after a fault, and the faults that happened
/// during the request. The trace layer logs each once.
#[derive(Clone, Debug)]
pub struct RequestTrace {
    /// The reference that the visitor sees.
    pub id: Arc<str>,
    faults: Arc<Mutex<Vec<String>>>,
    refusals: Arc<Mutex<Vec<String>>>,
}

impl RequestTrace {
    /// The trace of a new request.
    pub fn new(id: &str) -> Self {
        Self { id: id.into(), faults: Arc::default(), refusals: Arc::default() }
    }

    /// Adds a refusal, by its kind.
    pub fn note_refusal(&self, refusal: &Refusal) {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).push(refusal.kind());
    }

    /// The kinds of refusals noted so far; empties the list.
    pub fn take_refusals(&self) -> Vec<String> {
        std::mem::take(&mut *self.refusals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a fault with all its causes.
    pub fn note(&self, fault: &Fault) {
        self.note_line(Causes(fault).to_string());
    }

    /// Adds a fault that no use case reported.
    pub fn note_line(&self, line: String) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// The faults noted so far; empties the list.
    pub fn take_faults(&self) -> Vec<String> {
        std::mem::take(&mut *self.faults.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Adds a fault to the log, and returns the reference for the visitor.
pub fn reference(fault: &Fault) -> String {
    match current() {
        Some(trace) => {
            trace.note(fault);
            trace.id.to_string()
        }
        None => "unknown".into(),
    }
}

/// Counts a refusal, and adds an audit event if a limit was reached.
pub(super) fn note_refusal(refusal: &Refusal) {
    if let Some(trace) = current() {
        trace.note_refusal(refusal);
    }
    let Refusal::TooMany { .. } = refusal else { return };
    if let (Ok(shop), Ok(visitor), Ok(parts)) = (shop(), visitor(), request()) {
        let account = visitor.signed_in.map(|signed_in| signed_in.account);
        shop.audit().note(Event::LimitReached, account.as_ref(), parts.uri.path());
    }
}

fn current() -> Option<RequestTrace> {
    request().ok()?.extensions.get::<RequestTrace>().cloned()
}
