//! Charges: each attempt to charge a card (<https://docs.stripe.com/api/charges>).

use serde_json::{Value, json};

use super::context::Context;
use super::objects::{Charge, PaymentIntent, PaymentMethod};
use super::parameters::Parameters;
use super::problem::{Answer, Problem};
use super::schema::{Parameter, integer, period, text, unsupported};
use super::table::Object as _;

/// How long a card holds an authorization (<https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>):
/// seven days, and less at Visa when the shopper is not there.
const HOLD: i64 = 7 * 24 * 3600;
const OFF_SESSION_HOLD_VISA: i64 = (4 * 24 + 18) * 3600;

pub(super) const LIST: &[Parameter] = &[
    period("created"),
    text("customer"),
    text("ending_before"),
    integer("limit"),
    text("payment_intent"),
    text("starting_after"),
    unsupported("transfer_group"),
];

pub(super) fn list(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    let (customer, intent) = (parameters.text("customer"), parameters.text("payment_intent"));
    context.store.charges.list("/v1/charges", parameters, |charge| {
        customer.is_none_or(|wanted| charge.customer.as_deref() == Some(wanted))
            && intent.is_none_or(|wanted| charge.payment_intent == wanted)
    })
}

pub(super) fn retrieve(context: &mut Context, id: &str, _: &Parameters) -> Answer {
    Ok(json!(context.store.charges.get(id, "id")?))
}

/// Makes the charge of a card that was authorized, and captured if that is not done later.
pub(super) fn authorized(
    context: &mut Context,
    intent: &PaymentIntent,
    method: &PaymentMethod,
    is_off_session: bool,
) -> Charge {
    let hold = match (is_off_session, method.test_card.brand) {
        (true, "visa") => OFF_SESSION_HOLD_VISA,
        _ => HOLD,
    };
    let is_captured = intent.capture_method != "manual";
    let mut charge = new(context, intent, method);
    charge.capture_before = context.now + hold;
    charge.captured = is_captured;
    charge.amount_captured = if is_captured { intent.amount } else { 0 };
    charge.outcome = json!({
        "network_status": "approved_by_network", "reason": null, "risk_level": "normal",
        "risk_score": 12, "seller_message": "Payment complete.", "type": "authorized",
    });
    if !is_captured && let Some(card) = charge.payment_method_details.pointer_mut("/card") {
        crate::json::put(card, "capture_before", charge.capture_before);
    }
    context.store.charges.put(charge.clone());
    charge
}

/// Makes the charge of a card that was declined.
pub(super) fn failed(
    context: &mut Context,
    intent: &PaymentIntent,
    method: &PaymentMethod,
    problem: &Problem,
) -> Charge {
    let mut charge = new(context, intent, method);
    charge.paid = false;
    charge.status = "failed";
    charge.failure_code = json!(problem.name());
    charge.failure_message = json!(problem.message());
    charge.outcome = json!({
        "network_status": "declined_by_network", "reason": problem.name(), "risk_level": "normal",
        "risk_score": 12, "type": "issuer_declined",
        "seller_message": "The bank did not return any further details with this decline.",
    });
    context.store.charges.put(charge.clone());
    charge
}

fn new(context: &Context, intent: &PaymentIntent, method: &PaymentMethod) -> Charge {
    let id = context.new_id("ch");
    let mut card = method.card.clone();
    crate::json::put(&mut card, "amount_authorized", intent.amount);
    crate::json::put(&mut card, "network", method.test_card.brand);
    Charge {
        id,
        object: Charge::NAME,
        created: context.now,
        livemode: false,
        amount: intent.amount,
        amount_captured: 0,
        amount_refunded: 0,
        balance_transaction: Value::Null,
        billing_details: method.billing_details.clone(),
        captured: false,
        currency: intent.currency.clone(),
        customer: intent.customer.clone(),
        description: intent.description.clone(),
        disputed: false,
        failure_code: Value::Null,
        failure_message: Value::Null,
        metadata: intent.metadata.clone(),
        outcome: Value::Null,
        paid: true,
        payment_intent: intent.id.clone(),
        payment_method: method.id.clone(),
        payment_method_details: json!({ "type": "card", "card": card }),
        receipt_email: intent.receipt_email.clone(),
        receipt_url: Value::Null,
        refunded: false,
        shipping: intent.shipping.clone(),
        statement_descriptor: intent.statement_descriptor.clone(),
        status: "succeeded",
        capture_before: context.now,
        amount_released: 0,
        test_card: method.test_card,
    }
}

/// Releases what a card holds for a PaymentIntent. The charge counts it as refunded
/// (<https://docs.stripe.com/api/payment_intents/cancel>).
pub(super) fn release(context: &mut Context, intent: &PaymentIntent, event: &'static str) {
    let Some(mut charge) = context.store.charge_of(intent) else { return };
    let held = charge.amount_held();
    charge.amount_released += held;
    charge.amount_refunded += held;
    charge.refunded = true;
    context.store.charges.put(charge.clone());
    context.record(event, &charge);
}
