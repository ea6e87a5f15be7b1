//! MessageBird: conversations, SMS and templates.

use emulators::{Account, Channel, Provider};
use serde_json::{Value, json};

use crate::support::{TestProvider, TestResponse, number};

async fn post(provider: &TestProvider, path: &str, body: &Value) -> TestResponse {
    let key = format!("AccessKey {}", Account::default().messagebird_access_key);
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

async fn get(provider: &TestProvider, path: &str) -> TestResponse {
    let key = format!("AccessKey {}", Account::default().messagebird_access_key);
    provider.send(provider.client.get(provider.url(path)).header("authorization", key)).await
}

fn template(name: &str) -> Value {
    json!({ "name": name, "language": "en", "wabaID": "102290129340398", "category": "AUTHENTICATION",
      "components": [ { "type": "BODY", "add_security_recommendation": true },
                      { "type": "FOOTER", "code_expiration_minutes": 5 },
                      { "type": "BUTTONS", "buttons": [ { "type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code" } ] } ] })
}

fn message(provider: &TestProvider, to: &str) -> Value {
    json!({
      "to": to,
      "from": "619747f69cf940a98fb443140ce9aed2",
      "type": "hsm",
      "content": {
        "hsm": {
          "namespace": "20332cd4_f095_b080_d255_35677159aaff",
          "templateName": "shop_login_code",
          "language": { "policy": "deterministic", "code": "en" },
          "components": [
            { "type": "body", "parameters": [ { "type": "text", "text": "123456" } ] },
            { "type": "button", "sub_type": "url", "index": 0, "parameters": [ { "type": "text", "text": "123456" } ] }
          ]
        }
      },
      "reportUrl": format!("{}/webhooks/messagebird", provider.shop.uri()),
      "fallback": { "from": "5f0f4d6c11114222833344445555666f", "after": "1m" },
      "source": { "ref": "otp:7f3a" },
      "trackId": "7f3a", "ttl": "300s"
    })
}

async fn provider() -> TestProvider {
    let provider = TestProvider::new(Provider::Messagebird).await;
    let made =
        post(&provider, "/v2/platforms/whatsapp/templates", &template("shop_login_code")).await;
    assert_eq!(made.body["status"], "PENDING", "{made:?}");
    let read = get(&provider, "/v2/platforms/whatsapp/templates/shop_login_code/en").await;
    assert_eq!(read.body["status"], "APPROVED");
    provider
}

#[tokio::test]
async fn the_documented_message_is_accepted_and_its_status_reported() {
    let provider = provider().await;
    let answer = post(&provider, "/v1/send", &message(&provider, "+4915100000000")).await;
    assert_eq!((answer.status, &answer.body["status"]), (202, &json!("accepted")), "{answer:?}");
    let id = answer.body["id"].as_str().unwrap();
    assert_eq!(id.len(), 32);
    for (report, status) in provider.webhooks(2).await.iter().zip(["sent", "delivered"]) {
        let body: Value = serde_json::from_slice(&report.body).unwrap();
        assert_eq!(body["type"], "message.updated");
        assert_eq!(
            (&body["message"]["id"], &body["message"]["status"]),
            (&json!(id), &json!(status))
        );
        assert!(report.headers.get("messagebird-signature-jwt").is_some());
    }
    assert_eq!(get(&provider, &format!("/v1/messages/{id}")).await.body["status"], "delivered");
    let message = provider.emulator.messages().pop().unwrap();
    assert_eq!((message.channel, message.code.as_deref()), (Channel::Whatsapp, Some("123456")));
}

#[tokio::test]
async fn the_older_form_of_parameters_is_accepted() {
    let provider = provider().await;
    let mut body = message(&provider, &number("111"));
    let hsm = body["content"]["hsm"].as_object_mut().unwrap();
    hsm.remove("components");
    hsm.insert("params".into(), json!([{ "default": "123456" }]));
    assert_eq!(post(&provider, "/v1/send", &body).await.status, 202);
    provider.webhooks(2).await;
    assert_eq!(provider.emulator.messages()[0].code.as_deref(), Some("123456"));
}

#[tokio::test]
async fn each_invalid_message_gets_the_documented_error() {
    let provider = provider().await;
    let anonymous = provider.post("/v1/send", json!({})).await;
    assert_eq!(anonymous.status, 401);
    assert_eq!(
        anonymous.body,
        json!({ "errors": [ { "code": 2, "description": "Request not allowed (incorrect access_key)", "parameter": "access_key" } ] })
    );
    for (pointer, value, status, code) in [
        ("/to", json!("12"), 422, 10),
        ("/to", Value::Null, 422, 9),
        ("/from", json!("00"), 404, 20),
        ("/type", json!("pigeon"), 422, 10),
        ("/content", Value::Null, 422, 9),
        ("/content/hsm/templateName", Value::Null, 422, 9),
        ("/content/hsm/language/policy", json!("guess"), 422, 10),
        ("/reportUrl", json!("shop"), 422, 10),
        ("/ttl", json!(300), 422, 10),
        ("/fallback/after", json!("soon"), 422, 10),
    ] {
        let mut body = message(&provider, &number("111"));
        *body.pointer_mut(pointer).unwrap() = value;
        let answer = post(&provider, "/v1/send", &body).await;
        assert_eq!(
            (answer.status, &answer.body["errors"][0]["code"]),
            (status, &json!(code)),
            "{pointer}"
        );
    }
    assert!(provider.emulator.messages().is_empty());
}

#[tokio::test]
async fn a_message_that_whatsapp_rejects_fails_later() {
    for (pointer, value) in [
        ("/to", json!(number("026"))),
        ("/content/hsm/templateName", json!("unknown_template")),
        ("/content/hsm/components/0/parameters", json!([])),
    ] {
        let provider = provider().await;
        let mut body = message(&provider, &number("111"));
        *body.pointer_mut(pointer).unwrap() = value;
        assert_eq!(post(&provider, "/v1/send", &body).await.status, 202);
        assert_eq!(provider.webhook_bodies(1).await[0]["message"]["status"], "failed", "{pointer}");
    }
}

fn sms(provider: &TestProvider, to: &str) -> Value {
    json!({ "originator": "Shop", "recipients": [to], "body": "123456 is your code.", "reference": "otp:7f3a",
      "reportUrl": format!("{}/webhooks/messagebird?kind=sms", provider.shop.uri()),
      "validity": 300, "datacoding": "auto", "type": "sms" })
}

#[tokio::test]
async fn the_status_of_an_sms_is_reported_by_a_signed_get() {
    let provider = TestProvider::new(Provider::Messagebird).await;
    let answer = post(&provider, "/messages", &sms(&provider, "4915100000000")).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(
        answer.body["recipients"]["items"][0]["recipient"], 4_915_100_000_000_u64,
        "a number"
    );
    assert_eq!(answer.body["validity"], 300);
    for (report, status) in provider.webhooks(2).await.iter().zip(["sent", "delivered"]) {
        assert_eq!(report.method.as_str(), "GET");
        let query: Vec<(String, String)> = report.url.query_pairs().into_owned().collect();
        let find = |name: &str| query.iter().find(|(each, _)| each == name).unwrap().1.clone();
        assert_eq!((find("kind"), find("status")), (String::from("sms"), String::from(status)));
        assert_eq!(
            (find("recipient"), find("reference")),
            ("4915100000000".into(), "otp:7f3a".into())
        );
        assert_eq!(answer.body["id"], find("id"));
        assert!(report.headers.get("messagebird-signature-jwt").is_some());
    }
}

#[tokio::test]
async fn the_status_of_an_sms_without_reference_is_not_reported() {
    let provider = TestProvider::new(Provider::Messagebird).await;
    let mut body = sms(&provider, "447700900111");
    body.as_object_mut().unwrap().remove("reference");
    post(&provider, "/messages", &body).await;
    provider
        .emulator
        .wait_until(|messages| messages.iter().any(|each| each.status == "delivered"))
        .await;
    assert!(provider.emulator.request_log().iter().all(|each| each.direction == "in"));
}

#[tokio::test]
async fn an_invalid_sms_is_rejected() {
    let provider = TestProvider::new(Provider::Messagebird).await;
    for (field, value, code) in [
        ("originator", json!("A very long name"), 10),
        ("recipients", json!([]), 9),
        ("recipients", json!(["+447700900111"]), 9),
        ("recipients", json!("+447700900111"), 9),
        ("recipients", json!("447700900111,447700900112"), 9),
        ("recipients", json!(["447700900111", "447700900112"]), 9),
        ("recipients", json!({}), 9),
        ("body", json!(""), 9),
        ("datacoding", json!("morse"), 10),
        ("validity", json!("300"), 10),
    ] {
        let mut body = sms(&provider, "447700900111");
        body.as_object_mut().unwrap().insert(field.into(), value);
        let answer = post(&provider, "/messages", &body).await;
        assert_eq!(
            (answer.status, &answer.body["errors"][0]["code"]),
            (422, &json!(code)),
            "{field}"
        );
    }
    let failed = sms(&provider, "447700900404");
    post(&provider, "/messages", &failed).await;
    let report = provider.webhooks(1).await.remove(0);
    assert!(report.url.query().unwrap().contains("status=delivery_failed"));
}

#[tokio::test]
async fn a_recipient_may_stand_alone_or_be_a_number() {
    let provider = TestProvider::new(Provider::Messagebird).await;
    for recipients in [
        json!("447700900111"),
        json!(["447700900111"]),
        json!(447_700_900_111_u64),
        json!([447_700_900_111_u64]),
    ] {
        let mut body = sms(&provider, "447700900111");
        body["recipients"] = recipients.clone();
        assert_eq!(post(&provider, "/messages", &body).await.status, 201, "{recipients}");
    }
}

#[tokio::test]
async fn a_webhook_reads_back_as_it_was_set() {
    let provider = TestProvider::new(Provider::Messagebird).await;
    let key = || format!("AccessKey {}", Account::default().messagebird_access_key);
    let path = "/v1/webhooks/00000000000000000000000000000001";
    let url = "https://shop.example/webhooks/messagebird";
    let made = post(&provider, "/v1/webhooks", &json!({ "url": url })).await;
    assert_eq!((made.status, &made.body["status"]), (201, &json!("enabled")));
    let request = provider.client.patch(provider.url(path)).header("authorization", key());
    let changed = provider.send(request.body(json!({ "status": "disabled" }).to_string())).await;
    assert_eq!(changed.body["status"], "disabled");
    let request = provider.client.get(provider.url(path)).header("authorization", key());
    let read = provider.send(request).await;
    assert_eq!((&read.body["status"], &read.body["url"]), (&json!("disabled"), &json!(url)));
}
