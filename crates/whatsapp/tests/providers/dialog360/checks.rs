//! The check of the key and of the registered webhook.

use serde_json::{Value, json};
use whatsapp::CheckResult;
use wiremock::ResponseTemplate;

use super::{SECRETS, dialog360};
use crate::support::{assert_says_nothing_secret, servers::refusing, statuses::answering};

async fn found(status: u16, body: Value) -> Vec<CheckResult> {
    let response = ResponseTemplate::new(status)
        .insert_header("date", "Thu, 01 Jan 2026 00:00:01 GMT")
        .set_body_json(body);
    let server = answering(response).await;
    let results = dialog360(&server.uri()).check().await;
    assert_says_nothing_secret(&format!("{results:?}"), &SECRETS);
    let request = server.received_requests().await.unwrap().remove(0);
    assert_eq!(request.url.path(), "/v1/configs/webhook");
    assert_eq!(request.method, http::Method::GET);
    results
}

fn outcomes(results: &[CheckResult]) -> Vec<bool> {
    results.iter().map(|result| result.outcome.is_ok()).collect()
}

#[tokio::test]
async fn a_registered_webhook_with_its_header_passes_the_check() {
    for name in ["Authorization", "authorization"] {
        let results = found(
            200,
            json!({ "url": "https://shop.example.com/webhooks/360dialog",
                    "headers": { name: "Bearer webhook-secret-1" } }),
        )
        .await;
        assert_eq!(outcomes(&results), [true, true, true], "{results:?}");
    }
}

#[tokio::test]
async fn a_check_of_another_address_or_header_tells_how_to_register() {
    let url = "https://shop.example.com/webhooks/360dialog";
    for registered in [
        json!({}),
        json!({ "url": "https://elsewhere.example.com", "headers": {} }),
        json!({ "url": url }),
        json!({ "url": url, "headers": { "Authorization": "Bearer another" } }),
        json!([]),
    ] {
        let results = found(200, registered).await;
        assert_eq!(outcomes(&results), [true, false, true], "{results:?}");
        let problem = results[1].outcome.as_ref().unwrap_err();
        assert!(problem.contains(url) && problem.contains("D360_WEBHOOK_SECRET"), "{problem}");
    }
}

#[tokio::test]
async fn a_check_reports_a_wrong_key_and_an_unreachable_provider() {
    let wrong = json!({ "meta": { "http_code": 401, "developer_message": "Invalid api_key" } });
    let results = found(401, wrong).await;
    assert!(results[0].outcome.as_ref().unwrap_err().contains("D360_API_KEY"));
    let results = dialog360(&refusing().await).check().await;
    assert!(results[0].outcome.as_ref().unwrap_err().contains("was not reached"));
}
