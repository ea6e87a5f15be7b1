//! What the merchant decided. Read from the environment by `config` at the
//! front door, checked there, and trusted here.

use domain::Currency;

use crate::codes::{KeyRing, Policy};

/// Every decision the business needs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Demonstration or production.
    pub mode: Mode,
    /// The shop's name: on pages, in messages, and the payee of every payment.
    pub shop_name: String,
    /// What the names of message templates begin with, at every provider.
    pub template_prefix: String,
    /// What the shop sells in.
    pub currency: Currency,
    /// Dial codes of the countries codes may be sent to, such as `44`.
    pub countries: Vec<u16>,
    /// Every number of the one-time passwords.
    pub policy: Policy,
    /// The keys codes are derived under.
    pub keys: KeyRing,
}

/// Whether money and people are real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Simulator, demo accounts and fictional phone numbers are welcome.
    Demo,
    /// They are not.
    Production,
}
