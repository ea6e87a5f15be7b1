//! Taking the money that is held.

use domain::{Currency, DeclineReason, Money};
use payment::{CaptureOutcome, CaptureRequest, Gateway, GatewayError, GatewayReference};
use serde_json::{Value, json};

use crate::support::{
    Reaction, Server, broken, fails, intent, money, ok, payment, session, stored_failure,
};

const READ: &str = "GET /v1/payment_intents/pi_1";
const CAPTURE: &str = "POST /v1/payment_intents/pi_1/capture";
const SESSION: &str = "GET /v1/checkout/sessions/cs_1";

fn of(reference: &str, amount: Money) -> CaptureRequest {
    CaptureRequest { payment: payment(), reference: GatewayReference::new(reference), amount }
}

async fn captured(
    script: Vec<(&'static str, Reaction)>,
    request: CaptureRequest,
) -> (Result<CaptureOutcome, GatewayError>, Server) {
    let server = Server::start(script).await;
    let outcome = server.gateway().capture(&request).await;
    server.requests();
    (outcome, server)
}

fn held() -> Reaction {
    ok(intent("requires_capture", json!({})))
}

fn taken() -> Reaction {
    taken_of(25_00)
}

fn taken_of(minor: i64) -> Reaction {
    ok(intent("succeeded", json!({ "amount_received": minor })))
}

#[tokio::test]
async fn held_money_is_captured_in_whole_or_in_part() {
    for minor in [25_00, 10_00, 1] {
        let script = vec![(READ, held()), (CAPTURE, taken_of(minor))];
        let (outcome, server) = captured(script, of("pi_1", money(minor))).await;
        assert_eq!(outcome, Ok(CaptureOutcome::Captured));
        let sent = server.requests();
        assert_eq!(sent[1].field("amount_to_capture"), Some(minor.to_string().as_str()));
        assert!(sent[1].key().ends_with("-capture"));
    }
}

#[tokio::test]
async fn x167_no_more_is_captured_than_is_held() {
    for amount in [money(25_01), Money::new(25_00, Currency::parse("USD").unwrap())] {
        let (outcome, _) = captured(vec![(READ, held())], of("pi_1", amount)).await;
        assert_eq!(outcome, Err(GatewayError::Rejected), "{amount:?}");
    }
}

#[tokio::test]
async fn x161_money_that_was_taken_before_is_not_taken_again() {
    let (outcome, _) = captured(vec![(READ, taken())], of("pi_1", money(25_00))).await;
    assert_eq!(outcome, Ok(CaptureOutcome::Captured));
}

#[tokio::test]
async fn x167_another_amount_that_was_taken_before_is_no_capture() {
    for taken in [0, 1, 24_99, 25_01] {
        let (outcome, _) = captured(vec![(READ, taken_of(taken))], of("pi_1", money(25_00))).await;
        assert_eq!(outcome, Err(GatewayError::Rejected), "{taken}");
    }
}

#[tokio::test]
async fn x161_a_failed_capture_is_read_before_a_new_key_is_used() {
    let request = || of("pi_1", money(25_00));
    let script = vec![(READ, held()), (CAPTURE, broken()), (READ, taken())];
    assert_eq!(captured(script, request()).await.0, Ok(CaptureOutcome::Captured));
    let mut script = vec![(READ, held())];
    for stored in [stored_failure(), stored_failure(), stored_failure(), broken()] {
        script.extend([(CAPTURE, stored), (READ, held())]);
    }
    script.push((CAPTURE, taken()));
    let (outcome, server) = captured(script, request()).await;
    assert_eq!(outcome, Ok(CaptureOutcome::Captured));
    let sent = server.requests();
    let keys: Vec<_> = sent.iter().skip(1).step_by(2).map(|it| it.key().to_owned()).collect();
    let numbered = |number| format!("{}-{number}", keys[0]);
    assert_eq!(keys[1..], [numbered(2), numbered(3), numbered(4), numbered(5)]);
}

#[tokio::test]
async fn x161_a_capture_that_fails_again_and_again_stays_unknown() {
    let mut script = vec![(READ, held())];
    for _ in 0..2 {
        script.extend([(CAPTURE, broken()), (READ, held())]);
    }
    let (outcome, _) = captured(script, of("pi_1", money(25_00))).await;
    assert_eq!(outcome, Err(GatewayError::Unknown));
}

#[tokio::test]
async fn x161_a_capture_whose_answers_are_lost_is_unknown() {
    let lost = || (CAPTURE, Reaction::Drop);
    let script = vec![(READ, held()), lost(), lost(), lost()];
    let (outcome, server) = captured(script, of("pi_1", money(25_00))).await;
    assert_eq!(outcome, Err(GatewayError::Unknown));
    let sent = server.requests();
    assert!(sent[2].key() == sent[1].key() && sent[3].key() == sent[1].key());
}

#[tokio::test]
async fn a_capture_that_comes_too_late_or_second_is_told_by_the_payment() {
    let moved = || fails(400, "invalid_request_error", "payment_intent_unexpected_state");
    let expired = intent("canceled", json!({ "cancellation_reason": "automatic" }));
    for (now, expected) in [
        (ok(expired), CaptureOutcome::Declined(DeclineReason::Expired)),
        (ok(intent("canceled", json!({}))), CaptureOutcome::Declined(DeclineReason::Canceled)),
        (taken(), CaptureOutcome::Captured),
        (ok(intent("processing", json!({}))), CaptureOutcome::Pending),
    ] {
        let script = vec![(READ, held()), (CAPTURE, moved()), (READ, now)];
        let (outcome, _) = captured(script, of("pi_1", money(25_00))).await;
        assert_eq!(outcome, Ok(expected));
    }
}

#[tokio::test]
async fn x166_only_what_is_held_can_be_captured() {
    for status in
        ["requires_payment_method", "requires_confirmation", "requires_action", "a_status_of_2027"]
    {
        let script = vec![(READ, ok(intent(status, json!({}))))];
        let (outcome, _) = captured(script, of("pi_1", money(25_00))).await;
        assert_eq!(outcome, Err(GatewayError::Rejected), "{status}");
    }
    let open = session("open", Value::Null);
    let (outcome, _) = captured(vec![(SESSION, ok(open))], of("cs_1", money(25_00))).await;
    assert_eq!(outcome, Err(GatewayError::Rejected));
    let missing = fails(404, "invalid_request_error", "resource_missing");
    let (outcome, _) = captured(vec![(READ, missing)], of("pi_1", money(25_00))).await;
    assert_eq!(outcome, Err(GatewayError::Rejected));
}

#[tokio::test]
async fn a_session_is_captured_by_its_payment_intent() {
    let complete = session("complete", intent("requires_capture", json!({})));
    let script = vec![(SESSION, ok(complete)), (CAPTURE, taken())];
    let (outcome, _) = captured(script, of("cs_1", money(25_00))).await;
    assert_eq!(outcome, Ok(CaptureOutcome::Captured));
    let expired = session("expired", Value::Null);
    let (outcome, _) = captured(vec![(SESSION, ok(expired))], of("cs_1", money(25_00))).await;
    assert_eq!(outcome, Ok(CaptureOutcome::Declined(DeclineReason::Expired)));
}
