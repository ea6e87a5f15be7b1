//! The purpose of a code. A code is valid only for the purpose that it was issued for.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::words::stored_as_word;

/// What a code authorises. There is deliberately no purpose for e-mail (S-A20).
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
pub enum Purpose {
    /// Signing in, after the password.
    Login,
    /// Setting a new password.
    Reset,
    /// Paying one version of one order.
    Payment,
    /// Proving possession of a phone, at registration and when it changes.
    Phone,
    /// Confirming an important change while signed in.
    StepUp,
    /// Reading one order without signing in.
    OrderLookup,
}

stored_as_word!(Purpose);
