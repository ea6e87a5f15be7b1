//! What a gateway says about a payment.

use domain::{DeclineReason, Money, Timestamp};
use url::Url;

use crate::GatewayReference;

/// What a gateway says about a payment now. The shop compares it with its own row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentState {
    /// The gateway's id of the payment.
    pub reference: GatewayReference,
    /// The id of the order that the gateway keeps with it; `None` if it keeps none.
    pub order: Option<String>,
    /// Where it stands.
    pub status: GatewayStatus,
    /// The amount that was asked for.
    pub amount: Money,
    /// How much was captured.
    pub captured: Money,
    /// How much of that was refunded.
    pub refunded: Money,
    /// The gateway's id of this answer, for its support. The payment's history keeps it.
    pub request_id: Option<String>,
}

/// Where a payment stands at its gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GatewayStatus {
    /// The shopper has to go to a page of the gateway or the bank.
    ActionNeeded {
        /// The address of the page, if it is still known.
        url: Option<Url>,
    },
    /// The gateway has not decided yet.
    Pending,
    /// The money is held and can be captured.
    Authorized {
        /// Until when it can be captured, if the gateway says so.
        until: Option<Timestamp>,
    },
    /// The money was taken; part or all of it may have been refunded since.
    Captured,
    /// It was declined for good.
    Declined(DeclineReason),
    /// It was cancelled: nothing is held, nothing was taken, and nothing will be.
    Canceled,
    /// The time for completing it is over: nothing is held, nothing was taken, and nothing will be.
    Expired,
}
