//! Payment methods, which are cards (<https://docs.stripe.com/api/payment_methods>).

use serde_json::{Value, json};

use super::cards::{self, Authentication, Card, Charging};
use super::context::Context;
use super::customers;
use super::objects::PaymentMethod;
use super::parameters::Parameters;
use super::problem::{Answer, Problem};
use super::schema::{Parameter, appearance, integer, metadata, object, one_of, text, unsupported};
use super::table::Object as _;

const REDISPLAY: &[&str] = &["always", "limited", "unspecified"];

pub(super) const CREATE: &[Parameter] = &[
    one_of("allow_redisplay", REDISPLAY),
    appearance("billing_details"),
    object(
        "card",
        &[
            text("cvc"),
            integer("exp_month"),
            integer("exp_year"),
            unsupported("networks"),
            text("number"),
            text("token"),
        ],
    ),
    unsupported("customer"),
    metadata(),
    unsupported("payment_method"),
    unsupported("radar_options"),
    one_of("type", &["card"]).required(),
];

pub(super) const UPDATE: &[Parameter] = &[
    one_of("allow_redisplay", REDISPLAY),
    appearance("billing_details"),
    unsupported("card"),
    metadata(),
    unsupported("us_bank_account"),
];

pub(super) const ATTACH: &[Parameter] =
    &[text("customer").required(), unsupported("customer_account")];

pub(super) const LIST: &[Parameter] = &[
    one_of("allow_redisplay", REDISPLAY),
    text("customer"),
    unsupported("customer_account"),
    text("ending_before"),
    integer("limit"),
    text("starting_after"),
    one_of("type", &["card"]),
];

/// Stores a card as a new payment method.
pub(super) fn save(
    context: &mut Context,
    card: &'static Card,
    expiry: (i64, i64),
) -> PaymentMethod {
    let is_amex = card.brand == "amex";
    let checks = json!({ "address_line1_check": null, "address_postal_code_check": null,
                         "cvc_check": if is_amex { Value::Null } else { json!("pass") } });
    let method = PaymentMethod {
        id: context.new_id("pm"),
        object: PaymentMethod::NAME,
        created: context.now,
        livemode: false,
        allow_redisplay: String::from("unspecified"),
        billing_details: json!({ "address": null, "email": null, "name": null, "phone": null }),
        card: json!({
            "brand": card.brand,
            "checks": checks,
            "country": "US",
            "display_brand": card.brand,
            "exp_month": expiry.0,
            "exp_year": expiry.1,
            "fingerprint": fingerprint(card),
            "funding": card.funding,
            "generated_from": null,
            "last4": card.last4(),
            "networks": { "available": [card.brand], "preferred": null },
            "three_d_secure_usage": { "supported": card.authentication != Authentication::Never },
            "wallet": null,
        }),
        customer: None,
        metadata: json!({}),
        kind: "card",
        test_card: card,
        is_used_up: false,
        is_set_up: card.authentication == Authentication::OnSession,
    };
    context.store.payment_methods.put(method.clone());
    method
}

/// The same for every payment method with the card's number.
fn fingerprint(card: &Card) -> String {
    use sha2::{Digest as _, Sha256};
    let mut hex = hex::encode(Sha256::digest(card.number));
    hex.truncate(16);
    hex
}

/// The payment method of an id, or a new one for the name of a test card.
pub(super) fn resolve(
    context: &mut Context,
    id: &str,
    param: &str,
) -> Result<PaymentMethod, Problem> {
    match cards::by_token(id) {
        Some(card) => Ok(save(context, card, test_expiry(context.now))),
        None => context.store.payment_methods.get(id, param),
    }
}

/// Month and year of a test card that was named by its token.
fn test_expiry(now: i64) -> (i64, i64) {
    let seconds_per_year = 31_556_952;
    (12, 1970 + now / seconds_per_year + 3)
}

/// Numbers of cards are refused unless an account has asked to send them
/// (<https://docs.stripe.com/testing>).
fn raw_card_data() -> Problem {
    let message = "Sending credit card numbers directly to the Stripe API is generally unsafe. \
                   Give card[token] with one of Stripe's test tokens, such as tok_visa.";
    Problem::malformed("card", message)
}

pub(super) fn create(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    let token = parameters.pointer("/card/token").and_then(Value::as_str);
    let token = token.ok_or_else(raw_card_data)?;
    let name = token.replacen("tok_", "pm_card_", 1);
    let card =
        cards::by_token(&name).ok_or_else(|| Problem::no_such("token", token, "card[token]"))?;
    let mut method = save(context, card, test_expiry(context.now));
    apply(parameters, &mut method);
    context.store.payment_methods.put(method.clone());
    Ok(json!(method))
}

pub(super) fn update(context: &mut Context, id: &str, parameters: &Parameters) -> Answer {
    let mut method = context.store.payment_methods.get(id, "id")?;
    apply(parameters, &mut method);
    context.store.payment_methods.put(method.clone());
    context.record("payment_method.updated", &method);
    Ok(json!(method))
}

fn apply(parameters: &Parameters, method: &mut PaymentMethod) {
    if let Some(redisplay) = parameters.owned("allow_redisplay") {
        method.allow_redisplay = redisplay;
    }
    parameters.change("billing_details", &mut method.billing_details);
    parameters.change_metadata(&mut method.metadata);
}

pub(super) fn retrieve(context: &mut Context, id: &str, _: &Parameters) -> Answer {
    Ok(json!(resolve(context, id, "id")?))
}

pub(super) fn attach(context: &mut Context, id: &str, parameters: &Parameters) -> Answer {
    let customer = parameters.text("customer").unwrap_or_default();
    customers::existing(context, customer, "customer")?;
    attach_to(context, id, customer).map(|method| json!(method))
}

/// Saves a payment method for a customer.
pub(super) fn attach_to(
    context: &mut Context,
    id: &str,
    customer: &str,
) -> Result<PaymentMethod, Problem> {
    let mut method = resolve(context, id, "payment_method")?;
    if method.is_used_up {
        return Err(used_up());
    }
    match method.customer.as_deref() {
        Some(owner) if owner == customer => return Ok(method),
        Some(_) => {
            let message =
                "The payment method you provided has already been attached to a customer.";
            return Err(Problem::invalid(message).with_code("payment_method_unexpected_state"));
        }
        None => method.customer = Some(String::from(customer)),
    }
    // A card that is declined is not saved, except by the test card that is declined later.
    if let Charging::Declined(code, decline_code, message) = method.test_card.result
        && method.test_card.token != "pm_card_chargeCustomerFail"
    {
        return Err(Problem::card(code, message).with("decline_code", json!(decline_code)));
    }
    context.store.payment_methods.put(method.clone());
    context.record("payment_method.attached", &method);
    Ok(method)
}

pub(super) fn detach(context: &mut Context, id: &str, _: &Parameters) -> Answer {
    let mut method = context.store.payment_methods.get(id, "id")?;
    if method.customer.take().is_none() {
        let message = "The payment method you provided is not attached to a customer so detachment \
                       is impossible.";
        return Err(Problem::invalid(message).with_code("payment_method_unexpected_state"));
    }
    method.is_used_up = true;
    context.store.payment_methods.put(method.clone());
    context.record("payment_method.detached", &method);
    Ok(json!(method))
}

/// Detaches every payment method of a customer.
pub(super) fn detach_all(context: &mut Context, customer: &str) {
    let methods = context.store.payment_methods.all().iter();
    let attached: Vec<PaymentMethod> =
        methods.filter(|each| each.customer.as_deref() == Some(customer)).cloned().collect();
    for mut method in attached {
        method.customer = None;
        method.is_used_up = true;
        context.store.payment_methods.put(method.clone());
        context.record("payment_method.detached", &method);
    }
}

/// `GET /v1/payment_methods?customer=…`
pub(super) fn list(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    let customer = parameters.text("customer").ok_or_else(|| Problem::missing("customer"))?;
    list_of(context, "/v1/payment_methods", customer, parameters)
}

/// `GET /v1/customers/…/payment_methods`
pub(super) fn list_of_customer(
    context: &mut Context,
    customer: &str,
    parameters: &Parameters,
) -> Answer {
    let url = format!("/v1/customers/{customer}/payment_methods");
    list_of(context, &url, customer, parameters)
}

fn list_of(context: &Context, url: &str, customer: &str, parameters: &Parameters) -> Answer {
    customers::existing(context, customer, "customer")?;
    let redisplay = parameters.text("allow_redisplay");
    context.store.payment_methods.list(url, parameters, |method| {
        method.customer.as_deref() == Some(customer)
            && redisplay.is_none_or(|wanted| method.allow_redisplay == wanted)
    })
}

/// A payment method that may be used once only, or never again.
pub(super) fn used_up() -> Problem {
    let message = "The provided PaymentMethod was previously used with a PaymentIntent without \
                   Customer attachment, shared with a connected account without Customer \
                   attachment, or was detached from a Customer. It may not be used again. To use \
                   a PaymentMethod multiple times, you must attach it to a Customer first.";
    Problem::invalid(message).with_code("payment_method_unexpected_state").at("payment_method")
}
