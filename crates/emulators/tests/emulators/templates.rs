//! Templates at Meta and 360dialog: submission, reading and review.

use std::time::Duration;

use emulators::Provider;
use serde_json::{Value, json};

use crate::meta::{management, message, send, template, token};
use crate::support::{TestProvider, TestResponse, number};

async fn list(provider: &TestProvider, query: &str) -> Value {
    let url = provider.url(&format!("/v26.0/102290129340398/message_templates?{query}"));
    provider.send(provider.client.get(url).bearer_auth(token())).await.body
}

#[tokio::test]
async fn a_template_is_pending_until_its_review_and_is_shown_as_documented() {
    let provider =
        TestProvider::with(Provider::Meta, |config| config.review = Duration::from_secs(3600))
            .await;
    let created = management(&provider, "message_templates", template("shop_login_code")).await;
    assert_eq!(created.body["status"], "PENDING");
    assert_eq!(created.body["category"], "AUTHENTICATION");
    assert!(created.body["id"].as_str().unwrap().bytes().all(|byte| byte.is_ascii_digit()));

    let read = &list(&provider, "name=shop_login_code").await["data"][0];
    assert_eq!(read["status"], "PENDING");
    assert_eq!(read["message_send_ttl_seconds"], 300);
    let url =
        "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code_expiration_minutes=5&code=otp";
    assert_eq!(
        read["components"],
        json!([
          { "type": "BODY", "text": "*{{1}}* is your verification code. For your security, do not share this code.",
            "add_security_recommendation": true, "example": { "body_text": [ [ "123456" ] ] } },
          { "type": "FOOTER", "text": "This code expires in 5 minutes.", "code_expiration_minutes": 5 },
          { "type": "BUTTONS", "buttons": [ { "type": "URL", "text": "Copy code",
              "url": format!("{url}{{{{1}}}}"), "example": [ format!("{url}123456") ] } ] }
        ])
    );
    assert_eq!(send(&provider, &message(&number("111"))).await.code(), 132_001, "not yet approved");
}

#[tokio::test]
async fn the_review_is_reported_by_a_webhook() {
    let provider = TestProvider::new(Provider::Meta).await;
    let created = management(&provider, "message_templates", template("shop_login_code")).await;
    let id: u64 = created.body["id"].as_str().unwrap().parse().unwrap();
    let change = provider.webhook_bodies(1).await[0]["entry"][0]["changes"][0].clone();
    assert_eq!(change["field"], "message_template_status_update");
    assert_eq!(change["value"]["event"], "APPROVED");
    assert_eq!(change["value"]["message_template_id"], json!(id), "a number");
    assert_eq!(change["value"]["message_template_language"], "en_US");
    assert_eq!(send(&provider, &message(&number("111"))).await.status, 200);
}

#[tokio::test]
async fn the_end_of_a_name_chooses_the_review_decision() {
    let provider = TestProvider::new(Provider::Meta).await;
    for (name, status, code) in [
        ("a_rejected", "REJECTED", 132_001),
        ("a_paused", "PAUSED", 132_015),
        ("a_disabled", "DISABLED", 132_016),
    ] {
        assert_eq!(management(&provider, "message_templates", template(name)).await.status, 200);
        assert_eq!(list(&provider, &format!("name={name}")).await["data"][0]["status"], status);
        let mut body = message(&number("111"));
        body["template"]["name"] = json!(name);
        assert_eq!(send(&provider, &body).await.code(), code);
    }
}

#[tokio::test]
async fn a_template_is_paused_over_http() {
    let provider = TestProvider::new(Provider::Meta).await;
    management(&provider, "message_templates", template("shop_login_code")).await;
    let pause = json!({ "name": "shop_login_code", "status": "PAUSED" });
    assert_eq!(provider.post("/emulator/templates", pause).await.body["changed"], 1);
    assert_eq!(send(&provider, &message(&number("111"))).await.code(), 132_015);
    let events: Vec<_> = provider.webhook_bodies(2).await;
    assert!(events.iter().any(|each| each["entry"][0]["changes"][0]["value"]["event"] == "PAUSED"));
}

#[tokio::test]
async fn an_invalid_template_is_rejected() {
    let provider = TestProvider::new(Provider::Meta).await;
    let spoilt = |pointer: &str, value: Value| {
        let mut body = template("shop_login_code");
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[key] = value;
        body
    };
    for body in [
        spoilt("/name", json!("Shop Login")),
        spoilt("/category", json!("AUTHORISATION")),
        spoilt("/message_send_ttl_seconds", json!(20)),
        spoilt("/message_send_ttl_seconds", json!(901)),
        spoilt("/colour", json!("red")),
        spoilt("/components", json!([])),
    ] {
        assert_eq!(management(&provider, "message_templates", body).await.code(), 100);
    }
    for (index, part) in [
        (0, json!({ "type": "BODY", "text": "Your code is {{1}}" })),
        (1, json!({ "type": "FOOTER", "code_expiration_minutes": 91 })),
        (1, json!({ "type": "FOOTER", "text": "Bye" })),
        (2, json!({ "type": "BUTTONS", "buttons": [] })),
        (2, json!({ "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "GUESS" }] })),
        (2, json!({ "type": "HEADER", "text": "Hello" })),
    ] {
        let mut body = template("shop_login_code");
        body["components"][index] = part;
        assert_eq!(
            management(&provider, "message_templates", body.clone()).await.code(),
            100,
            "{body}"
        );
    }
    management(&provider, "message_templates", template("shop_login_code")).await;
    let twice = management(&provider, "message_templates", template("shop_login_code")).await;
    assert_eq!((twice.status, twice.code()), (400, 100));
}

#[tokio::test]
async fn a_long_list_is_paged() {
    let provider = TestProvider::new(Provider::Meta).await;
    for number in 0..5 {
        management(&provider, "message_templates", template(&format!("code_{number}"))).await;
    }
    let mut names = Vec::new();
    let mut url = provider.url("/v26.0/102290129340398/message_templates?limit=2");
    loop {
        let page = provider.send(provider.client.get(&url).bearer_auth(token())).await.body;
        names.extend(page["data"].as_array().unwrap().iter().map(|each| each["name"].clone()));
        match page["paging"]["next"].as_str() {
            Some(next) => url = next.into(),
            None => break,
        }
    }
    assert_eq!(names, ["code_0", "code_1", "code_2", "code_3", "code_4"]);
}

#[tokio::test]
async fn a_utility_template_takes_its_parameters_and_no_button() {
    let provider = TestProvider::new(Provider::Meta).await;
    let notice = json!({ "name": "password_changed", "language": "en", "category": "UTILITY",
        "components": [{ "type": "BODY", "text": "Your password at {{1}} was changed.",
            "example": { "body_text": [["Marigold"]] } }] });
    assert_eq!(management(&provider, "message_templates", notice).await.status, 200);
    let body = json!({ "messaging_product": "whatsapp", "to": number("111"), "type": "template",
        "template": { "name": "password_changed", "language": { "code": "en" },
            "components": [{ "type": "body", "parameters": [{ "type": "text", "text": "Marigold" }] }] } });
    assert_eq!(send(&provider, &body).await.status, 200);
    let message = provider.emulator.messages().pop().unwrap();
    assert_eq!(message.text.as_deref(), Some("Your password at Marigold was changed."));
    assert_eq!(message.code, None);
}

async fn dialog(provider: &TestProvider, path: &str, body: Value) -> TestResponse {
    let key = emulators::Account::default().dialog360_api_key;
    provider
        .send(
            provider
                .client
                .post(provider.url(path))
                .header("D360-API-KEY", key)
                .body(body.to_string()),
        )
        .await
}

#[tokio::test]
async fn dialog360_accepts_metas_messages_with_its_own_key() {
    let provider =
        TestProvider::with(Provider::Dialog360, |config| config.fault_toggles.is_silent = true)
            .await;
    let made = dialog(&provider, "/v1/configs/templates", template("shop_login_code")).await;
    assert_eq!((made.status, &made.body["status"]), (201, &json!("submitted")));
    let key = emulators::Account::default().dialog360_api_key;
    let filters = r#"/v1/configs/templates?filters={"business_templates.name":"shop_login_code"}"#;
    let listed = provider
        .send(provider.client.get(provider.url(filters)).header("D360-API-KEY", key))
        .await
        .body;
    assert_eq!(listed["waba_templates"][0]["status"], "approved");
    assert_eq!(listed["count"], 1);

    provider.emulator.set_fault_toggles(emulators::FaultToggles::default());
    assert_eq!(dialog(&provider, "/messages", message(&number("111"))).await.status, 200);
    for webhook in provider.webhooks(2).await {
        assert!(webhook.headers.get("x-hub-signature-256").is_none(), "Meta's is not passed on");
        let secret = emulators::Account::default().dialog360_webhook_secret;
        assert_eq!(webhook.headers["authorization"], format!("Bearer {secret}"));
    }
    let anonymous = provider.post("/messages", message(&number("111"))).await;
    assert_eq!(anonymous.status, 401);
    assert_eq!(anonymous.body["meta"]["developer_message"], "Invalid api_key");
    assert_eq!(
        dialog(&provider, "/messages", message("12")).await.code(),
        131_009,
        "Meta's own error"
    );
}

#[tokio::test]
async fn dialog360_sends_webhooks_to_the_configured_url_with_its_headers() {
    let provider = TestProvider::with(Provider::Dialog360, |config| config.webhook = None).await;
    let reported = json!({ "url": format!("{}/webhooks/360", provider.shop.uri()),
        "headers": { "X-Shop-Secret": "7f3a" } });
    let answer = dialog(&provider, "/v1/configs/webhook", reported.clone()).await;
    assert_eq!((answer.status, answer.body), (200, reported));
    dialog(&provider, "/v1/configs/templates", template("shop_login_code")).await;
    let webhook = provider.webhooks(1).await.remove(0);
    assert_eq!(
        (webhook.url.path(), &webhook.headers["x-shop-secret"]),
        ("/webhooks/360", &"7f3a".parse().unwrap())
    );
    assert!(webhook.headers.get("authorization").is_none());
}
