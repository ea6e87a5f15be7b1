//! Messages at Meta: the documented example, and each error in the order of the checks.

use emulators::{Config, Provider};
use serde_json::{Value, json};

use crate::support::{TestProvider, TestResponse, number};

const SENDER: &str = "106540352242922";
const BUSINESS: &str = "102290129340398";

/// Meta's emulator with the approved template of Meta's documentation.
pub async fn provider() -> TestProvider {
    meta_with(|_| {}).await
}

pub async fn meta_with(change: impl FnOnce(&mut Config)) -> TestProvider {
    // The webhook of the review is not sent, so that tests count only their own webhooks.
    let provider = TestProvider::with(Provider::Meta, |config| {
        config.fault_toggles.is_silent = true;
        change(config);
    })
    .await;
    let created = management(&provider, "message_templates", template("shop_login_code")).await;
    assert_eq!(created.status, 200, "{created:?}");
    provider.emulator.set_fault_toggles(emulators::FaultToggles::default());
    provider
}

pub fn template(name: &str) -> Value {
    json!({
      "name": name,
      "language": "en_US",
      "category": "AUTHENTICATION",
      "message_send_ttl_seconds": 300,
      "components": [
        { "type": "BODY", "add_security_recommendation": true },
        { "type": "FOOTER", "code_expiration_minutes": 5 },
        { "type": "BUTTONS",
          "buttons": [ { "type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code" } ] }
      ]
    })
}

pub async fn management(provider: &TestProvider, edge: &str, body: Value) -> TestResponse {
    let url = provider.url(&format!("/v26.0/{BUSINESS}/{edge}"));
    let request = provider.client.post(url).bearer_auth(token()).body(body.to_string());
    provider.send(request.header("content-type", "application/json")).await
}

pub fn token() -> String {
    emulators::Account::default().meta_access_token
}

/// The request of Meta's documentation, to the given number.
pub fn message(to: &str) -> Value {
    json!({
      "messaging_product": "whatsapp",
      "recipient_type": "individual",
      "to": to,
      "type": "template",
      "template": {
        "name": "shop_login_code",
        "language": { "code": "en_US" },
        "components": [
          { "type": "body",
            "parameters": [ { "type": "text", "text": "123456" } ] },
          { "type": "button",
            "sub_type": "url",
            "index": "0",
            "parameters": [ { "type": "text", "text": "123456" } ] }
        ]
      },
      "biz_opaque_callback_data": "otp:7f3a"
    })
}

pub async fn send(provider: &TestProvider, body: &Value) -> TestResponse {
    let url = provider.url(&format!("/v26.0/{SENDER}/messages"));
    let request = provider.client.post(url).bearer_auth(token()).body(body.to_string());
    provider.send(request.header("content-type", "application/json")).await
}

#[tokio::test]
async fn the_documented_message_is_accepted_delivered_and_reported() {
    let provider = provider().await;
    let answer = send(&provider, &message("4915100000000")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["messaging_product"], "whatsapp");
    assert_eq!(
        answer.body["contacts"],
        json!([{ "input": "4915100000000", "wa_id": "4915100000000" }])
    );
    assert_eq!(answer.body["messages"][0]["message_status"], "accepted");
    let id = answer.body["messages"][0]["id"].as_str().unwrap();
    assert!(id.starts_with("wamid."), "{id}");

    let reports = provider.webhook_bodies(2).await;
    for (report, status) in reports.iter().zip(["sent", "delivered"]) {
        assert_eq!(report["object"], "whatsapp_business_account");
        assert_eq!(report["entry"][0]["id"], BUSINESS);
        let change = &report["entry"][0]["changes"][0];
        assert_eq!(change["field"], "messages");
        assert_eq!(change["value"]["metadata"]["phone_number_id"], SENDER);
        assert_eq!(change["value"]["contacts"][0]["wa_id"], "4915100000000");
        let reported = &change["value"]["statuses"][0];
        assert_eq!(reported["id"], id);
        assert_eq!(reported["status"], status);
        assert!(reported["timestamp"].is_string(), "unix seconds as a string");
        assert_eq!(reported["biz_opaque_callback_data"], "otp:7f3a");
        assert_eq!(reported["pricing"]["category"], "authentication");
    }
    let message = provider.emulator.messages().pop().unwrap();
    assert_eq!(message.code.as_deref(), Some("123456"));
    assert_eq!(message.to, "+4915100000000");
    assert_eq!(message.status, "delivered");
    assert!(message.text.unwrap().starts_with("*123456* is your verification code."));
}

#[tokio::test]
async fn each_webhook_is_signed_over_its_bytes() {
    let provider = provider().await;
    send(&provider, &message(&number("111"))).await;
    let key = emulators::Account::default().meta_app_secret;
    for webhook in provider.webhooks(2).await {
        assert_eq!(
            webhook.headers["x-hub-signature-256"],
            emulators::sign::meta(&key, &webhook.body)
        );
        assert_eq!(webhook.url.path(), "/webhooks/meta");
    }
}

/// Sends the documented message with a change that must lead to the error `code`.
async fn expect_error(
    provider: &TestProvider,
    code: i64,
    change: impl FnOnce(&mut Value),
) -> TestResponse {
    let mut body = message(&number("111"));
    change(&mut body);
    let answer = send(provider, &body).await;
    assert_eq!(answer.code(), code, "{body} was answered with {answer:?}");
    for key in ["fbtrace_id", "message", "type"] {
        assert!(answer.body.pointer(&format!("/error/{key}")).is_some_and(Value::is_string));
    }
    answer
}

#[tokio::test]
async fn each_invalid_message_gets_the_documented_error() {
    let provider = provider().await;
    let provider = &provider;
    let part = |index: usize| format!("/template/components/{index}/parameters");
    let set = |pointer: String, value: Value| {
        move |body: &mut Value| *body.pointer_mut(&pointer).unwrap() = value
    };
    expect_error(provider, 100, |body| {
        drop(body.as_object_mut().unwrap().remove("messaging_product"))
    })
    .await;
    expect_error(provider, 100, |body| body["colour"] = json!("red")).await;
    expect_error(provider, 100, |body| body["template"]["colour"] = json!("red")).await;
    expect_error(provider, 131_008, |body| drop(body.as_object_mut().unwrap().remove("to"))).await;
    expect_error(provider, 131_009, set("/to".into(), json!("12"))).await;
    expect_error(provider, 131_021, set("/to".into(), json!("+15550001111"))).await;
    let absent =
        expect_error(provider, 132_001, set("/template/language/code".into(), json!("en_GB")))
            .await;
    assert_eq!(absent.status, 404);
    assert_eq!(
        absent.body["error"]["error_data"]["details"],
        "template name (shop_login_code) does not exist in en_GB"
    );
    let few = expect_error(provider, 132_000, set(part(0), json!([]))).await;
    assert_eq!(
        few.body["error"]["error_data"]["details"],
        "body: number of localizable_params (0) does not match the expected number of params (1)"
    );
    expect_error(provider, 132_012, set(part(0), json!([{ "type": "payload", "text": "123456" }])))
        .await;
    expect_error(provider, 131_008, set(part(1), json!([]))).await;
    expect_error(provider, 131_008, |body| {
        drop(body["template"]["components"].as_array_mut().unwrap().pop());
    })
    .await;
    expect_error(
        provider,
        132_018,
        set("/template/components/1/sub_type".into(), json!("quick_reply")),
    )
    .await;
    expect_error(provider, 132_018, set(format!("{}/0/text", part(1)), json!("654321"))).await;
    expect_error(provider, 132_018, |body| {
        for index in 0..2 {
            body["template"]["components"][index]["parameters"][0]["text"] =
                json!("1234567890123456");
        }
    })
    .await;
    expect_error(provider, 131_062, |body| {
        let object = body.as_object_mut().unwrap();
        object.remove("to");
        object.insert("recipient".into(), json!("GB.1234567890"));
    })
    .await;
    assert!(provider.emulator.messages().is_empty(), "nothing was accepted");
}

/// The message begins with every error; after each correction, the next error is returned.
#[tokio::test]
async fn of_several_errors_the_first_in_metas_order_is_returned() {
    let provider = provider().await;
    let mut body = json!({ "to": "x", "type": "template", "template": {
        "name": "unknown_template", "language": { "code": "en_US" },
        "components": [{ "type": "body", "parameters": [] }] } });
    assert_eq!(send(&provider, &body).await.code(), 100);
    body["messaging_product"] = json!("whatsapp");
    assert_eq!(send(&provider, &body).await.code(), 131_009);
    body["to"] = json!("15550001111");
    assert_eq!(send(&provider, &body).await.code(), 131_021);
    body["to"] = json!(number("111"));
    assert_eq!(send(&provider, &body).await.code(), 132_001);
    body["template"]["name"] = json!("shop_login_code");
    assert_eq!(send(&provider, &body).await.code(), 132_000);
    body["template"]["components"][0]["parameters"] = json!([{ "type": "currency" }]);
    assert_eq!(send(&provider, &body).await.code(), 132_012);
    body["template"]["components"][0]["parameters"] =
        json!([{ "type": "text", "text": "1234567890123456" }]);
    assert_eq!(send(&provider, &body).await.code(), 131_008);
    let button = json!({ "type": "button", "sub_type": "url", "index": 0,
        "parameters": [{ "type": "text", "text": "1234567890123456" }] });
    body["template"]["components"].as_array_mut().unwrap().push(button);
    assert_eq!(send(&provider, &body).await.code(), 132_018);
    for index in 0..2 {
        body["template"]["components"][index]["parameters"][0]["text"] = json!("123456");
    }
    assert_eq!(send(&provider, &body).await.status, 200);
}

#[tokio::test]
async fn token_and_sender_are_checked_before_the_body() {
    let provider = provider().await;
    let url = provider.url(&format!("/v26.0/{SENDER}/messages"));
    let anonymous = provider.send(provider.client.post(&url).body("nonsense")).await;
    assert_eq!((anonymous.status, anonymous.code()), (401, 104));
    let wrong =
        provider.send(provider.client.post(&url).bearer_auth("wrong").body("nonsense")).await;
    assert_eq!((wrong.status, wrong.code()), (401, 190));
    let elsewhere = provider.client.post(provider.url("/v26.0/1/messages")).bearer_auth(token());
    let elsewhere = provider.send(elsewhere.body("nonsense")).await;
    assert_eq!((elsewhere.status, elsewhere.code()), (400, 100));
    assert_eq!(elsewhere.body["error"]["error_subcode"], 33);
    assert_eq!(elsewhere.body["error"]["type"], "GraphMethodException");
}

#[tokio::test]
async fn the_last_digits_choose_a_rejection() {
    let provider = provider().await;
    for (digits, status, code) in [("429", 400, 130_429), ("500", 500, 131_000), ("503", 503, 2)] {
        let answer = send(&provider, &message(&number(digits))).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{digits}");
    }
    assert!(provider.emulator.messages().is_empty(), "nothing was accepted");
}

#[tokio::test]
async fn the_last_digits_choose_a_later_failure() {
    for (digits, code) in [("026", 131_026), ("472", 130_472), ("049", 131_049)] {
        let provider = provider().await;
        assert_eq!(send(&provider, &message(&number(digits))).await.status, 200);
        let reports = provider.webhook_bodies(1).await;
        let reported = &reports[0]["entry"][0]["changes"][0]["value"]["statuses"][0];
        assert_eq!(
            (&reported["status"], &reported["errors"][0]["code"]),
            (&json!("failed"), &json!(code))
        );
    }
}

/// The statuses that were reported, in order.
async fn statuses(provider: &TestProvider, count: usize) -> Vec<String> {
    let reports = provider.webhook_bodies(count).await;
    let status = |report: &Value| {
        let reported = report.pointer("/entry/0/changes/0/value/statuses/0/status");
        reported.and_then(Value::as_str).map(String::from)
    };
    reports.iter().filter_map(status).collect()
}

#[tokio::test]
async fn the_last_digits_choose_the_order_of_the_statuses() {
    let provider = provider().await;
    send(&provider, &message(&number("777"))).await;
    assert_eq!(statuses(&provider, 2).await, ["sent", "read"]);

    let provider = self::provider().await;
    send(&provider, &message(&number("888"))).await;
    let expected = ["read", "read", "delivered", "delivered", "sent", "sent"];
    assert_eq!(statuses(&provider, 6).await, expected);

    let provider = self::provider().await;
    send(&provider, &message(&number("666"))).await;
    send(&provider, &message(&number("111"))).await;
    assert_eq!(statuses(&provider, 2).await, ["sent", "delivered"], "of the other one only");
    assert_eq!(provider.emulator.messages()[0].status, "accepted");
}

#[tokio::test]
async fn messages_above_a_rate_limit_are_rejected() {
    let provider = meta_with(|config| config.pair_burst = 1).await;
    assert_eq!(send(&provider, &message(&number("111"))).await.status, 200);
    assert_eq!(send(&provider, &message(&number("111"))).await.code(), 131_056);
    assert_eq!(send(&provider, &message(&number("112"))).await.status, 200);

    let provider = meta_with(|config| config.throughput = 0).await;
    assert_eq!(send(&provider, &message(&number("111"))).await.code(), 130_429);
}

#[tokio::test]
async fn a_text_outside_the_service_window_fails_later() {
    let provider = provider().await;
    let text = json!({ "messaging_product": "whatsapp", "to": number("111"), "type": "text",
        "text": { "body": "Hello" } });
    assert_eq!(send(&provider, &text).await.status, 200);
    let reports = provider.webhook_bodies(1).await;
    let reported = &reports[0]["entry"][0]["changes"][0]["value"]["statuses"][0];
    assert_eq!(reported["errors"][0]["code"], 131_047);
}

#[tokio::test]
async fn status_webhooks_lack_the_number_when_toggled() {
    let provider = provider().await;
    provider
        .emulator
        .set_fault_toggles(emulators::FaultToggles { lacks_recipient: true, ..Default::default() });
    send(&provider, &message(&number("111"))).await;
    for report in provider.webhook_bodies(2).await {
        let value = &report["entry"][0]["changes"][0]["value"];
        assert!(value["statuses"][0].get("recipient_id").is_none());
        assert!(value["contacts"][0].get("wa_id").is_none());
        assert!(value["statuses"][0]["recipient_user_id"].is_string());
    }
}
