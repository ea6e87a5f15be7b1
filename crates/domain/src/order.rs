//! Orders, their stock and their payment: three machines that move together.
//!
//! ```text
//! AwaitingCode ─ confirm ─► Paying ─ captured ─► Paid ─ ship ─► Shipped
//!      ▲  │ cancel/expire      │                  │ refund        │ refund
//!      └──┼──── declined ──────┘                  ▼               ▼
//!         ▼                                    Refunded ◄─────────┘
//!      Cancelled
//! ```

use serde::{Deserialize, Serialize};

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OrderStatus {
    /// Placed; waits for the code. Nothing is reserved, nothing is charged.
    AwaitingCode,
    /// The code was right: stock is reserved and a charge is under way.
    Paying,
    /// The money is here and the stock is gone.
    Paid,
    /// On its way to the shopper.
    Shipped,
    /// Ended before any money moved.
    Cancelled,
    /// The money went back.
    Refunded,
}

/// What may happen to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderEvent {
    /// The code for this version of the order was accepted.
    Confirm,
    /// The gateway took the money.
    Capture,
    /// The gateway refused, or never had the charge.
    Decline,
    /// The merchant handed the parcel over.
    Ship,
    /// The shopper, the merchant or time ended an unpaid order.
    Cancel,
    /// The whole amount went back.
    Refund,
}

/// Where the stock of an order's lines stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StockStatus {
    /// Nothing was set aside.
    Free,
    /// Set aside until the payment is settled.
    Reserved,
    /// Sold.
    Taken,
}

/// Where one payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PaymentStatus {
    /// Asked of the gateway, answer unknown. The reconciler settles it.
    InFlight,
    /// Charged.
    Captured,
    /// Refused; nothing was charged.
    Declined,
    /// Charged, then asked to be given back; answer unknown.
    Refunding,
    /// Given back.
    Refunded,
}

impl OrderStatus {
    /// Every status.
    pub const ALL: [Self; 6] = [
        Self::AwaitingCode,
        Self::Paying,
        Self::Paid,
        Self::Shipped,
        Self::Cancelled,
        Self::Refunded,
    ];

    /// The status after an event; `None` if the event cannot happen here.
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

    /// Where the stock of the lines stands while the order is here.
    pub fn stock(self) -> StockStatus {
        match self {
            Self::AwaitingCode | Self::Cancelled => StockStatus::Free,
            Self::Paying => StockStatus::Reserved,
            Self::Paid | Self::Shipped | Self::Refunded => StockStatus::Taken,
        }
    }

    /// The word kept in the row.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingCode => "awaiting_code",
            Self::Paying => "paying",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
        }
    }

    /// Reads the word kept in the row.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

impl PaymentStatus {
    /// Every status.
    pub const ALL: [Self; 5] =
        [Self::InFlight, Self::Captured, Self::Declined, Self::Refunding, Self::Refunded];

    /// The word kept in the row.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InFlight => "in_flight",
            Self::Captured => "captured",
            Self::Declined => "declined",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
        }
    }

    /// Reads the word kept in the row.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether a payment may move on to `next`.
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

    const EVENTS: [OrderEvent; 6] = [
        OrderEvent::Confirm,
        OrderEvent::Capture,
        OrderEvent::Decline,
        OrderEvent::Ship,
        OrderEvent::Cancel,
        OrderEvent::Refund,
    ];

    #[test]
    fn so16_every_move_not_drawn_is_refused() {
        let legal = OrderStatus::ALL
            .iter()
            .flat_map(|status| EVENTS.map(|event| status.after(event)))
            .flatten()
            .count();
        assert_eq!(legal, 7);
    }

    #[test]
    fn money_moves_only_while_paying() {
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

    #[test]
    fn every_word_reads_back() {
        for status in OrderStatus::ALL {
            assert_eq!(OrderStatus::parse(status.as_str()), Some(status));
        }
        for status in PaymentStatus::ALL {
            assert_eq!(PaymentStatus::parse(status.as_str()), Some(status));
        }
    }
}
