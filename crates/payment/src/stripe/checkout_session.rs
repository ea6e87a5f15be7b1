//! Checkout Sessions: Stripe's page on which a shopper enters a new card. It needs no script of the
//! shop, and the card's number never reaches the shop.
//! Source: <https://docs.stripe.com/api/checkout/sessions>.

use std::collections::HashMap;

use domain::{Language, Money, PaymentId, Timestamp};
use serde::Deserialize;

use super::{
    client::{Client, Reply},
    errors::StripeError,
    form::Form,
    idempotency::{Failures, IdempotencyKey, MAX_KEYS, Step},
    minor_units,
    payment_intent::{self, Expandable, ORDER_METADATA, PAYMENT_METADATA, PaymentIntent},
};
use crate::{AuthorizeRequest, PaymentLine, Url};

/// The address of all sessions.
pub(super) const PATH: &str = "/v1/checkout/sessions";
/// The beginning of their ids.
pub(super) const ID_PREFIX: &str = "cs_";
/// The most lines of a session (`line_items`).
const MAX_LINES: usize = 100;
/// The longest name of a line that is sent. Stripe's page shows it on one or two lines.
const MAX_NAME_CHARS: usize = 250;

/// The status of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SessionStatus {
    /// The shopper can still pay.
    Open,
    /// The shopper has finished; the PaymentIntent says how.
    Complete,
    /// The page is closed, and nothing can be paid any more.
    Expired,
    /// A status that this version does not know.
    #[serde(other)]
    Other,
}

/// A session, as far as the shop reads it. It also has a `payment_status`, which stays `unpaid`
/// until the money is captured and so says nothing about the hold.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct CheckoutSession {
    pub(super) id: String,
    pub(super) status: Option<SessionStatus>,
    #[serde(default, deserialize_with = "payment_intent::url")]
    pub(super) url: Option<Url>,
    /// In seconds since 1970.
    pub(super) expires_at: i64,
    pub(super) client_reference_id: Option<String>,
    pub(super) amount_total: Option<i64>,
    pub(super) currency: Option<String>,
    #[serde(default)]
    pub(super) metadata: HashMap<String, String>,
    /// It exists once the shopper has sent the page.
    pub(super) payment_intent: Option<Expandable<PaymentIntent>>,
}

impl CheckoutSession {
    /// The PaymentIntent, if there is one and the request asked for it.
    pub(super) fn intent(&self) -> Option<&PaymentIntent> {
        self.payment_intent.as_ref()?.object()
    }

    /// When the page closes.
    pub(super) fn closes_at(&self) -> Timestamp {
        Timestamp::from_millis(self.expires_at.saturating_mul(1000))
    }

    /// Whether it belongs to this payment of the shop.
    pub(super) fn is_of(&self, payment: &PaymentId) -> bool {
        self.client_reference_id.as_deref() == Some(payment.as_str())
    }
}

/// Creates the session of a payment.
pub(super) async fn create(
    client: &Client,
    request: &AuthorizeRequest,
) -> Result<Reply<CheckoutSession>, StripeError> {
    let form = parameters(request)?;
    // A session that a failed request left behind harms nobody: its address was never told.
    client.create(PATH, &form, &request.payment, Step::CreateSession).await
}

/// Reads a session with its PaymentIntent and charge.
pub(super) async fn retrieve(
    client: &Client,
    id: &str,
) -> Result<Reply<CheckoutSession>, StripeError> {
    let query = Form::new().with("expand[]", "payment_intent.latest_charge");
    client.get(&format!("{PATH}/{id}"), &query).await
}

/// Closes the page of an open session, and returns the session afterwards. The PaymentIntent of an
/// open session cannot be cancelled, so this is the only way.
/// Source: <https://docs.stripe.com/api/checkout/sessions/expire>.
pub(super) async fn expire(
    client: &Client,
    session: &CheckoutSession,
    payment: &PaymentId,
) -> Result<Reply<CheckoutSession>, StripeError> {
    let path = format!("{PATH}/{}/expire", session.id);
    let mut failures = Failures::default();
    for number in 1..=MAX_KEYS {
        let key = IdempotencyKey::of_step(payment, Step::ExpireSession, number);
        let error = match client.post::<CheckoutSession>(&path, &Form::new(), &key).await {
            Ok(_) => return retrieve(client, &session.id).await,
            Err(error) => error,
        };
        if error.refused().is_none() {
            return Err(error);
        }
        // It may have been closed by the failed request, or the shopper was faster.
        let now = retrieve(client, &session.id).await?;
        if now.value.status != Some(SessionStatus::Open) {
            return Ok(now);
        }
        if !error.is_server_failure() || !failures.allow_another_key(&error) {
            return Err(error);
        }
    }
    Err(StripeError::NoAnswer)
}

/// The parameters of a new session. They depend on the request alone, so that a repetition with the
/// same idempotency key has the same ones.
///
/// `payment_method_types` is left out: since 2026-09-30 Stripe refuses it, and offers what the
/// merchant allows in the Dashboard. `capture_method=manual` hides means of payment that cannot hold
/// money (<https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>).
fn parameters(request: &AuthorizeRequest) -> Result<Form, StripeError> {
    minor_units::to_charge(request.amount)?;
    let expires_at = request.expires_at.as_millis().div_euclid(1000);
    let mut form = Form::new()
        .with("mode", "payment")
        .with("client_reference_id", &request.payment)
        .with("expires_at", expires_at)
        .with("success_url", &request.return_url)
        .with("cancel_url", &request.cancel_url)
        .with("locale", locale(request.locale))
        .with("payment_intent_data[capture_method]", "manual")
        .with("payment_intent_data[description]", &request.order.number);
    for owner in ["", "payment_intent_data"] {
        let name = |entry| match owner {
            "" => format!("metadata[{entry}]"),
            owner => format!("{owner}[metadata][{entry}]"),
        };
        form = form.with(name(PAYMENT_METADATA), &request.payment);
        form = form.with(name(ORDER_METADATA), &request.order.id);
    }
    form = match &request.save_for {
        // With the shopper's consent only: the card stays at Stripe, for payments on this shop's
        // pages (https://docs.stripe.com/payments/save-during-payment).
        Some(customer) => form
            .with("customer", &customer.0)
            .with("payment_intent_data[setup_future_usage]", "on_session"),
        None => form.with_some("customer_email", request.email.as_ref().map(|it| it.as_str())),
    };
    lines(form, request)
}

/// The lines that the page shows. If they do not add up to the amount, or have a price that Stripe
/// cannot represent, one line with the order's number replaces them: the amount decides.
fn lines(form: Form, request: &AuthorizeRequest) -> Result<Form, StripeError> {
    let whole = [Line {
        name: request.order.number.clone(),
        quantity: 1,
        unit: minor_units::to_stripe(request.amount)?,
    }];
    let each = if is_sum(&request.lines, request.amount) {
        let priced = request.lines.iter().filter(|line| line.unit.minor() != 0);
        priced.map(Line::of).collect::<Option<Vec<_>>>()
    } else {
        None
    };
    let lines = each.as_deref().unwrap_or(&whole);
    let currency = minor_units::code(request.amount.currency());
    Ok(lines.iter().enumerate().fold(form, |form, (index, line)| {
        let field = |name: &str| format!("line_items[{index}]{name}");
        form.with(field("[price_data][currency]"), &currency)
            .with(field("[price_data][unit_amount]"), line.unit)
            .with(field("[price_data][product_data][name]"), &line.name)
            .with(field("[quantity]"), line.quantity)
    }))
}

/// A line in Stripe's words.
struct Line {
    name: String,
    quantity: u32,
    unit: i64,
}

impl Line {
    fn of(line: &PaymentLine) -> Option<Self> {
        let name: String = line.name.trim().chars().take(MAX_NAME_CHARS).collect();
        if name.is_empty() {
            return None;
        }
        let unit = minor_units::to_stripe(line.unit).ok()?;
        Some(Self { name, quantity: line.quantity.get(), unit })
    }
}

/// Whether there are lines, not too many, and their sum is the amount.
fn is_sum(lines: &[PaymentLine], amount: Money) -> bool {
    let zero = Money::zero(amount.currency());
    let sum = lines
        .iter()
        .try_fold(zero, |sum, line| sum.checked_add(line.unit.checked_mul(line.quantity.get())?));
    (1..=MAX_LINES).contains(&lines.len()) && sum == Ok(amount)
}

/// The language of Stripe's page. It has no Arabic, so the browser's language decides there.
/// Source: <https://docs.stripe.com/api/checkout/sessions/create>, `locale`.
pub(super) const fn locale(language: Language) -> &'static str {
    match language {
        Language::English => "en",
        Language::Spanish => "es",
        Language::Portuguese => "pt-BR",
        Language::Hindi => "hi-IN",
        Language::Indonesian => "id",
        Language::Arabic => "auto",
        Language::German => "de",
        Language::French => "fr",
    }
}
