//! Webhook calls of real providers, as they arrive over HTTP.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use tower::ServiceExt;

use super::support::{TestApp, real_provider};

const TWILIO: &[(&str, &str)] = &[
    ("TWILIO_ACCOUNT_SID", "AC22222222222222222222222222222222"),
    ("TWILIO_AUTH_TOKEN", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
    ("TWILIO_FROM", "whatsapp:+447700900001"),
];

async fn call(app: &TestApp, path: &str, headers: &[(&str, &str)], body: &str) -> StatusCode {
    let mut request = Request::post(path).header(header::HOST, "127.0.0.1:3000");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    app.router.clone().oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn x66_a_webhook_rule_without_a_shared_key_is_403_counted_and_logged_once() {
    let app = TestApp::with_providers(vec![real_provider("twilio", TWILIO)]).await;
    let begin = test_support::secret_scan::log_len();
    let rule = "x-twilio-webhooks-signature-settings";
    let headers = |settings: &'static str| {
        [
            ("content-type", "application/x-www-form-urlencoded"),
            ("x-twilio-signature", "BmlPK2rMi1PBkpVLpTakVW5vRhSAACO2/uukOiZ0vFo="),
            (rule, settings),
        ]
    };
    let sha256 = "key=webhooks_sharedkey_01,algorithm=HMAC_SHA256";
    let sha512 = "key=webhooks_sharedkey_01,algorithm=HMAC_SHA512";
    for settings in [sha256, sha256, sha512, sha512, sha512] {
        let answered = call(&app, "/webhooks/twilio", &headers(settings), "MessageSid=SM1").await;
        assert_eq!(answered, StatusCode::FORBIDDEN, "{settings}");
    }
    let counted = app.metrics().await;
    for line in [
        "marigold_webhooks_total{provider=\"twilio\",outcome=\"no_shared_key\"} 2",
        "marigold_webhooks_total{provider=\"twilio\",outcome=\"unknown_algorithm\"} 3",
    ] {
        assert!(counted.contains(line), "{line} in {counted}");
    }
    let logged = || {
        let lines = test_support::secret_scan::lines_since(begin);
        lines.iter().filter(|line| line.contains("webhook.refused")).count()
    };
    assert_eq!(logged(), 2, "one line for each reason");
    app.clock.advance(std::time::Duration::from_secs(61));
    call(&app, "/webhooks/twilio", &headers(sha256), "MessageSid=SM1").await;
    assert_eq!(logged(), 3, "and another one a minute later");
}
