//! Liveness, readiness and metrics, on an address of their own away from the public.

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use domain::Causes;
use shop::{Fault, Shop};
use tokio::{sync::Mutex, time};
use web::routes;

use crate::{AppState, jobs::SEND_MESSAGES, lifecycle::Phase};

/// How long the database may take to write and read. Together with [`DIAGNOSIS_TIMEOUT`] it is
/// less than a second.
const PROBE_TIMEOUT: Duration = Duration::from_millis(750);
/// How long finding out why PostgreSQL does not answer may take.
const DIAGNOSIS_TIMEOUT: Duration = Duration::from_millis(200);

/// The routes of the operations address.
pub fn routes(state: AppState) -> Router {
    Router::new()
        .route(routes::operations::HEALTHZ, get(|| async { "alive\n" }))
        .route(routes::operations::READYZ, get(ready))
        .route(routes::operations::METRICS, get(metrics))
        .with_state(state)
}

/// Ready means that the server is not stopping, that rows can be written and read within a second,
/// and that messages are sent. Otherwise each problem is a line. Jobs that do not do well are
/// shown in any case.
async fn ready(State(state): State<AppState>) -> (StatusCode, String) {
    let mut problems = Vec::new();
    if state.lifecycle.phase() != Phase::Serving {
        problems.push("the server is stopping".to_owned());
    } else if let Some(problem) = state.probe.problem(&state.shop).await {
        problems.push(problem);
    }
    let job_problems = state.job_health.problems();
    let (serious, minor): (Vec<_>, Vec<_>) =
        job_problems.into_iter().partition(|found| found.is_down && found.job == SEND_MESSAGES);
    problems.extend(serious.iter().map(ToString::to_string));
    let (status, word) = match problems.is_empty() {
        true => (StatusCode::OK, "ready"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    if !problems.is_empty() && state.lifecycle.phase() == Phase::Serving {
        tracing::warn!(
            event = "server.not_ready",
            error = problems.join("; "),
            "the server is not ready"
        );
    }
    problems.extend(minor.iter().map(ToString::to_string));
    let lines = std::iter::once(word.to_owned()).chain(problems);
    (status, lines.map(|line| line + "\n").collect())
}

async fn metrics(State(state): State<AppState>) -> String {
    state.metrics.render()
}

/// Asks the database, once at a time: while it does not answer, further questions wait for the
/// first one instead of taking connections.
#[derive(Clone, Default)]
pub struct DatabaseProbe(Arc<Mutex<()>>);

impl DatabaseProbe {
    /// What is wrong with the database, after a second at most.
    async fn problem(&self, shop: &Shop) -> Option<String> {
        let asked = time::timeout(PROBE_TIMEOUT, self.ask(shop.clone())).await;
        if let Ok(Ok(())) = asked {
            return None;
        }
        if let Some(problem) = shop.database().connection_problem(DIAGNOSIS_TIMEOUT).await {
            return Some(format!("the database cannot be reached: {problem}"));
        }
        Some(match asked {
            Ok(Err(error)) => format!("the database cannot be used: {}", Causes(&error)),
            _ => "the database did not write and read within a second".to_owned(),
        })
    }

    /// The question goes on when nobody waits for its answer any more.
    async fn ask(&self, shop: Shop) -> shop::Result<()> {
        let turn = Arc::clone(&self.0).lock_owned().await;
        let asked = tokio::spawn(async move {
            let _turn = turn;
            shop.database().check().await
        });
        asked.await.unwrap_or(Err(Fault::Broken("the probe of the database").into()))
    }
}
