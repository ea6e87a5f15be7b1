//! Giving money back.

use domain::RefundId;
use payment::{Gateway, GatewayError, GatewayReference, RefundOutcome, RefundRequest};
use serde_json::{Value, json};

use crate::support::{
    Reaction, Server, broken, fails, intent, list, money, ok, payment, stored_failure,
};

const INTENT: &str = "GET /v1/payment_intents/pi_1";
const LIST: &str = "GET /v1/refunds";
const CREATE: &str = "POST /v1/refunds";

fn refund() -> RefundId {
    RefundId::from_bits(5)
}

fn object(refund: &RefundId, status: &str) -> Value {
    json!({ "id": "re_1", "object": "refund", "status": status, "amount": 10_00, "currency": "eur",
            "payment_intent": "pi_1", "metadata": { "marigold_refund": refund.as_str() } })
}

fn created(status: &str) -> (&'static str, Reaction) {
    (CREATE, ok(object(&refund(), status)))
}

fn none() -> (&'static str, Reaction) {
    let other = object(&RefundId::from_bits(4), "succeeded");
    (LIST, list(vec![other], false))
}

fn known(status: &str) -> (&'static str, Reaction) {
    (LIST, list(vec![object(&refund(), status)], false))
}

async fn refunded(
    then: Vec<(&'static str, Reaction)>,
) -> (Result<RefundOutcome, GatewayError>, Server) {
    let mut script = vec![(INTENT, ok(intent("succeeded", json!({}))))];
    script.extend(then);
    let server = Server::start(script).await;
    let request = RefundRequest {
        refund: refund(),
        payment: payment(),
        reference: Some(GatewayReference::new("pi_1")),
        amount: money(10_00),
    };
    let outcome = server.gateway().refund(&request).await;
    server.requests();
    (outcome, server)
}

#[tokio::test]
async fn a_part_is_refunded_under_the_refunds_own_id() {
    let (outcome, server) = refunded(vec![none(), created("succeeded")]).await;
    assert_eq!(outcome, Ok(RefundOutcome::Refunded));
    let sent = server.requests();
    let fields: Vec<_> =
        sent[2].fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let id = "00000000000000000000000000000005";
    let expected =
        [("payment_intent", "pi_1"), ("amount", "1000"), ("metadata[marigold_refund]", id)];
    assert_eq!(fields, expected);
    assert_eq!(sent[2].key(), format!("marigold-refund-{id}"));
}

#[tokio::test]
async fn each_status_of_a_refund_is_told_to_the_shop() {
    for (status, expected) in [
        ("succeeded", RefundOutcome::Refunded),
        ("pending", RefundOutcome::Pending),
        ("requires_action", RefundOutcome::Pending),
        ("a_status_of_2027", RefundOutcome::Pending),
        ("failed", RefundOutcome::Refused),
        ("canceled", RefundOutcome::Refused),
    ] {
        assert_eq!(refunded(vec![none(), created(status)]).await.0, Ok(expected), "{status}");
        assert_eq!(refunded(vec![known(status)]).await.0, Ok(expected), "{status}, asked again");
    }
}

#[tokio::test]
async fn x169_a_refund_whose_answers_were_lost_is_made_once() {
    let lost = || (CREATE, Reaction::Drop);
    let (outcome, server) = refunded(vec![none(), lost(), lost(), lost()]).await;
    assert_eq!(outcome, Err(GatewayError::Unknown));
    let sent = server.requests();
    assert!(sent[3].key() == sent[2].key() && sent[4].key() == sent[2].key());
    assert_eq!(refunded(vec![known("succeeded")]).await.0, Ok(RefundOutcome::Refunded));
}

#[tokio::test]
async fn x169_a_new_key_is_used_only_for_an_old_failure_that_refunded_nothing() {
    let (outcome, _) = refunded(vec![none(), (CREATE, broken())]).await;
    assert_eq!(outcome, Err(GatewayError::Unknown), "the refund may still appear");
    let (outcome, _) = refunded(vec![none(), (CREATE, stored_failure()), known("pending")]).await;
    assert_eq!(outcome, Ok(RefundOutcome::Pending));
    let again = vec![none(), (CREATE, stored_failure()), none(), created("succeeded")];
    let (outcome, server) = refunded(again).await;
    assert_eq!(outcome, Ok(RefundOutcome::Refunded));
    let sent = server.requests();
    assert_eq!(sent[4].key(), format!("{}-2", sent[2].key()));
}

#[tokio::test]
async fn x169_a_refund_of_more_than_is_left_is_refused() {
    let too_much = json!({ "error": { "type": "invalid_request_error", "param": "amount" } });
    for answer in [
        Reaction::Answer(400, Vec::new(), too_much),
        fails(400, "invalid_request_error", "charge_already_refunded"),
        fails(400, "invalid_request_error", "charge_disputed"),
    ] {
        let (outcome, _) = refunded(vec![none(), (CREATE, answer)]).await;
        assert_eq!(outcome, Ok(RefundOutcome::Refused));
    }
    let (outcome, _) = refunded(vec![none(), (CREATE, fails(403, "", ""))]).await;
    assert_eq!(outcome, Err(GatewayError::Rejected), "a setting of the merchant is no refusal");
}

#[tokio::test]
async fn x169_a_payment_that_was_not_captured_is_not_refunded() {
    for status in ["requires_capture", "canceled", "processing", "requires_payment_method"] {
        let server = Server::start(vec![(INTENT, ok(intent(status, json!({}))))]).await;
        let request = RefundRequest {
            refund: refund(),
            payment: payment(),
            reference: Some(GatewayReference::new("pi_1")),
            amount: money(10_00),
        };
        let outcome = server.gateway().refund(&request).await;
        assert_eq!(outcome, Ok(RefundOutcome::Refused), "{status}");
        server.requests();
    }
}
