//! What a gateway answers.

use domain::{DeclineReason, Timestamp};
use url::Url;

use crate::GatewayReference;

/// The answer to a request to authorise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// The money was taken.
    Captured {
        /// The gateway's id of the payment.
        reference: GatewayReference,
    },
    /// The money is held and can be captured.
    Authorized {
        /// The gateway's id of the payment.
        reference: GatewayReference,
        /// Until when it can be captured, if the gateway says so.
        until: Option<Timestamp>,
    },
    /// The shopper has to go to a page of the gateway or the bank.
    ActionNeeded {
        /// The gateway's id of the payment.
        reference: GatewayReference,
        /// The address of the page.
        url: Url,
        /// When the page closes.
        until: Timestamp,
    },
    /// Nothing is held or was taken, and nothing will be.
    Declined {
        /// Why.
        reason: DeclineReason,
        /// The gateway's id of the payment, if it has one.
        reference: Option<GatewayReference>,
    },
    /// The gateway has not decided yet. [`Gateway::find`](crate::Gateway::find) tells later.
    Pending {
        /// The gateway's id of the payment, if it has one.
        reference: Option<GatewayReference>,
    },
}

/// The answer to a request to capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaptureOutcome {
    /// The amount of the request was taken. If another amount was taken before, the gateway refuses.
    Captured,
    /// Nothing was taken, and nothing can be: the hold has expired or was released, or the issuer
    /// declined.
    Declined(DeclineReason),
    /// The gateway has not decided yet. [`Gateway::find`](crate::Gateway::find) tells later.
    Pending,
}

/// The answer to a request to cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// Nothing is held, nothing was taken, and nothing will be.
    Canceled,
    /// The money was taken before. It can be refunded.
    AlreadyCaptured,
}

/// The answer to a request to refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    /// The money goes back.
    Refunded,
    /// The gateway has accepted the request and has not decided yet. The same request tells later.
    Pending,
    /// The money does not go back: there is no such captured payment, less of it is left, or the
    /// issuer cannot take it.
    Refused,
}

/// Why a request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// There was no response, so it may or may not have happened. Asking again tells.
    #[error("the gateway did not respond")]
    Unknown,
    /// The gateway could not be reached, so nothing happened.
    #[error("the gateway cannot be reached")]
    Unreachable,
    /// The id was used before, for another amount or another means of payment. Nothing happened.
    /// It is a fault of the shop. (Stripe calls it an `idempotency_error`.)
    #[error("the id was used before, for another request")]
    IdReused,
    /// The gateway refuses the request as it stands, for a setting that the merchant has to change
    /// or a fault of the shop. Nothing happened, and the same request would be refused again. The
    /// gateway's module logs the details.
    #[error("the gateway refuses the request")]
    Rejected,
}

impl GatewayError {
    /// Whether the gateway has answered, and would answer the same again.
    pub const fn is_refusal(self) -> bool {
        match self {
            Self::IdReused | Self::Rejected => true,
            Self::Unknown | Self::Unreachable => false,
        }
    }
}
