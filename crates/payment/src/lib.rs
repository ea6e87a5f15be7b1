//! Money out: the gateways that charge and refund.
//!
//! Every charge carries a [`PaymentId`] as its idempotency key: asked twice, a
//! gateway charges once and answers the same.

mod demo;

pub use demo::{DemoGateway, Now, Statement};
use domain::{Money, PaymentId};
pub use futures::future::BoxFuture;

/// A charge to make.
#[derive(Clone, Debug)]
pub struct Charge {
    /// The idempotency key.
    pub id: PaymentId,
    /// How much.
    pub amount: Money,
    /// The gateway's name for the shopper's means of payment.
    pub method: String,
}

/// A gateway's final word on a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeOutcome {
    /// The money was taken.
    Captured,
    /// The money was not taken and will not be.
    Declined(DeclineReason),
}

/// Why a charge was declined, as far as the shopper may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclineReason {
    /// The issuer said no.
    Refused,
    /// Not enough money.
    InsufficientFunds,
    /// It never came, and was closed so that it never will.
    Voided,
}

/// No final word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// The answer never came: the charge may or may not happen. Ask [`Gateway::find`].
    #[error("the gateway's answer never came")]
    Unknown,
    /// The gateway was not reached; nothing happened.
    #[error("the gateway was not reached")]
    Unreachable,
    /// There is no captured charge of this id to give back.
    #[error("there is no such charge")]
    NotCharged,
}

/// A means of payment the shopper may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// The gateway's name for it, kept in rows.
    pub id: &'static str,
    /// What the shopper reads.
    pub label: &'static str,
}

/// Somebody who moves money.
pub trait Gateway: Send + Sync {
    /// The means of payment to offer.
    fn methods(&self) -> &'static [Method];

    /// Charges once, however often it is asked with the same id.
    fn charge<'a>(
        &'a self,
        charge: &'a Charge,
    ) -> BoxFuture<'a, Result<ChargeOutcome, GatewayError>>;

    /// What became of a charge; `None` if the gateway never had it.
    fn find<'a>(
        &'a self,
        id: &'a PaymentId,
    ) -> BoxFuture<'a, Result<Option<ChargeOutcome>, GatewayError>>;

    /// Makes sure that a charge which was not made never will be, and says what
    /// became of it: it may have been captured before.
    fn void<'a>(&'a self, id: &'a PaymentId) -> BoxFuture<'a, Result<ChargeOutcome, GatewayError>>;

    /// Gives the whole amount back once, however often it is asked.
    fn refund<'a>(&'a self, id: &'a PaymentId) -> BoxFuture<'a, Result<(), GatewayError>>;
}
