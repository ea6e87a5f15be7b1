//! Alive, ready, and counted: on an address of their own, away from the public.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use web::routes;

use crate::AppState;

/// What was counted since the start.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    requests: BTreeMap<u16, u64>,
    refusals: BTreeMap<String, u64>,
    sends: BTreeMap<(&'static str, &'static str), u64>,
    callbacks: BTreeMap<(&'static str, &'static str), u64>,
}

impl Metrics {
    fn change(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// One more answer with this status.
    pub fn count_request(&self, status: StatusCode) {
        self.change(|counts| *counts.requests.entry(status.as_u16()).or_default() += 1);
    }

    /// One more refusal of this kind.
    pub fn count_refusal(&self, kind: String) {
        self.change(|counts| *counts.refusals.entry(kind).or_default() += 1);
    }

    /// One more message handed to a provider, and what it said.
    pub fn count_send(&self, provider: &'static str, outcome: &'static str) {
        self.change(|counts| *counts.sends.entry((provider, outcome)).or_default() += 1);
    }

    /// One more call of a provider, or in its name, and what became of it.
    pub fn count_callback(&self, provider: &'static str, outcome: &'static str) {
        self.change(|counts| *counts.callbacks.entry((provider, outcome)).or_default() += 1);
    }

    /// The counts in the text format of Prometheus.
    fn print(&self) -> String {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::from("# TYPE marigold_requests_total counter\n");
        for (status, count) in &counts.requests {
            writeln!(text, "marigold_requests_total{{status=\"{status}\"}} {count}").ok();
        }
        text.push_str("# TYPE marigold_refusals_total counter\n");
        for (reason, count) in &counts.refusals {
            writeln!(text, "marigold_refusals_total{{reason=\"{reason}\"}} {count}").ok();
        }
        let of_providers = [("sends", &counts.sends), ("callbacks", &counts.callbacks)];
        for (name, outcomes) in of_providers {
            writeln!(text, "# TYPE marigold_{name}_total counter").ok();
            for ((provider, outcome), count) in outcomes {
                let labels = format!("provider=\"{provider}\",outcome=\"{outcome}\"");
                writeln!(text, "marigold_{name}_total{{{labels}}} {count}").ok();
            }
        }
        text
    }
}

/// The routes of the operations address.
pub fn routes(state: AppState) -> Router {
    Router::new()
        .route(routes::operations::HEALTHZ, get(|| async { "alive\n" }))
        .route(routes::operations::READYZ, get(ready))
        .route(
            routes::operations::METRICS,
            get(|State(state): State<AppState>| async move { state.metrics.print() }),
        )
        .with_state(state)
}

/// Ready means that the database answers.
async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    match state.shop.sessions().load_data("").await.is_ok() {
        true => (StatusCode::OK, "ready\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}
