//! Disputes (<https://docs.stripe.com/api/disputes>, <https://docs.stripe.com/testing#disputes>).

use serde_json::{Value, json};

use super::cards::Charging;
use super::context::Context;
use super::objects::{Charge, Dispute};
use super::parameters::Parameters;
use super::problem::{Answer, Problem};
use super::schema::{Parameter, appearance, boolean, integer, metadata, period, text, unsupported};
use super::table::Object as _;

/// How long evidence can be submitted.
const EVIDENCE_PERIOD: i64 = 9 * 24 * 3600;

pub(super) const UPDATE: &[Parameter] = &[
    appearance("evidence"),
    unsupported("intended_submission_method"),
    metadata(),
    boolean("submit"),
];

pub(super) const LIST: &[Parameter] = &[
    text("charge"),
    period("created"),
    text("ending_before"),
    integer("limit"),
    text("payment_intent"),
    text("starting_after"),
];

/// Disputes a charge that was captured, if its test card says so.
pub(super) fn open_for_test_card(context: &mut Context, charge: &str) {
    let Ok(charge) = context.store.charges.get(charge, "charge") else { return };
    if let Charging::Disputed(reason, status) = charge.test_card.result {
        open(context, charge, reason, status);
    }
}

/// Disputes a charge. An inquiry withdraws nothing yet.
pub(super) fn open(context: &mut Context, mut charge: Charge, reason: &str, status: &'static str) {
    let is_inquiry = status == "warning_needs_response";
    let due_by = context.now + EVIDENCE_PERIOD;
    let dispute = Dispute {
        id: context.new_id("du"),
        object: Dispute::NAME,
        created: context.now,
        livemode: false,
        amount: charge.amount_captured,
        balance_transactions: json!([]),
        charge: charge.id.clone(),
        currency: charge.currency.clone(),
        evidence: json!({}),
        evidence_details: json!({ "due_by": due_by, "has_evidence": false, "past_due": false,
                                  "submission_count": 0 }),
        is_charge_refundable: is_inquiry,
        metadata: json!({}),
        payment_intent: charge.payment_intent.clone(),
        reason: String::from(reason),
        status,
    };
    charge.disputed = true;
    context.store.charges.put(charge);
    context.store.disputes.put(dispute.clone());
    context.record("charge.dispute.created", &dispute);
    if !is_inquiry {
        context.record("charge.dispute.funds_withdrawn", &dispute);
    }
}

/// Submits evidence. The texts of the documentation win or lose the dispute.
pub(super) fn update(context: &mut Context, id: &str, parameters: &Parameters) -> Answer {
    let mut dispute = open_dispute(context, id)?;
    parameters.change_metadata(&mut dispute.metadata);
    parameters.change("evidence", &mut dispute.evidence);
    crate::json::put(&mut dispute.evidence_details, "has_evidence", parameters.has("evidence"));
    let text = dispute.evidence.get("uncategorized_text").and_then(Value::as_str);
    let status = match text {
        _ if !parameters.is_true("submit") && parameters.has("submit") => None,
        Some("winning_evidence") => Some("won"),
        Some("losing_evidence") => Some("lost"),
        _ => None,
    };
    context.store.disputes.put(dispute.clone());
    context.record("charge.dispute.updated", &dispute);
    Ok(match status {
        Some(status) => json!(decide(context, dispute, status)),
        None => json!(dispute),
    })
}

/// Accepts a dispute, which loses it.
pub(super) fn close(context: &mut Context, id: &str, _: &Parameters) -> Answer {
    let dispute = open_dispute(context, id)?;
    Ok(json!(decide(context, dispute, "lost")))
}

fn decide(context: &mut Context, mut dispute: Dispute, status: &'static str) -> Dispute {
    dispute.status = status;
    context.store.disputes.put(dispute.clone());
    context.record("charge.dispute.closed", &dispute);
    if status == "won" {
        context.record("charge.dispute.funds_reinstated", &dispute);
    }
    dispute
}

fn open_dispute(context: &Context, id: &str) -> Result<Dispute, Problem> {
    let dispute = context.store.disputes.get(id, "id")?;
    if matches!(dispute.status, "won" | "lost") {
        return Err(Problem::invalid("This dispute is already closed"));
    }
    Ok(dispute)
}

pub(super) fn retrieve(context: &mut Context, id: &str, _: &Parameters) -> Answer {
    Ok(json!(context.store.disputes.get(id, "id")?))
}

pub(super) fn list(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    let (charge, intent) = (parameters.text("charge"), parameters.text("payment_intent"));
    context.store.disputes.list("/v1/disputes", parameters, |dispute| {
        charge.is_none_or(|wanted| dispute.charge == wanted)
            && intent.is_none_or(|wanted| dispute.payment_intent == wanted)
    })
}
