//! Stripe's objects as the API shows them (<https://docs.stripe.com/api>). Fields that are skipped
//! belong to the emulator.

use serde::Serialize;
use serde_json::Value;

use super::cards::Card;

#[derive(Debug, Clone, Serialize)]
pub(super) struct Customer {
    pub id: String,
    pub object: &'static str,
    pub created: i64,
    pub livemode: bool,
    pub address: Value,
    pub balance: i64,
    pub delinquent: bool,
    pub description: Value,
    pub email: Value,
    pub invoice_settings: Value,
    pub metadata: Value,
    pub name: Value,
    pub phone: Value,
    pub preferred_locales: Value,
    pub shipping: Value,
    #[serde(skip)]
    pub is_deleted: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct PaymentMethod {
    pub id: String,
    pub object: &'static str,
    pub created: i64,
    pub livemode: bool,
    pub allow_redisplay: String,
    pub billing_details: Value,
    pub card: Value,
    pub customer: Option<String>,
    pub metadata: Value,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip)]
    pub test_card: &'static Card,
    /// Whether it was used without a customer, or was detached; then it cannot be used again.
    #[serde(skip)]
    pub is_used_up: bool,
    /// Whether the shopper has authenticated it for payments off-session.
    #[serde(skip)]
    pub is_set_up: bool,
}

/// <https://docs.stripe.com/payments/paymentintents/lifecycle>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum IntentStatus {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    RequiresCapture,
    Canceled,
    Succeeded,
}

impl IntentStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::RequiresCapture => "requires_capture",
            Self::Canceled => "canceled",
            Self::Succeeded => "succeeded",
        }
    }
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct PaymentIntent {
    pub id: String,
    pub object: &'static str,
    pub created: i64,
    pub livemode: bool,
    pub amount: i64,
    pub amount_capturable: i64,
    pub amount_received: i64,
    pub application: Value,
    pub automatic_payment_methods: Value,
    pub canceled_at: Option<i64>,
    pub cancellation_reason: Option<String>,
    pub capture_method: String,
    pub client_secret: String,
    pub confirmation_method: String,
    pub currency: String,
    pub customer: Option<String>,
    pub description: Value,
    pub last_payment_error: Value,
    pub latest_charge: Option<String>,
    pub metadata: Value,
    pub next_action: Value,
    pub payment_method: Option<String>,
    pub payment_method_options: Value,
    pub payment_method_types: Vec<String>,
    pub processing: Value,
    pub receipt_email: Value,
    pub review: Value,
    pub setup_future_usage: Value,
    pub shipping: Value,
    pub statement_descriptor: Value,
    pub statement_descriptor_suffix: Value,
    pub status: IntentStatus,
    /// The Checkout Session that made it.
    #[serde(skip)]
    pub session: Option<String>,
    /// The 3-D Secure authentication that the shopper is asked for.
    #[serde(skip)]
    pub authentication: Option<PendingAuthentication>,
}

/// What happens after the authentication.
#[derive(Debug, Clone)]
pub(super) struct PendingAuthentication {
    /// The secret part of the page's address.
    pub key: String,
    pub return_url: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Charge {
    pub id: String,
    pub object: &'static str,
    pub created: i64,
    pub livemode: bool,
    pub amount: i64,
    pub amount_captured: i64,
    pub amount_refunded: i64,
    pub balance_transaction: Value,
    pub billing_details: Value,
    pub captured: bool,
    pub currency: String,
    pub customer: Option<String>,
    pub description: Value,
    pub disputed: bool,
    pub failure_code: Value,
    pub failure_message: Value,
    pub metadata: Value,
    pub outcome: Value,
    pub paid: bool,
    pub payment_intent: String,
    pub payment_method: String,
    pub payment_method_details: Value,
    pub receipt_email: Value,
    pub receipt_url: Value,
    pub refunded: bool,
    pub shipping: Value,
    pub statement_descriptor: Value,
    pub status: &'static str,
    /// Until when it can be captured.
    #[serde(skip)]
    pub capture_before: i64,
    /// What was released without having been captured.
    #[serde(skip)]
    pub amount_released: i64,
    #[serde(skip)]
    pub test_card: &'static Card,
}

impl Charge {
    /// What the card still holds, neither captured nor released.
    pub fn amount_held(&self) -> i64 {
        let is_held = self.paid && !self.captured;
        if is_held { self.amount - self.amount_released } else { 0 }
    }

    /// What was captured and not refunded.
    pub fn amount_refundable(&self) -> i64 {
        self.amount_captured + self.amount_released - self.amount_refunded
    }
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Refund {
    pub id: String,
    pub object: &'static str,
    pub created: i64,
    pub amount: i64,
    pub balance_transaction: Value,
    pub charge: String,
    pub currency: String,
    pub destination_details: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<&'static str>,
    pub metadata: Value,
    pub payment_intent: String,
    pub reason: Value,
    pub receipt_number: Value,
    pub status: &'static str,
    /// When a test card's refund changes its status, and to which.
    #[serde(skip)]
    pub later: Option<(i64, &'static str)>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Dispute {
    pub id: String,
    pub object: &'static str,
    pub created: i64,
    pub livemode: bool,
    pub amount: i64,
    pub balance_transactions: Value,
    pub charge: String,
    pub currency: String,
    pub evidence: Value,
    pub evidence_details: Value,
    pub is_charge_refundable: bool,
    pub metadata: Value,
    pub payment_intent: String,
    pub reason: String,
    pub status: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Session {
    pub id: String,
    pub created: i64,
    pub amount_subtotal: i64,
    pub amount_total: i64,
    pub cancel_url: Option<String>,
    pub client_reference_id: Value,
    pub currency: String,
    pub customer: Option<String>,
    pub customer_creation: Option<&'static str>,
    pub customer_details: Value,
    pub customer_email: Value,
    pub expires_at: i64,
    pub locale: Value,
    pub metadata: Value,
    pub payment_intent: Option<String>,
    pub payment_method_options: Value,
    pub payment_status: &'static str,
    pub saved_payment_method_options: Value,
    pub shipping_cost: Value,
    pub status: &'static str,
    pub submit_type: Value,
    pub success_url: Option<String>,
    pub total_details: Value,
    /// None when nothing can be paid there any more.
    pub url: Option<String>,
    #[serde(skip)]
    pub line_items: Vec<Value>,
    #[serde(skip)]
    pub payment_intent_data: Value,
    /// What is the same for every session.
    #[serde(flatten)]
    pub fixed: Value,
    /// What the page shows about the last attempt.
    #[serde(skip)]
    pub failure: Option<String>,
}
