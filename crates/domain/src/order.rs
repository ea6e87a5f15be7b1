//! The state machines of an order, its stock and its payment.
//!
//! ```text
//! AwaitingCode ─ confirm ─► Paying ─ captured ─► Paid ─ ship ─► Shipped
//!      ▲  │ cancel/expire      │                  │ refund        │ refund
//!      └──┼──── declined ──────┘                  ▼               ▼
//!         ▼                                    Refunded ◄─────────┘
//!      Cancelled
//! ```

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::words::stored_as_word;

/// The status of an order.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum OrderStatus {
    /// Placed, and not yet confirmed by its code: nothing is reserved or charged.
    AwaitingCode,
    /// Confirmed by its code: the stock is reserved and a charge is in flight.
    Paying,
    /// Charged, and the stock is sold.
    Paid,
    /// Sent to the shopper.
    Shipped,
    /// Ended before anything was charged.
    Cancelled,
    /// The whole amount was refunded.
    Refunded,
}

/// The state of an order that a page showed. A form of the merchant carries it, so that an order
/// that was changed in the meantime can be told from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderVersion {
    /// The status.
    pub status: OrderStatus,
    /// How often the shopper revised what is ordered.
    pub number: u32,
}

impl OrderVersion {
    /// Reads what `Display` writes, such as `paid.1`.
    pub fn parse(text: &str) -> Option<Self> {
        let (status, number) = text.split_once('.')?;
        Some(Self { status: OrderStatus::parse(status)?, number: number.parse().ok()? })
    }
}

impl std::fmt::Display for OrderVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.status.as_str(), self.number)
    }
}

/// An event that may change the status of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderEvent {
    /// The code for this version of the order was accepted.
    Confirm,
    /// The gateway charged the amount.
    Capture,
    /// The gateway declined the charge, or never received it.
    Decline,
    /// The merchant sent the parcel.
    Ship,
    /// The shopper or the merchant cancelled an unpaid order, or it expired.
    Cancel,
    /// The whole amount was refunded.
    Refund,
}

/// The status of the stock of an order's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StockStatus {
    /// Nothing is reserved.
    Free,
    /// Reserved until the payment is captured or declined.
    Reserved,
    /// Sold.
    Taken,
}

/// The status of one payment.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum PaymentStatus {
    /// Requested from the gateway, with an unknown result. The reconciler asks for it.
    InFlight,
    /// Charged.
    Captured,
    /// Declined; nothing was charged.
    Declined,
    /// A refund was requested, with an unknown result.
    Refunding,
    /// Refunded in full.
    Refunded,
}

stored_as_word!(OrderStatus, PaymentStatus);

impl OrderStatus {
    /// The status after an event; `None` if the event is not possible in this status.
    pub fn after(self, event: OrderEvent) -> Option<Self> {
        match (self, event) {
            (Self::AwaitingCode, OrderEvent::Confirm) => Some(Self::Paying),
            (Self::AwaitingCode, OrderEvent::Cancel) => Some(Self::Cancelled),
            (Self::Paying, OrderEvent::Capture) => Some(Self::Paid),
            (Self::Paying, OrderEvent::Decline) => Some(Self::AwaitingCode),
            (Self::Paid, OrderEvent::Ship) => Some(Self::Shipped),
            (Self::Paid | Self::Shipped, OrderEvent::Refund) => Some(Self::Refunded),
            _ => None,
        }
    }

    /// The status of the stock that belongs to this status of the order.
    pub fn stock(self) -> StockStatus {
        match self {
            Self::AwaitingCode | Self::Cancelled => StockStatus::Free,
            Self::Paying => StockStatus::Reserved,
            Self::Paid | Self::Shipped | Self::Refunded => StockStatus::Taken,
        }
    }
}

impl PaymentStatus {
    /// Whether the status of a payment may change to `next`.
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::InFlight, Self::Captured | Self::Declined)
                | (Self::Captured, Self::Refunding)
                | (Self::Refunding, Self::Refunded | Self::Captured)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_an_order_is_read_as_it_was_written() {
        let version = OrderVersion { status: OrderStatus::AwaitingCode, number: 2 };
        assert_eq!(version.to_string(), "awaiting_code.2");
        assert_eq!(OrderVersion::parse("awaiting_code.2"), Some(version));
        for text in ["", "paid", "paid.", "paid.-1", "sold.1", "paid.1.1", ".1"] {
            assert_eq!(OrderVersion::parse(text), None, "{text}");
        }
    }

    const EVENTS: [OrderEvent; 6] = [
        OrderEvent::Confirm,
        OrderEvent::Capture,
        OrderEvent::Decline,
        OrderEvent::Ship,
        OrderEvent::Cancel,
        OrderEvent::Refund,
    ];

    #[test]
    fn so16_only_the_documented_transitions_are_allowed() {
        let legal = OrderStatus::ALL
            .iter()
            .flat_map(|status| EVENTS.map(|event| status.after(event)))
            .flatten()
            .count();
        assert_eq!(legal, 7);
    }

    #[test]
    fn only_a_paying_order_can_be_captured() {
        for status in OrderStatus::ALL {
            let pays = status.after(OrderEvent::Capture).is_some();
            assert_eq!(pays, status == OrderStatus::Paying);
        }
    }

    #[test]
    fn a_cancelled_order_stays_cancelled() {
        assert!(EVENTS.iter().all(|event| OrderStatus::Cancelled.after(*event).is_none()));
    }

    #[test]
    fn x93_a_refunded_payment_is_never_refunded_again() {
        assert!(PaymentStatus::ALL.iter().all(|next| !PaymentStatus::Refunded.may_become(*next)));
    }
}
