//! The demo gateway charges once, whatever happens to its callers.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails the test")]

use std::{io::Write, path::Path, sync::Arc, time::Duration};

use domain::{Currency, Money, PaymentId, Timestamp};
use futures::future::join_all;
use payment::{
    Charge, ChargeOutcome, DeclineReason, DemoGateway, Gateway, GatewayError, Now, Statement,
};

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn clock_at(moment: Timestamp) -> Now {
    Arc::new(move || moment)
}

fn gateway(folder: &Path) -> Arc<DemoGateway> {
    DemoGateway::open(&folder.join("ledger.jsonl"), clock_at(START)).unwrap()
}

fn charge(number: u128, method: &str) -> Charge {
    Charge {
        id: PaymentId::from_bits(number),
        amount: Money::new(10_00, Currency::EUR),
        method: method.to_owned(),
    }
}

async fn captured(gateway: &DemoGateway) -> Vec<Statement> {
    gateway.statements().await.unwrap()
}

#[tokio::test]
async fn each_test_card_has_the_outcome_of_its_label() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway(folder.path());
    let declined = |reason| Ok(ChargeOutcome::Declined(reason));
    assert_eq!(gateway.charge(&charge(1, "demo_approve")).await, Ok(ChargeOutcome::Captured));
    assert_eq!(gateway.charge(&charge(2, "demo_decline")).await, declined(DeclineReason::Refused));
    let insufficient = gateway.charge(&charge(3, "demo_insufficient_funds")).await;
    assert_eq!(insufficient, declined(DeclineReason::InsufficientFunds));
    assert_eq!(gateway.charge(&charge(4, "no such card")).await, declined(DeclineReason::Refused));
    assert_eq!(captured(&gateway).await.len(), 1);
}

#[tokio::test]
async fn x80_parallel_charges_of_one_id_charge_once() {
    let folder = tempfile::tempdir().unwrap();
    // Forty callers use one ledger in two processes.
    let gateways = [gateway(folder.path()), gateway(folder.path())];
    let one = charge(1, "demo_approve");
    let outcomes = join_all((0..40).map(|n| gateways[n % 2].charge(&one))).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Ok(ChargeOutcome::Captured)));
    for gateway in &gateways {
        assert_eq!(captured(gateway).await.len(), 1);
    }
}

#[tokio::test]
async fn x80_a_known_id_with_another_amount_or_method_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let gateways = [gateway(folder.path()), gateway(folder.path())];
    let first = charge(1, "demo_approve");
    let captured_once = Ok(ChargeOutcome::Captured);
    let reused = Err(GatewayError::IdReused);
    assert_eq!(gateways[0].charge(&first).await, captured_once);
    for (amount, currency, method, expected) in [
        (10_00, Currency::EUR, "demo_approve", captured_once),
        (10_01, Currency::EUR, "demo_approve", reused),
        (9_99, Currency::EUR, "demo_approve", reused),
        (0, Currency::EUR, "demo_approve", reused),
        (10_00, Currency::parse("GBP").unwrap(), "demo_approve", reused),
        (10_00, Currency::EUR, "demo_decline", reused),
        (10_00, Currency::EUR, "", reused),
        (20_00, Currency::EUR, "demo_timeout", reused),
    ] {
        let again = Charge {
            id: first.id.clone(),
            amount: Money::new(amount, currency),
            method: method.to_owned(),
        };
        for gateway in &gateways {
            assert_eq!(gateway.charge(&again).await, expected, "{again:?}");
        }
    }
    assert_eq!(captured(&gateways[1]).await.len(), 1);
    assert_eq!(captured(&gateways[1]).await[0].amount, first.amount);
    // A refused charge stays refused, and its id is used up as well.
    let refused = charge(2, "demo_decline");
    gateways[0].charge(&refused).await.unwrap();
    let other = Charge { method: "demo_approve".to_owned(), ..refused };
    assert_eq!(gateways[0].charge(&other).await, reused);
}

#[tokio::test]
async fn x127_a_restart_keeps_charges_and_does_not_repeat_them() {
    let folder = tempfile::tempdir().unwrap();
    let one = charge(1, "demo_approve");
    gateway(folder.path()).charge(&one).await.unwrap();
    let again = gateway(folder.path());
    assert_eq!(again.find(&one.id).await, Ok(Some(ChargeOutcome::Captured)));
    assert_eq!(again.charge(&one).await, Ok(ChargeOutcome::Captured));
    assert_eq!(captured(&again).await.len(), 1);
}

#[tokio::test]
async fn x127_an_incomplete_ledger_line_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    gateway(folder.path()).charge(&charge(1, "demo_approve")).await.unwrap();
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(br#"{"event":"charge","id":"0000000000000000000000000000"#).unwrap();
    let again = gateway(folder.path());
    assert_eq!(again.find(&PaymentId::from_bits(2)).await, Ok(None));
    again.charge(&charge(2, "demo_approve")).await.unwrap();
    assert_eq!(captured(&gateway(folder.path())).await.len(), 2);
}

#[tokio::test]
async fn a_lost_response_is_unknown_first_and_captured_later() {
    let folder = tempfile::tempdir().unwrap();
    let late = charge(1, "demo_timeout");
    let gateway = gateway(folder.path());
    assert_eq!(gateway.charge(&late).await, Err(GatewayError::Unknown));
    assert_eq!(gateway.find(&late.id).await, Err(GatewayError::Unknown));
    let path = folder.path().join("ledger.jsonl");
    let later = DemoGateway::open(&path, clock_at(START + Duration::from_secs(3))).unwrap();
    assert_eq!(later.find(&late.id).await, Ok(Some(ChargeOutcome::Captured)));
    assert_eq!(later.charge(&late).await, Ok(ChargeOutcome::Captured));
    assert_eq!(captured(&later).await.len(), 1);
}

#[tokio::test]
async fn a_voided_charge_is_not_made_and_a_captured_one_not_voided() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway(folder.path());
    let voided = Ok(ChargeOutcome::Declined(DeclineReason::Voided));
    assert_eq!(gateway.void(&PaymentId::from_bits(1)).await, voided);
    assert_eq!(gateway.charge(&charge(1, "demo_approve")).await, voided);
    gateway.charge(&charge(2, "demo_approve")).await.unwrap();
    assert_eq!(gateway.void(&PaymentId::from_bits(2)).await, Ok(ChargeOutcome::Captured));
    assert_eq!(captured(&gateway).await.len(), 1);
}

#[tokio::test]
async fn x93_a_charge_is_refunded_once_and_only_if_captured() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway(folder.path());
    let one = charge(1, "demo_approve");
    gateway.charge(&one).await.unwrap();
    gateway.charge(&charge(2, "demo_decline")).await.unwrap();
    let all = join_all((0..20).map(|_| gateway.refund(&one.id))).await;
    assert!(all.iter().all(Result::is_ok));
    let ledger = std::fs::read_to_string(folder.path().join("ledger.jsonl")).unwrap();
    assert_eq!(ledger.matches("\"refund\"").count(), 1);
    assert_eq!(gateway.refund(&PaymentId::from_bits(2)).await, Err(GatewayError::NotCharged));
    assert_eq!(gateway.refund(&PaymentId::from_bits(9)).await, Err(GatewayError::NotCharged));
    assert!(captured(&gateway).await[0].is_refunded);
}
