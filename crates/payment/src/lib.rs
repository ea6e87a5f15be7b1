//! Payment gateways, which authorise, capture, cancel and refund payments.
//!
//! A shop may have several [`Gateways`] at once. Each offers [`Method`]s, such as a card or payment
//! on delivery; a method says by its [`Timing`] whether the gateway decides about the money before
//! or after the one-time code.
//!
//! Every request can be repeated. A gateway makes its idempotency keys of the payment's id (of the
//! refund's id for a refund) and of the step, so that what is asked twice happens once, and both
//! get the same answer. The same id with another amount or method is
//! [`GatewayError::IdReused`], a fault of the shop. (Stripe documents this as idempotent requests:
//! <https://docs.stripe.com/api/idempotent_requests>.)
//!
//! What a browser or a webhook says about a payment is a hint. [`Gateway::find`] decides.

mod callback;
mod demo;
mod gateways;
mod manual;
mod money_state;
mod names;
mod outcome;
mod request;
pub mod stripe;

pub use callback::{
    CallbackError, Dispute, DisputeStatus, EventCursor, EventKind, GatewayEvent, RawCallback,
};
pub use demo::{DemoGateway, Now, Statement};
pub use domain::DeclineReason;
pub use futures::future::BoxFuture;
pub use gateways::{Choice, Gateways};
pub use manual::{BankTransfer, CashOnDelivery};
pub use money_state::{GatewayStatus, PaymentState};
pub use names::{GatewayName, GatewayReference};
pub use outcome::{Authorization, CancelOutcome, CaptureOutcome, GatewayError, RefundOutcome};
pub use request::{
    AuthorizeRequest, CaptureRequest, GatewayCustomer, Market, Method, OrderReference, PaymentLine,
    RefundRequest, Timing,
};
pub use url::Url;

use std::time::Duration;

use domain::PaymentId;

/// A payment gateway.
pub trait Gateway: Send + Sync {
    /// Its name, which the row of a payment keeps.
    fn name(&self) -> GatewayName;

    /// The methods that it offers in a market, in the order in which they are shown.
    fn methods(&self, market: &Market) -> Vec<Method>;

    /// The origins, such as `https://checkout.example`, of the pages to which shoppers are sent.
    /// The content security policy of the shop's pages that lead there names them.
    fn page_origins(&self) -> Vec<String> {
        Vec::new()
    }

    /// How long money of a method that is paid [`Later`](Timing::Later) is waited for; `None`
    /// without a limit.
    fn payment_term(&self) -> Option<Duration> {
        None
    }

    /// Asks for a payment, once for each id.
    fn authorize<'a>(
        &'a self,
        request: &'a AuthorizeRequest,
    ) -> BoxFuture<'a, Result<Authorization, GatewayError>>;

    /// Takes the money of an authorised payment, once, and never more than was authorised.
    fn capture<'a>(
        &'a self,
        request: &'a CaptureRequest,
    ) -> BoxFuture<'a, Result<CaptureOutcome, GatewayError>>;

    /// Ends a payment that is not captured: the page is closed and the hold is released. A payment
    /// that the gateway never received can never be made afterwards.
    fn cancel<'a>(
        &'a self,
        payment: &'a PaymentId,
        reference: Option<&'a GatewayReference>,
    ) -> BoxFuture<'a, Result<CancelOutcome, GatewayError>>;

    /// Gives money of a captured payment back, once for each id of a refund, and never more than
    /// was captured.
    fn refund<'a>(
        &'a self,
        request: &'a RefundRequest,
    ) -> BoxFuture<'a, Result<RefundOutcome, GatewayError>>;

    /// What the gateway says about a payment now; `None` if it never received it. Without a
    /// reference, because the answer that had it was lost, the gateway finds it by the id.
    fn find<'a>(
        &'a self,
        payment: &'a PaymentId,
        reference: Option<&'a GatewayReference>,
    ) -> BoxFuture<'a, Result<Option<PaymentState>, GatewayError>>;

    /// Checks the signature of a call of the gateway over its raw bytes, and then reads its events.
    /// Kinds of events that are not known are [`EventKind::Ignored`].
    fn callback(&self, request: &RawCallback<'_>) -> Result<Vec<GatewayEvent>, CallbackError> {
        let _ = request;
        Err(CallbackError::NotOffered)
    }

    /// The events after a cursor, oldest first, for shops that calls of the gateway cannot reach.
    /// Without a cursor it returns recent ones. Empty where a gateway has none, or where its calls
    /// are set up.
    fn poll<'a>(
        &'a self,
        since: Option<&'a EventCursor>,
    ) -> BoxFuture<'a, Result<Vec<GatewayEvent>, GatewayError>> {
        let _ = since;
        Box::pin(async { Ok(Vec::new()) })
    }
}
