//! The state machine of one payment.
//!
//! ```text
//! InFlight ──► Captured                         charge after the code
//! InFlight ──► ActionNeeded ──► Authorised ──► Capturing ──► Captured      authorise first
//! Expected ──► Captured                         paid outside of the shop
//! Captured ──► Refunding ──► PartRefunded ──► Refunding ──► Refunded
//! ```
//!
//! What is not captured ends as `Declined` or `Expired`, or by way of `Cancelling` as `Cancelled`.
//! `InFlight`, `Capturing`, `Cancelling` and `Refunding` say that the gateway was asked and that
//! its answer is not known; the reconciler settles them.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::words::stored_as_word;

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
    /// Requested from the gateway, with an unknown result.
    InFlight,
    /// The shopper has to complete it on a page of the gateway or the bank.
    ActionNeeded,
    /// The gateway holds the money.
    Authorised,
    /// The gateway was asked to take the money that it holds, with an unknown result.
    Capturing,
    /// The money was taken.
    Captured,
    /// Declined; nothing was taken.
    Declined,
    /// A refund was requested, with an unknown result.
    Refunding,
    /// A part was refunded.
    PartRefunded,
    /// Refunded in full.
    Refunded,
    /// The gateway was asked to release what it holds, with an unknown result.
    Cancelling,
    /// Cancelled; nothing is held or taken.
    Cancelled,
    /// Not completed in time; nothing is held or taken.
    Expired,
    /// The money comes from outside of the shop, such as on delivery, and the merchant records it.
    Expected,
}

stored_as_word!(PaymentStatus);

impl PaymentStatus {
    /// Whether the status of a payment may change to `next`.
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (
                Self::InFlight,
                Self::ActionNeeded
                    | Self::Authorised
                    | Self::Captured
                    | Self::Declined
                    | Self::Cancelling
                    | Self::Cancelled
                    | Self::Expired
            ) | (
                Self::ActionNeeded,
                Self::Authorised
                    | Self::Declined
                    | Self::Cancelling
                    | Self::Cancelled
                    | Self::Expired
            ) | (
                Self::Authorised,
                Self::Capturing
                    | Self::Declined
                    | Self::Cancelling
                    | Self::Cancelled
                    | Self::Expired
            ) | (
                Self::Capturing,
                Self::Captured
                    | Self::Declined
                    | Self::Cancelling
                    | Self::Cancelled
                    | Self::Expired
            ) | (Self::Expected, Self::Captured | Self::Declined | Self::Cancelled | Self::Expired)
                | (Self::Captured | Self::PartRefunded, Self::Refunding)
                | (Self::Refunding, Self::Captured | Self::PartRefunded | Self::Refunded)
                // A lost answer that arrives late may hold money after all: it is released, too.
                | (Self::Declined | Self::Cancelled | Self::Expired, Self::Cancelling)
                | (Self::Cancelling, Self::Cancelled)
        )
    }

    /// Whether nothing is held, taken or expected, and nothing is under way.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Declined | Self::Cancelled | Self::Expired)
    }

    /// Whether the gateway was asked and its answer is not known.
    pub const fn is_unknown(self) -> bool {
        matches!(self, Self::InFlight | Self::Capturing | Self::Refunding)
    }

    /// Whether money was taken that was not given back in full.
    pub const fn has_money(self) -> bool {
        matches!(self, Self::Captured | Self::PartRefunded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(status: PaymentStatus) -> String {
        let next = PaymentStatus::ALL.into_iter().filter(|next| status.may_become(*next));
        next.map(PaymentStatus::as_str).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn only_the_documented_transitions_of_a_payment_are_possible() {
        for (status, expected) in [
            (
                PaymentStatus::InFlight,
                "action_needed authorised captured declined cancelling cancelled expired",
            ),
            (PaymentStatus::ActionNeeded, "authorised declined cancelling cancelled expired"),
            (PaymentStatus::Authorised, "capturing declined cancelling cancelled expired"),
            (PaymentStatus::Capturing, "captured declined cancelling cancelled expired"),
            (PaymentStatus::Captured, "refunding"),
            (PaymentStatus::Declined, "cancelling"),
            (PaymentStatus::Refunding, "captured part_refunded refunded"),
            (PaymentStatus::PartRefunded, "refunding"),
            (PaymentStatus::Refunded, ""),
            (PaymentStatus::Cancelling, "cancelled"),
            (PaymentStatus::Cancelled, "cancelling"),
            (PaymentStatus::Expired, "cancelling"),
            (PaymentStatus::Expected, "captured declined cancelled expired"),
        ] {
            assert_eq!(next(status), expected, "{status:?}");
        }
    }

    #[test]
    fn x93_a_refunded_payment_is_never_refunded_again() {
        assert!(PaymentStatus::ALL.iter().all(|next| !PaymentStatus::Refunded.may_become(*next)));
    }

    #[test]
    fn x89_an_authorised_payment_is_captured_only_by_way_of_capturing() {
        for status in [PaymentStatus::ActionNeeded, PaymentStatus::Authorised] {
            assert!(!status.may_become(PaymentStatus::Captured));
        }
    }

    #[test]
    fn no_payment_that_is_over_takes_money_any_more() {
        for status in PaymentStatus::ALL.into_iter().filter(|status| status.is_over()) {
            assert!(!status.may_become(PaymentStatus::Captured));
            assert!(!status.may_become(PaymentStatus::Authorised));
        }
    }
}
