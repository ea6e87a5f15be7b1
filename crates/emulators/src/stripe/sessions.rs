//! Checkout Sessions (<https://docs.stripe.com/api/checkout/sessions>).

use serde_json::{Value, json};

use super::context::Context;
use super::customers;
use super::lifecycle;
use super::line_items::{self, LINE_ITEM, SHIPPING_OPTION, Total};
use super::objects::{PaymentIntent, Session};
use super::parameters::Parameters;
use super::payment_intent_parameters::{CAPTURE_METHODS, CARD_OPTIONS, FUTURE_USAGES};
use super::problem::{Answer, Problem};
use super::schema::{
    Parameter, appearance, integer, metadata, object, objects, one_of, period, text, texts,
    unplayed,
};
use super::table::{Object as _, whole};

/// A session lives between half an hour and a day.
const MIN_TTL: i64 = 30 * 60;
const MAX_TTL: i64 = 24 * 3600;

pub(super) const CREATE: &[Parameter] = &[
    unplayed("adaptive_pricing"),
    unplayed("after_expiration"),
    unplayed("allow_promotion_codes"),
    texts("allowed_payment_method_types"),
    unplayed("automatic_tax"),
    appearance("billing_address_collection"),
    appearance("branding_settings"),
    text("cancel_url"),
    text("client_reference_id"),
    unplayed("consent_collection"),
    text("currency"),
    unplayed("custom_fields"),
    appearance("custom_text"),
    text("customer"),
    unplayed("customer_account"),
    one_of("customer_creation", &["always", "if_required"]),
    text("customer_email"),
    appearance("customer_update"),
    unplayed("discounts"),
    texts("excluded_payment_method_types"),
    integer("expires_at"),
    unplayed("integration_identifier"),
    unplayed("invoice_creation"),
    objects("line_items", LINE_ITEM),
    text("locale"),
    unplayed("managed_payments"),
    metadata(),
    one_of("mode", &["payment", "setup", "subscription"]).required(),
    unplayed("name_collection"),
    unplayed("optional_items"),
    unplayed("origin_context"),
    object(
        "payment_intent_data",
        &[
            unplayed("application_fee_amount"),
            one_of("capture_method", CAPTURE_METHODS),
            text("description"),
            metadata(),
            unplayed("on_behalf_of"),
            text("receipt_email"),
            one_of("setup_future_usage", FUTURE_USAGES),
            appearance("shipping"),
            text("statement_descriptor"),
            text("statement_descriptor_suffix"),
            unplayed("transfer_data"),
            unplayed("transfer_group"),
        ],
    ),
    unplayed("payment_method_collection"),
    unplayed("payment_method_configuration"),
    unplayed("payment_method_data"),
    object("payment_method_options", CARD_OPTIONS),
    unplayed("permissions"),
    appearance("phone_number_collection"),
    unplayed("redirect_on_completion"),
    unplayed("return_url"),
    object(
        "saved_payment_method_options",
        &[
            appearance("allow_redisplay_filters"),
            one_of("payment_method_remove", &["disabled", "enabled"]),
            one_of("payment_method_save", &["disabled", "enabled"]),
        ],
    ),
    unplayed("setup_intent_data"),
    appearance("shipping_address_collection"),
    objects("shipping_options", SHIPPING_OPTION),
    one_of("submit_type", &["auto", "book", "donate", "pay", "subscribe"]),
    unplayed("subscription_data"),
    text("success_url"),
    unplayed("tax_id_collection"),
    one_of("ui_mode", &["elements", "embedded_page", "form", "hosted_page"]),
    appearance("wallet_options"),
];

pub(super) const UPDATE: &[Parameter] = &[metadata()];

pub(super) const LIST: &[Parameter] = &[
    period("created"),
    text("customer"),
    unplayed("customer_account"),
    unplayed("customer_details"),
    text("ending_before"),
    integer("limit"),
    text("payment_intent"),
    unplayed("payment_link"),
    text("starting_after"),
    one_of("status", &["complete", "expired", "open"]),
    unplayed("subscription"),
];

pub(super) const LIST_LINE_ITEMS: &[Parameter] =
    &[text("ending_before"), integer("limit"), text("starting_after")];

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

/// The emulator plays payments on the hosted page, by card.
fn check_mode(parameters: &Parameters) -> Result<(), Problem> {
    for (name, played) in [("mode", "payment"), ("ui_mode", "hosted_page")] {
        if parameters.text(name).is_some_and(|value| value != played) {
            let message = format!("The emulator plays only {name}={played}.");
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
        object: Session::NAME,
        created: context.now,
        livemode: false,
        amount_subtotal: total.subtotal,
        amount_total: sum,
        cancel_url: parameters.owned("cancel_url"),
        client_reference_id: parameters.value("client_reference_id"),
        client_secret: Value::Null,
        currency: total.currency,
        customer: parameters.owned("customer"),
        customer_creation: match parameters.text("customer_creation") {
            _ if parameters.has("customer") => None,
            Some("always") => Some("always"),
            _ => Some("if_required"),
        },
        customer_details: match parameters.text("customer_email") {
            Some(email) => json!({ "address": null, "email": email, "name": null, "phone": null }),
            None => Value::Null,
        },
        customer_email: parameters.value("customer_email"),
        expires_at: 0,
        locale: parameters.value("locale"),
        metadata: parameters.metadata(),
        mode: "payment",
        payment_intent: None,
        payment_method_collection: "if_required",
        payment_method_options: match parameters.value("payment_method_options") {
            Value::Null => json!({}),
            options => options,
        },
        payment_method_types: vec![String::from("card")],
        payment_status: "unpaid",
        saved_payment_method_options: parameters.value("saved_payment_method_options"),
        shipping_cost: match total.shipping {
            0 => Value::Null,
            cost => json!({ "amount_subtotal": cost, "amount_tax": 0, "amount_total": cost }),
        },
        shipping_options: json!([]),
        status: "open",
        submit_type: parameters.value("submit_type"),
        success_url: None,
        total_details: json!({ "amount_discount": 0, "amount_shipping": total.shipping,
                               "amount_tax": 0 }),
        ui_mode: "hosted_page",
        url: Some(url),
        line_items: total.items,
        payment_intent_data: parameters.value("payment_intent_data"),
        failure: None,
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
