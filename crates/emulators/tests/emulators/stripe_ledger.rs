//! Stripe: orders that are paid through faults, and the ledger that says who was charged how much.

use std::rc::Rc;

use emulators::{Fault, Faults};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio::task::{JoinSet, LocalSet};

use crate::stripe::{request, stripe};
use crate::support::TestProvider;

const ORDERS: usize = 60;

/// The error of a request that may have done its work or not: its key has stored it.
struct StoredError;

/// Sends a request until it is answered, as <https://docs.stripe.com/error-low-level> says: with the
/// same key after a lost connection, a lock or a limit.
async fn answer(send: impl Fn() -> RequestBuilder) -> Result<Value, StoredError> {
    loop {
        tokio::task::yield_now().await;
        let Ok(response) = send().send().await else { continue };
        let status = response.status().as_u16();
        let Ok(body) = response.text().await else { continue };
        match status {
            200 => return Ok(serde_json::from_str(&body).unwrap()),
            500 => return Err(StoredError),
            409 | 429 | 503 => {}
            _ => panic!("{status}: {body}"),
        }
    }
}

/// Reads until the answer is complete.
async fn read(stripe: &TestProvider, path: &str) -> Value {
    let key = emulators::Account::default().stripe_secret_key;
    loop {
        let get = || stripe.client.get(stripe.url(path)).bearer_auth(key.clone());
        if let Ok(value) = answer(get).await {
            return value;
        }
    }
}

/// Writes, with a new key after each stored error, until `find` sees the work done.
async fn write(
    stripe: &TestProvider,
    path: &str,
    form: &[(&str, &str)],
    find: impl AsyncFn() -> Option<Value>,
) -> Value {
    for attempt in 0.. {
        let key = format!("{path} {form:?} {attempt}");
        let send = || request(stripe, path, form).header("idempotency-key", &key);
        let found = match answer(send).await {
            Ok(value) => Some(value),
            Err(StoredError) => find().await,
        };
        if let Some(value) = found {
            return value;
        }
    }
    unreachable!("an attempt succeeds in the end")
}

/// Authorizes and captures 20.00 EUR for an order, and refunds 5.00 of every second one.
async fn pay(stripe: &TestProvider, order: usize) {
    let name = order.to_string();
    let form = [
        ("amount", "2000"),
        ("currency", "eur"),
        ("capture_method", "manual"),
        ("confirm", "true"),
        ("payment_method", "pm_card_visa"),
        ("return_url", "https://shop.example/back"),
        ("metadata[order]", &name),
    ];
    let of_order = async || {
        let list = read(stripe, "/v1/payment_intents?limit=100").await;
        let mut intents = list["data"].as_array().unwrap().clone();
        intents.retain(|intent| intent["metadata"]["order"] == name.as_str());
        intents.pop()
    };
    let intent = write(stripe, "/v1/payment_intents", &form, of_order).await;
    let id = intent["id"].as_str().unwrap();
    let path = format!("/v1/payment_intents/{id}");
    let captured =
        async || Some(read(stripe, &path).await).filter(|intent| intent["status"] == "succeeded");
    write(stripe, &format!("{path}/capture"), &[], captured).await;
    if order.is_multiple_of(2) {
        let refunded = async || {
            let refunds = read(stripe, &format!("/v1/refunds?payment_intent={id}")).await;
            refunds["data"].as_array().unwrap().first().cloned()
        };
        let form = [("payment_intent", id), ("amount", "500")];
        write(stripe, "/v1/refunds", &form, refunded).await;
    }
}

/// <https://docs.stripe.com/error-low-level#idempotency>
#[tokio::test(flavor = "multi_thread")]
async fn orders_paid_through_faults_are_charged_once_each() {
    let stripe = Rc::new(stripe().await);
    let kinds = vec![
        Fault::Internal,
        Fault::InternalAfter,
        Fault::TooMany,
        Fault::Unavailable,
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::Truncated,
    ];
    stripe.emulator.set_faults(Some(Faults { rate: 0.3, seed: 14, kinds: kinds.clone() }));
    let mut orders = JoinSet::new();
    let shop = LocalSet::new();
    for order in 0..ORDERS {
        let stripe = Rc::clone(&stripe);
        orders.spawn_local_on(async move { pay(&stripe, order).await }, &shop);
    }
    shop.run_until(orders.join_all()).await;
    let counts = stripe.get("/emulator/counts").await.body;
    for kind in kinds {
        let name = json!(kind);
        assert!(counts["faults"][name.as_str().unwrap()].is_u64(), "{kind:?} never occurred");
    }
    let ledger = stripe.get("/emulator/ledger").await.body;
    for payment in ledger["payments"].as_array().unwrap() {
        assert_eq!(
            (&payment["captured"], &payment["successful_charges"]),
            (&json!(2000), &json!(1))
        );
    }
    assert_eq!(ledger["payments"].as_array().unwrap().len(), ORDERS);
    assert_eq!(
        ledger["totals"]["eur"],
        json!({ "authorized": 120_000, "captured": 120_000, "released": 0, "held": 0,
                "refunded": 15_000, "disputed": 0 })
    );
    assert_eq!(ledger["held"], json!([]));
}
