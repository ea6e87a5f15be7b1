//! What the hosted page of a Checkout Session does with a card
//! (<https://docs.stripe.com/payments/checkout/how-checkout-works>).

use serde_json::{Value, json};

use super::cards::{self, Card};
use super::context::Context;
use super::customers;
use super::lifecycle::{self, Confirmation};
use super::objects::{IntentStatus, PaymentIntent, Session};
use super::parameters::changed_metadata;
use super::payment_intents;
use super::payment_methods;

/// What a shopper has typed on the page.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub email: String,
    pub name: String,
    pub number: String,
    pub expiry: String,
    pub cvc: String,
    pub is_to_be_saved: bool,
}

/// A card that can be charged.
struct ValidCard {
    card: &'static Card,
    expiry: (i64, i64),
}

/// Pays a session.
///
/// # Errors
/// What the page says instead, when the entry is wrong or the card is declined.
pub(super) fn pay(
    context: &mut Context,
    mut session: Session,
    entry: &Entry,
) -> Result<PaymentIntent, String> {
    let valid = checked(context.now, &session, entry)?;
    let mut intent = intent_of(context, &session);
    let mut method = payment_methods::save(context, valid.card, valid.expiry);
    let email = email_of(context, &session, entry);
    let details = json!({ "address": null, "email": email, "name": entry.name, "phone": null });
    method.billing_details.clone_from(&details);
    if entry.is_to_be_saved && offers_to_save(&session) {
        method.allow_redisplay = String::from("always");
    }
    context.store.payment_methods.put(method.clone());
    if intent.customer.is_none() && needs_customer(&session, &intent) {
        intent.customer = Some(new_customer(context, &email, &entry.name));
    }
    intent.payment_method = Some(method.id);
    session.payment_intent = Some(intent.id.clone());
    session.customer.clone_from(&intent.customer);
    session.customer_details = details;
    let return_url = session.url.clone();
    context.store.sessions.put(session);
    let confirmation = Confirmation { return_url, ..Confirmation::default() };
    let paid = lifecycle::confirm(context, intent, &confirmation);
    paid.map(|intent| completed(context, intent)).map_err(|problem| String::from(problem.message()))
}

/// The e-mail address that the session knows, or else what the shopper has typed.
fn email_of(context: &Context, session: &Session, entry: &Entry) -> String {
    let customer = session.customer.as_deref().and_then(|id| context.store.customers.find(id));
    let known = customer.and_then(|customer| customer.email.as_str());
    String::from(session.customer_email.as_str().or(known).unwrap_or(&entry.email))
}

/// Completes the session of a PaymentIntent that is authorized or captured.
pub(super) fn completed(context: &mut Context, intent: PaymentIntent) -> PaymentIntent {
    let is_done = matches!(intent.status, IntentStatus::RequiresCapture | IntentStatus::Succeeded);
    let session = intent.session.as_deref().and_then(|id| context.store.sessions.find(id)).cloned();
    let Some(mut session) = session.filter(|session| is_done && session.status == "open") else {
        return intent;
    };
    session.status = "complete";
    session.url = None;
    session.failure = None;
    session.payment_status =
        if intent.status == IntentStatus::Succeeded { "paid" } else { "unpaid" };
    save_for_redisplay(context, &intent);
    context.store.sessions.put(session.clone());
    context.record("checkout.session.completed", &session);
    intent
}

/// The shopper has ticked the box that saves the card for purchases in presence.
fn save_for_redisplay(context: &mut Context, intent: &PaymentIntent) {
    let id = intent.payment_method.as_deref().unwrap_or_default();
    let Some(mut method) = context.store.payment_methods.find(id).cloned() else { return };
    if method.allow_redisplay == "always" && method.customer.is_none() && intent.customer.is_some()
    {
        method.customer.clone_from(&intent.customer);
        method.is_used_up = false;
        context.store.payment_methods.put(method.clone());
        context.record("payment_method.attached", &method);
    }
}

/// The session's PaymentIntent, which is made at the first attempt.
fn intent_of(context: &mut Context, session: &Session) -> PaymentIntent {
    let known = session.payment_intent.as_deref();
    if let Some(intent) = known.and_then(|id| context.store.payment_intents.find(id)) {
        return intent.clone();
    }
    let mut intent = payment_intents::blank(context, session.amount_total, &session.currency);
    let data = &session.payment_intent_data;
    let value = |name: &str| data.get(name).cloned().unwrap_or_default();
    if let Some(method) = value("capture_method").as_str() {
        intent.capture_method = String::from(method);
    }
    intent.customer.clone_from(&session.customer);
    intent.description = value("description");
    intent.metadata = changed_metadata(&json!({}), data.get("metadata"));
    intent.payment_method_options = session.payment_method_options.clone();
    intent.receipt_email = value("receipt_email");
    intent.setup_future_usage = value("setup_future_usage");
    intent.shipping = value("shipping");
    intent.statement_descriptor = value("statement_descriptor");
    intent.statement_descriptor_suffix = value("statement_descriptor_suffix");
    intent.session = Some(session.id.clone());
    context.store.payment_intents.put(intent.clone());
    context.record("payment_intent.created", &intent);
    intent
}

/// Whether the page has the box that saves the card.
pub(super) fn offers_to_save(session: &Session) -> bool {
    session.saved_payment_method_options.get("payment_method_save") == Some(&json!("enabled"))
}

fn needs_customer(session: &Session, intent: &PaymentIntent) -> bool {
    session.customer_creation == Some("always") || intent.setup_future_usage != Value::Null
}

fn new_customer(context: &mut Context, email: &str, name: &str) -> String {
    let mut customer = customers::blank(context);
    customer.email = json!(email);
    customer.name = json!(name);
    context.store.customers.put(customer.clone());
    context.record("customer.created", &customer);
    customer.id
}

fn checked(now: i64, session: &Session, entry: &Entry) -> Result<ValidCard, String> {
    let refused = |why: &str| Err(String::from(why));
    if session.customer.is_none() && session.customer_email.is_null() && !entry.email.contains('@')
    {
        return refused("Enter an e-mail address.");
    }
    let digits: String = entry.number.chars().filter(|letter| !letter.is_whitespace()).collect();
    if !has_check_digit(&digits) {
        return refused("Your card number is invalid.");
    }
    let Some(card) = cards::by_number(&digits) else {
        return refused(
            "Your card was declined. Your request was in test mode, but used a non test card. For a \
             list of valid test cards, visit: https://stripe.com/docs/testing.",
        );
    };
    let Some(expiry) = expiry(&entry.expiry) else {
        return refused("Your card's expiration date is incomplete.");
    };
    if is_past(expiry, now) {
        return refused("Your card's expiration date is in the past.");
    }
    let length = if card.brand == "amex" { 4 } else { 3 };
    if entry.cvc.len() != length || !entry.cvc.bytes().all(|digit| digit.is_ascii_digit()) {
        return refused("Your card's security code is incomplete.");
    }
    Ok(ValidCard { card, expiry })
}

/// The check digit of ISO/IEC 7812-1.
fn has_check_digit(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().rev().map(|letter| letter.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| (12..=19).contains(&digits.len())) else {
        return false;
    };
    let double = |digit: u32| digit * 2 / 10 + digit * 2 % 10;
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 1 { double(*digit) } else { *digit })
        .sum();
    sum.is_multiple_of(10)
}

/// Month and year of `12 / 34`, `12/2034` or `1234`.
fn expiry(text: &str) -> Option<(i64, i64)> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (month, year) = digits.split_at_checked(2)?;
    let (month, year) = (month.parse::<i64>().ok()?, year.parse::<i64>().ok()?);
    let year = if year < 100 { 2000 + year } else { year };
    ((1..=12).contains(&month) && (2000..2100).contains(&year)).then_some((month, year))
}

/// Whether a month is over.
fn is_past((month, year): (i64, i64), now: i64) -> bool {
    let today =
        time::OffsetDateTime::from_unix_timestamp(now).map(|at| (at.year(), u8::from(at.month())));
    today.is_ok_and(|(this_year, this_month)| {
        (year, month) < (i64::from(this_year), i64::from(this_month))
    })
}

#[cfg(test)]
mod tests {
    use super::{expiry, has_check_digit, is_past};

    #[test]
    fn an_expiry_is_read_in_each_usual_spelling() {
        for (text, read) in [
            ("12 / 34", Some((12, 2034))),
            ("12/34", Some((12, 2034))),
            ("1234", Some((12, 2034))),
            ("01/2030", Some((1, 2030))),
            ("13/34", None),
            ("12", None),
            ("", None),
        ] {
            assert_eq!(expiry(text), read, "{text}");
        }
    }

    #[test]
    fn a_card_expires_at_the_end_of_its_month() {
        let november_2026 = 1_795_824_000;
        assert!(!is_past((11, 2026), november_2026));
        assert!(is_past((10, 2026), november_2026));
        assert!(!is_past((1, 2027), november_2026));
    }

    #[test]
    fn a_mistyped_number_is_noticed() {
        assert!(has_check_digit("4242424242424242"));
        assert!(has_check_digit("378282246310005"));
        for number in ["4242424242424241", "", "42", "424242424242424a"] {
            assert!(!has_check_digit(number), "{number}");
        }
    }
}
