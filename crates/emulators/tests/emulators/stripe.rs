//! Stripe: PaymentIntents, captures, cancellations, refunds, disputes, and the ledger.
//! Each test names the page of docs.stripe.com that has its rule.

use emulators::{Account, Provider};
use serde_json::{Value, json};

use crate::support::{TestProvider, TestResponse};

pub async fn stripe() -> TestProvider {
    TestProvider::with(Provider::Stripe, |config| config.throughput = 10_000).await
}

fn key() -> String {
    Account::default().stripe_secret_key
}

pub fn encode(form: &[(&str, &str)]) -> String {
    let pairs = form.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn escape(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

pub fn request(
    stripe: &TestProvider,
    path: &str,
    form: &[(&str, &str)],
) -> reqwest::RequestBuilder {
    let request = stripe.client.post(stripe.url(path)).bearer_auth(key());
    request.header("content-type", "application/x-www-form-urlencoded").body(encode(form))
}

pub async fn post(stripe: &TestProvider, path: &str, form: &[(&str, &str)]) -> TestResponse {
    stripe.send(request(stripe, path, form)).await
}

pub async fn get(stripe: &TestProvider, path: &str) -> TestResponse {
    stripe.send(stripe.client.get(stripe.url(path)).bearer_auth(key())).await
}

pub fn id(response: &TestResponse) -> String {
    response.body["id"].as_str().unwrap_or_else(|| panic!("{response:?}")).to_owned()
}

/// A confirmed PaymentIntent of 20.00 EUR.
pub async fn pay(stripe: &TestProvider, card: &str, more: &[(&str, &str)]) -> TestResponse {
    let mut form = vec![
        ("amount", "2000"),
        ("currency", "eur"),
        ("confirm", "true"),
        ("payment_method", card),
        ("return_url", "https://shop.example/back"),
    ];
    form.extend_from_slice(more);
    post(stripe, "/v1/payment_intents", &form).await
}

pub async fn hold(stripe: &TestProvider) -> String {
    id(&pay(stripe, "pm_card_visa", &[("capture_method", "manual")]).await)
}

/// The sums of a currency in the ledger.
pub async fn total(stripe: &TestProvider, sum: &str) -> Value {
    stripe.get("/emulator/ledger").await.body["totals"]["eur"][sum].clone()
}

async fn advance(stripe: &TestProvider, seconds: i64) {
    let moved = stripe.post("/emulator/clock", json!({ "advance": seconds })).await;
    assert_eq!(moved.status, 200, "{moved:?}");
}

fn error<'a>(response: &'a TestResponse, field: &str) -> &'a str {
    response.body["error"][field].as_str().unwrap_or_default()
}

/// <https://docs.stripe.com/payments/paymentintents/lifecycle>
#[tokio::test]
async fn automatic_capture_charges_the_card_at_once() {
    let stripe = stripe().await;
    let paid = pay(&stripe, "pm_card_visa", &[]).await;
    assert_eq!((paid.status, &paid.body["status"]), (200, &json!("succeeded")), "{paid:?}");
    assert_eq!(paid.body["amount_received"], 2000);
    let charge = paid.body["latest_charge"].as_str().unwrap();
    let charge = get(&stripe, &format!("/v1/charges/{charge}")).await;
    assert_eq!(charge.body["captured"], true);
    assert_eq!(charge.body["payment_method_details"]["card"]["last4"], "4242");
    assert_eq!(total(&stripe, "captured").await, 2000);
}

/// <https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>
#[tokio::test]
async fn an_authorization_is_captured_once_and_its_rest_is_released() {
    let stripe = stripe().await;
    let intent = hold(&stripe).await;
    assert_eq!(total(&stripe, "held").await, 2000);
    let path = format!("/v1/payment_intents/{intent}/capture");
    let more = post(&stripe, &path, &[("amount_to_capture", "2001")]).await;
    assert_eq!((more.status, error(&more, "code")), (400, "amount_too_large"));
    let captured = post(&stripe, &path, &[("amount_to_capture", "1500")]).await;
    assert_eq!(captured.body["amount_received"], 1500, "{captured:?}");
    let again = post(&stripe, &path, &[]).await;
    assert_eq!((again.status, error(&again, "code")), (400, "payment_intent_unexpected_state"));
    let ledger = stripe.get("/emulator/ledger").await.body;
    assert_eq!(
        ledger["totals"]["eur"],
        json!({ "authorized": 2000, "captured": 1500, "released": 500, "held": 0,
                "refunded": 0, "disputed": 0 })
    );
}

/// <https://docs.stripe.com/api/payment_intents/cancel>
#[tokio::test]
async fn canceling_releases_what_is_held_and_nothing_else_follows() {
    let stripe = stripe().await;
    let intent = hold(&stripe).await;
    let path = format!("/v1/payment_intents/{intent}");
    let canceled = post(&stripe, &format!("{path}/cancel"), &[]).await;
    assert_eq!(canceled.body["status"], "canceled", "{canceled:?}");
    for step in ["cancel", "capture", "confirm"] {
        let refused = post(&stripe, &format!("{path}/{step}"), &[]).await;
        assert_eq!(error(&refused, "code"), "payment_intent_unexpected_state", "{step}");
    }
    assert_eq!(total(&stripe, "released").await, 2000);
    assert_eq!(stripe.get("/emulator/ledger").await.body["held"], json!([]));
}

/// <https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>
#[tokio::test]
async fn an_authorization_expires_after_seven_days() {
    let stripe = stripe().await;
    let intent = hold(&stripe).await;
    let path = format!("/v1/payment_intents/{intent}");
    advance(&stripe, 7 * 24 * 3600 - 60).await;
    assert_eq!(get(&stripe, &path).await.body["status"], "requires_capture");
    advance(&stripe, 60).await;
    let expired = get(&stripe, &path).await;
    assert_eq!(expired.body["status"], "canceled");
    assert_eq!(expired.body["cancellation_reason"], "automatic");
    assert_eq!(total(&stripe, "released").await, 2000);
}

/// <https://docs.stripe.com/testing#declined-payments>
#[tokio::test]
async fn each_declining_card_is_declined_for_its_reason() {
    let stripe = stripe().await;
    for (card, code, decline_code) in [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
        ("pm_card_radarBlock", "card_declined", "fraudulent"),
    ] {
        let declined = pay(&stripe, card, &[]).await;
        assert_eq!((declined.status, error(&declined, "type")), (402, "card_error"), "{card}");
        assert_eq!(error(&declined, "code"), code, "{card}");
        assert_eq!(error(&declined, "decline_code"), decline_code, "{card}");
        let intent = &declined.body["error"]["payment_intent"];
        assert_eq!(intent["status"], "requires_payment_method", "{card}");
        assert_eq!(intent["last_payment_error"]["code"], code, "{card}");
    }
    assert_eq!(total(&stripe, "authorized").await, 0);
}

/// <https://docs.stripe.com/payments/paymentintents/lifecycle>
#[tokio::test]
async fn a_declined_intent_is_confirmed_again_with_another_card() {
    let stripe = stripe().await;
    let declined = pay(&stripe, "pm_card_visa_chargeDeclined", &[]).await;
    let intent = declined.body["error"]["payment_intent"]["id"].as_str().unwrap();
    let path = format!("/v1/payment_intents/{intent}/confirm");
    let form = [("payment_method", "pm_card_visa"), ("return_url", "https://shop.example/back")];
    let paid = post(&stripe, &path, &form).await;
    assert_eq!(paid.body["status"], "succeeded", "{paid:?}");
    let again = post(&stripe, &path, &form).await;
    assert_eq!(error(&again, "code"), "payment_intent_unexpected_state");
    assert_eq!(total(&stripe, "captured").await, 2000);
}

/// <https://docs.stripe.com/api/refunds/create>
#[tokio::test]
async fn refunds_never_exceed_what_was_captured() {
    let stripe = stripe().await;
    let intent = hold(&stripe).await;
    let refund =
        |amount: &'static str| [("payment_intent", intent.clone()), ("amount", amount.into())];
    let send = async |amount: &'static str| {
        let form = refund(amount);
        let form: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        post(&stripe, "/v1/refunds", &form).await
    };
    let early = send("100").await;
    assert_eq!((early.status, error(&early, "code")), (400, "charge_not_refundable"));
    let capture = format!("/v1/payment_intents/{intent}/capture");
    post(&stripe, &capture, &[("amount_to_capture", "1500")]).await;
    assert_eq!(send("1501").await.status, 400, "only 15.00 were captured");
    assert_eq!(send("0").await.status, 400);
    assert_eq!(send("-5").await.status, 400);
    assert_eq!(send("1000").await.body["status"], "succeeded");
    assert_eq!(send("501").await.status, 400);
    let rest = post(&stripe, "/v1/refunds", &[("payment_intent", &intent)]).await;
    assert_eq!(rest.body["amount"], 500, "the rest without an amount");
    let none_left = send("1").await;
    assert_eq!(error(&none_left, "code"), "charge_already_refunded");
    assert_eq!(total(&stripe, "refunded").await, 1500);
}

/// <https://docs.stripe.com/testing#refunds>
#[tokio::test]
async fn refunds_of_test_cards_fail_or_succeed_later() {
    let stripe = stripe().await;
    for (card, first, later) in [
        ("pm_card_refundFail", "succeeded", "failed"),
        ("pm_card_pendingRefund", "pending", "succeeded"),
    ] {
        let intent = id(&pay(&stripe, card, &[]).await);
        let refund = post(&stripe, "/v1/refunds", &[("payment_intent", &intent)]).await;
        assert_eq!(refund.body["status"], first, "{card}");
        advance(&stripe, 60).await;
        let refund = get(&stripe, &format!("/v1/refunds/{}", id(&refund))).await;
        assert_eq!(refund.body["status"], later, "{card}");
    }
    assert_eq!(total(&stripe, "refunded").await, 2000);
}

/// <https://docs.stripe.com/testing#disputes>
#[tokio::test]
async fn a_disputed_payment_is_not_refunded_and_evidence_decides() {
    let stripe = stripe().await;
    let intent = id(&pay(&stripe, "pm_card_createDispute", &[]).await);
    let disputes = get(&stripe, &format!("/v1/disputes?payment_intent={intent}")).await.body;
    assert_eq!(disputes["data"][0]["status"], "needs_response");
    assert_eq!(disputes["data"][0]["reason"], "fraudulent");
    let refund = post(&stripe, "/v1/refunds", &[("payment_intent", &intent)]).await;
    assert_eq!(error(&refund, "code"), "charge_disputed");
    let dispute = format!("/v1/disputes/{}", disputes["data"][0]["id"].as_str().unwrap());
    let won =
        post(&stripe, &dispute, &[("evidence[uncategorized_text]", "winning_evidence")]).await;
    assert_eq!(won.body["status"], "won", "{won:?}");
    assert_eq!(post(&stripe, &format!("{dispute}/close"), &[]).await.status, 400);
}

/// <https://docs.stripe.com/payments/save-during-payment>
#[tokio::test]
async fn a_saved_card_is_charged_off_session_and_a_spent_one_is_not() {
    let stripe = stripe().await;
    let customer = id(&post(&stripe, "/v1/customers", &[("email", "a@shop.example")]).await);
    let consent = [("customer", customer.as_str()), ("setup_future_usage", "off_session")];
    let saved = pay(&stripe, "pm_card_visa", &consent).await;
    let card = saved.body["payment_method"].as_str().unwrap();
    let of_customer = [("customer", customer.as_str()), ("off_session", "true")];
    assert_eq!(pay(&stripe, card, &of_customer).await.body["status"], "succeeded");
    assert_eq!(pay(&stripe, card, &[]).await.status, 400, "the customer is not named");
    let other = id(&post(&stripe, "/v1/customers", &[]).await);
    let foreign = pay(&stripe, card, &[("customer", &other)]).await;
    assert_eq!(error(&foreign, "code"), "resource_missing", "another customer's card");
    let once = pay(&stripe, "pm_card_visa", &[]).await;
    let spent = pay(&stripe, once.body["payment_method"].as_str().unwrap(), &[]).await;
    assert_eq!(error(&spent, "code"), "payment_method_unexpected_state");
    let listed = get(&stripe, &format!("/v1/payment_methods?customer={customer}&type=card")).await;
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 1);
}

/// <https://docs.stripe.com/testing#regulatory-cards>
#[tokio::test]
async fn each_card_asks_for_authentication_as_documented() {
    let stripe = stripe().await;
    let any = [("payment_method_options[card][request_three_d_secure]", "any")];
    let off = [("off_session", "true")];
    for (card, more, status, code) in [
        ("pm_card_authenticationRequired", &[] as &[_], "requires_action", ""),
        ("pm_card_authenticationRequired", &off, "", "authentication_required"),
        ("pm_card_authenticationRequiredOnSetup", &off, "", "authentication_required"),
        ("pm_card_authenticationRequiredSetupForOffSession", &off, "succeeded", ""),
        ("pm_card_authenticationRequiredSetupForOffSession", &[], "requires_action", ""),
        ("pm_card_threeDSecure2Required", &[], "requires_action", ""),
        ("pm_card_threeDSecureOptional", &[], "succeeded", ""),
        ("pm_card_threeDSecureOptional", &any, "requires_action", ""),
        ("pm_card_threeDSecureOptionalProcessingError", &any, "", "card_declined"),
        ("pm_card_threeDSecureRequiredProcessingError", &[], "", "card_declined"),
        ("pm_card_visa", &any, "succeeded", ""),
        (
            "pm_card_authenticationRequired",
            &[("error_on_requires_action", "true")],
            "",
            "payment_intent_action_required",
        ),
    ] {
        let paid = pay(&stripe, card, more).await;
        assert_eq!(paid.body["status"].as_str().unwrap_or_default(), status, "{card} {paid:?}");
        assert_eq!(error(&paid, "code"), code, "{card}");
    }
}
