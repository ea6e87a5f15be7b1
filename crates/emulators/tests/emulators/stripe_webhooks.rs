//! Stripe: events, and the webhooks that tell of them.

use emulators::{Provider, sign};
use serde_json::{Value, json};

use crate::stripe::{get, hold, id, pay, post, stripe};
use crate::support::TestProvider;

/// The types of the events so far, oldest first.
async fn kinds(stripe: &TestProvider, query: &str) -> Vec<String> {
    let events = get(stripe, &format!("/v1/events?limit=100&{query}")).await.body;
    let mut kinds: Vec<String> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect();
    kinds.reverse();
    kinds
}

/// <https://docs.stripe.com/webhooks#verify-manually>
#[tokio::test]
async fn webhooks_are_signed_with_every_valid_secret() {
    let stripe = stripe().await;
    let old = emulators::Account::default().stripe_webhook_secret;
    hold(&stripe).await;
    stripe.webhooks(3).await;
    let rolled = stripe.post("/emulator/webhooks/roll", Value::Null).await.body;
    let new = rolled["secret"].as_str().unwrap().to_owned();
    pay(&stripe, "pm_card_visa", &[]).await;
    for (number, request) in stripe.webhooks(6).await.iter().enumerate() {
        let header = request.headers["stripe-signature"].to_str().unwrap();
        let time = header.split(',').next().unwrap().strip_prefix("t=").unwrap().parse().unwrap();
        let secrets = if number < 3 { vec![old.clone()] } else { vec![new.clone(), old.clone()] };
        assert_eq!(header, sign::stripe(&secrets, time, &request.body));
        assert_eq!(header.matches(",v1=").count(), secrets.len());
    }
}

/// <https://docs.stripe.com/api/events/types>
#[tokio::test]
async fn each_step_causes_its_events_with_the_request_that_caused_them() {
    let stripe = stripe().await;
    let intent = hold(&stripe).await;
    post(&stripe, &format!("/v1/payment_intents/{intent}/capture"), &[]).await;
    post(&stripe, "/v1/refunds", &[("payment_intent", &intent)]).await;
    assert_eq!(
        kinds(&stripe, "").await,
        [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.amount_capturable_updated",
            "charge.captured",
            "payment_intent.succeeded",
            "refund.created",
            "charge.refunded",
        ]
    );
    assert_eq!(kinds(&stripe, "type=charge.*").await.len(), 3);
    assert_eq!(kinds(&stripe, "types[]=refund.created&types[]=charge.captured").await.len(), 2);
    let event = &get(&stripe, "/v1/events?limit=1").await.body["data"][0];
    assert_eq!(event["api_version"], "2026-10-28.endive");
    assert!(event["request"]["id"].as_str().unwrap().starts_with("req_"));
    let canceled = hold(&stripe).await;
    post(&stripe, &format!("/v1/payment_intents/{canceled}/cancel"), &[]).await;
    let last = kinds(&stripe, "").await;
    assert_eq!(last[last.len() - 2..], ["charge.refunded", "payment_intent.canceled"]);
}

/// <https://docs.stripe.com/webhooks#event-ordering>
#[tokio::test]
async fn held_webhooks_are_delivered_in_any_order_and_number() {
    let stripe = stripe().await;
    stripe.post("/emulator/webhooks", json!({ "is_held": true })).await;
    hold(&stripe).await;
    let waiting = get(&stripe, "/v1/events?delivery_success=false").await.body;
    let ids: Vec<Value> =
        waiting["data"].as_array().unwrap().iter().map(|event| event["id"].clone()).collect();
    assert_eq!(ids.len(), 3);
    let order = json!({ "events": [ids[0], ids[2], ids[0]] });
    assert_eq!(stripe.post("/emulator/webhooks/deliver", order).await.body["sent"], 3);
    let got = stripe.webhook_bodies(3).await;
    let got: Vec<&Value> = got.iter().map(|event| &event["id"]).collect();
    assert_eq!(got, [&ids[0], &ids[2], &ids[0]]);
    let left = get(&stripe, "/v1/events?delivery_success=false").await.body;
    assert_eq!(left["data"][0]["id"], ids[1], "one was not accepted");
    assert_eq!(stripe.post("/emulator/webhooks/deliver", json!({})).await.body["sent"], 1);
}

#[tokio::test]
async fn webhooks_are_lost_or_doubled_as_it_was_asked_for() {
    for (behaviour, count) in [(json!({ "lost": 1.0 }), 0), (json!({ "doubled": 1.0 }), 6)] {
        let stripe = stripe().await;
        stripe.post("/emulator/webhooks", behaviour).await;
        hold(&stripe).await;
        assert_eq!(stripe.webhooks(count).await.len(), count);
        let counts = stripe.get("/emulator/counts").await.body;
        let lost = counts["counts"]["webhooks_lost"].as_u64().unwrap_or_default();
        assert_eq!(lost, if count == 0 { 3 } else { 0 });
    }
}

/// <https://docs.stripe.com/api/webhook_endpoints>
#[tokio::test]
async fn an_endpoint_gets_the_events_that_it_wants_while_it_is_enabled() {
    let stripe = TestProvider::with(Provider::Stripe, |config| config.webhook = None).await;
    let url = format!("{}/hooks", stripe.shop.uri());
    let form = [("url", url.as_str()), ("enabled_events[]", "payment_intent.*")];
    let made = post(&stripe, "/v1/webhook_endpoints", &form).await;
    let secret = made.body["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_"), "{made:?}");
    hold(&stripe).await;
    let bodies = stripe.webhook_bodies(2).await;
    assert_eq!(bodies[0]["type"], "payment_intent.created");
    assert_eq!(bodies[1]["type"], "payment_intent.amount_capturable_updated");
    let path = format!("/v1/webhook_endpoints/{}", id(&made));
    let read = get(&stripe, &path).await.body;
    assert_eq!((&read["status"], read.get("secret")), (&json!("enabled"), None));
    let off = post(&stripe, &path, &[("disabled", "true")]).await;
    assert_eq!(off.body["status"], "disabled");
    hold(&stripe).await;
    assert_eq!(get(&stripe, "/v1/events?limit=1").await.body["data"][0]["pending_webhooks"], 0);
}

/// <https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>
#[tokio::test]
async fn what_expires_by_the_clock_causes_events_without_a_request() {
    let stripe = stripe().await;
    hold(&stripe).await;
    stripe.webhooks(3).await;
    stripe.post("/emulator/clock", json!({ "advance": 7 * 24 * 3600 })).await;
    let bodies = stripe.webhook_bodies(5).await;
    assert_eq!(bodies[3]["type"], "charge.expired");
    assert_eq!(bodies[4]["type"], "payment_intent.canceled");
    assert_eq!(bodies[4]["request"], json!({ "id": null, "idempotency_key": null }));
}
