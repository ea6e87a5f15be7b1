//! Bird: the Channels API and the platform of 2026.

use emulators::{Account, Channel, Provider};
use serde_json::{Value, json};

use crate::support::{TestProvider, TestResponse, number};

const CHANNEL: &str = "/workspaces/5f0f4d6c-1111-4222-8333-444455556666/channels/3fa85f64-5717-4562-b3fc-2c963f66afa7";

async fn post(provider: &TestProvider, path: &str, body: &Value) -> TestResponse {
    let key = format!("AccessKey {}", Account::default().bird_access_key);
    provider
        .send(
            provider
                .client
                .post(provider.url(path))
                .header("authorization", key)
                .body(body.to_string()),
        )
        .await
}

fn message(to: &str) -> Value {
    json!({
      "receiver": { "contacts": [ { "identifierKey": "phonenumber", "identifierValue": to } ] },
      "template": {
        "projectId": "8f2b1c3d-0000-4000-8000-000000000001",
        "version": "latest",
        "locale": "en",
        "parameters": [ { "type": "string", "key": "code", "value": "123456" } ]
      },
      "reference": "otp:7f3a"
    })
}

#[tokio::test]
async fn channels_accepts_the_documented_message_and_reports_its_status() {
    let provider = TestProvider::new(Provider::BirdChannels).await;
    let answer = post(&provider, &format!("{CHANNEL}/messages"), &message("+4915100000000")).await;
    assert_eq!((answer.status, &answer.body["status"]), (202, &json!("accepted")), "{answer:?}");
    let key = Account::default().bird_signing_key;
    for (report, status) in provider.webhooks(2).await.iter().zip(["sent", "delivered"]) {
        let body: Value = serde_json::from_slice(&report.body).unwrap();
        assert_eq!(
            (&body["service"], &body["event"]),
            (&json!("channels"), &json!("whatsapp.outbound"))
        );
        assert_eq!(body["payload"]["id"], answer.body["id"]);
        assert_eq!(body["payload"]["status"], status);
        assert_eq!(body["payload"]["reference"], "otp:7f3a");
        let at = report.headers["messagebird-request-timestamp"].to_str().unwrap();
        let url = format!("{}/webhooks/bird-channels", provider.shop.uri());
        let signature = emulators::sign::bird_channels(&key, at, &url, &report.body);
        assert_eq!(report.headers["messagebird-signature"], signature);
    }
    assert_eq!(provider.emulator.messages()[0].code.as_deref(), Some("123456"));
}

#[tokio::test]
async fn channels_rejects_an_invalid_message() {
    let provider = TestProvider::new(Provider::BirdChannels).await;
    let path = format!("{CHANNEL}/messages");
    assert_eq!(provider.post(&path, message(&number("111"))).await.status, 401);
    for (pointer, value) in [
        ("/receiver/contacts/0/identifierValue", json!("447700900111")),
        ("/receiver/contacts", json!([])),
        ("/template/projectId", json!("shop_login_code")),
        ("/template/version", json!("newest")),
        ("/template/locale", Value::Null),
        ("/template/parameters/0", json!({ "type": "text", "text": "123456" })),
        ("/reference", json!(7)),
    ] {
        let mut body = message(&number("111"));
        *body.pointer_mut(pointer).unwrap() = value;
        assert_eq!(post(&provider, &path, &body).await.status, 422, "{pointer}");
    }
    for (digits, status) in [("429", 429), ("500", 500), ("503", 503)] {
        assert_eq!(post(&provider, &path, &message(&number(digits))).await.status, status);
    }
    assert!(provider.emulator.messages().is_empty());
    post(&provider, &path, &message(&number("026"))).await;
    let report = provider.webhook_bodies(1).await.remove(0);
    assert_eq!(report["payload"]["status"], "delivery_failed");
    assert_eq!(report["payload"]["failure"]["source"]["code"], "131026");
}

async fn platform(
    provider: &TestProvider,
    path: &str,
    key: Option<&str>,
    body: &Value,
) -> TestResponse {
    let mut request =
        provider.client.post(provider.url(path)).bearer_auth(Account::default().bird_v1_api_key);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    provider.send(request.body(body.to_string())).await
}

fn otp(to: &str) -> Value {
    json!({ "to": to,
      "template": { "slug": "bird_otp", "language": "en",
         "components": [ { "type": "body", "parameters": [ { "type": "text", "text": "123456" } ] },
                         { "type": "button", "parameters": [ { "type": "text", "text": "123456" } ] } ] },
      "tags": [], "metadata": { "ref": "7f3a" } })
}

#[tokio::test]
async fn platform_accepts_the_documented_message_and_reports_its_status() {
    let provider = TestProvider::new(Provider::Bird).await;
    let answer = platform(&provider, "/v1/whatsapp/messages", None, &otp("+4915100000000")).await;
    assert_eq!((answer.status, &answer.body["status"]), (202, &json!("accepted")), "{answer:?}");
    let id = answer.body["id"].as_str().unwrap();
    assert!(id.starts_with("wam_") && id.len() == 30, "{id}");
    let secret = Account::default().bird_v1_webhook_secret;
    for (report, kind) in
        provider.webhooks(2).await.iter().zip(["whatsapp.sent", "whatsapp.delivered"])
    {
        let body: Value = serde_json::from_slice(&report.body).unwrap();
        assert_eq!((&body["type"], &body["data"]["whatsapp_id"]), (&json!(kind), &json!(id)));
        assert_eq!(body["data"]["metadata"], json!({ "ref": "7f3a" }));
        let header = |name: &str| report.headers[name].to_str().unwrap();
        let (at, name) = (header("webhook-timestamp"), header("webhook-id"));
        let signature = emulators::sign::standard_webhooks(&secret, name, at, &report.body);
        assert_eq!(header("webhook-signature"), signature);
    }
}

#[tokio::test]
async fn a_repeated_idempotency_key_replays_the_response() {
    let provider = TestProvider::new(Provider::Bird).await;
    let path = "/v1/whatsapp/messages";
    let first = platform(&provider, path, Some("k1"), &otp(&number("111"))).await;
    let again = platform(&provider, path, Some("k1"), &otp(&number("111"))).await;
    assert_eq!((again.status, &again.body), (202, &first.body), "the same answer");
    assert_eq!(provider.emulator.messages().len(), 1, "and one message");
    let other = platform(&provider, path, Some("k1"), &otp(&number("112"))).await;
    assert_eq!((other.status, &other.body["error"]["code"]), (409, &json!("E01005")));
    assert_eq!(other.body["error"]["name"], "idempotency_key_reuse");
    assert_eq!(platform(&provider, path, Some("k2"), &otp(&number("112"))).await.status, 202);
}

#[tokio::test]
async fn each_invalid_platform_message_gets_the_documented_error_name() {
    let provider = TestProvider::new(Provider::Bird).await;
    let text = json!({ "body": "Hello" });
    for (name, change) in [
        ("InvalidRequest", json!({ "colour": "red" })),
        ("WhatsAppContentRequired", json!({ "template": null })),
        ("WhatsAppContentAmbiguous", json!({ "text": text })),
        ("WhatsAppInvalidRecipient", json!({ "to": "447700900111" })),
        ("WhatsAppRecipientNotSupportedForTemplate", json!({ "to": "GB.1234567890" })),
        ("WhatsAppSenderNotAllowed", json!({ "from": "+15550001111" })),
        ("WhatsAppSenderRequired", json!({ "template": null, "text": text })),
        (
            "WhatsAppSenderNotFound",
            json!({ "template": null, "text": text, "from": "+15550009999" }),
        ),
        ("WhatsAppTemplateParameterMismatch", json!({ "template": { "slug": "bird_otp" } })),
    ] {
        let mut body = otp(&number("111"));
        for (key, value) in change.as_object().unwrap() {
            let object = body.as_object_mut().unwrap();
            if value.is_null() {
                object.remove(key)
            } else {
                object.insert(key.clone(), value.clone())
            };
        }
        let answer = platform(&provider, "/v1/whatsapp/messages", None, &body).await;
        assert_eq!((answer.status, &answer.body["error"]["name"]), (422, &json!(name)), "{body}");
        assert_eq!(answer.body["error"]["type"], "validation_error");
    }
    let anonymous = provider.post("/v1/whatsapp/messages", otp(&number("111"))).await;
    assert_eq!((anonymous.status, &anonymous.body["error"]["type"]), (401, &json!("auth_error")));
    assert!(provider.emulator.messages().is_empty());
}

#[tokio::test]
async fn platform_reports_the_status_of_an_sms() {
    let provider = TestProvider::new(Provider::Bird).await;
    let sms = json!({ "to": "+4915100000000", "from": "Shop", "text": "123456 is your code.", "category": "authentication" });
    let answer = platform(&provider, "/v1/sms/messages", None, &sms).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let kinds: Vec<Value> =
        provider.webhook_bodies(2).await.iter().map(|each| each["type"].clone()).collect();
    assert_eq!(kinds, ["sms.sent", "sms.delivered"]);
    assert_eq!(provider.emulator.messages()[0].channel, Channel::Sms);
    let bare = json!({ "to": "+4915100000000", "text": "123456 is your code." });
    let refused = platform(&provider, "/v1/sms/messages", None, &bare).await;
    assert_eq!((refused.status, &refused.body["error"]["param"]), (422, &json!("from")));
    let uncategorised = json!({ "to": "+4915100000000", "from": "Shop", "text": "Hello." });
    let refused = platform(&provider, "/v1/sms/messages", None, &uncategorised).await;
    assert_eq!((refused.status, &refused.body["error"]["param"]), (422, &json!("category")));
}

#[tokio::test]
async fn a_code_is_redacted_and_a_failure_reads_back() {
    let provider = TestProvider::new(Provider::Bird).await;
    let sent = platform(&provider, "/v1/whatsapp/messages", None, &otp(&number("026"))).await;
    assert_eq!(sent.body["template"]["components"], json!([]));
    let sms = json!({ "to": number("404"), "from": "Shop", "text": "123456 is your code.",
        "category": "authentication" });
    let text = platform(&provider, "/v1/sms/messages", None, &sms).await;
    assert_eq!(text.body["text"], "**REDACTED**");
    provider.webhooks(2).await;
    for (answer, status, code) in
        [(sent, "failed", "undeliverable"), (text, "undelivered", "unreachable")]
    {
        let kind = if status == "failed" { "whatsapp" } else { "sms" };
        let path = format!("/v1/{kind}/messages/{}", answer.body["id"].as_str().unwrap());
        let key = Account::default().bird_v1_api_key;
        let read = provider.client.get(provider.url(&path)).bearer_auth(key);
        let read = provider.send(read).await;
        assert_eq!(
            (&read.body["status"], &read.body["last_error"]["code"]),
            (&json!(status), &json!(code)),
            "{read:?}"
        );
        assert!(!read.body.to_string().contains("123456"), "{read:?}");
    }
}
