//! Refunds (<https://docs.stripe.com/api/refunds>, <https://docs.stripe.com/refunds>).

use serde_json::{Value, json};

use super::cards::Charging;
use super::context::Context;
use super::currency;
use super::objects::{Charge, Refund};
use super::parameters::Parameters;
use super::problem::{Answer, Problem};
use super::schema::{Parameter, integer, metadata, one_of, period, text, unsupported};
use super::table::Object as _;

/// When the refund of a test card changes its status ("some time later").
const LATER: i64 = 30;

pub(super) const CREATE: &[Parameter] = &[
    integer("amount"),
    text("charge"),
    unsupported("currency"),
    unsupported("customer"),
    unsupported("instructions_email"),
    metadata(),
    unsupported("origin"),
    text("payment_intent"),
    one_of("reason", &["duplicate", "fraudulent", "requested_by_customer"]),
    unsupported("refund_application_fee"),
    unsupported("reverse_transfer"),
];

pub(super) const UPDATE: &[Parameter] = &[metadata()];

pub(super) const LIST: &[Parameter] = &[
    text("charge"),
    period("created"),
    text("ending_before"),
    integer("limit"),
    text("payment_intent"),
    text("starting_after"),
];

pub(super) fn create(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    let mut charge = refundable_charge(context, parameters)?;
    let amount = checked_amount(&charge, parameters.integer("amount"))?;
    let (status, later) = match charge.test_card.result {
        Charging::RefundFails => ("succeeded", Some((context.now + LATER, "failed"))),
        Charging::RefundPends => ("pending", Some((context.now + LATER, "succeeded"))),
        _ => ("succeeded", None),
    };
    let refund = Refund {
        id: context.new_id("re"),
        object: Refund::NAME,
        created: context.now,
        amount,
        balance_transaction: Value::Null,
        charge: charge.id.clone(),
        currency: charge.currency.clone(),
        destination_details: json!({ "type": "card", "card": { "type": "refund" } }),
        failure_reason: None,
        metadata: parameters.metadata(),
        payment_intent: charge.payment_intent.clone(),
        reason: parameters.value("reason"),
        receipt_number: Value::Null,
        status,
        later,
    };
    charge.amount_refunded += amount;
    charge.refunded = charge.amount_refundable() == 0;
    context.store.charges.put(charge.clone());
    context.store.refunds.put(refund.clone());
    context.record("refund.created", &refund);
    context.record("charge.refunded", &charge);
    Ok(json!(refund))
}

/// The charge that the parameters name, if it can be refunded at all.
fn refundable_charge(context: &Context, parameters: &Parameters) -> Result<Charge, Problem> {
    let charge = match (parameters.text("charge"), parameters.text("payment_intent")) {
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: charge, payment_intent.";
            return Err(Problem::malformed("charge", message).with_code("parameters_exclusive"));
        }
        (Some(id), None) => context.store.charges.get(id, "charge")?,
        (None, Some(id)) => {
            let intent = context.store.payment_intents.get(id, "payment_intent")?;
            context.store.charge_of(&intent).filter(|charge| charge.paid).ok_or_else(|| {
                let message = format!(
                    "This PaymentIntent ({id}) does not have a successful charge to refund."
                );
                super::lifecycle::unexpected_state(message, &intent)
            })?
        }
        (None, None) => {
            let message = "One of the following params should be provided for this request: \
                           payment_intent or charge.";
            return Err(Problem::malformed("charge", message).with_code("parameter_missing"));
        }
    };
    if charge.paid && !charge.captured && charge.amount_held() > 0 {
        // What is only held is released by canceling the PaymentIntent.
        let message =
            format!("Charge {} has not been captured; cancel its PaymentIntent.", charge.id);
        return Err(Problem::invalid(message).with_code("charge_not_refundable"));
    }
    if charge.disputed && !is_dispute_refundable(context, &charge) {
        let message = format!("Charge {} has been charged back; cannot issue a refund.", charge.id);
        return Err(Problem::invalid(message).with_code("charge_disputed"));
    }
    if charge.amount_refundable() == 0 {
        let message = format!("Charge {} has already been refunded.", charge.id);
        return Err(Problem::invalid(message).with_code("charge_already_refunded"));
    }
    Ok(charge)
}

fn is_dispute_refundable(context: &Context, charge: &Charge) -> bool {
    let mut disputes = context.store.disputes.all().iter();
    disputes.all(|dispute| dispute.charge != charge.id || dispute.is_charge_refundable)
}

/// All that is left without an amount, and never more.
fn checked_amount(charge: &Charge, amount: Option<i64>) -> Result<i64, Problem> {
    let left = charge.amount_refundable();
    let amount = amount.unwrap_or(left);
    if amount < 1 {
        let message = "This value must be greater than or equal to 1.";
        return Err(Problem::malformed("amount", message).with_code("parameter_invalid_integer"));
    }
    currency::check_granularity(amount, &charge.currency, "amount")?;
    if amount > left {
        let message = format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            currency::display(amount, &charge.currency),
            currency::display(left, &charge.currency)
        );
        return Err(Problem::invalid(message).with_code("amount_too_large").at("amount"));
    }
    Ok(amount)
}

/// Gives the refunds of test cards the status that they get later.
pub(super) fn settle(context: &mut Context) {
    let is_due = |refund: &&Refund| refund.later.is_some_and(|(at, _)| at <= context.now);
    let due: Vec<Refund> = context.store.refunds.all().iter().filter(is_due).cloned().collect();
    for mut refund in due {
        let Some((_, status)) = refund.later.take() else { continue };
        refund.status = status;
        if status == "failed" {
            refund.failure_reason = Some("expired_or_canceled_card");
            if let Ok(mut charge) = context.store.charges.get(&refund.charge, "charge") {
                charge.amount_refunded -= refund.amount;
                charge.refunded = false;
                context.store.charges.put(charge);
            }
        }
        context.store.refunds.put(refund.clone());
        context.record("refund.updated", &refund);
        if status == "failed" {
            context.record("refund.failed", &refund);
        }
    }
}

pub(super) fn update(context: &mut Context, id: &str, parameters: &Parameters) -> Answer {
    let mut refund = context.store.refunds.get(id, "id")?;
    parameters.change_metadata(&mut refund.metadata);
    context.store.refunds.put(refund.clone());
    context.record("refund.updated", &refund);
    Ok(json!(refund))
}

pub(super) fn retrieve(context: &mut Context, id: &str, _: &Parameters) -> Answer {
    Ok(json!(context.store.refunds.get(id, "id")?))
}

pub(super) fn list(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    let (charge, intent) = (parameters.text("charge"), parameters.text("payment_intent"));
    context.store.refunds.list("/v1/refunds", parameters, |refund| {
        charge.is_none_or(|wanted| refund.charge == wanted)
            && intent.is_none_or(|wanted| refund.payment_intent == wanted)
    })
}
