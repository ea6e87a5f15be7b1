//! What the shop asks a gateway for.

use domain::{
    CountryCode, Currency, EmailAddress, Language, Money, OrderId, PaymentId, Quantity, RefundId,
    Timestamp,
};
use url::Url;

use crate::GatewayReference;

/// Where and for how much a method would be used.
#[derive(Clone, Copy, Debug)]
pub struct Market {
    /// The currency of the payment.
    pub currency: Currency,
    /// The country of the delivery address, once it is known.
    pub country: Option<CountryCode>,
    /// What would be paid.
    pub total: Money,
}

/// A means of payment that the shopper can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// Its word, which is unique over all gateways and is stored. The crate `text` has its name.
    pub id: &'static str,
    /// When the money is decided.
    pub timing: Timing,
}

/// When the money is decided, relative to the one-time code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// The gateway authorises the payment, on a page of its own if necessary. Then the code is
    /// asked for, and the right code captures the money.
    AuthorizeFirst,
    /// The code is asked for, and then [`Gateway::authorize`](crate::Gateway::authorize) answers
    /// [`Captured`](crate::Authorization::Captured) or declined.
    ChargeAfterCode,
    /// The code confirms the order. The money comes later, outside of the shop, such as on
    /// delivery, and the merchant records it.
    Later,
}

/// A payment to authorise.
#[derive(Clone, Debug)]
pub struct AuthorizeRequest {
    /// The payment. The idempotency keys are made of its id, one for each step.
    pub payment: PaymentId,
    /// What is paid.
    pub order: OrderReference,
    /// The amount.
    pub amount: Money,
    /// The word of the method ([`Method::id`]).
    pub method: String,
    /// The lines that the gateway's page shows, with shipping as a line. Their sum is the amount.
    pub lines: Vec<PaymentLine>,
    /// The shopper's e-mail address, if the gateway's page may fill it in.
    pub email: Option<EmailAddress>,
    /// The language of the gateway's page.
    pub locale: Language,
    /// Where the gateway sends the shopper back to.
    pub return_url: Url,
    /// Where the gateway sends a shopper who does not want to pay there.
    pub cancel_url: Url,
    /// The customer for whom the gateway keeps the means of payment, with consent only.
    pub save_for: Option<GatewayCustomer>,
    /// The means of payment that the gateway keeps, if the shopper chose one.
    pub saved_method: Option<String>,
    /// Until when the shopper can complete the payment. The stock is held until then.
    pub expires_at: Timestamp,
}

/// The order that a payment is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderReference {
    /// Its id.
    pub id: OrderId,
    /// The number that people see.
    pub number: String,
}

/// A line on the gateway's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentLine {
    /// What it is.
    pub name: String,
    /// How many.
    pub quantity: Quantity,
    /// What one piece costs.
    pub unit: Money,
}

/// A customer as the gateway knows one, such as `cus_…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayCustomer(pub String);

/// An authorised payment to capture.
#[derive(Clone, Debug)]
pub struct CaptureRequest {
    /// The payment.
    pub payment: PaymentId,
    /// The gateway's id of it.
    pub reference: GatewayReference,
    /// The amount, which is at most what was authorised. The rest is released.
    pub amount: Money,
}

/// Money to give back.
#[derive(Clone, Debug)]
pub struct RefundRequest {
    /// The refund; also its idempotency key.
    pub refund: RefundId,
    /// The payment.
    pub payment: PaymentId,
    /// The gateway's id of it, if it is known.
    pub reference: Option<GatewayReference>,
    /// The amount, which is at most what was captured and not yet refunded.
    pub amount: Money,
}
