//! The settings of the shop. The configuration of the program reads them from the environment
//! and checks them; this crate does not check them again.

use std::sync::Arc;

use domain::Currency;
use legal::LegalPages;

use crate::{checkout::PaymentCodePolicy, keys::KeyRing, policy::Policy};

/// The settings that use cases need.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Demonstration or production.
    pub mode: Mode,
    /// The shop's name, which is also the payee of every payment.
    pub shop_name: String,
    /// Where visitors can write to: an e-mail address, or the address of a page.
    pub contact: String,
    /// The prefix of the names of message templates, at every provider.
    pub template_prefix: String,
    /// The currency of all prices.
    pub currency: Currency,
    /// The dial codes, such as `44`, of the countries that codes may be sent to.
    pub countries: Vec<u16>,
    /// The account for bank transfers, if they are offered.
    pub bank_account: Option<BankAccount>,
    /// How many refused parcels of a phone number end payment on delivery for it.
    pub max_refused_parcels: u32,
    /// When a payment needs a code.
    pub payment_code: PaymentCodePolicy,
    /// The limits and times of the one-time passwords.
    pub policy: Policy,
    /// The keys from which codes are derived.
    pub keys: KeyRing,
    /// Who sells, line by line, as invoices state it: name, address, numbers for taxes.
    pub invoice_seller: Vec<String>,
    /// The merchant's legal pages.
    pub legal: Arc<LegalPages>,
}

impl Settings {
    /// Words known of an account and of the shop, which must not be the password.
    pub(crate) fn own_words<'w>(&'w self, account: &'w store::Account) -> [&'w str; 3] {
        [&self.shop_name, &account.name, account.email.as_str()]
    }
}

/// The account to which shoppers transfer money, as they are shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankAccount {
    /// Whose it is.
    pub holder: String,
    /// Its number, such as an IBAN.
    pub number: String,
    /// The bank, by name or code.
    pub bank: Option<String>,
}

/// Whether the shop sells for real money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The simulator, the demo accounts and fictional phone numbers are allowed.
    Demo,
    /// They are refused.
    Production,
}

impl Mode {
    /// The value of the setting.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Production => "production",
        }
    }
}
