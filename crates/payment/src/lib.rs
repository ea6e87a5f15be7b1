//! Payment gateways, which charge and refund.
//!
//! Every charge has a [`PaymentId`] as its idempotency key. If it is requested twice, the gateway
//! charges once and returns the same outcome. A request with a known id and another amount or
//! method is an error.

mod demo;

pub use demo::{DemoGateway, Now, Statement};
use domain::{Money, PaymentId};
pub use futures::future::BoxFuture;

/// A charge to make.
#[derive(Clone, Debug)]
pub struct Charge {
    /// The idempotency key.
    pub id: PaymentId,
    /// The amount to charge.
    pub amount: Money,
    /// The gateway's identifier of the means of payment ([`Method::id`]).
    pub method: String,
}

/// The final outcome of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeOutcome {
    /// The amount was charged.
    Captured,
    /// The amount was not charged, and will not be.
    Declined(DeclineReason),
}

/// Why a charge was declined, as far as the shopper may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclineReason {
    /// The issuer refused it.
    Refused,
    /// The account does not have enough money.
    InsufficientFunds,
    /// It was voided before the gateway received it.
    Voided,
}

/// Why a request has no final outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// There was no response, so the charge may or may not happen. [`Gateway::find`] tells later.
    #[error("the gateway did not respond")]
    Unknown,
    /// The gateway could not be reached, so nothing happened.
    #[error("the gateway cannot be reached")]
    Unreachable,
    /// The id was used before, for another amount or another means of payment. Nothing was
    /// charged for this request. (Stripe calls it an `idempotency_error`.)
    #[error("the id was used before, for another charge")]
    IdReused,
    /// There is no captured charge with this id to refund.
    #[error("there is no such charge")]
    NotCharged,
}

/// A means of payment that the shopper can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// The gateway's identifier, which is stored. The crate `text` has its name.
    pub id: &'static str,
}

/// A payment gateway.
pub trait Gateway: Send + Sync {
    /// The means of payment that it offers.
    fn methods(&self) -> &'static [Method];

    /// Charges once, however often it is called with the same id.
    fn charge<'a>(
        &'a self,
        charge: &'a Charge,
    ) -> BoxFuture<'a, Result<ChargeOutcome, GatewayError>>;

    /// The outcome of a charge; `None` if the gateway never received it.
    fn find<'a>(
        &'a self,
        id: &'a PaymentId,
    ) -> BoxFuture<'a, Result<Option<ChargeOutcome>, GatewayError>>;

    /// Prevents a charge that was not yet made, and returns its outcome. It may have been captured
    /// before.
    fn void<'a>(&'a self, id: &'a PaymentId) -> BoxFuture<'a, Result<ChargeOutcome, GatewayError>>;

    /// Refunds the whole amount once, however often it is called.
    fn refund<'a>(&'a self, id: &'a PaymentId) -> BoxFuture<'a, Result<(), GatewayError>>;
}
