//! Ending a payment that is not captured.

use payment::{CancelOutcome, Gateway, GatewayError, GatewayReference};
use serde_json::{Value, json};

use crate::support::{Reaction, Server, broken, fails, intent, list, ok, payment, session};

const SESSION: &str = "GET /v1/checkout/sessions/cs_1";
const EXPIRE: &str = "POST /v1/checkout/sessions/cs_1/expire";
const INTENT: &str = "GET /v1/payment_intents/pi_1";
const CANCEL: &str = "POST /v1/payment_intents/pi_1/cancel";
const SESSIONS: &str = "GET /v1/checkout/sessions";
const INTENTS: &str = "GET /v1/payment_intents";

type Script = Vec<(&'static str, Reaction)>;

async fn canceled(
    script: Script,
    reference: Option<&str>,
) -> (Result<CancelOutcome, GatewayError>, Server) {
    let server = Server::start(script).await;
    let reference = reference.map(GatewayReference::new);
    let outcome = server.gateway().cancel(&payment(), reference.as_ref()).await;
    server.requests();
    (outcome, server)
}

fn page(status: &str, intent: Value) -> Reaction {
    ok(session(status, intent))
}

fn now(status: &str) -> Reaction {
    ok(intent(status, json!({})))
}

#[tokio::test]
async fn x168_an_open_page_is_closed() {
    let closed = || (EXPIRE, page("expired", Value::Null));
    let script = vec![
        (SESSION, page("open", Value::Null)),
        closed(),
        (SESSION, page("expired", Value::Null)),
    ];
    let (outcome, server) = canceled(script, Some("cs_1")).await;
    assert_eq!(outcome, Ok(CancelOutcome::Canceled));
    assert!(server.requests()[1].key().ends_with("-expire-session"));
    // A declined attempt left a PaymentIntent, which cannot be cancelled by itself.
    let tried = || intent("requires_payment_method", json!({}));
    let script =
        vec![(SESSION, page("open", tried())), closed(), (SESSION, page("expired", tried()))];
    assert_eq!(canceled(script, Some("cs_1")).await.0, Ok(CancelOutcome::Canceled));
    let script = vec![(SESSION, page("expired", Value::Null))];
    assert_eq!(canceled(script, Some("cs_1")).await.0, Ok(CancelOutcome::Canceled));
}

#[tokio::test]
async fn x168_a_shopper_who_was_faster_has_the_hold_released() {
    let complete = || page("complete", intent("requires_capture", json!({})));
    let script = vec![
        (SESSION, page("open", Value::Null)),
        (EXPIRE, fails(400, "invalid_request_error", "")),
        (SESSION, complete()),
        (CANCEL, now("canceled")),
    ];
    let (outcome, server) = canceled(script, Some("cs_1")).await;
    assert_eq!(outcome, Ok(CancelOutcome::Canceled));
    assert!(server.requests()[3].key().ends_with("-cancel"));
}

#[tokio::test]
async fn x168_a_page_that_cannot_be_closed_is_not_called_cancelled() {
    let open = || (SESSION, page("open", Value::Null));
    let refused = (EXPIRE, fails(400, "invalid_request_error", ""));
    let (outcome, _) = canceled(vec![open(), refused, open()], Some("cs_1")).await;
    assert_eq!(outcome, Err(GatewayError::Rejected));
    let lost = || (EXPIRE, Reaction::Drop);
    let (outcome, _) = canceled(vec![open(), lost(), lost(), lost()], Some("cs_1")).await;
    assert_eq!(outcome, Err(GatewayError::Unknown));
    let script = vec![open(), (EXPIRE, broken()), open(), (EXPIRE, broken()), open()];
    assert_eq!(canceled(script, Some("cs_1")).await.0, Err(GatewayError::Unknown));
}

#[tokio::test]
async fn each_state_of_a_payment_is_cancelled_or_was_captured() {
    for status in [
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
        "requires_capture",
        "processing",
    ] {
        let script = vec![(INTENT, now(status)), (CANCEL, now("canceled"))];
        assert_eq!(canceled(script, Some("pi_1")).await.0, Ok(CancelOutcome::Canceled), "{status}");
    }
    let script = vec![(INTENT, now("canceled"))];
    assert_eq!(canceled(script, Some("pi_1")).await.0, Ok(CancelOutcome::Canceled));
    let script = vec![(INTENT, now("succeeded"))];
    assert_eq!(canceled(script, Some("pi_1")).await.0, Ok(CancelOutcome::AlreadyCaptured));
}

#[tokio::test]
async fn x161_a_cancellation_that_failed_or_lost_a_race_is_read() {
    let moved = || fails(400, "invalid_request_error", "payment_intent_unexpected_state");
    let held = || (INTENT, now("requires_capture"));
    let script = vec![held(), (CANCEL, broken()), (INTENT, now("canceled"))];
    assert_eq!(canceled(script, Some("pi_1")).await.0, Ok(CancelOutcome::Canceled));
    let script = vec![held(), (CANCEL, moved()), (INTENT, now("succeeded"))];
    assert_eq!(canceled(script, Some("pi_1")).await.0, Ok(CancelOutcome::AlreadyCaptured));
    let busy = || (INTENT, now("processing"));
    let script = vec![busy(), (CANCEL, moved()), busy()];
    assert_eq!(canceled(script, Some("pi_1")).await.0, Err(GatewayError::Unknown));
}

#[tokio::test]
async fn x168_a_page_whose_address_was_lost_is_found_and_closed() {
    let mut other = session("open", Value::Null);
    other["client_reference_id"] = json!("another payment");
    other["id"] = json!("cs_2");
    let own = session("open", Value::Null);
    let script = vec![
        (SESSIONS, list(vec![other], true)),
        (SESSIONS, list(vec![own], false)),
        (SESSION, page("open", Value::Null)),
        (EXPIRE, page("expired", Value::Null)),
        (SESSION, page("expired", Value::Null)),
    ];
    let (outcome, server) = canceled(script, None).await;
    assert_eq!(outcome, Ok(CancelOutcome::Canceled));
    let sent = server.requests();
    assert_eq!(sent[0].field("limit"), Some("100"));
    assert_eq!(sent[0].field("created[gte]"), Some("1795777200"), "25 hours ago");
    assert_eq!(sent[1].field("starting_after"), Some("cs_2"));
}

#[tokio::test]
async fn x168_a_hold_whose_answer_was_lost_is_found_and_released() {
    let script = vec![
        (SESSIONS, list(Vec::new(), false)),
        (INTENTS, list(vec![intent("requires_capture", json!({}))], false)),
        (INTENT, now("requires_capture")),
        (CANCEL, now("canceled")),
    ];
    assert_eq!(canceled(script, None).await.0, Ok(CancelOutcome::Canceled));
}

#[tokio::test]
async fn a_payment_that_stripe_never_received_is_cancelled() {
    let nothing = || list(Vec::new(), false);
    let (outcome, _) = canceled(vec![(SESSIONS, nothing()), (INTENTS, nothing())], None).await;
    assert_eq!(outcome, Ok(CancelOutcome::Canceled));
    let missing = fails(404, "invalid_request_error", "resource_missing");
    let (outcome, _) = canceled(vec![(SESSION, missing)], Some("cs_1")).await;
    assert_eq!(outcome, Ok(CancelOutcome::Canceled));
    let (outcome, _) =
        canceled(vec![(SESSIONS, fails(403, "invalid_request_error", ""))], None).await;
    assert_eq!(outcome, Err(GatewayError::Rejected), "not to be allowed to look is no answer");
}
