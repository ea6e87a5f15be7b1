//! The state machine of an order, and its stock.
//!
//! How an order gets from `AwaitingCode` to `Paid` depends on its method:
//!
//! ```text
//! charge after the code:  AwaitingCode ─ Confirm ─► Paying ─ Capture ─► Paid
//! authorise first:        AwaitingCode ─ BeginAuthorisation ─► AwaitingAuthorisation ─ Authorise ─►
//!                         Authorised ─ Confirm ─► Paying ─ Capture ─► Paid
//! bank transfer:          AwaitingCode ─ Accept ─► Confirmed ─ Capture ─► Paid
//! pay on delivery:        AwaitingCode ─ Accept ─► Confirmed ─ Ship ─► Shipped
//! ```
//!
//! A decline, an authorisation that expires, and an order that is placed again with other contents
//! lead back to `AwaitingCode` (Decline). Whatever is not paid can end (Cancel), a paid order is
//! shipped and refunded, and a parcel that must be paid on delivery can be refused (Refuse).

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
    /// Placed, and not yet confirmed by its code: nothing is reserved, held or charged.
    AwaitingCode,
    /// The shopper authorises the payment at the gateway: the stock is reserved.
    AwaitingAuthorisation,
    /// The gateway holds the money: the stock is reserved, and the code is asked for.
    Authorised,
    /// Confirmed by its code, and paid later, outside of the shop: the stock is reserved.
    Confirmed,
    /// Confirmed by its code: the stock is reserved and the gateway takes the money.
    Paying,
    /// The money was taken, and the stock is sold.
    Paid,
    /// Sent to the shopper.
    Shipped,
    /// Ended without a payment.
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
    /// The shopper is sent to the gateway to authorise the payment.
    BeginAuthorisation,
    /// The gateway holds the money.
    Authorise,
    /// The code for this version of the order was accepted, and the money is taken now.
    Confirm,
    /// The code for this version of the order was accepted, and the money comes later.
    Accept,
    /// The money was taken, or the merchant received it.
    Capture,
    /// The payment was declined, expired, or was given up for a newer version of the order.
    Decline,
    /// The merchant sent the parcel.
    Ship,
    /// The recipient refused the parcel and did not pay.
    Refuse,
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
    /// Reserved until the payment is decided.
    Reserved,
    /// Sold.
    Taken,
}

stored_as_word!(OrderStatus);

impl OrderStatus {
    /// The status after an event; `None` if the event is not possible in this status.
    pub fn after(self, event: OrderEvent) -> Option<Self> {
        use OrderEvent as On;
        match (self, event) {
            (Self::AwaitingCode, On::BeginAuthorisation) => Some(Self::AwaitingAuthorisation),
            (Self::AwaitingAuthorisation, On::Authorise) => Some(Self::Authorised),
            (Self::AwaitingCode | Self::Authorised, On::Confirm) => Some(Self::Paying),
            (Self::AwaitingCode, On::Accept) => Some(Self::Confirmed),
            (Self::Paying | Self::Confirmed, On::Capture) => Some(Self::Paid),
            (Self::AwaitingAuthorisation | Self::Authorised | Self::Paying, On::Decline) => {
                Some(Self::AwaitingCode)
            }
            (Self::Paid | Self::Confirmed, On::Ship) => Some(Self::Shipped),
            (
                Self::AwaitingCode
                | Self::AwaitingAuthorisation
                | Self::Authorised
                | Self::Confirmed,
                On::Cancel,
            )
            | (Self::Shipped, On::Refuse) => Some(Self::Cancelled),
            (Self::Paid | Self::Shipped, On::Refund) => Some(Self::Refunded),
            _ => None,
        }
    }

    /// Whether there is a contract, which the shopper may withdraw from.
    pub const fn is_contract(self) -> bool {
        match self {
            Self::Confirmed | Self::Paying | Self::Paid | Self::Shipped => true,
            Self::AwaitingCode
            | Self::AwaitingAuthorisation
            | Self::Authorised
            | Self::Cancelled
            | Self::Refunded => false,
        }
    }

    /// The status of the stock that belongs to this status of the order.
    pub fn stock(self) -> StockStatus {
        match self {
            Self::AwaitingCode | Self::Cancelled => StockStatus::Free,
            Self::AwaitingAuthorisation | Self::Authorised | Self::Confirmed | Self::Paying => {
                StockStatus::Reserved
            }
            Self::Paid | Self::Shipped | Self::Refunded => StockStatus::Taken,
        }
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

    const EVENTS: [OrderEvent; 10] = [
        OrderEvent::BeginAuthorisation,
        OrderEvent::Authorise,
        OrderEvent::Confirm,
        OrderEvent::Accept,
        OrderEvent::Capture,
        OrderEvent::Decline,
        OrderEvent::Ship,
        OrderEvent::Refuse,
        OrderEvent::Cancel,
        OrderEvent::Refund,
    ];

    /// Every possible change, as a picture of the whole machine.
    #[test]
    fn so16_only_the_documented_transitions_of_an_order_are_possible() {
        let mut possible = Vec::new();
        for status in OrderStatus::ALL {
            for event in EVENTS {
                if let Some(next) = status.after(event) {
                    possible.push(format!("{} {event:?} {}", status.as_str(), next.as_str()));
                }
            }
        }
        let expected = [
            "awaiting_code BeginAuthorisation awaiting_authorisation",
            "awaiting_code Confirm paying",
            "awaiting_code Accept confirmed",
            "awaiting_code Cancel cancelled",
            "awaiting_authorisation Authorise authorised",
            "awaiting_authorisation Decline awaiting_code",
            "awaiting_authorisation Cancel cancelled",
            "authorised Confirm paying",
            "authorised Decline awaiting_code",
            "authorised Cancel cancelled",
            "confirmed Capture paid",
            "confirmed Ship shipped",
            "confirmed Cancel cancelled",
            "paying Capture paid",
            "paying Decline awaiting_code",
            "paid Ship shipped",
            "paid Refund refunded",
            "shipped Refuse cancelled",
            "shipped Refund refunded",
        ];
        assert_eq!(possible, expected);
    }

    #[test]
    fn stock_leaves_the_reservation_only_by_being_sold_or_freed() {
        for status in OrderStatus::ALL {
            for event in EVENTS {
                let Some(next) = status.after(event) else { continue };
                let change = (status.stock(), next.stock());
                let is_refused_parcel = event == OrderEvent::Refuse;
                assert_ne!(change, (StockStatus::Free, StockStatus::Taken), "{status:?} {event:?}");
                assert_eq!(
                    change == (StockStatus::Taken, StockStatus::Free),
                    is_refused_parcel,
                    "{status:?} {event:?}"
                );
            }
        }
    }

    #[test]
    fn an_order_is_a_contract_from_its_confirmation_to_its_end() {
        let contracts: Vec<_> =
            OrderStatus::ALL.into_iter().filter(|status| status.is_contract()).collect();
        use OrderStatus as Is;
        assert_eq!(contracts, [Is::Confirmed, Is::Paying, Is::Paid, Is::Shipped]);
    }

    #[test]
    fn x89_no_order_is_paid_without_a_confirmation() {
        for event in EVENTS {
            for status in [
                OrderStatus::AwaitingCode,
                OrderStatus::AwaitingAuthorisation,
                OrderStatus::Authorised,
            ] {
                assert_ne!(status.after(event), Some(OrderStatus::Paid), "{status:?} {event:?}");
                assert_ne!(status.after(event), Some(OrderStatus::Shipped), "{status:?} {event:?}");
            }
        }
    }

    #[test]
    fn a_cancelled_or_refunded_order_stays_so() {
        for status in [OrderStatus::Cancelled, OrderStatus::Refunded] {
            assert!(EVENTS.iter().all(|event| status.after(*event).is_none()));
        }
    }
}
