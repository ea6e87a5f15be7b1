//! The demo gateway charges once, whatever happens to its callers.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails the test")]

use std::{io::Write, path::Path, sync::Arc, time::Duration};

use domain::{Currency, Language, Money, OrderId, PaymentId, RefundId, Timestamp};
use futures::future::join_all;
use payment::{
    Authorization, AuthorizeRequest, CancelOutcome, DeclineReason, DemoGateway, Gateway,
    GatewayError, GatewayReference, GatewayStatus, Now, OrderReference, RefundOutcome,
    RefundRequest, Statement, Url,
};

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn clock_at(moment: Timestamp) -> Now {
    Arc::new(move || moment)
}

fn gateway(folder: &Path) -> Arc<DemoGateway> {
    DemoGateway::open(&folder.join("ledger.jsonl"), clock_at(START)).unwrap()
}

fn charge(number: u128, method: &str) -> AuthorizeRequest {
    let address = Url::parse("https://shop.example/checkout/return/1").unwrap();
    AuthorizeRequest {
        payment: PaymentId::from_bits(number),
        order: OrderReference { id: OrderId::from_bits(1), number: "M-2026-234567".to_owned() },
        amount: Money::new(10_00, Currency::EUR),
        method: method.to_owned(),
        lines: Vec::new(),
        email: None,
        locale: Language::English,
        return_url: address.clone(),
        cancel_url: address,
        save_for: None,
        saved_method: None,
        expires_at: START + Duration::from_secs(1800),
    }
}

fn reference(number: u128) -> GatewayReference {
    GatewayReference::new(PaymentId::from_bits(number).as_str())
}

/// The answer that the charge of this number was captured.
fn taken(number: u128) -> Result<Authorization, GatewayError> {
    Ok(Authorization::Captured { reference: reference(number) })
}

fn declined(number: u128, reason: DeclineReason) -> Result<Authorization, GatewayError> {
    Ok(Authorization::Declined { reason, reference: Some(reference(number)) })
}

/// The status that the gateway tells of a charge.
async fn status(gateway: &DemoGateway, number: u128) -> Option<GatewayStatus> {
    let state = gateway.find(&PaymentId::from_bits(number), None).await.unwrap();
    state.map(|state| state.status)
}

fn refund(payment: u128, refund: u128, minor: i64) -> RefundRequest {
    RefundRequest {
        refund: RefundId::from_bits(refund),
        payment: PaymentId::from_bits(payment),
        reference: None,
        amount: Money::new(minor, Currency::EUR),
    }
}

async fn captured(gateway: &DemoGateway) -> Vec<Statement> {
    gateway.statements().await.unwrap()
}

#[tokio::test]
async fn each_test_card_has_the_outcome_of_its_label() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway(folder.path());
    let answer = async |number, card| gateway.authorize(&charge(number, card)).await;
    assert_eq!(answer(1, "demo_approve").await, taken(1));
    assert_eq!(answer(2, "demo_decline").await, declined(2, DeclineReason::Refused));
    let insufficient = answer(3, "demo_insufficient_funds").await;
    assert_eq!(insufficient, declined(3, DeclineReason::InsufficientFunds));
    assert_eq!(answer(4, "no such card").await, declined(4, DeclineReason::Refused));
    assert_eq!(captured(&gateway).await.len(), 1);
}

#[tokio::test]
async fn x80_parallel_charges_of_one_id_charge_once() {
    let folder = tempfile::tempdir().unwrap();
    // Forty callers use one ledger in two processes.
    let gateways = [gateway(folder.path()), gateway(folder.path())];
    let one = charge(1, "demo_approve");
    let outcomes = join_all((0..40).map(|n| gateways[n % 2].authorize(&one))).await;
    assert!(outcomes.iter().all(|outcome| *outcome == taken(1)));
    for gateway in &gateways {
        assert_eq!(captured(gateway).await.len(), 1);
    }
}

#[tokio::test]
async fn x80_a_known_id_with_another_amount_or_method_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let gateways = [gateway(folder.path()), gateway(folder.path())];
    let first = charge(1, "demo_approve");
    let captured_once = taken(1);
    let reused = Err(GatewayError::IdReused);
    assert_eq!(gateways[0].authorize(&first).await, captured_once);
    for (amount, currency, method, expected) in [
        (10_00, Currency::EUR, "demo_approve", captured_once.clone()),
        (10_01, Currency::EUR, "demo_approve", reused.clone()),
        (9_99, Currency::EUR, "demo_approve", reused.clone()),
        (0, Currency::EUR, "demo_approve", reused.clone()),
        (10_00, Currency::parse("GBP").unwrap(), "demo_approve", reused.clone()),
        (10_00, Currency::EUR, "demo_decline", reused.clone()),
        (10_00, Currency::EUR, "", reused.clone()),
        (20_00, Currency::EUR, "demo_timeout", reused.clone()),
    ] {
        let again = AuthorizeRequest {
            amount: Money::new(amount, currency),
            method: method.to_owned(),
            ..first.clone()
        };
        for gateway in &gateways {
            assert_eq!(gateway.authorize(&again).await, expected, "{again:?}");
        }
    }
    assert_eq!(captured(&gateways[1]).await.len(), 1);
    assert_eq!(captured(&gateways[1]).await[0].amount, first.amount);
    // A refused charge stays refused, and its id is used up as well.
    let refused = charge(2, "demo_decline");
    gateways[0].authorize(&refused).await.unwrap();
    let other = AuthorizeRequest { method: "demo_approve".to_owned(), ..refused };
    assert_eq!(gateways[0].authorize(&other).await, reused);
}

#[tokio::test]
async fn x127_a_restart_keeps_charges_and_does_not_repeat_them() {
    let folder = tempfile::tempdir().unwrap();
    let one = charge(1, "demo_approve");
    gateway(folder.path()).authorize(&one).await.unwrap();
    let again = gateway(folder.path());
    assert_eq!(status(&again, 1).await, Some(GatewayStatus::Captured));
    assert_eq!(again.authorize(&one).await, taken(1));
    assert_eq!(captured(&again).await.len(), 1);
}

#[tokio::test]
async fn x127_an_incomplete_ledger_line_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    gateway(folder.path()).authorize(&charge(1, "demo_approve")).await.unwrap();
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(br#"{"event":"charge","id":"0000000000000000000000000000"#).unwrap();
    let again = gateway(folder.path());
    assert_eq!(status(&again, 2).await, None);
    again.authorize(&charge(2, "demo_approve")).await.unwrap();
    assert_eq!(captured(&gateway(folder.path())).await.len(), 2);
}

#[tokio::test]
async fn a_lost_response_is_unknown_first_and_captured_later() {
    let folder = tempfile::tempdir().unwrap();
    let late = charge(1, "demo_timeout");
    let gateway = gateway(folder.path());
    assert_eq!(gateway.authorize(&late).await, Err(GatewayError::Unknown));
    assert_eq!(gateway.find(&late.payment, None).await, Err(GatewayError::Unknown));
    let path = folder.path().join("ledger.jsonl");
    let later = DemoGateway::open(&path, clock_at(START + Duration::from_secs(3))).unwrap();
    assert_eq!(status(&later, 1).await, Some(GatewayStatus::Captured));
    assert_eq!(later.authorize(&late).await, taken(1));
    assert_eq!(captured(&later).await.len(), 1);
}

#[tokio::test]
async fn a_cancelled_charge_is_not_made_and_a_captured_one_not_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway(folder.path());
    let cancel = async |number| gateway.cancel(&PaymentId::from_bits(number), None).await;
    assert_eq!(cancel(1).await, Ok(CancelOutcome::Canceled));
    let answer = gateway.authorize(&charge(1, "demo_approve")).await;
    assert_eq!(answer, declined(1, DeclineReason::Canceled));
    assert_eq!(status(&gateway, 1).await, Some(GatewayStatus::Canceled));
    gateway.authorize(&charge(2, "demo_approve")).await.unwrap();
    assert_eq!(cancel(2).await, Ok(CancelOutcome::AlreadyCaptured));
    assert_eq!(captured(&gateway).await.len(), 1);
}

#[tokio::test]
async fn x93_a_refund_is_made_once_and_only_of_a_captured_charge() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway(folder.path());
    gateway.authorize(&charge(1, "demo_approve")).await.unwrap();
    gateway.authorize(&charge(2, "demo_decline")).await.unwrap();
    let whole = refund(1, 1, 10_00);
    let all = join_all((0..20).map(|_| gateway.refund(&whole))).await;
    assert!(all.iter().all(|answer| *answer == Ok(RefundOutcome::Refunded)));
    let ledger = std::fs::read_to_string(folder.path().join("ledger.jsonl")).unwrap();
    assert_eq!(ledger.matches("\"event\":\"refund\"").count(), 1);
    for other in [refund(2, 2, 10_00), refund(9, 3, 10_00)] {
        assert_eq!(gateway.refund(&other).await, Ok(RefundOutcome::Refused));
    }
    assert!(captured(&gateway).await[0].is_refunded);
}

#[tokio::test]
async fn x93_partial_refunds_never_exceed_what_was_captured() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway(folder.path());
    gateway.authorize(&charge(1, "demo_approve")).await.unwrap();
    let (done, no) = (Ok(RefundOutcome::Refunded), Ok(RefundOutcome::Refused));
    for (number, minor, expected) in [
        (1, 4_00, done),
        (1, 4_00, done),
        (1, 4_01, Err(GatewayError::IdReused)),
        (2, 6_01, no),
        (3, 0, no),
        (4, -1, no),
        (5, i64::MAX, no),
        (6, 6_00, done),
        (7, 1, no),
        (6, 6_00, done),
    ] {
        assert_eq!(gateway.refund(&refund(1, number, minor)).await, expected, "{number}: {minor}");
    }
    let pounds = Money::new(1, Currency::parse("GBP").unwrap());
    let other = RefundRequest { amount: pounds, ..refund(1, 8, 1) };
    assert_eq!(gateway.refund(&other).await, no);
    let statement = captured(&gateway).await.remove(0);
    assert_eq!((statement.refunded.minor(), statement.is_refunded), (10_00, true));
}

#[tokio::test]
async fn a_refund_in_a_ledger_of_an_older_version_is_of_the_whole_amount() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    gateway(folder.path()).authorize(&charge(1, "demo_approve")).await.unwrap();
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    let id = PaymentId::from_bits(1);
    writeln!(file, r#"{{"event":"refund","id":"{id}","at":1700000000000}}"#).unwrap();
    let gateway = gateway(folder.path());
    assert!(captured(&gateway).await[0].is_refunded);
    // The shop has given the refund the id of its payment since.
    assert_eq!(gateway.refund(&refund(1, 1, 10_00)).await, Ok(RefundOutcome::Refunded));
    assert_eq!(gateway.refund(&refund(1, 2, 1)).await, Ok(RefundOutcome::Refused));
}
