//! Calls of a gateway (webhooks), and the events in them.

use domain::{Money, PaymentId, Timestamp};

use crate::GatewayReference;

/// A call as it arrived. Nothing in it is trusted before its signature was checked.
#[derive(Clone, Copy, Debug)]
pub struct RawCallback<'c> {
    /// The headers, in order, with names in lower case.
    pub headers: &'c [(&'c str, &'c [u8])],
    /// The body, byte by byte as it arrived: a signature covers these bytes.
    pub body: &'c [u8],
    /// When it arrived.
    pub now: Timestamp,
}

impl<'c> RawCallback<'c> {
    /// The values of a header; `name` is in lower case.
    pub fn header(&self, name: &'c str) -> impl Iterator<Item = &'c [u8]> {
        let headers = self.headers;
        headers.iter().filter(move |(known, _)| *known == name).map(|(_, value)| *value)
    }
}

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// This gateway does not call.
    #[error("this gateway does not call")]
    NotOffered,
    /// It has no signature.
    #[error("the call has no signature")]
    NoSignature,
    /// Its signature is wrong.
    #[error("the signature is wrong")]
    BadSignature,
    /// It was signed too long ago, or in the future.
    #[error("the call is too old or from the future")]
    Stale,
    /// It is signed and cannot be read.
    #[error("the call cannot be read")]
    Malformed,
}

impl CallbackError {
    /// The reason in one word, for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotOffered => "not_offered",
            Self::NoSignature => "no_signature",
            Self::BadSignature => "bad_signature",
            Self::Stale => "stale",
            Self::Malformed => "malformed",
        }
    }
}

/// Something that happened to a payment, according to a call or to a poll. It may arrive twice,
/// late and in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayEvent {
    /// The gateway's id of the event. The shop acts on each id once.
    pub id: String,
    /// The payment, if the event names it.
    pub payment: Option<PaymentId>,
    /// The gateway's id of the payment.
    pub reference: Option<GatewayReference>,
    /// The amount of the payment, if the event has it. The shop compares it with its own row.
    pub amount: Option<Money>,
    /// The id of the order, if the event names it. The shop compares it, too.
    pub order: Option<String>,
    /// What happened.
    pub kind: EventKind,
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The payment may have changed. The shop asks [`find`](crate::Gateway::find).
    Changed,
    /// The shopper's bank disputes the payment.
    Dispute(Dispute),
    /// Nothing that concerns the shop, or a kind that this version does not know.
    Ignored,
}

/// A dispute (chargeback).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The gateway's id of it.
    pub id: String,
    /// The gateway's word for the reason, such as `fraudulent`.
    pub reason: String,
    /// The disputed amount.
    pub amount: Money,
    /// Where it stands.
    pub status: DisputeStatus,
    /// Until when the merchant can answer it.
    pub respond_by: Option<Timestamp>,
}

/// Where a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeStatus {
    /// The merchant can answer it.
    ResponseNeeded,
    /// The bank decides.
    UnderReview,
    /// The merchant keeps the money.
    Won,
    /// The shopper gets the money back.
    Lost,
}

impl DisputeStatus {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResponseNeeded => "response_needed",
            Self::UnderReview => "under_review",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

/// The newest event that a poll returned, by its id. The next poll begins after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventCursor(pub String);
