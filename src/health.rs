//! Liveness, readiness and metrics, on an address of their own away from the public.

use axum::{Router, extract::State, http::StatusCode, routing::get};
use web::routes;

use crate::AppState;

/// A key that no session has: sessions are stored under digests, and no digest is empty.
const NO_SESSION: &str = "";

/// The routes of the operations address.
pub fn routes(state: AppState) -> Router {
    Router::new()
        .route(routes::operations::HEALTHZ, get(|| async { "alive\n" }))
        .route(routes::operations::READYZ, get(ready))
        .route(routes::operations::METRICS, get(metrics))
        .with_state(state)
}

/// Ready means that the database answers a query.
async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    match state.shop.sessions().load_data(NO_SESSION).await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(
                event = "server.not_ready",
                error = &error as &dyn std::error::Error,
                "the database does not answer"
            );
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

async fn metrics(State(state): State<AppState>) -> String {
    state.metrics.render()
}
