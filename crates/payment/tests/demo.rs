//! The demonstration bank charges once, whatever happens to those who ask.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails the test")]

use std::{io::Write, path::Path, sync::Arc, time::Duration};

use domain::{Currency, Money, PaymentId, Timestamp};
use futures::future::join_all;
use payment::{
    Charge, ChargeOutcome, DeclineReason, DemoGateway, Gateway, GatewayError, Now, Statement,
};

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn at(moment: Timestamp) -> Now {
    Arc::new(move || moment)
}

fn bank(folder: &Path) -> Arc<DemoGateway> {
    DemoGateway::open(&folder.join("ledger.jsonl"), at(START)).unwrap()
}

fn charge(number: u128, method: &str) -> Charge {
    Charge {
        id: PaymentId::from_bits(number),
        amount: Money::new(10_00, Currency::EUR),
        method: method.to_owned(),
    }
}

async fn taken(bank: &DemoGateway) -> Vec<Statement> {
    bank.statements().await.unwrap()
}

#[tokio::test]
async fn each_card_answers_as_its_label_says() {
    let folder = tempfile::tempdir().unwrap();
    let bank = bank(folder.path());
    let declined = |reason| Ok(ChargeOutcome::Declined(reason));
    assert_eq!(bank.charge(&charge(1, "demo_approve")).await, Ok(ChargeOutcome::Captured));
    assert_eq!(bank.charge(&charge(2, "demo_decline")).await, declined(DeclineReason::Refused));
    let poor = bank.charge(&charge(3, "demo_insufficient_funds")).await;
    assert_eq!(poor, declined(DeclineReason::InsufficientFunds));
    assert_eq!(bank.charge(&charge(4, "no such card")).await, declined(DeclineReason::Refused));
    assert_eq!(taken(&bank).await.len(), 1);
}

#[tokio::test]
async fn x80_parallel_charges_of_one_id_take_the_money_once() {
    let folder = tempfile::tempdir().unwrap();
    // Two processes on one ledger, forty callers.
    let banks = [bank(folder.path()), bank(folder.path())];
    let one = charge(1, "demo_approve");
    let answers = join_all((0..40).map(|n| banks[n % 2].charge(&one))).await;
    assert!(answers.iter().all(|answer| *answer == Ok(ChargeOutcome::Captured)));
    for bank in &banks {
        assert_eq!(taken(bank).await.len(), 1);
    }
}

#[tokio::test]
async fn x127_a_restart_forgets_nothing_and_charges_nothing_again() {
    let folder = tempfile::tempdir().unwrap();
    let one = charge(1, "demo_approve");
    bank(folder.path()).charge(&one).await.unwrap();
    let again = bank(folder.path());
    assert_eq!(again.find(&one.id).await, Ok(Some(ChargeOutcome::Captured)));
    assert_eq!(again.charge(&one).await, Ok(ChargeOutcome::Captured));
    assert_eq!(taken(&again).await.len(), 1);
}

#[tokio::test]
async fn x127_a_line_torn_by_a_crash_never_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    bank(folder.path()).charge(&charge(1, "demo_approve")).await.unwrap();
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(br#"{"event":"charge","id":"0000000000000000000000000000"#).unwrap();
    let again = bank(folder.path());
    assert_eq!(again.find(&PaymentId::from_bits(2)).await, Ok(None));
    again.charge(&charge(2, "demo_approve")).await.unwrap();
    assert_eq!(taken(&bank(folder.path())).await.len(), 2);
}

#[tokio::test]
async fn a_lost_answer_is_unknown_first_and_captured_a_moment_later() {
    let folder = tempfile::tempdir().unwrap();
    let late = charge(1, "demo_timeout");
    let bank = bank(folder.path());
    assert_eq!(bank.charge(&late).await, Err(GatewayError::Unknown));
    assert_eq!(bank.find(&late.id).await, Err(GatewayError::Unknown));
    let path = folder.path().join("ledger.jsonl");
    let later = DemoGateway::open(&path, at(START + Duration::from_secs(3))).unwrap();
    assert_eq!(later.find(&late.id).await, Ok(Some(ChargeOutcome::Captured)));
    assert_eq!(later.charge(&late).await, Ok(ChargeOutcome::Captured));
    assert_eq!(taken(&later).await.len(), 1);
}

#[tokio::test]
async fn a_voided_charge_is_never_made_and_a_made_one_never_voided() {
    let folder = tempfile::tempdir().unwrap();
    let bank = bank(folder.path());
    let voided = Ok(ChargeOutcome::Declined(DeclineReason::Voided));
    assert_eq!(bank.void(&PaymentId::from_bits(1)).await, voided);
    assert_eq!(bank.charge(&charge(1, "demo_approve")).await, voided);
    bank.charge(&charge(2, "demo_approve")).await.unwrap();
    assert_eq!(bank.void(&PaymentId::from_bits(2)).await, Ok(ChargeOutcome::Captured));
    assert_eq!(taken(&bank).await.len(), 1);
}

#[tokio::test]
async fn x93_money_goes_back_once_and_only_if_it_was_taken() {
    let folder = tempfile::tempdir().unwrap();
    let bank = bank(folder.path());
    let one = charge(1, "demo_approve");
    bank.charge(&one).await.unwrap();
    bank.charge(&charge(2, "demo_decline")).await.unwrap();
    let all = join_all((0..20).map(|_| bank.refund(&one.id))).await;
    assert!(all.iter().all(Result::is_ok));
    let ledger = std::fs::read_to_string(folder.path().join("ledger.jsonl")).unwrap();
    assert_eq!(ledger.matches("\"refund\"").count(), 1);
    assert_eq!(bank.refund(&PaymentId::from_bits(2)).await, Err(GatewayError::NotCharged));
    assert_eq!(bank.refund(&PaymentId::from_bits(9)).await, Err(GatewayError::NotCharged));
    assert!(taken(&bank).await[0].is_refunded);
}
