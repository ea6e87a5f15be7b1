//! What all emulators have in common: faults, webhooks, the control API, the page, the state file.

use std::time::Duration;

use emulators::{Config, Emulator, Fault, FaultToggles, Faults, Provider};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, ResponseTemplate};

use crate::meta::{message, meta_with, provider, send, template, token};
use crate::support::{TestProvider, number};

fn always(kind: Fault) -> Option<Faults> {
    Some(Faults { rate: 1.0, seed: 1, kinds: vec![kind] })
}

/// Sends a message. Returns the status, and whether the body was complete.
async fn try_send(provider: &TestProvider) -> Result<(u16, bool), reqwest::Error> {
    let url = provider.url("/v26.0/106540352242922/messages");
    let request =
        provider.client.post(url).bearer_auth(token()).body(message(&number("111")).to_string());
    let response = request.send().await?;
    let status = response.status().as_u16();
    Ok((status, response.bytes().await.is_ok()))
}

#[tokio::test]
async fn each_injected_fault_accepts_the_message_only_if_documented() {
    for (fault, seen, accepted) in [
        (Fault::Internal, Some((500, true)), 0),
        (Fault::TooMany, Some((400, true)), 0),
        (Fault::Unavailable, Some((503, true)), 0),
        (Fault::ResetBefore, None, 0),
        (Fault::ResetAfter, None, 1),
        (Fault::Truncated, Some((200, false)), 1),
        (Fault::Hang, Some((200, true)), 1),
        (Fault::FailedLater, Some((200, true)), 1),
        (Fault::Silence, Some((200, true)), 1),
    ] {
        let provider = meta_with(|config| config.hang = Duration::from_millis(1)).await;
        provider.emulator.set_faults(always(fault));
        assert_eq!(try_send(&provider).await.ok(), seen, "{fault:?}");
        assert_eq!(provider.emulator.messages().len(), accepted, "{fault:?}");
        provider.emulator.set_faults(None);
        assert_eq!(try_send(&provider).await.ok(), Some((200, true)), "without the fault");
    }
}

#[tokio::test]
async fn a_hanging_request_is_accepted_before_the_delay() {
    let provider = meta_with(|config| config.hang = Duration::from_secs(3600)).await;
    let waiting = tokio::spawn({
        let request = provider.client.post(provider.url("/v26.0/106540352242922/messages"));
        request.bearer_auth(token()).body(message(&number("999")).to_string()).send()
    });
    provider.emulator.wait_until(|messages| messages.len() == 1).await;
    assert!(!waiting.is_finished());
    waiting.abort();
}

#[tokio::test]
async fn faults_are_set_and_counted_over_http() {
    let provider = provider().await;
    let faults = json!({ "rate": 1.0, "seed": 1, "kinds": ["unavailable"] });
    assert_eq!(provider.post("/emulator/faults", faults).await.status, 200);
    assert_eq!(send(&provider, &message(&number("111"))).await.status, 503);
    let counts = provider.get("/emulator/counts").await.body;
    assert_eq!(counts["faults"]["unavailable"], 1);
    assert_eq!(counts["counts"].get("accepted"), None);
    assert_eq!(provider.post("/emulator/faults", Value::Null).await.status, 200);
    assert_eq!(send(&provider, &message(&number("111"))).await.status, 200);
    let nonsense = provider.post("/emulator/faults", json!({ "rate": "much" })).await;
    assert_eq!(nonsense.status, 400);
}

#[tokio::test]
async fn a_webhook_is_repeated_until_it_is_answered_with_2xx() {
    let provider = TestProvider::without_webhook_responses(Provider::Meta, |_| {}).await;
    let mock = Mock::given(any()).respond_with(ResponseTemplate::new(500)).up_to_n_times(3);
    mock.mount(&provider.shop).await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&provider.shop).await;
    crate::meta::management(&provider, "message_templates", template("shop_login_code")).await;
    provider
        .emulator
        .wait_for_requests(|log| {
            log.iter().any(|each| each.status == Some(200) && each.direction == "out")
        })
        .await;
    let bodies: Vec<_> = provider.webhooks(4).await.into_iter().map(|each| each.body).collect();
    assert_eq!(bodies.len(), 4);
    assert!(bodies.iter().all(|body| *body == bodies[0]), "each repetition has the same body");
}

#[tokio::test]
async fn fault_toggles_change_the_webhooks() {
    let provider = provider().await;
    let key = emulators::Account::default().meta_app_secret;
    provider
        .post(
            "/emulator/fault-toggles",
            json!({ "has_bad_signatures": true, "has_duplicates": true }),
        )
        .await;
    send(&provider, &message(&number("111"))).await;
    let webhooks = provider.webhooks(4).await;
    assert_eq!(webhooks[0].body, webhooks[1].body, "twice");
    for webhook in webhooks {
        assert_ne!(
            webhook.headers["x-hub-signature-256"],
            emulators::sign::meta(&key, &webhook.body)
        );
    }
    provider.emulator.set_fault_toggles(FaultToggles { is_reversed: true, ..Default::default() });
    send(&provider, &message(&number("112"))).await;
    let reported =
        |report: &Value| report["entry"][0]["changes"][0]["value"]["statuses"][0]["status"].clone();
    let reports = provider.webhook_bodies(6).await;
    assert_eq!(reports[4..].iter().map(reported).collect::<Vec<_>>(), ["delivered", "sent"]);
}

#[tokio::test]
async fn messages_and_requests_are_returned_over_http() {
    let provider = provider().await;
    send(&provider, &message(&number("111"))).await;
    send(&provider, &message(&number("112"))).await;
    let got = provider.get("/emulator/messages?to=%2B447700900112").await.body;
    assert_eq!(got.as_array().unwrap().len(), 1);
    assert_eq!(got[0]["code"], "123456");
    assert_eq!(got[0]["channel"], "whatsapp");
    assert_eq!(got[0]["template"], "shop_login_code");
    assert_eq!(got[0]["reference"], "otp:7f3a");
    let log = provider.get("/emulator/requests").await.body;
    let sent = log
        .as_array()
        .unwrap()
        .iter()
        .find(|each| each["url"] == "/v26.0/106540352242922/messages");
    let body: Value = serde_json::from_str(sent.unwrap()["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, message(&number("111")), "the body is logged unabridged");
    assert_eq!(provider.get("/emulator/nothing").await.status, 404);
}

#[tokio::test]
async fn the_page_shows_codes_and_escapes_markup() {
    let provider = provider().await;
    let mut body = message(&number("111"));
    body["biz_opaque_callback_data"] = json!("<script>alert(1)</script>");
    send(&provider, &body).await;
    let page = provider.get("/").await.body;
    let page = page.as_str().unwrap();
    assert!(page.contains("<span class=code>123456</span>"));
    assert!(page.contains("+447700900111"));
    assert!(page.contains("&lt;script&gt;alert(1)"), "requests are shown");
    assert!(!page.contains("<script"));
}

#[tokio::test]
async fn the_state_file_keeps_messages_across_a_restart() {
    let folder = std::env::temp_dir().join(format!("emulator-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("state.jsonl");
    let provider = meta_with(|config| config.state_file = Some(file.clone())).await;
    send(&provider, &message(&number("111"))).await;
    provider
        .emulator
        .wait_until(|messages| messages.iter().any(|each| each.status == "delivered"))
        .await;
    let before = provider.emulator.messages();
    drop(provider);
    let mut config = Config::new(Provider::Meta);
    config.state_file = Some(file);
    let again = Emulator::start(config).await.unwrap();
    assert_eq!(again.messages(), before);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn the_settings_name_the_provider_and_its_base_url() {
    for provider in [
        Provider::Meta,
        Provider::Twilio,
        Provider::Dialog360,
        Provider::Messagebird,
        Provider::Bird,
        Provider::BirdChannels,
        Provider::Stripe,
    ] {
        let emulator = Emulator::start(Config::new(provider)).await.unwrap();
        let settings = emulator.settings();
        let list =
            if provider == Provider::Stripe { "MARIGOLD_GATEWAYS" } else { "MARIGOLD_PROVIDERS" };
        assert!(settings.contains(&(list, provider.name().into())));
        assert!(
            settings
                .iter()
                .any(|(name, value)| name.ends_with("_BASE_URL") && *value == emulator.base_url())
        );
    }
}
