//! The ledger: who was authorized, charged and refunded how much, and what a card still holds. It is
//! kept for tests, which compare it with the shop's own sums.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::context::Store;
use super::currency::display;
use super::objects::{Charge, Dispute, PaymentIntent};
use crate::page::{self, escape};

/// Sums of money in minor units. What was authorized is captured, released or still held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct Sums {
    authorized: i64,
    captured: i64,
    released: i64,
    held: i64,
    refunded: i64,
    disputed: i64,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.authorized += other.authorized;
        self.captured += other.captured;
        self.released += other.released;
        self.held += other.held;
        self.refunded += other.refunded;
        self.disputed += other.disputed;
    }
}

/// One PaymentIntent with its charges.
#[derive(Debug, Serialize)]
struct Payment<'a> {
    payment_intent: &'a str,
    session: Option<&'a str>,
    client_reference_id: Value,
    customer: Option<&'a str>,
    metadata: &'a Value,
    status: &'static str,
    currency: &'a str,
    amount: i64,
    #[serde(flatten)]
    sums: Sums,
    /// How often a card was charged, and how often it was declined.
    successful_charges: usize,
    failed_charges: usize,
}

/// Every payment, the sums by currency, and the payments whose authorization still hangs.
pub(super) fn show(store: &Store) -> Value {
    let payments = payments(store);
    let mut totals = BTreeMap::<&str, Sums>::new();
    for payment in &payments {
        totals.entry(payment.currency).or_default().add(&payment.sums);
    }
    let held: Vec<&str> =
        payments.iter().filter(|each| each.sums.held > 0).map(|each| each.payment_intent).collect();
    let open: Vec<&str> = store
        .sessions
        .all()
        .iter()
        .filter(|session| session.status == "open")
        .map(|session| session.id.as_str())
        .collect();
    json!({ "payments": payments, "totals": totals, "held": held, "open_sessions": open })
}

fn payments(store: &Store) -> Vec<Payment<'_>> {
    let mut charges = BTreeMap::<&str, Vec<&Charge>>::new();
    for charge in store.charges.all() {
        charges.entry(&charge.payment_intent).or_default().push(charge);
    }
    let mut refunds = BTreeMap::<&str, i64>::new();
    for refund in store.refunds.all().iter().filter(|refund| refund.status != "failed") {
        *refunds.entry(&refund.payment_intent).or_default() += refund.amount;
    }
    let refunded = |id: &str| refunds.get(id).copied().unwrap_or_default();
    let intents = store.payment_intents.all().iter();
    intents
        .map(|intent| {
            let charges = charges.get(intent.id.as_str()).map(Vec::as_slice).unwrap_or_default();
            payment(store, intent, charges, refunded(&intent.id))
        })
        .collect()
}

fn payment<'a>(
    store: &'a Store,
    intent: &'a PaymentIntent,
    charges: &[&Charge],
    refunded: i64,
) -> Payment<'a> {
    let mut sums = Sums { refunded, disputed: disputed(store, &intent.id), ..Sums::default() };
    for charge in charges.iter().filter(|charge| charge.paid) {
        sums.add(&Sums {
            authorized: charge.amount,
            captured: charge.amount_captured,
            released: charge.amount_released,
            held: charge.amount_held(),
            refunded: 0,
            disputed: 0,
        });
    }
    let session = intent.session.as_deref().and_then(|id| store.sessions.find(id));
    let successful_charges = charges.iter().filter(|charge| charge.paid).count();
    Payment {
        payment_intent: &intent.id,
        session: intent.session.as_deref(),
        client_reference_id: session
            .map(|each| each.client_reference_id.clone())
            .unwrap_or_default(),
        customer: intent.customer.as_deref(),
        metadata: &intent.metadata,
        status: intent.status.as_str(),
        currency: &intent.currency,
        amount: intent.amount,
        sums,
        successful_charges,
        failed_charges: charges.len() - successful_charges,
    }
}

/// What disputes have taken back. An inquiry takes nothing, and one that is won returns it.
fn disputed(store: &Store, intent: &str) -> i64 {
    let disputes = store.disputes.all().iter().filter(|dispute| dispute.payment_intent == intent);
    let is_withdrawn = |dispute: &&Dispute| matches!(dispute.status, "needs_response" | "lost");
    disputes.filter(is_withdrawn).map(|dispute| dispute.amount).sum()
}

/// The payments on the page for people.
pub(super) fn items(store: &Store) -> String {
    page::list(&payments(store), item, "No payment has been made yet.")
}

fn item(payment: &Payment<'_>) -> String {
    let sum = |name: &str, amount: i64| match amount {
        0 => String::new(),
        amount => format!(" · {name} {}", display(amount, payment.currency)),
    };
    format!(
        "<li class=message><strong>{}</strong><span class=code>{}</span>\
         <span class=small>{}{}{}{}{}{}</span></li>",
        escape(payment.payment_intent),
        display(payment.amount, payment.currency),
        payment.status,
        sum("held", payment.sums.held),
        sum("captured", payment.sums.captured),
        sum("released", payment.sums.released),
        sum("refunded", payment.sums.refunded),
        sum("disputed", payment.sums.disputed),
    )
}
