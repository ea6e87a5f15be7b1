//! The operations on PaymentIntents (<https://docs.stripe.com/api/payment_intents>).

use serde_json::{Value, json};

use super::context::Context;
use super::currency;
use super::customers;
use super::lifecycle::{self, Confirmation};
use super::objects::{IntentStatus, PaymentIntent};
use super::parameters::Parameters;
use super::payment_methods;
use super::problem::{Answer, Problem};
use super::table::Object as _;

/// A new PaymentIntent, which is not stored yet.
pub(super) fn blank(context: &Context, amount: i64, currency: &str) -> PaymentIntent {
    let id = context.new_id("pi");
    let client_secret = format!("{id}_{}", context.new_id("secret"));
    PaymentIntent {
        id,
        object: PaymentIntent::NAME,
        created: context.now,
        livemode: false,
        amount,
        amount_capturable: 0,
        amount_received: 0,
        application: Value::Null,
        automatic_payment_methods: json!({ "allow_redirects": "always", "enabled": true }),
        canceled_at: None,
        cancellation_reason: None,
        capture_method: String::from("automatic_async"),
        client_secret,
        confirmation_method: String::from("automatic"),
        currency: String::from(currency),
        customer: None,
        description: Value::Null,
        last_payment_error: Value::Null,
        latest_charge: None,
        metadata: json!({}),
        next_action: Value::Null,
        payment_method: None,
        payment_method_options: json!({}),
        payment_method_types: vec![String::from("card")],
        processing: Value::Null,
        receipt_email: Value::Null,
        review: Value::Null,
        setup_future_usage: Value::Null,
        shipping: Value::Null,
        statement_descriptor: Value::Null,
        statement_descriptor_suffix: Value::Null,
        status: IntentStatus::RequiresPaymentMethod,
        session: None,
        authentication: None,
    }
}

pub(super) fn create(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    let is_confirmed = parameters.is_true("confirm");
    if !is_confirmed {
        for name in ["return_url", "off_session", "error_on_requires_action"] {
            if parameters.has(name) {
                let message = format!(
                    "The parameter `{name}` cannot be passed when creating a PaymentIntent unless \
                     `confirm` is set to true."
                );
                return Err(Problem::malformed(name, message));
            }
        }
    }
    let currency = currency::parse(parameters.text("currency").unwrap_or_default(), "currency")?;
    let amount = parameters.integer("amount").unwrap_or_default();
    currency::check_amount(amount, &currency, "amount")?;
    let mut intent = blank(context, amount, &currency);
    if let Some(methods) = parameters.0.get("automatic_payment_methods") {
        intent.automatic_payment_methods = methods.clone();
        if methods.get("allow_redirects").is_none() {
            crate::json::put(&mut intent.automatic_payment_methods, "allow_redirects", "always");
        }
    }
    if let Some(method) = parameters.owned("confirmation_method") {
        intent.confirmation_method = method;
    }
    apply(context, parameters, &mut intent)?;
    context.store.payment_intents.put(intent.clone());
    context.record("payment_intent.created", &intent);
    if is_confirmed { run_confirmation(context, intent, parameters) } else { Ok(json!(intent)) }
}

/// Sets what creation, updates and confirmations have in common.
fn apply(
    context: &mut Context,
    parameters: &Parameters,
    intent: &mut PaymentIntent,
) -> Result<(), Problem> {
    if let Some(customer) = parameters.owned("customer") {
        customers::existing(context, &customer, "customer")?;
        intent.customer = Some(customer);
    }
    if let Some(method) = parameters.text("payment_method") {
        intent.payment_method =
            Some(payment_methods::resolve(context, method, "payment_method")?.id);
        intent.status = IntentStatus::RequiresConfirmation;
    }
    if let Some(method) = parameters.owned("capture_method") {
        intent.capture_method = method;
    }
    parameters.change("description", &mut intent.description);
    parameters.change("payment_method_options", &mut intent.payment_method_options);
    parameters.change("receipt_email", &mut intent.receipt_email);
    parameters.change("setup_future_usage", &mut intent.setup_future_usage);
    parameters.change("shipping", &mut intent.shipping);
    parameters.change("statement_descriptor", &mut intent.statement_descriptor);
    parameters.change("statement_descriptor_suffix", &mut intent.statement_descriptor_suffix);
    parameters.change_metadata(&mut intent.metadata);
    check_card_is_allowed(parameters)
}

/// Cards are the only type here; a request may leave none.
fn check_card_is_allowed(parameters: &Parameters) -> Result<(), Problem> {
    let is_card = |kinds: Vec<String>| kinds.iter().any(|kind| kind == "card");
    let is_allowed = parameters.texts("allowed_payment_method_types").is_none_or(is_card);
    let is_excluded = parameters.texts("excluded_payment_method_types").is_some_and(is_card);
    if is_allowed && !is_excluded {
        return Ok(());
    }
    let message = "No valid payment method types for this Payment Intent.";
    Err(Problem::invalid(message).with_code("payment_intent_invalid_parameter"))
}

pub(super) fn update(context: &mut Context, id: &str, parameters: &Parameters) -> Answer {
    let mut intent = context.store.payment_intents.get(id, "intent")?;
    let is_open = matches!(
        intent.status,
        IntentStatus::RequiresPaymentMethod
            | IntentStatus::RequiresConfirmation
            | IntentStatus::RequiresAction
    );
    let changes_only_words = parameters
        .0
        .keys()
        .all(|name| matches!(name.as_str(), "metadata" | "description" | "receipt_email"));
    if !is_open && !changes_only_words {
        let message = format!(
            "This PaymentIntent's parameters could not be updated because it has a status of {}.",
            intent.status.as_str()
        );
        return Err(lifecycle::unexpected_state(message, &intent));
    }
    if let Some(given) = parameters.text("currency") {
        intent.currency = currency::parse(given, "currency")?;
    }
    intent.amount = parameters.integer("amount").unwrap_or(intent.amount);
    currency::check_amount(intent.amount, &intent.currency, "amount")?;
    apply(context, parameters, &mut intent)?;
    context.store.payment_intents.put(intent.clone());
    Ok(json!(intent))
}

pub(super) fn confirm(context: &mut Context, id: &str, parameters: &Parameters) -> Answer {
    let mut intent = context.store.payment_intents.get(id, "intent")?;
    check_is_not_of_session(&intent, "confirm")?;
    match intent.status {
        IntentStatus::Succeeded | IntentStatus::RequiresCapture => {
            let message = "You cannot confirm this PaymentIntent because it has already succeeded \
                           after being previously confirmed.";
            return Err(lifecycle::unexpected_state(message, &intent));
        }
        IntentStatus::Canceled => {
            let message = "You cannot confirm this PaymentIntent because it has a status of \
                           canceled. Only a PaymentIntent with one of the following statuses may be \
                           confirmed: requires_confirmation, requires_action.";
            return Err(lifecycle::unexpected_state(message, &intent));
        }
        _ => apply(context, parameters, &mut intent)?,
    }
    run_confirmation(context, intent, parameters)
}

fn run_confirmation(
    context: &mut Context,
    intent: PaymentIntent,
    parameters: &Parameters,
) -> Answer {
    let off_session = parameters.text("off_session");
    let confirmation = Confirmation {
        is_off_session: off_session.is_some_and(|value| value != "false"),
        return_url: parameters.owned("return_url"),
        fails_on_action: parameters.is_true("error_on_requires_action"),
    };
    check_return_url(&intent, &confirmation)?;
    if confirmation.is_off_session && parameters.has("setup_future_usage") {
        let message = "You cannot provide `setup_future_usage` when `off_session` is true.";
        return Err(Problem::invalid(message).at("setup_future_usage"));
    }
    lifecycle::confirm(context, intent, &confirmation).map(|intent| json!(intent))
}

/// Payment methods of the dashboard may redirect the shopper, unless the request rules that out.
fn check_return_url(intent: &PaymentIntent, confirmation: &Confirmation) -> Result<(), Problem> {
    let methods = &intent.automatic_payment_methods;
    let may_redirect = methods.get("enabled") == Some(&json!(true))
        && methods.get("allow_redirects") != Some(&json!("never"));
    if !may_redirect || confirmation.is_off_session || confirmation.return_url.is_some() {
        return Ok(());
    }
    let message = "This PaymentIntent is configured to accept payment methods enabled in your \
                   Dashboard. Because some of these payment methods might redirect your customer \
                   off of your page, you must provide a `return_url`. If you don't want to accept \
                   redirect-based payment methods, set `automatic_payment_methods[enabled]` to \
                   `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating \
                   Setup Intents and Payment Intents.";
    Err(Problem::invalid(message).at("return_url"))
}

/// The PaymentIntent of a Checkout Session is confirmed by its page. Only one that is authorized is
/// canceled directly (<https://docs.stripe.com/api/payment_intents/cancel>).
fn check_is_not_of_session(intent: &PaymentIntent, verb: &str) -> Result<(), Problem> {
    if intent.session.is_none() || intent.status == IntentStatus::RequiresCapture {
        return Ok(());
    }
    let message = format!(
        "You cannot {verb} this PaymentIntent because it was created by a Checkout Session. Expire \
         the Checkout Session instead."
    );
    Err(lifecycle::unexpected_state(message, intent))
}

pub(super) fn capture(context: &mut Context, id: &str, parameters: &Parameters) -> Answer {
    let mut intent = context.store.payment_intents.get(id, "intent")?;
    parameters.change_metadata(&mut intent.metadata);
    parameters.change("statement_descriptor", &mut intent.statement_descriptor);
    parameters.change("statement_descriptor_suffix", &mut intent.statement_descriptor_suffix);
    let amount = parameters.integer("amount_to_capture");
    lifecycle::capture(context, intent, amount).map(|intent| json!(intent))
}

pub(super) fn cancel(context: &mut Context, id: &str, parameters: &Parameters) -> Answer {
    let intent = context.store.payment_intents.get(id, "intent")?;
    check_is_not_of_session(&intent, "cancel")?;
    let reason = parameters.owned("cancellation_reason");
    lifecycle::cancel(context, intent, reason).map(|intent| json!(intent))
}

pub(super) fn retrieve(context: &mut Context, id: &str, parameters: &Parameters) -> Answer {
    let intent = context.store.payment_intents.get(id, "intent")?;
    if parameters.text("client_secret").is_some_and(|secret| secret != intent.client_secret) {
        let message = "The client_secret provided does not match the client_secret associated with \
                       the PaymentIntent.";
        return Err(Problem::invalid(message).at("client_secret"));
    }
    Ok(json!(intent))
}

pub(super) fn list(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    let customer = parameters.text("customer");
    context.store.payment_intents.list("/v1/payment_intents", parameters, |intent| {
        customer.is_none_or(|wanted| intent.customer.as_deref() == Some(wanted))
    })
}
