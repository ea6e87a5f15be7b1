//! Webhook calls of real providers, as they arrive over HTTP.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::json;
use tower::ServiceExt;

use super::support::{TestApp, real_provider};

const TWILIO: &[(&str, &str)] = &[
    ("TWILIO_ACCOUNT_SID", "AC22222222222222222222222222222222"),
    ("TWILIO_AUTH_TOKEN", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
    ("TWILIO_FROM", "whatsapp:+447700900001"),
];

const META: &[(&str, &str)] = &[
    ("META_ACCESS_TOKEN", "EAAGfictional0000000000000000"),
    ("META_PHONE_NUMBER_ID", "106540352242922"),
    ("META_WABA_ID", "102290129340398"),
    ("META_APP_SECRET", "0123456789abcdef0123456789abcdef"),
    ("META_VERIFY_TOKEN", "fictional-verify-token"),
];
const DIALOG360: &[(&str, &str)] =
    &[("D360_API_KEY", "0123456789abcdef_AK"), ("D360_WEBHOOK_SECRET", "fictional-webhook-secret")];
const MESSAGEBIRD: &[(&str, &str)] = &[
    ("MESSAGEBIRD_ACCESS_KEY", "fictional-key-00000000000"),
    ("MESSAGEBIRD_SIGNING_KEY", "fictional-signing-key"),
    ("MESSAGEBIRD_SMS_FROM", "Marigold"),
];
const BIRD: &[(&str, &str)] = &[
    ("BIRD_V1_API_KEY", "bk_eu1_fictional"),
    ("BIRD_V1_WEBHOOK_SECRET", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
];

const BIRD_CHANNELS: &[(&str, &str)] = &[
    ("BIRD_ACCESS_KEY", "fictional-key-00000000000"),
    ("BIRD_WORKSPACE_ID", "3fa85f64-5717-4562-b3fc-2c963f66afa6"),
    ("BIRD_CHANNEL_ID", "3fa85f64-5717-4562-b3fc-2c963f66afa7"),
    ("BIRD_SIGNING_KEY", "fictional-signing-key"),
    (
        "BIRD_TEMPLATES",
        "login=3fa85f64-5717-4562-b3fc-2c963f66afa1,reset=3fa85f64-5717-4562-b3fc-2c963f66afa2,\
         payment=3fa85f64-5717-4562-b3fc-2c963f66afa3,phone=3fa85f64-5717-4562-b3fc-2c963f66afa4,\
         step_up=3fa85f64-5717-4562-b3fc-2c963f66afa5",
    ),
];

/// Every provider with a webhook.
const ALL: [(&str, &[(&str, &str)]); 6] = [
    ("meta", META),
    ("twilio", TWILIO),
    ("360dialog", DIALOG360),
    ("messagebird", MESSAGEBIRD),
    ("bird", BIRD),
    ("bird-channels", BIRD_CHANNELS),
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
    assert_eq!(logged(), 0, "a call writes no line");
    // A job does this once a minute.
    shop::warnings::log_counted();
    assert_eq!(logged(), 2, "one line for each reason");
    call(&app, "/webhooks/twilio", &headers(sha256), "MessageSid=SM1").await;
    shop::warnings::log_counted();
    assert_eq!(logged(), 3, "and another one a minute later");
}

#[tokio::test]
async fn a_signed_call_is_taken_with_and_without_a_slash_at_the_end_of_its_address() {
    for (name, settings) in ALL {
        let provider = real_provider(name, settings);
        let app = TestApp::with_providers(vec![provider.clone()]).await;
        for end in ["", "/", "?reference=7", "/?reference=7", "/?a=%2F/&b"] {
            let path = format!("/webhooks/{name}{end}");
            let (headers, body) =
                provider.self_test(&format!("http://127.0.0.1:3000{path}")).unwrap();
            let mut request = Request::post(&path).body(Body::from(body)).unwrap();
            *request.headers_mut() = headers;
            let answered = app.router.clone().oneshot(request).await.unwrap().status();
            assert_eq!(answered, StatusCode::OK, "{path}");
        }
        for path in [format!("/webhooks/{name}//"), format!("/webhooks/{name}/status")] {
            assert!(!call(&app, &path, &[], "").await.is_success(), "{path}");
        }
    }
    let app = TestApp::with_providers(vec![real_provider("meta", META)]).await;
    for path in ["/webhooks/meta", "/webhooks/meta/"] {
        let shake = "hub.mode=subscribe&hub.challenge=11&hub.verify_token=fictional-verify-token";
        let request = Request::get(format!("{path}?{shake}")).body(Body::empty()).unwrap();
        let answered = app.router.clone().oneshot(request).await.unwrap().status();
        assert_eq!(answered, StatusCode::OK, "{path}");
    }
}

/// A call of the Cloud API with a thousand statuses, padded to this size.
fn thousand_statuses(bytes: usize) -> String {
    let status = |number: usize| {
        json!({ "id": format!("wamid.{number}"), "status": "delivered", "timestamp": "1767225600",
                "recipient_id": "447700900111", "errors": [{ "error_data": { "details": "" } }] })
    };
    let statuses: Vec<_> = (0..1_000).map(status).collect();
    let change = json!({ "field": "messages", "value": { "statuses": statuses } });
    let call = json!({ "entry": [{ "changes": [change] }], "padding": "" }).to_string();
    let padding = "x".repeat(bytes - call.len());
    call.replacen("\"padding\":\"", &format!("\"padding\":\"{padding}"), 1)
}

#[tokio::test]
async fn x74_a_thousand_statuses_in_three_megabytes_are_taken_from_who_may_send_them() {
    let providers = vec![real_provider("360dialog", DIALOG360), real_provider("twilio", TWILIO)];
    let app = TestApp::with_providers(providers).await;
    let secret = [("authorization", "Bearer fictional-webhook-secret")];
    let megabytes = |count: usize| count * 1024 * 1024;
    let kilobytes = |count: usize| count * 1024;
    for (provider, headers, bytes, expected) in [
        ("360dialog", &secret[..], kilobytes(256), StatusCode::OK),
        ("360dialog", &secret, kilobytes(257), StatusCode::OK),
        ("360dialog", &secret, 3_000_000, StatusCode::OK),
        ("360dialog", &secret, megabytes(3), StatusCode::OK),
        ("360dialog", &secret, megabytes(3) + 1, StatusCode::PAYLOAD_TOO_LARGE),
        ("360dialog", &[], megabytes(3), StatusCode::UNAUTHORIZED),
        ("twilio", &[], kilobytes(256), StatusCode::UNAUTHORIZED),
        ("twilio", &[], kilobytes(257), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let body = thousand_statuses(bytes);
        assert_eq!(body.len(), bytes);
        let answered = call(&app, &format!("/webhooks/{provider}"), headers, &body).await;
        assert_eq!(answered, expected, "{bytes} bytes to {provider}");
    }
    let counted = app.metrics().await;
    for line in [
        "marigold_webhooks_total{provider=\"360dialog\",outcome=\"too_large\"} 1",
        "marigold_webhooks_total{provider=\"360dialog\",outcome=\"taken\"} 4",
        "marigold_webhooks_total{provider=\"twilio\",outcome=\"too_large\"} 1",
    ] {
        assert!(counted.contains(line), "{line} in {counted}");
    }
}

#[tokio::test]
async fn the_webhook_of_bird_takes_the_calls_of_both_generations() {
    let (platform, channels) =
        (real_provider("bird", BIRD), real_provider("bird-channels", BIRD_CHANNELS));
    for (providers, name, signer, expected) in [
        (vec![&platform], "bird", &platform, StatusCode::OK),
        (vec![&platform], "bird", &channels, StatusCode::NOT_FOUND),
        (vec![&platform], "bird-channels", &platform, StatusCode::NOT_FOUND),
        (vec![&channels], "bird", &channels, StatusCode::OK),
        (vec![&channels], "bird-channels", &channels, StatusCode::OK),
        (vec![&channels], "bird", &platform, StatusCode::NOT_FOUND),
        (vec![&channels, &platform], "bird", &platform, StatusCode::OK),
        (vec![&channels, &platform], "bird-channels", &channels, StatusCode::OK),
    ] {
        let app = TestApp::with_providers(providers.into_iter().cloned().collect()).await;
        let path = format!("/webhooks/{name}");
        let url = format!("http://127.0.0.1:3000{path}");
        let (headers, body) = signer.self_test(&url).unwrap();
        let mut request = Request::post(&path).body(Body::from(body)).unwrap();
        *request.headers_mut() = headers;
        let answered = app.router.clone().oneshot(request).await.unwrap().status();
        assert_eq!(answered, expected, "{path} by {}", signer.name());
    }
}
