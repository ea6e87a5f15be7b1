//! What Stripe says about a payment.

use domain::{DeclineReason, Timestamp};
use payment::{Gateway, GatewayError, GatewayReference, GatewayStatus, PaymentState, Url};
use serde_json::{Value, json};

use crate::support::{Server, fails, intent, list, money, ok, order, payment, session};

const SESSION: &str = "GET /v1/checkout/sessions/cs_1";
const INTENT: &str = "GET /v1/payment_intents/pi_1";

async fn found(
    line: &'static str,
    object: Value,
    reference: &str,
) -> Result<Option<PaymentState>, GatewayError> {
    let server = Server::start(vec![(line, ok(object))]).await;
    let reference = GatewayReference::new(reference);
    let state = server.gateway().find(&payment(), Some(&reference)).await;
    server.requests();
    state
}

async fn of_session(object: Value) -> PaymentState {
    found(SESSION, object, "cs_1").await.unwrap().unwrap()
}

async fn of_intent(object: Value) -> PaymentState {
    found(INTENT, object, "pi_1").await.unwrap().unwrap()
}

#[tokio::test]
async fn x166_only_the_payment_intent_says_that_money_is_held() {
    let url = Url::parse("https://checkout.stripe.com/c/pay/cs_1").ok();
    let declined = json!({ "last_payment_error": { "code": "card_declined" } });
    let tried = intent("requires_payment_method", declined);
    for (object, status, reference) in [
        (session("open", Value::Null), GatewayStatus::ActionNeeded { url: url.clone() }, "cs_1"),
        (session("open", tried), GatewayStatus::ActionNeeded { url }, "cs_1"),
        (session("expired", Value::Null), GatewayStatus::Expired, "cs_1"),
        (session("complete", Value::Null), GatewayStatus::Pending, "cs_1"),
        (session("complete", json!("pi_1")), GatewayStatus::Pending, "pi_1"),
        (session("a_status_of_2027", Value::Null), GatewayStatus::Pending, "cs_1"),
        (
            session("complete", intent("requires_capture", json!({}))),
            GatewayStatus::Authorized { until: None },
            "pi_1",
        ),
        (session("complete", intent("processing", json!({}))), GatewayStatus::Pending, "pi_1"),
        (session("complete", intent("succeeded", json!({}))), GatewayStatus::Captured, "pi_1"),
        (session("complete", intent("canceled", json!({}))), GatewayStatus::Canceled, "pi_1"),
    ] {
        let mut paid = object.clone();
        paid["payment_status"] = json!("paid");
        for object in [object, paid] {
            let state = of_session(object.clone()).await;
            assert_eq!((&state.status, state.reference.as_str()), (&status, reference), "{object}");
        }
    }
}

#[tokio::test]
async fn each_status_of_a_payment_intent_is_told_to_the_shop() {
    let bank = "https://hooks.stripe.com/redirect/authenticate/src_1";
    let action = json!({ "next_action": { "redirect_to_url": { "url": bank } } });
    let declined = json!({ "last_payment_error": { "code": "card_declined",
                                                   "decline_code": "stolen_card" } });
    let charge = json!({ "latest_charge": { "amount": 25_00, "amount_captured": 0,
        "amount_refunded": 0, "payment_method_details": {
        "card": { "capture_before": 1_796_400_000 } } } });
    for (object, expected) in [
        (
            intent("requires_action", action),
            GatewayStatus::ActionNeeded { url: Url::parse(bank).ok() },
        ),
        (
            intent("requires_payment_method", declined),
            GatewayStatus::Declined(DeclineReason::Refused),
        ),
        (intent("requires_confirmation", json!({})), GatewayStatus::Pending),
        (
            intent("requires_capture", charge),
            GatewayStatus::Authorized { until: Some(Timestamp::from_millis(1_796_400_000_000)) },
        ),
        (intent("canceled", json!({ "cancellation_reason": "automatic" })), GatewayStatus::Expired),
        (
            intent("canceled", json!({ "cancellation_reason": "requested_by_customer" })),
            GatewayStatus::Canceled,
        ),
    ] {
        assert_eq!(of_intent(object.clone()).await.status, expected, "{object}");
    }
}

#[tokio::test]
async fn amounts_order_and_request_id_are_told_for_the_shop_to_compare() {
    let charge = json!({ "amount": 25_00, "amount_captured": 25_00, "amount_refunded": 4_00 });
    let state = of_intent(intent("succeeded", json!({ "latest_charge": charge }))).await;
    assert_eq!(
        (state.amount, state.captured, state.refunded),
        (money(25_00), money(25_00), money(4_00))
    );
    assert_eq!(state.order.as_deref(), Some(order().as_str()));
    assert_eq!(state.request_id.as_deref(), Some("req_200"));
    let state = of_session(session("open", Value::Null)).await;
    assert_eq!((state.amount, state.captured), (money(25_00), money(0)));
}

#[tokio::test]
async fn what_was_held_and_not_captured_is_not_told_as_refunded() {
    for (captured, counted, refunded) in [
        (25_00, 0, 0),
        (25_00, 25_00, 25_00),
        (20_00, 5_00, 0),
        (20_00, 6_00, 1_00),
        (20_00, 25_00, 20_00),
        // A hold that was released has a charge without captured money.
        (0, 25_00, 0),
        (0, 0, 0),
        (1, 25_00, 1),
    ] {
        let charge =
            json!({ "amount": 25_00, "amount_captured": captured, "amount_refunded": counted });
        let changes = json!({ "amount_received": captured, "latest_charge": charge });
        let state = of_intent(intent("succeeded", changes)).await;
        assert_eq!((state.captured, state.refunded), (money(captured), money(refunded)));
    }
}

#[tokio::test]
async fn an_answer_that_is_no_payment_is_unknown_and_never_a_state() {
    for object in [
        json!({}),
        json!([]),
        json!({ "id": "pi_1", "status": "succeeded" }),
        intent("succeeded", json!({ "currency": "???" })),
        intent("succeeded", json!({ "amount": "2500" })),
        intent("succeeded", json!({ "currency": "isk", "amount": 2_550 })),
    ] {
        let state = found(INTENT, object.clone(), "pi_1").await;
        assert_eq!(state, Err(GatewayError::Unknown), "{object}");
    }
}

#[tokio::test]
async fn a_payment_without_a_reference_is_found_by_its_id() {
    let held = || intent("requires_capture", json!({}));
    let script = vec![
        ("GET /v1/checkout/sessions", list(Vec::new(), false)),
        ("GET /v1/payment_intents", list(vec![held()], false)),
        (INTENT, ok(held())),
    ];
    let server = Server::start(script).await;
    let state = server.gateway().find(&payment(), None).await.unwrap().unwrap();
    assert_eq!(state.reference.as_str(), "pi_1");
    server.requests();
}

#[tokio::test]
async fn a_payment_that_stripe_does_not_have_is_none() {
    let missing = fails(404, "invalid_request_error", "resource_missing");
    let server = Server::start(vec![(SESSION, missing)]).await;
    let reference = GatewayReference::new("cs_1");
    assert_eq!(server.gateway().find(&payment(), Some(&reference)).await, Ok(None));
    server.requests();
}
