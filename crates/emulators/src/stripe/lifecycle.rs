//! The states of a PaymentIntent (<https://docs.stripe.com/payments/paymentintents/lifecycle>):
//! confirmed, perhaps authenticated by the shopper, authorized, captured or canceled.

use serde_json::{Value, json};

use super::cards::{Authentication, Charging};
use super::charges;
use super::context::Context;
use super::disputes;
use super::objects::{IntentStatus, PaymentIntent, PaymentMethod, PendingAuthentication};
use super::payment_methods;
use super::problem::Problem;

/// What a confirmation says besides the PaymentIntent.
#[derive(Debug, Clone, Default)]
pub(super) struct Confirmation {
    /// The shopper is not there.
    pub is_off_session: bool,
    /// Where the shopper comes back to after an authentication.
    pub return_url: Option<String>,
    /// Fail instead of asking for an authentication.
    pub fails_on_action: bool,
}

/// Confirms a PaymentIntent.
///
/// # Errors
/// Why it is not confirmed. A declined card changes the PaymentIntent all the same.
pub(super) fn confirm(
    context: &mut Context,
    mut intent: PaymentIntent,
    confirmation: &Confirmation,
) -> Result<PaymentIntent, Problem> {
    let method = usable_method(context, &intent)?;
    intent.payment_method = Some(method.id.clone());
    intent.last_payment_error = Value::Null;
    if !needs_authentication(&intent, &method, confirmation.is_off_session) {
        return charge(context, intent, &method, confirmation.is_off_session);
    }
    if matches!(
        method.test_card.authentication,
        Authentication::OptionalAndBroken | Authentication::AlwaysAndBroken
    ) {
        let declined = Problem::card("card_declined", "Your card was declined.");
        return Err(fail(context, intent, &method, declined, "processing_error"));
    }
    if confirmation.is_off_session {
        let message = "Your card was declined. This transaction requires authentication.";
        let declined = Problem::card("authentication_required", message);
        return Err(fail(context, intent, &method, declined, "authentication_required"));
    }
    if confirmation.fails_on_action {
        let message = "This payment required an authentication action to complete, but \
                       `error_on_requires_action` was set. When you're ready, you can upgrade your \
                       integration to handle actions.";
        let refused = Problem::card("payment_intent_action_required", message);
        return Err(fail(context, intent, &method, refused, ""));
    }
    Ok(ask_for_authentication(context, intent, confirmation))
}

/// The payment method, if it may be used for this PaymentIntent.
fn usable_method(context: &mut Context, intent: &PaymentIntent) -> Result<PaymentMethod, Problem> {
    let Some(id) = intent.payment_method.as_deref() else {
        let message = "You cannot confirm this PaymentIntent because it's missing a payment method. \
                       You can either update the PaymentIntent with a payment method and then \
                       confirm it again, or confirm it again directly with a payment method or \
                       ConfirmationToken.";
        return Err(Problem::invalid(message).with_code("payment_intent_unexpected_state"));
    };
    let method = payment_methods::resolve(context, id, "payment_method")?;
    if method.is_used_up {
        return Err(payment_methods::used_up());
    }
    match (method.customer.as_deref(), intent.customer.as_deref()) {
        (Some(owner), Some(customer)) if owner != customer => {
            let message = format!(
                "The customer does not have a payment method with the ID {id}. The payment method \
                 must be attached to the customer."
            );
            Err(Problem::invalid(message).with_code("resource_missing").at("payment_method"))
        }
        (Some(_), None) => {
            let message = "The payment method you provided is attached to a customer so for \
                           security purposes you must provide the customer in the request.";
            Err(Problem::invalid(message).at("payment_method"))
        }
        _ => Ok(method),
    }
}

fn needs_authentication(
    intent: &PaymentIntent,
    method: &PaymentMethod,
    is_off_session: bool,
) -> bool {
    match method.test_card.authentication {
        Authentication::Never => false,
        Authentication::Optional | Authentication::OptionalAndBroken => {
            requests_authentication(intent)
        }
        Authentication::Always | Authentication::AlwaysAndBroken => true,
        Authentication::UnlessSetUp => !(is_off_session && method.is_set_up),
        Authentication::OnSession => !is_off_session,
    }
}

/// Whether the merchant requests 3-D Secure wherever the card offers it.
fn requests_authentication(intent: &PaymentIntent) -> bool {
    let wish = intent.payment_method_options.pointer("/card/request_three_d_secure");
    wish.and_then(Value::as_str).is_some_and(|wish| wish != "automatic")
}

/// Sends the shopper to the page of the bank.
fn ask_for_authentication(
    context: &mut Context,
    mut intent: PaymentIntent,
    confirmation: &Confirmation,
) -> PaymentIntent {
    let key = context.new_id("payatt");
    let page = format!("{}/redirect/authenticate/{key}", context.base_url);
    intent.status = IntentStatus::RequiresAction;
    intent.next_action = match &confirmation.return_url {
        Some(back) => json!({
            "type": "redirect_to_url",
            "redirect_to_url": { "return_url": back, "url": page },
        }),
        // Without an address to come back to, Stripe.js shows the page in a frame.
        None => json!({ "type": "use_stripe_sdk", "use_stripe_sdk": { "stripe_js": page } }),
    };
    let return_url = confirmation.return_url.clone().unwrap_or_default();
    intent.authentication = Some(PendingAuthentication { key, return_url });
    context.store.payment_intents.put(intent.clone());
    context.record("payment_intent.requires_action", &intent);
    intent
}

/// The shopper has authenticated the payment, or has failed to.
///
/// # Errors
/// Why the card is not charged.
pub(super) fn authenticated(
    context: &mut Context,
    mut intent: PaymentIntent,
    is_successful: bool,
) -> Result<PaymentIntent, Problem> {
    intent.authentication = None;
    intent.next_action = Value::Null;
    let id = intent.payment_method.clone().unwrap_or_default();
    let mut method = context.store.payment_methods.get(&id, "payment_method")?;
    if !is_successful {
        let message = "We are unable to authenticate your payment method. Please choose a different \
                       payment method and try again.";
        let failed = Problem::card("payment_intent_authentication_failure", message);
        return Err(fail(context, intent, &method, failed, ""));
    }
    if intent.setup_future_usage == "off_session" {
        method.is_set_up = true;
        context.store.payment_methods.put(method.clone());
    }
    charge(context, intent, &method, false)
}

/// Authorizes the amount, and captures it unless that is done later.
fn charge(
    context: &mut Context,
    mut intent: PaymentIntent,
    method: &PaymentMethod,
    is_off_session: bool,
) -> Result<PaymentIntent, Problem> {
    if let Charging::Declined(code, decline_code, message) = method.test_card.result {
        let declined = Problem::card(code, message);
        return Err(fail(context, intent, method, declined, decline_code));
    }
    let charge = charges::authorized(context, &intent, method, is_off_session);
    intent.latest_charge = Some(charge.id.clone());
    keep_method(context, &intent, method.clone());
    context.record("charge.succeeded", &charge);
    if intent.capture_method == "manual" {
        intent.status = IntentStatus::RequiresCapture;
        intent.amount_capturable = intent.amount;
        context.store.payment_intents.put(intent.clone());
        context.record("payment_intent.amount_capturable_updated", &intent);
    } else {
        succeed(context, &mut intent, charge.amount);
        disputes::open_for_test_card(context, &charge.id);
    }
    Ok(intent)
}

fn succeed(context: &mut Context, intent: &mut PaymentIntent, received: i64) {
    intent.status = IntentStatus::Succeeded;
    intent.amount_capturable = 0;
    intent.amount_received = received;
    context.store.payment_intents.put(intent.clone());
    context.record("payment_intent.succeeded", intent);
}

/// Saves the card for the customer if that was agreed; otherwise it cannot be used again.
fn keep_method(context: &mut Context, intent: &PaymentIntent, mut method: PaymentMethod) {
    if method.customer.is_some() {
        return;
    }
    match (&intent.customer, intent.setup_future_usage.is_string()) {
        (Some(customer), true) => {
            method.customer = Some(customer.clone());
            method.is_set_up |= method.test_card.authentication == Authentication::Never;
            context.store.payment_methods.put(method.clone());
            context.record("payment_method.attached", &method);
        }
        _ => {
            method.is_used_up = true;
            context.store.payment_methods.put(method);
        }
    }
}

/// Records that the card was not charged. Returns the error with all that belongs to it.
fn fail(
    context: &mut Context,
    mut intent: PaymentIntent,
    method: &PaymentMethod,
    problem: Problem,
    decline_code: &str,
) -> Problem {
    let mut problem = problem.with("payment_method", json!(method));
    if !decline_code.is_empty() {
        let charge = charges::failed(context, &intent, method, &problem);
        problem =
            problem.with("decline_code", json!(decline_code)).with("charge", json!(charge.id));
        intent.latest_charge = Some(charge.id.clone());
        context.record("charge.failed", &charge);
    }
    intent.status = IntentStatus::RequiresPaymentMethod;
    intent.payment_method = None;
    intent.next_action = Value::Null;
    intent.authentication = None;
    intent.last_payment_error = problem.as_last_payment_error();
    context.store.payment_intents.put(intent.clone());
    context.record("payment_intent.payment_failed", &intent);
    problem.with("payment_intent", json!(intent))
}

/// Captures an authorization once, all of it or less; the rest is released.
///
/// # Errors
/// When nothing is authorized, or less than that.
pub(super) fn capture(
    context: &mut Context,
    mut intent: PaymentIntent,
    amount: Option<i64>,
) -> Result<PaymentIntent, Problem> {
    if intent.status != IntentStatus::RequiresCapture {
        let message = format!(
            "This PaymentIntent could not be captured because it has a status of {}. Only a \
             PaymentIntent with one of the following statuses may be captured: requires_capture.",
            intent.status.as_str()
        );
        return Err(unexpected_state(message, &intent));
    }
    let amount = amount.unwrap_or(intent.amount_capturable);
    if amount > intent.amount_capturable {
        let message = format!(
            "The amount_to_capture ({amount}) is greater than the amount that can be captured ({}).",
            intent.amount_capturable
        );
        return Err(Problem::invalid(message)
            .with_code("amount_too_large")
            .at("amount_to_capture"));
    }
    super::currency::check_amount(amount, &intent.currency, "amount_to_capture")?;
    if let Some(mut charge) = context.store.charge_of(&intent) {
        charge.captured = true;
        charge.amount_captured = amount;
        charge.amount_released = charge.amount - amount;
        charge.amount_refunded = charge.amount_released;
        context.store.charges.put(charge.clone());
        context.record("charge.captured", &charge);
        succeed(context, &mut intent, amount);
        disputes::open_for_test_card(context, &charge.id);
    }
    super::sessions::mark_paid(context, &intent);
    Ok(intent)
}

/// Cancels a PaymentIntent; what the card holds is released.
///
/// # Errors
/// When it has succeeded or was canceled.
pub(super) fn cancel(
    context: &mut Context,
    mut intent: PaymentIntent,
    reason: Option<String>,
) -> Result<PaymentIntent, Problem> {
    if matches!(intent.status, IntentStatus::Succeeded | IntentStatus::Canceled) {
        let message = format!(
            "You cannot cancel this PaymentIntent because it has a status of {}. Only a \
             PaymentIntent with one of the following statuses may be canceled: \
             requires_payment_method, requires_capture, requires_confirmation, requires_action, \
             processing.",
            intent.status.as_str()
        );
        return Err(unexpected_state(message, &intent));
    }
    if intent.status == IntentStatus::RequiresCapture {
        // An authorization that expires has an event of its own.
        let is_expired = reason.as_deref() == Some("automatic");
        charges::release(
            context,
            &intent,
            if is_expired { "charge.expired" } else { "charge.refunded" },
        );
    }
    intent.status = IntentStatus::Canceled;
    intent.amount_capturable = 0;
    intent.canceled_at = Some(context.now);
    intent.cancellation_reason = reason;
    intent.next_action = Value::Null;
    intent.authentication = None;
    context.store.payment_intents.put(intent.clone());
    context.record("payment_intent.canceled", &intent);
    Ok(intent)
}

/// The PaymentIntent is in a state that does not allow this.
pub(super) fn unexpected_state(message: impl Into<String>, intent: &PaymentIntent) -> Problem {
    Problem::invalid(message)
        .with_code("payment_intent_unexpected_state")
        .with("payment_intent", json!(intent))
}
