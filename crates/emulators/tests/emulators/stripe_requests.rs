//! Stripe: keys, versions, parameters, idempotency, faults and lists.

use emulators::{Fault, ScriptedFault};
use serde_json::{Value, json};

use crate::stripe::{get, hold, id, pay, post, request, stripe, total};
use crate::support::TestProvider;

fn fault(kind: Fault, path: &str) -> ScriptedFault {
    ScriptedFault { kind, method: None, path: path.to_owned(), skip: 0, times: 1 }
}

/// The status, the body, and the headers that a client obeys.
async fn send_with_key(
    stripe: &TestProvider,
    path: &str,
    form: &[(&str, &str)],
    key: &str,
) -> Result<(u16, Value, Option<String>), reqwest::Error> {
    let response = request(stripe, path, form).header("idempotency-key", key).send().await?;
    let replayed = response.headers().get("idempotent-replayed").cloned();
    let replayed = replayed.map(|value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    Ok((status, serde_json::from_str(&response.text().await?).unwrap(), replayed))
}

const INTENT: &[(&str, &str)] = &[("amount", "2000"), ("currency", "eur")];

/// <https://docs.stripe.com/error-codes>
#[tokio::test]
async fn wrong_requests_are_refused_in_stripes_words() {
    let stripe = stripe().await;
    for (path, form, status, code, param) in [
        ("payment_intents", "amount=2000&currency=eur&foo=1", 400, "parameter_unknown", "foo"),
        ("payment_intents", "amount=2000", 400, "parameter_missing", "currency"),
        ("payment_intents", "amount=20.5&currency=eur", 400, "parameter_invalid_integer", "amount"),
        ("payment_intents", "amount=49&currency=eur", 400, "amount_too_small", "amount"),
        ("payment_intents", "amount=2000&currency=xxx", 400, "", "currency"),
        (
            "payment_intents",
            "amount=2000&currency=eur&capture_method=later",
            400,
            "",
            "capture_method",
        ),
        (
            "payment_intents",
            "amount=2000&currency=eur&payment_method_types[]=card",
            400,
            "parameter_unknown",
            "payment_method_types",
        ),
        (
            "payment_intents",
            "amount=2000&currency=eur&customer=cus_0",
            400,
            "resource_missing",
            "customer",
        ),
        ("payment_intents/pi_0/capture", "", 404, "resource_missing", "intent"),
        ("checkout/sessions/cs_0/expire", "", 404, "resource_missing", "session"),
        ("refunds", "payment_intent=pi_0", 400, "resource_missing", "payment_intent"),
        ("refunds", "", 400, "parameter_missing", "charge"),
        ("unknown", "", 404, "", ""),
    ] {
        let request = request(&stripe, &format!("/v1/{path}"), &[]).body(form.to_owned());
        let refused = stripe.send(request).await;
        let error = &refused.body["error"];
        assert_eq!(refused.status, status, "{path} {form}: {refused:?}");
        assert_eq!(error["type"], "invalid_request_error", "{path} {form}");
        assert_eq!(error["code"].as_str().unwrap_or_default(), code, "{path} {form}");
        assert_eq!(error["param"].as_str().unwrap_or_default(), param, "{path} {form}");
        assert!(error["message"].is_string() && error["request_log_url"].is_string());
    }
}

/// <https://docs.stripe.com/api/authentication>, <https://docs.stripe.com/api/versioning>
#[tokio::test]
async fn a_wrong_key_version_or_content_type_is_refused() {
    let stripe = stripe().await;
    let url = stripe.url("/v1/account");
    assert_eq!(stripe.send(stripe.client.get(&url)).await.status, 401);
    let wrong = stripe.send(stripe.client.get(&url).bearer_auth("sk_test_wrong")).await;
    assert_eq!(wrong.status, 401);
    assert!(!wrong.body.to_string().contains("sk_test_wrong"), "the key is not repeated");
    let key = emulators::Account::default().stripe_secret_key;
    let basic = stripe.client.get(&url).basic_auth(key, None::<&str>);
    assert_eq!(stripe.send(basic).await.status, 200);
    let old =
        request(&stripe, "/v1/payment_intents", INTENT).header("stripe-version", "2020-08-27");
    assert_eq!(stripe.send(old).await.status, 400);
    let json = request(&stripe, "/v1/payment_intents", &[]).body("{\"amount\": 2000}");
    let json = json.header("content-type", "application/json");
    assert_eq!(stripe.send(json).await.status, 400);
}

/// <https://docs.stripe.com/api/idempotent_requests>
#[tokio::test]
async fn a_repeated_key_gets_the_first_answer_and_another_use_is_refused() {
    let stripe = stripe().await;
    let path = "/v1/payment_intents";
    let first = send_with_key(&stripe, path, INTENT, "k1").await.unwrap();
    let again = send_with_key(&stripe, path, INTENT, "k1").await.unwrap();
    assert_eq!((first.0, &first.1, first.2), (200, &again.1, None));
    assert_eq!(again.2.as_deref(), Some("true"));
    let other = [("amount", "2001"), ("currency", "eur")];
    let refused = send_with_key(&stripe, path, &other, "k1").await.unwrap();
    assert_eq!((refused.0, &refused.1["error"]["type"]), (400, &json!("idempotency_error")));
    let elsewhere = send_with_key(&stripe, "/v1/customers", &[], "k1").await.unwrap();
    assert_eq!(elsewhere.1["error"]["type"], "idempotency_error");
    assert_eq!(get(&stripe, path).await.body["data"].as_array().unwrap().len(), 1);
    stripe.post("/emulator/clock", json!({ "advance": 24 * 3600 })).await;
    assert_eq!(send_with_key(&stripe, path, &other, "k1").await.unwrap().2, None, "a day later");
}

/// <https://docs.stripe.com/api/idempotent_requests>
#[tokio::test]
async fn a_refused_parameter_does_not_use_the_key_up_and_a_decline_does() {
    let stripe = stripe().await;
    let path = "/v1/payment_intents";
    let refused = send_with_key(&stripe, path, &[("amount", "2000")], "k1").await.unwrap();
    assert_eq!(refused.0, 400);
    assert_eq!(send_with_key(&stripe, path, INTENT, "k1").await.unwrap().0, 200);
    let form = [
        INTENT,
        &[
            ("confirm", "true"),
            ("payment_method", "pm_card_visa_chargeDeclined"),
            ("return_url", "https://shop.example/"),
        ],
    ]
    .concat();
    let declined = send_with_key(&stripe, path, &form, "k2").await.unwrap();
    let again = send_with_key(&stripe, path, &form, "k2").await.unwrap();
    assert_eq!((declined.0, again.0, again.2.as_deref()), (402, 402, Some("true")));
    assert_eq!(declined.1, again.1);
}

/// <https://docs.stripe.com/error-low-level#idempotency>
#[tokio::test]
async fn a_stored_error_is_repeated_whether_or_not_the_work_was_done() {
    let stripe = stripe().await;
    for (kind, status) in
        [(Fault::Internal, "requires_capture"), (Fault::InternalAfter, "succeeded")]
    {
        let intent = hold(&stripe).await;
        let path = format!("/v1/payment_intents/{intent}/capture");
        stripe.emulator.set_scripted_faults(vec![fault(kind, "/capture")]);
        for replayed in [None, Some("true")] {
            let answer = send_with_key(&stripe, &path, &[], &intent).await.unwrap();
            assert_eq!((answer.0, answer.2.as_deref()), (500, replayed), "{kind:?}");
        }
        let read = get(&stripe, &format!("/v1/payment_intents/{intent}")).await;
        assert_eq!(read.body["status"], status, "{kind:?}");
    }
}

/// <https://docs.stripe.com/error-low-level#network-errors>
#[tokio::test]
async fn a_lost_answer_is_read_again_with_the_same_key() {
    let stripe = stripe().await;
    let intent = hold(&stripe).await;
    let path = format!("/v1/payment_intents/{intent}/capture");
    for (kind, replayed) in [
        (Fault::ResetBefore, None),
        (Fault::ResetAfter, Some("true")),
        (Fault::Truncated, Some("true")),
    ] {
        stripe.emulator.set_scripted_faults(vec![fault(kind, "/capture")]);
        let key = format!("{kind:?}");
        let intent = hold(&stripe).await;
        let path = path.replace(path.split('/').nth(3).unwrap(), &intent);
        assert!(send_with_key(&stripe, &path, &[], &key).await.is_err(), "{kind:?}");
        let answer = send_with_key(&stripe, &path, &[], &key).await.unwrap();
        assert_eq!((answer.0, answer.2.as_deref()), (200, replayed), "{kind:?}");
    }
    assert_eq!(total(&stripe, "captured").await, 6000);
}

/// <https://docs.stripe.com/api/errors#errors-409>
#[tokio::test]
async fn a_key_in_use_is_refused_until_its_answer_has_left() {
    let stripe = TestProvider::with(emulators::Provider::Stripe, |config| {
        config.hang = std::time::Duration::from_secs(3600);
    })
    .await;
    stripe.emulator.set_scripted_faults(vec![fault(Fault::Hang, "/payment_intents")]);
    let first = request(&stripe, "/v1/payment_intents", INTENT).header("idempotency-key", "k1");
    let waiting = tokio::spawn(first.send());
    stripe.emulator.wait_for_requests(|log| !log.is_empty()).await;
    let second = send_with_key(&stripe, "/v1/payment_intents", INTENT, "k1").await.unwrap();
    assert_eq!((second.0, &second.1["error"]["code"]), (409, &json!("idempotency_key_in_use")));
    waiting.abort();
}

/// <https://docs.stripe.com/api/idempotent_requests>
#[tokio::test(flavor = "multi_thread")]
async fn parallel_requests_with_one_key_are_executed_once() {
    let stripe = stripe().await;
    let mut sending = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let once = request(&stripe, "/v1/payment_intents", INTENT).header("idempotency-key", "k1");
        sending.spawn(async move { once.send().await.unwrap().status().as_u16() });
    }
    let statuses = sending.join_all().await;
    assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    assert_eq!(get(&stripe, "/v1/payment_intents").await.body["data"].as_array().unwrap().len(), 1);
}

/// <https://docs.stripe.com/rate-limits#object-lock-timeouts>
#[tokio::test]
async fn an_object_in_use_is_not_written_by_another_request() {
    let stripe = TestProvider::with(emulators::Provider::Stripe, |config| {
        config.hang = std::time::Duration::from_secs(3600);
    })
    .await;
    let path = format!("/v1/payment_intents/{}", hold(&stripe).await);
    stripe.emulator.set_scripted_faults(vec![fault(Fault::Hang, "/capture")]);
    let first = request(&stripe, &format!("{path}/capture"), &[]);
    let waiting = tokio::spawn(first.send());
    let is_captured =
        |each: &emulators::LoggedRequest| each.direction == "in" && each.url.ends_with("/capture");
    stripe.emulator.wait_for_requests(|log| log.iter().any(is_captured)).await;
    let second = post(&stripe, &format!("{path}/cancel"), &[]).await;
    assert_eq!((second.status, &second.body["error"]["code"]), (429, &json!("lock_timeout")));
    assert_eq!(get(&stripe, &path).await.status, 200, "it can be read");
    waiting.abort();
}

/// <https://docs.stripe.com/api/expanding_objects>
#[tokio::test]
async fn a_request_that_cannot_be_expanded_does_nothing() {
    let stripe = stripe().await;
    let refused = pay(&stripe, "pm_card_visa", &[("expand[]", "foo")]).await;
    assert_eq!((refused.status, &refused.body["error"]["param"]), (400, &json!("expand")));
    assert_eq!(stripe.get("/emulator/ledger").await.body["payments"], json!([]));
    let expanded = pay(&stripe, "pm_card_visa", &[("expand[]", "latest_charge")]).await;
    assert_eq!(expanded.body["latest_charge"]["captured"], true);
}

/// <https://docs.stripe.com/api/idempotent_requests>
#[tokio::test]
async fn an_error_does_not_replace_an_answer_that_has_left() {
    let stripe = stripe().await;
    let path = "/v1/payment_intents";
    let first = send_with_key(&stripe, path, INTENT, "k1").await.unwrap();
    stripe.emulator.set_scripted_faults(vec![fault(Fault::Internal, path)]);
    for _ in 0..2 {
        let again = send_with_key(&stripe, path, INTENT, "k1").await.unwrap();
        assert_eq!((again.0, &again.1), (200, &first.1));
    }
}

/// <https://docs.stripe.com/rate-limits>
#[tokio::test]
async fn too_many_requests_in_a_second_are_refused() {
    let stripe =
        TestProvider::with(emulators::Provider::Stripe, |config| config.throughput = 2).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(get(&stripe, "/v1/account").await.status);
    }
    assert_eq!(statuses, [200, 200, 429]);
}

/// <https://docs.stripe.com/api/pagination>, <https://docs.stripe.com/api/expanding_objects>
#[tokio::test]
async fn lists_are_paged_newest_first_and_ids_are_expanded() {
    let stripe = stripe().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.insert(0, id(&pay(&stripe, "pm_card_visa", &[]).await));
    }
    let listed = async |query: &str| {
        let page = get(&stripe, &format!("/v1/payment_intents?{query}")).await.body;
        let data = page["data"].as_array().unwrap().clone();
        let found: Vec<String> =
            data.iter().map(|each| each["id"].as_str().unwrap().to_owned()).collect();
        (found, page["has_more"] == true)
    };
    assert_eq!(listed("limit=2").await, (ids[..2].to_vec(), true));
    assert_eq!(listed(&format!("starting_after={}", ids[1])).await, (ids[2..].to_vec(), false));
    assert_eq!(
        listed(&format!("limit=1&ending_before={}", ids[2])).await,
        (ids[1..2].to_vec(), true)
    );
    assert_eq!(get(&stripe, "/v1/payment_intents?limit=101").await.status, 400);
    let expanded = format!("/v1/payment_intents/{}?expand[]=latest_charge", ids[0]);
    assert_eq!(get(&stripe, &expanded).await.body["latest_charge"]["object"], "charge");
    let inside = get(&stripe, "/v1/payment_intents?expand[]=data.payment_method").await.body;
    assert_eq!(inside["data"][0]["payment_method"]["object"], "payment_method");
    assert_eq!(get(&stripe, "/v1/payment_intents?expand[]=data.foo").await.status, 400);
}

#[tokio::test]
async fn reset_forgets_everything() {
    let stripe = stripe().await;
    hold(&stripe).await;
    stripe.post("/emulator/reset", Value::Null).await;
    assert_eq!(stripe.get("/emulator/ledger").await.body["payments"], json!([]));
    assert_eq!(post(&stripe, "/v1/payment_intents", INTENT).await.status, 200);
}
