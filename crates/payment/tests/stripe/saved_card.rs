//! A card that Stripe keeps for a customer.

use domain::{DeclineReason, Timestamp};
use payment::{
    Authorization, AuthorizeRequest, Gateway, GatewayCustomer, GatewayError, GatewayReference, Url,
};
use serde_json::{Value, json};

use crate::support::{Reaction, Server, broken, fails, intent, ok, request};

const CREATE: &str = "POST /v1/payment_intents";
const CONFIRM: &str = "POST /v1/payment_intents/pi_1/confirm";
const READ: &str = "GET /v1/payment_intents/pi_1";

fn saved() -> AuthorizeRequest {
    AuthorizeRequest {
        save_for: Some(GatewayCustomer("cus_1".to_owned())),
        saved_method: Some("pm_1".to_owned()),
        ..request()
    }
}

fn unconfirmed() -> Reaction {
    ok(intent("requires_confirmation", json!({})))
}

fn reference() -> GatewayReference {
    GatewayReference::new("pi_1")
}

#[tokio::test]
async fn a_saved_card_is_created_and_confirmed_in_two_calls() {
    let charge = json!({ "amount": 25_00, "amount_captured": 0, "amount_refunded": 0,
        "payment_method_details": { "card": { "capture_before": 1_796_400_000 } } });
    let held = intent("requires_capture", json!({ "latest_charge": charge }));
    let server = Server::start(vec![(CREATE, unconfirmed()), (CONFIRM, ok(held))]).await;
    let answer = server.gateway().authorize(&saved()).await;
    let until = Some(Timestamp::from_millis(1_796_400_000_000));
    assert_eq!(answer, Ok(Authorization::Authorized { reference: reference(), until }));
    let sent = server.requests();
    let fields: Vec<_> =
        sent[0].fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = [
        ("amount", "2500"),
        ("currency", "eur"),
        ("capture_method", "manual"),
        ("customer", "cus_1"),
        ("payment_method", "pm_1"),
        ("description", "M-2026-0001"),
        ("metadata[marigold_payment]", "00000000000000000000000000000007"),
        ("metadata[marigold_order]", "00000000000000000000000000000009"),
    ];
    assert_eq!(fields, expected);
    let back = sent[1].field("return_url");
    assert_eq!(back, Some("https://shop.example/checkout/return/1"));
    assert_ne!(sent[0].key(), sent[1].key());
}

#[tokio::test]
async fn each_answer_to_the_confirmation_is_told_to_the_shop() {
    let bank = "https://hooks.stripe.com/redirect/authenticate/src_1";
    let action = json!({ "type": "redirect_to_url", "redirect_to_url": { "url": bank } });
    let script_only = json!({ "type": "use_stripe_sdk", "use_stripe_sdk": {} });
    let declined = |reason| Authorization::Declined { reason, reference: Some(reference()) };
    let error = json!({ "code": "card_declined", "decline_code": "insufficient_funds" });
    for (status, changes, expected) in [
        (
            "requires_action",
            json!({ "next_action": action }),
            Authorization::ActionNeeded {
                reference: reference(),
                url: Url::parse(bank).unwrap(),
                until: request().expires_at,
            },
        ),
        (
            "requires_action",
            json!({ "next_action": script_only }),
            declined(DeclineReason::NotAuthenticated),
        ),
        ("processing", json!({}), Authorization::Pending { reference: Some(reference()) }),
        ("a_status_of_2027", json!({}), Authorization::Pending { reference: Some(reference()) }),
        ("succeeded", json!({}), Authorization::Captured { reference: reference() }),
        (
            "requires_payment_method",
            json!({ "last_payment_error": error }),
            declined(DeclineReason::InsufficientFunds),
        ),
        ("canceled", json!({}), declined(DeclineReason::Canceled)),
    ] {
        let confirmed = ok(intent(status, changes));
        let server = Server::start(vec![(CREATE, unconfirmed()), (CONFIRM, confirmed)]).await;
        let answer = server.gateway().authorize(&saved()).await;
        assert_eq!(answer, Ok(expected), "{status}");
        server.requests();
    }
}

#[tokio::test]
async fn a_declined_saved_card_is_read_back_with_its_reason() {
    let error = json!({ "code": "expired_card", "decline_code": "expired_card" });
    let declined = intent("requires_payment_method", json!({ "last_payment_error": error }));
    let script = vec![
        (CREATE, unconfirmed()),
        (CONFIRM, fails(402, "card_error", "expired_card")),
        (READ, ok(declined)),
    ];
    let server = Server::start(script).await;
    let answer = server.gateway().authorize(&saved()).await;
    let reason = DeclineReason::ExpiredCard;
    assert_eq!(answer, Ok(Authorization::Declined { reason, reference: Some(reference()) }));
    server.requests();
}

#[tokio::test]
async fn x161_a_lost_confirmation_is_repeated_and_then_read() {
    let script = vec![
        (CREATE, unconfirmed()),
        (CONFIRM, Reaction::Drop),
        (CONFIRM, Reaction::Drop),
        (CONFIRM, Reaction::Drop),
        (READ, ok(intent("requires_capture", json!({})))),
    ];
    let server = Server::start(script).await;
    let answer = server.gateway().authorize(&saved()).await;
    assert_eq!(answer, Ok(Authorization::Authorized { reference: reference(), until: None }));
    let sent = server.requests();
    assert!(sent[2].key() == sent[1].key() && sent[3].key() == sent[1].key());
}

#[tokio::test]
async fn x161_a_failed_confirmation_is_read_before_a_new_key_is_used() {
    for (now, is_confirmed) in [("requires_capture", true), ("requires_confirmation", false)] {
        let mut script =
            vec![(CREATE, unconfirmed()), (CONFIRM, broken()), (READ, ok(intent(now, json!({}))))];
        if !is_confirmed {
            script.push((CONFIRM, ok(intent("requires_capture", json!({})))));
        }
        let server = Server::start(script).await;
        let answer = server.gateway().authorize(&saved()).await;
        assert_eq!(answer, Ok(Authorization::Authorized { reference: reference(), until: None }));
        let sent = server.requests();
        if !is_confirmed {
            assert_eq!(sent[3].key(), format!("{}-2", sent[1].key()));
        }
    }
}

#[tokio::test]
async fn a_saved_card_of_another_customer_is_rejected_by_stripe() {
    let server =
        Server::start(vec![(CREATE, fails(400, "invalid_request_error", "resource_missing"))])
            .await;
    let answer = server.gateway().authorize(&saved()).await;
    assert_eq!(answer, Err(GatewayError::Rejected));
    server.requests();
}

#[tokio::test]
async fn a_customer_without_a_saved_card_enters_one_on_stripes_page() {
    let page = "POST /v1/checkout/sessions";
    let open = crate::support::session("open", Value::Null);
    let server = Server::start(vec![(page, ok(open))]).await;
    let new = AuthorizeRequest { saved_method: None, ..saved() };
    let answer = server.gateway().authorize(&new).await.unwrap();
    assert!(matches!(answer, Authorization::ActionNeeded { .. }), "{answer:?}");
    server.requests();
}
