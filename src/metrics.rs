//! What the server measures, and its rendering in the text format of Prometheus.

use std::{sync::OnceLock, time::Duration};

use axum::http::{Method, StatusCode};
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

const HTTP_REQUESTS: &str = "marigold_http_requests_total";
const HTTP_REQUEST_DURATION: &str = "marigold_http_request_duration_seconds";
const REFUSALS: &str = "marigold_refusals_total";
const CONNECTIONS: &str = "marigold_connections";
const EVENT_STREAMS: &str = "marigold_event_streams";
const JOB_RESTARTS: &str = "marigold_job_restarts_total";
/// The counter of webhook calls, by provider and outcome.
pub const WEBHOOKS: &str = "marigold_webhooks_total";

/// Upper bounds of the buckets of every histogram, in seconds: from a statement of SQLite to
/// the time limit of a request.
const BUCKETS: [f64; 15] =
    [0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// Gives access to the metrics of this process.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Starts to record, unless this process does already: it has one recorder.
    pub fn install() -> Self {
        static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
        Self(RECORDER.get_or_init(install_recorder).clone())
    }

    /// All metrics in the text format of Prometheus.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Sums up the samples of histograms. Without it their memory would grow until the metrics
    /// are read.
    pub fn run_upkeep(&self) {
        self.0.run_upkeep();
    }
}

fn install_recorder() -> PrometheusHandle {
    // Setting buckets fails only for an empty list.
    let builder = PrometheusBuilder::new().set_buckets(&BUCKETS);
    let recorder = builder.unwrap_or_else(|_| PrometheusBuilder::new()).build_recorder();
    let handle = recorder.handle();
    // It fails only if there is one already, and `RECORDER` calls this once.
    metrics::set_global_recorder(recorder).ok();
    describe_counter!(HTTP_REQUESTS, Unit::Count, "Responses, by method, route and status");
    describe_histogram!(HTTP_REQUEST_DURATION, Unit::Seconds, "Duration of HTTP requests");
    describe_counter!(REFUSALS, Unit::Count, "Requests that a rule of the shop refused");
    describe_gauge!(CONNECTIONS, Unit::Count, "Open connections, by listener");
    describe_gauge!(EVENT_STREAMS, Unit::Count, "Open streams of server-sent events");
    describe_counter!(JOB_RESTARTS, Unit::Count, "Background jobs started again after a panic");
    describe_counter!(WEBHOOKS, Unit::Count, "Webhook calls of providers, by outcome");
    shop::metrics::describe();
    handle
}

/// Records one response. `route` is the pattern of the router, never the path itself, so
/// that a client cannot make new series.
pub fn record_request(method: &Method, route: &str, status: StatusCode, duration: Duration) {
    let method = method_label(method);
    let code = status.as_str().to_owned();
    let route = route.to_owned();
    counter!(HTTP_REQUESTS, "method" => method, "route" => route.clone(), "status" => code)
        .increment(1);
    let class = status_class(status);
    histogram!(HTTP_REQUEST_DURATION, "method" => method, "route" => route, "status" => class)
        .record(duration);
}

/// Counts a refusal by its kind.
pub fn count_refusal(reason: String) {
    counter!(REFUSALS, "reason" => reason).increment(1);
}

/// Sets how many connections a listener has open.
pub fn set_connections(listener: &'static str, count: usize) {
    gauge!(CONNECTIONS, "listener" => listener).set(count as f64);
}

/// Sets how many event streams are open.
pub fn set_event_streams(count: usize) {
    gauge!(EVENT_STREAMS).set(count as f64);
}

/// Shows that a background job was never started again, so that an alarm sees the first time.
pub fn describe_job(job: &'static str) {
    counter!(JOB_RESTARTS, "job" => job).increment(0);
}

/// Counts that a background job panicked and was started again.
pub fn count_job_restart(job: &'static str) {
    counter!(JOB_RESTARTS, "job" => job).increment(1);
}

/// Counts a webhook call of a provider, or one in its name.
pub fn count_webhook(provider: &'static str, outcome: &'static str) {
    counter!(WEBHOOKS, "provider" => provider, "outcome" => outcome).increment(1);
}

/// A method as a label. Clients may invent methods, and each label is a series.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invented_method_makes_no_new_series() {
        assert_eq!(method_label(&Method::from_bytes(b"BREW").unwrap()), "other");
        assert_eq!(method_label(&Method::POST), "POST");
        assert_eq!(status_class(StatusCode::NOT_FOUND), "4xx");
    }
}
