//! What `/metrics` shows after requests, messages and statements.

use super::{catalogue_pages::stocked, support::TestApp};

#[tokio::test]
async fn requests_are_measured_by_route_and_not_by_path() {
    let (app, mut browser) = stocked().await;
    browser.get("/products/sunday-mug").await;
    browser.get("/products/no-such-product").await;
    browser.get("/no/such/page/4711").await;
    browser.get("/pkg/marigold.js").await;
    let metrics = app.metrics().await;
    for line in [
        "marigold_http_requests_total{method=\"GET\",route=\"/products/{slug}\",status=\"200\"} 1",
        "marigold_http_requests_total{method=\"GET\",route=\"/products/{slug}\",status=\"404\"} 1",
        "marigold_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1",
        "marigold_http_requests_total{method=\"GET\",route=\"/pkg/\",status=\"200\"} 1",
        "marigold_http_request_duration_seconds_count{method=\"GET\",route=\"/products/{slug}\",\
         status=\"2xx\"} 1",
    ] {
        assert!(metrics.lines().any(|shown| shown == line), "{line}: {metrics}");
    }
    assert!(!metrics.contains("sunday-mug") && !metrics.contains("4711"), "{metrics}");
}

#[tokio::test]
async fn codes_sends_and_statements_are_measured_and_explained() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    app.join(&mut browser).await;
    let metrics = app.metrics().await;
    for line in [
        "# TYPE marigold_http_requests_total counter",
        "# TYPE marigold_http_request_duration_seconds histogram",
        "# TYPE marigold_provider_request_duration_seconds histogram",
        "# TYPE marigold_code_to_provider_seconds histogram",
        "# TYPE marigold_store_statement_duration_seconds histogram",
        "# TYPE marigold_store_transaction_duration_seconds histogram",
        "marigold_provider_sends_total{provider=\"simulator\",outcome=\"accepted\"} 1",
        "marigold_code_to_provider_seconds_count{provider=\"simulator\",channel=\"whatsapp\"} 1",
    ] {
        assert!(metrics.lines().any(|shown| shown == line), "{line}: {metrics}");
    }
    for name in ["marigold_store_statement_duration_seconds", "marigold_provider_sends_total"] {
        assert!(metrics.contains(&format!("# HELP {name} ")), "{name}: {metrics}");
    }
    let committed = "marigold_store_transaction_duration_seconds_count{outcome=\"committed\"}";
    assert!(metrics.contains(committed), "{metrics}");
}

#[tokio::test]
async fn refusals_are_counted_by_reason() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    browser.get("/login").await;
    browser.submit("/api/login/verify", &[("code", "123456")]).await;
    let metrics = app.metrics().await;
    assert!(metrics.contains("marigold_refusals_total{reason=\"WrongOrExpired\"} 1"), "{metrics}");
}
