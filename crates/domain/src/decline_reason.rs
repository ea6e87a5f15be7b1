//! Why a payment was declined.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::words::stored_as_word;

/// Why a payment was declined, as far as the shopper may know. A gateway maps its own reasons to
/// these. What would help somebody who tries stolen cards, such as a suspicion of fraud, is
/// [`Refused`](Self::Refused).
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
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DeclineReason {
    /// The issuer refused it and gave no reason that the shopper may know.
    Refused,
    /// The account does not have enough money, or the card is over its limit.
    InsufficientFunds,
    /// The card has expired.
    ExpiredCard,
    /// Number, expiry date or security code are wrong.
    IncorrectDetails,
    /// The shopper did not pass the issuer's check, such as 3-D Secure.
    NotAuthenticated,
    /// The means of payment does not support this purchase, for example its currency.
    NotSupported,
    /// The issuer or the gateway failed; trying again may help.
    TryAgain,
    /// The gateway refuses requests of the shop, for a setting of the merchant or a fault of the
    /// shop. Another means of payment may do.
    Unavailable,
    /// The shopper went back from the gateway's page, or the shop cancelled the payment.
    Canceled,
    /// The time in which the payment could be completed is over.
    Expired,
    /// The recipient refused the parcel, and did not pay.
    ParcelRefused,
}

stored_as_word!(DeclineReason);
