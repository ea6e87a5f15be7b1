//! What is recorded in the history of an order.

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::words::stored_as_word;

/// What happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum HistoryKind {
    /// It was placed, or placed again with other contents.
    Placed,
    /// A code is needed. The reason says by which rule.
    CodeRequired,
    /// No code is needed. The reason says by which rule.
    CodeWaived,
    /// The right code was entered.
    CodeAccepted,
    /// The gateway holds the money.
    Authorised,
    /// The payment was declined. The reason says why.
    Declined,
    /// The payment was not completed in time.
    PaymentExpired,
    /// What the gateway held was released.
    Released,
    /// The money was taken, or the merchant received it.
    Paid,
    /// The parcel was sent.
    Shipped,
    /// The recipient refused the parcel.
    ParcelRefused,
    /// It was cancelled.
    Cancelled,
    /// Money went back.
    Refunded,
    /// A refund was refused by the gateway.
    RefundRefused,
    /// The shopper's bank disputes the payment. The reason is the gateway's word.
    Disputed,
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Actor {
    /// The buyer.
    Shopper,
    /// The merchant.
    Merchant,
    /// The payment gateway.
    Gateway,
    /// The shop itself, because time passed.
    Shop,
}

stored_as_word!(HistoryKind, Actor);
