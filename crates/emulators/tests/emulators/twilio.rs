//! Twilio: messages, the Content API and Verify.

use emulators::{Account, Channel, Provider};
use serde_json::{Value, json};

use crate::support::{TestProvider, TestResponse, number};

const WHATSAPP: &str = "whatsapp:+15550001111";
const SMS: &str = "+15550002222";

async fn form(provider: &TestProvider, path: &str, fields: &[(&str, &str)]) -> TestResponse {
    let account = Account::default();
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = provider.client.post(provider.url(path)).body(body);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    provider
        .send(request.basic_auth(account.twilio_account_sid, Some(account.twilio_auth_token)))
        .await
}

async fn json_post(provider: &TestProvider, path: &str, body: Value) -> TestResponse {
    let account = Account::default();
    let request = provider.client.post(provider.url(path)).body(body.to_string());
    let request = request.header("content-type", "application/json");
    provider
        .send(request.basic_auth(account.twilio_account_sid, Some(account.twilio_auth_token)))
        .await
}

async fn get(provider: &TestProvider, path: &str) -> TestResponse {
    let account = Account::default();
    let request = provider.client.get(provider.url(path));
    provider
        .send(request.basic_auth(account.twilio_account_sid, Some(account.twilio_auth_token)))
        .await
}

fn messages() -> String {
    format!("/2010-04-01/Accounts/{}/Messages.json", Account::default().twilio_account_sid)
}

fn verify(edge: &str) -> String {
    format!("/v2/Services/{}/{edge}", Account::default().twilio_verify_service_sid)
}

/// Creates and submits the documented template, and returns its identifier.
async fn template(provider: &TestProvider, name: &str) -> String {
    let body = json!({
      "friendly_name": name,
      "language": "en",
      "variables": { "1": "123456" },
      "types": {
        "whatsapp/authentication": {
          "add_security_recommendation": true,
          "code_expiration_minutes": 5,
          "actions": [ { "type": "COPY_CODE", "copy_code_text": "Copy code" } ]
        }
      }
    });
    let created = json_post(provider, "/v1/Content", body.clone()).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.body["types"], body["types"]);
    let sid = String::from(created.body["sid"].as_str().unwrap());
    let path = format!("/v1/Content/{sid}/ApprovalRequests");
    let before = get(provider, &path).await;
    assert_eq!(before.body["whatsapp"]["status"], "unsubmitted");
    let wanted = json!({ "name": name, "category": "AUTHENTICATION" });
    let submitted = json_post(provider, &format!("{path}/whatsapp"), wanted).await;
    assert_eq!((submitted.status, &submitted.body["status"]), (201, &json!("received")));
    sid
}

async fn send(provider: &TestProvider, to: &str, sid: &str) -> TestResponse {
    let callback = format!("{}/webhooks/twilio/status", provider.shop.uri());
    let fields = [
        ("To", to),
        ("From", WHATSAPP),
        ("ContentSid", sid),
        ("ContentVariables", r#"{"1":"123456"}"#),
        ("StatusCallback", &callback),
        ("ValidityPeriod", "300"),
    ];
    form(provider, &messages(), &fields).await
}

fn whatsapp(last_three: &str) -> String {
    format!("whatsapp:{}", number(last_three))
}

/// The fields of each callback.
async fn callbacks(provider: &TestProvider, count: usize) -> Vec<Vec<(String, String)>> {
    let requests = provider.webhooks(count).await;
    requests.iter().map(|each| form_urlencoded::parse(&each.body).into_owned().collect()).collect()
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> &'a str {
    form.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

#[tokio::test]
async fn the_documented_template_message_is_queued_and_called_back() {
    let provider = TestProvider::new(Provider::Twilio).await;
    let sid = template(&provider, "shop_login_code").await;
    let approval = get(&provider, &format!("/v1/Content/{sid}/ApprovalRequests")).await;
    assert_eq!(approval.body["whatsapp"]["status"], "approved");
    let answer = send(&provider, "whatsapp:+4915100000000", &sid).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.body["status"], "queued");
    assert_eq!(answer.body["to"], "whatsapp:+4915100000000");
    assert_eq!(answer.body["num_segments"], "1", "a string");
    assert_eq!(answer.body["error_code"], Value::Null);
    let id = answer.body["sid"].as_str().unwrap();
    assert!(id.starts_with("SM") && id.len() == 34);

    let token = Account::default().twilio_auth_token;
    let url = format!("{}/webhooks/twilio/status", provider.shop.uri());
    for (request, status) in provider.webhooks(2).await.iter().zip(["sent", "delivered"]) {
        let form: Vec<(String, String)> =
            form_urlencoded::parse(&request.body).into_owned().collect();
        assert_eq!(
            request.headers["x-twilio-signature"],
            emulators::sign::twilio(&token, &url, &form)
        );
        assert_eq!(field(&form, "MessageSid"), id);
        assert_eq!(field(&form, "MessageStatus"), status);
        assert_eq!(field(&form, "To"), "whatsapp:+4915100000000");
        assert_eq!(field(&form, "ChannelPrefix"), "whatsapp");
    }
    let read = get(&provider, &messages().replace(".json", &format!("/{id}.json"))).await;
    assert_eq!(read.body["status"], "delivered");
    assert_eq!(provider.emulator.messages()[0].code.as_deref(), Some("123456"));
}

#[tokio::test]
async fn an_sms_is_delivered_and_its_code_is_extracted() {
    let provider = TestProvider::new(Provider::Twilio).await;
    let text = "123456 is your code.\n\n@shop.example.com #123456";
    let callback = format!("{}/webhooks/twilio", provider.shop.uri());
    let to = number("026");
    let fields =
        [("To", to.as_str()), ("From", SMS), ("Body", text), ("StatusCallback", &callback)];
    assert_eq!(form(&provider, &messages(), &fields).await.status, 201);
    let reported = callbacks(&provider, 2).await;
    assert_eq!(field(&reported[1], "MessageStatus"), "delivered", "0026 is not on WhatsApp only");
    assert_eq!(field(&reported[1], "ChannelPrefix"), "");
    let message = provider.emulator.messages().pop().unwrap();
    assert_eq!((message.channel, message.code.as_deref()), (Channel::Sms, Some("123456")));
}

#[tokio::test]
async fn each_invalid_message_gets_the_documented_code() {
    let provider = TestProvider::new(Provider::Twilio).await;
    let to = number("111");
    let known = template(&provider, "shop_login_code").await;
    let sid = known.as_str();
    let long = "x".repeat(1_601);
    for (code, fields) in [
        (21_604, vec![("From", SMS), ("Body", "x")]),
        (21_211, vec![("To", "+44"), ("From", SMS), ("Body", "x")]),
        (21_603, vec![("To", &to), ("Body", "x")]),
        (21_705, vec![("To", &to), ("MessagingServiceSid", "MG1"), ("Body", "x")]),
        (21_212, vec![("To", &to), ("From", "+1"), ("Body", "x")]),
        (21_910, vec![("To", &to), ("From", WHATSAPP), ("Body", "x")]),
        (21_606, vec![("To", &to), ("From", "+15550003333"), ("Body", "x")]),
        (
            63_007,
            vec![
                ("To", "whatsapp:+447700900111"),
                ("From", "whatsapp:+15550003333"),
                ("Body", "x"),
            ],
        ),
        (63_031, vec![("To", SMS), ("From", SMS), ("Body", "x")]),
        (21_602, vec![("To", &to), ("From", SMS)]),
        (21_617, vec![("To", &to), ("From", SMS), ("Body", &long)]),
        (21_609, vec![("To", &to), ("From", SMS), ("Body", "x"), ("StatusCallback", "shop")]),
        (21_624, vec![("To", &to), ("From", SMS), ("Body", "x"), ("ValidityPeriod", "0")]),
        (21_654, vec![("To", &to), ("From", SMS), ("ContentVariables", "{}")]),
        (21_655, vec![("To", &to), ("From", SMS), ("ContentSid", "HX1")]),
        (21_656, vec![("To", &to), ("From", SMS), ("ContentSid", sid), ("ContentVariables", "1")]),
        (
            21_656,
            vec![
                ("To", &to),
                ("From", SMS),
                ("ContentSid", sid),
                ("ContentVariables", r#"{"1":1}"#),
            ],
        ),
    ] {
        let answer = form(&provider, &messages(), &fields).await;
        assert_eq!(answer.body["code"], code, "{fields:?}");
        assert_eq!(answer.body["status"], answer.status);
        assert_eq!(answer.body["more_info"], format!("https://www.twilio.com/docs/errors/{code}"));
    }
    let anonymous =
        provider.send(provider.client.post(provider.url(&messages())).body("To=1")).await;
    assert_eq!((anonymous.status, &anonymous.body["code"]), (401, &json!(20_003)));
    assert_eq!(anonymous.body["message"], "Authenticate");
    assert!(provider.emulator.messages().is_empty());
}

#[tokio::test]
async fn the_last_digits_choose_the_outcome() {
    let provider = TestProvider::new(Provider::Twilio).await;
    let sid = template(&provider, "shop_login_code").await;
    for (digits, status, code) in [("429", 429, 20_429), ("500", 500, 20_500), ("503", 503, 20_503)]
    {
        let answer = send(&provider, &whatsapp(digits), &sid).await;
        assert_eq!((answer.status, &answer.body["code"]), (status, &json!(code)));
    }
    for (digits, status, code) in
        [("026", "undelivered", "63024"), ("472", "failed", "63032"), ("049", "failed", "63049")]
    {
        let provider = TestProvider::new(Provider::Twilio).await;
        let sid = template(&provider, "shop_login_code").await;
        send(&provider, &whatsapp(digits), &sid).await;
        let reported = &callbacks(&provider, 1).await[0];
        assert_eq!(
            (field(reported, "MessageStatus"), field(reported, "ErrorCode")),
            (status, code)
        );
    }
}

#[tokio::test]
async fn a_message_of_an_unapproved_template_fails_later() {
    for (name, code) in [("a_rejected", "63040"), ("a_paused", "63041"), ("a_disabled", "63042")] {
        let provider = TestProvider::new(Provider::Twilio).await;
        let sid = template(&provider, name).await;
        assert_eq!(send(&provider, &whatsapp("111"), &sid).await.status, 201);
        assert_eq!(field(&callbacks(&provider, 1).await[0], "ErrorCode"), code);
    }
}

#[tokio::test]
async fn an_invalid_template_is_rejected() {
    let provider = TestProvider::new(Provider::Twilio).await;
    for types in [
        json!({}),
        json!({ "carrier/pigeon": {} }),
        json!({ "whatsapp/authentication": { "actions": [] } }),
        json!({ "whatsapp/authentication": { "actions": [{ "type": "COPY_CODE" }] } }),
        json!({ "whatsapp/authentication": { "code_expiration_minutes": 91,
            "actions": [{ "type": "COPY_CODE", "copy_code_text": "Copy" }] } }),
        json!({ "whatsapp/authentication": { "body": "Your code",
            "actions": [{ "type": "COPY_CODE", "copy_code_text": "Copy" }] } }),
    ] {
        let body = json!({ "friendly_name": "x", "language": "en", "types": types });
        assert_eq!(json_post(&provider, "/v1/Content", body).await.status, 400);
    }
    template(&provider, "shop_login_code").await;
    let listed = get(&provider, "/v1/ContentAndApprovals?PageSize=20").await.body;
    assert_eq!(listed["contents"][0]["approval_requests"]["status"], "approved");
    assert_eq!(listed["meta"]["key"], "contents");
    assert_eq!(listed["meta"]["next_page_url"], Value::Null);
}

#[tokio::test]
async fn a_verification_ends_with_the_right_code() {
    let provider = TestProvider::new(Provider::Twilio).await;
    let to = number("111");
    let start =
        [("To", to.as_str()), ("Channel", "whatsapp"), ("Locale", "en"), ("CustomCode", "123456")];
    let started = form(&provider, &verify("Verifications"), &start).await;
    assert_eq!(started.status, 201, "{started:?}");
    assert_eq!(
        (&started.body["status"], &started.body["valid"]),
        (&json!("pending"), &json!(false))
    );
    assert!(started.body["sid"].as_str().unwrap().starts_with("VE"));
    assert_eq!(started.body.get("code"), None, "the code is not in the answer");
    let again = form(&provider, &verify("Verifications"), &start).await;
    assert_eq!(again.body["sid"], started.body["sid"]);
    assert_eq!(again.body["send_code_attempts"].as_array().unwrap().len(), 2);

    let check = verify("VerificationCheck");
    let wrong = form(&provider, &check, &[("To", &to), ("Code", "654321")]).await;
    assert_eq!((wrong.status, &wrong.body["status"]), (201, &json!("pending")));
    let right = form(&provider, &check, &[("To", &to), ("Code", "123456")]).await;
    assert_eq!((&right.body["status"], &right.body["valid"]), (&json!("approved"), &json!(true)));
    let over = form(&provider, &check, &[("To", &to), ("Code", "123456")]).await;
    assert_eq!((over.status, &over.body["code"]), (404, &json!(20_404)));
    let sid = started.body["sid"].as_str().unwrap();
    let attempts = get(&provider, &format!("/v2/Attempts?VerificationSid={sid}")).await.body;
    assert_eq!(attempts["attempts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_verification_allows_five_sends_five_checks_and_one_payment() {
    let provider = TestProvider::new(Provider::Twilio).await;
    let to = number("111");
    let start =
        [("To", to.as_str()), ("Channel", "sms"), ("Amount", "EUR 10"), ("Payee", "Marigold")];
    for _ in 0..5 {
        assert_eq!(form(&provider, &verify("Verifications"), &start).await.status, 201);
    }
    let sixth = form(&provider, &verify("Verifications"), &start).await;
    assert_eq!((sixth.status, &sixth.body["code"]), (429, &json!(60_203)));
    let code = provider.emulator.messages()[0].code.clone().unwrap();
    let check = verify("VerificationCheck");
    for _ in 0..5 {
        let other = [
            ("To", to.as_str()),
            ("Code", code.as_str()),
            ("Amount", "EUR 99"),
            ("Payee", "Marigold"),
        ];
        assert_eq!(form(&provider, &check, &other).await.body["valid"], false, "another amount");
    }
    let sixth = form(&provider, &check, &[("To", &to), ("Code", &code)]).await;
    assert_eq!((sixth.status, &sixth.body["code"]), (429, &json!(60_202)));
    let sid = get(&provider, &verify(&format!("Verifications/{to}"))).await.body["sid"].clone();
    let end = verify(&format!("Verifications/{}", sid.as_str().unwrap()));
    assert_eq!(form(&provider, &end, &[("Status", "canceled")]).await.body["status"], "canceled");
    assert_eq!(get(&provider, &end).await.status, 404);
    for (code, fields) in [
        (60_200, vec![("To", "12"), ("Channel", "sms")]),
        (60_200, vec![("To", &to), ("Channel", "pigeon")]),
        (60_200, vec![("To", &to), ("Channel", "sms"), ("CustomCode", "123")]),
        (60_206, vec![("To", &to), ("Channel", "sms"), ("Amount", "1")]),
        (60_223, vec![("To", &to), ("Channel", "email")]),
    ] {
        assert_eq!(form(&provider, &verify("Verifications"), &fields).await.body["code"], code);
    }
    assert_eq!(form(&provider, &check, &[("Code", "123456")]).await.body["code"], 60_221);
}

#[tokio::test]
async fn authentication_content_takes_exactly_one_variable() {
    let provider = TestProvider::new(Provider::Twilio).await;
    let sid = template(&provider, "shop_login_code").await;
    let to = whatsapp("111");
    for (variables, code) in [
        (r#"{"1":"123456"}"#, None),
        (r#"{"1":"123456","2":"Marigold"}"#, Some(21_656)),
        (r#"{"1":"123456","code":"123456"}"#, Some(21_656)),
        (r#"{"2":"123456"}"#, Some(21_656)),
        (r#"{"code":"123456"}"#, Some(21_656)),
        ("{}", Some(21_656)),
        (r#"["123456"]"#, Some(21_656)),
        (r#"{"1":""}"#, Some(21_656)),
    ] {
        let fields = [
            ("To", &*to),
            ("From", WHATSAPP),
            ("ContentSid", &sid),
            ("ContentVariables", variables),
        ];
        let answer = form(&provider, &messages(), &fields).await;
        let expected = code.map_or(Value::Null, |code: u32| json!(code));
        assert_eq!(answer.body["code"], expected, "{variables}");
    }
    let without = [("To", &*to), ("From", WHATSAPP), ("ContentSid", &*sid)];
    assert_eq!(form(&provider, &messages(), &without).await.body["code"], 21_656);
}

#[tokio::test]
async fn a_webhook_rule_signs_callbacks_with_the_shared_key() {
    let key = "a6f0c1d2e3b4958677889900aabbccdd";
    let provider = TestProvider::with(Provider::Twilio, |config| {
        assert!(config.account.set("TWILIO_WEBHOOK_SHARED_KEY", key));
    })
    .await;
    let sid = template(&provider, "shop_login_code").await;
    send(&provider, &whatsapp("111"), &sid).await;
    let url = format!("{}/webhooks/twilio/status", provider.shop.uri());
    for request in provider.webhooks(2).await {
        let form: Vec<(String, String)> =
            form_urlencoded::parse(&request.body).into_owned().collect();
        let settings = request.headers["x-twilio-webhooks-signature-settings"].to_str().unwrap();
        assert!(settings.ends_with(",algorithm=HMAC_SHA256"), "{settings}");
        let signature = emulators::sign::twilio_rule(key, &url, &form);
        assert_eq!(request.headers["x-twilio-signature"], signature.as_str());
    }
}

#[tokio::test]
async fn a_failed_message_reads_back_with_its_error() {
    let provider = TestProvider::new(Provider::Twilio).await;
    let sid = template(&provider, "shop_login_code").await;
    for (digits, status, code) in
        [("026", "undelivered", 63_024), ("049", "failed", 63_049), ("472", "failed", 63_032)]
    {
        let sent = send(&provider, &whatsapp(digits), &sid).await;
        let id = String::from(sent.body["sid"].as_str().unwrap());
        assert_eq!(sent.body["error_code"], Value::Null);
        provider
            .emulator
            .wait_until(|all| all.iter().any(|it| it.id == id && it.status == "failed"))
            .await;
        let path = messages().replace(".json", &format!("/{id}.json"));
        let read = get(&provider, &path).await;
        assert_eq!(
            (&read.body["status"], &read.body["error_code"]),
            (&json!(status), &json!(code))
        );
    }
}
