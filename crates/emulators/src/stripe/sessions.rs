//! Checkout Sessions (<https://docs.stripe.com/api/checkout/sessions>).

use serde_json::{Value, json};

use super::context::Context;
use super::customers;
use super::lifecycle;
use super::line_items::{self, Total};
use super::objects::{PaymentIntent, Session};
use super::parameters::Parameters;
use super::problem::{Answer, Problem};
use super::table::{Object as _, whole};

/// A session lives between half an hour and a day.
const MIN_TTL: i64 = 30 * 60;
const MAX_TTL: i64 = 24 * 3600;

pub(super) fn create(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    check_mode(parameters)?;
    let expires_at = checked_expiry(context.now, parameters.integer("expires_at"))?;
    if parameters.has("customer") && parameters.has("customer_email") {
        let message = "You may only specify one of these parameters: customer, customer_email.";
        return Err(Problem::malformed("customer", message).with_code("parameters_exclusive"));
    }
    let Some(success_url) = parameters.owned("success_url") else {
        return Err(Problem::missing("success_url"));
    };
    for (url, param) in
        [(Some(success_url.as_str()), "success_url"), (parameters.text("cancel_url"), "cancel_url")]
    {
        check_url(url, param)?;
    }
    if let Some(customer) = parameters.text("customer") {
        customers::existing(context, customer, "customer")?;
    }
    let total = line_items::total(context, parameters)?;
    let mut session = new(context, parameters, total);
    session.expires_at = expires_at;
    session.success_url = Some(success_url);
    context.store.sessions.put(session.clone());
    Ok(json!(session))
}

/// The emulator supports payments by card on the hosted page.
fn check_mode(parameters: &Parameters) -> Result<(), Problem> {
    for (name, supported) in [("mode", "payment"), ("ui_mode", "hosted_page")] {
        if parameters.text(name).is_some_and(|value| value != supported) {
            let message = format!("The emulator supports only {name}={supported}.");
            return Err(Problem::malformed(name, message).with_code("emulator_limitation"));
        }
    }
    let is_card = |kinds: Vec<String>| kinds.iter().any(|kind| kind == "card");
    let is_allowed = parameters.texts("allowed_payment_method_types").is_none_or(is_card);
    let is_excluded = parameters.texts("excluded_payment_method_types").is_some_and(is_card);
    if is_allowed && !is_excluded {
        return Ok(());
    }
    let message = "No valid payment method types for this Checkout Session.";
    Err(Problem::invalid(message))
}

fn checked_expiry(now: i64, expires_at: Option<i64>) -> Result<i64, Problem> {
    let expires_at = expires_at.unwrap_or(now + MAX_TTL);
    let message = if expires_at < now + MIN_TTL {
        "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
    } else if expires_at > now + MAX_TTL {
        "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
    } else {
        return Ok(expires_at);
    };
    Err(Problem::invalid(message).at("expires_at"))
}

fn check_url(url: Option<&str>, param: &str) -> Result<(), Problem> {
    if url.is_none_or(|url| url.starts_with("https://") || url.starts_with("http://")) {
        return Ok(());
    }
    let message = "Invalid URL: An explicit scheme (such as https) must be provided.";
    Err(Problem::invalid(message).with_code("url_invalid").at(param))
}

fn new(context: &Context, parameters: &Parameters, total: Total) -> Session {
    let id = context.new_id("cs_test");
    let url = format!("{}/c/pay/{id}", context.base_url);
    let sum = total.subtotal + total.shipping;
    Session {
        id,
        created: context.now,
        amount_subtotal: total.subtotal,
        amount_total: sum,
        cancel_url: parameters.owned("cancel_url"),
        client_reference_id: parameters.value("client_reference_id"),
        currency: total.currency.clone(),
        customer: parameters.owned("customer"),
        customer_creation: customer_creation(parameters),
        customer_details: Value::Null,
        customer_email: parameters.value("customer_email"),
        expires_at: 0,
        locale: parameters.value("locale"),
        metadata: parameters.metadata(),
        payment_intent: None,
        payment_method_options: parameters.object("payment_method_options"),
        payment_status: "unpaid",
        saved_payment_method_options: parameters.value("saved_payment_method_options"),
        shipping_cost: total.shipping_cost(),
        status: "open",
        submit_type: parameters.value("submit_type"),
        success_url: None,
        total_details: total.details(),
        url: Some(url),
        line_items: total.items,
        payment_intent_data: parameters.value("payment_intent_data"),
        failure: None,
        fixed: fixed(),
    }
}

/// What is the same for every session that the emulator supports.
fn fixed() -> Value {
    json!({
        "object": Session::NAME,
        "client_secret": null,
        "livemode": false,
        "mode": "payment",
        "payment_method_collection": "if_required",
        "payment_method_types": ["card"],
        "shipping_options": [],
        "ui_mode": "hosted_page",
    })
}

fn customer_creation(parameters: &Parameters) -> Option<&'static str> {
    match parameters.text("customer_creation") {
        _ if parameters.has("customer") => None,
        Some("always") => Some("always"),
        _ => Some("if_required"),
    }
}

pub(super) fn update(context: &mut Context, id: &str, parameters: &Parameters) -> Answer {
    let mut session = context.store.sessions.get(id, "session")?;
    parameters.change_metadata(&mut session.metadata);
    context.store.sessions.put(session.clone());
    Ok(json!(session))
}

pub(super) fn retrieve(context: &mut Context, id: &str, _: &Parameters) -> Answer {
    Ok(json!(context.store.sessions.get(id, "session")?))
}

pub(super) fn expire(context: &mut Context, id: &str, _: &Parameters) -> Answer {
    let session = context.store.sessions.get(id, "session")?;
    if session.status != "open" {
        let message = format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout \
             Session has a status of {}.",
            session.status
        );
        return Err(Problem::invalid(message));
    }
    Ok(json!(end(context, session)))
}

/// Ends an open session without a payment. Its PaymentIntent is canceled.
pub(super) fn end(context: &mut Context, mut session: Session) -> Session {
    session.status = "expired";
    session.url = None;
    context.store.sessions.put(session.clone());
    let intent =
        session.payment_intent.as_deref().and_then(|id| context.store.payment_intents.find(id));
    if let Some(intent) = intent.cloned() {
        // One that has succeeded has completed its session, so this one can be canceled.
        let _ = lifecycle::cancel(context, intent, None);
    }
    context.record("checkout.session.expired", &session);
    session
}

/// A session counts as paid once its PaymentIntent is captured.
pub(super) fn mark_paid(context: &mut Context, intent: &PaymentIntent) {
    let session = intent.session.as_deref().and_then(|id| context.store.sessions.find(id));
    if let Some(mut session) = session.cloned() {
        session.payment_status = "paid";
        context.store.sessions.put(session);
    }
}

pub(super) fn list(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    let wanted = |name: &str, value: Option<&str>| {
        parameters.text(name).is_none_or(|wanted| value == Some(wanted))
    };
    context.store.sessions.list("/v1/checkout/sessions", parameters, |session| {
        wanted("customer", session.customer.as_deref())
            && wanted("payment_intent", session.payment_intent.as_deref())
            && wanted("status", Some(session.status))
    })
}

pub(super) fn list_line_items(context: &mut Context, id: &str, _: &Parameters) -> Answer {
    let session = context.store.sessions.get(id, "session")?;
    let url = format!("/v1/checkout/sessions/{id}/line_items");
    Ok(whole(&url, &session.line_items))
}
