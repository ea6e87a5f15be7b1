//! The use cases of the shop. No HTTP, no HTML.
//!
//! A [`Shop`] gives access to the use cases of each subject (`shop.codes()`, `shop.checkout()`),
//! which the module of that name implements. [`app`] composes a shop of its dependencies.

pub mod account;
pub mod addresses;
pub mod app;
pub mod audit;
pub mod carts;
pub mod catalogue;
pub mod check;
pub mod checkout;
mod clock;
pub mod codes;
mod common_passwords;
mod consents;
pub mod consumer_law;
mod database;
pub mod delivery;
mod dependencies;
pub mod devices;
mod draft;
mod emails;
pub mod end_access;
mod entropy;
mod error;
mod invoices;
mod keys;
mod limits;
pub mod lost_phone;
pub mod merchant;
pub mod metrics;
mod order_contact;
pub mod order_lookup;
pub mod orders;
mod outbox;
mod password_attempts;
mod passwords;
pub mod payments;
pub mod personal_data;
pub mod phone_change;
mod phone_change_requests;
pub mod phones;
mod policy;
mod pricing;
pub mod providers;
mod reauthentication;
pub mod recovery_codes;
pub mod registration;
pub mod reset;
pub mod seed;
pub mod sessions;
mod settings;
pub mod shipping;
pub mod sign_in;
pub mod step_up;
mod striped_lock;
pub mod templates;
mod visitor;
pub mod warnings;
pub mod withdrawals;

pub use account::Profile;
pub use app::Shop;
pub use carts::{CartLine, CartView};
pub use catalogue::{CategoryView, Filter, ProductCard, ProductView, Sort, VariantView};
pub use checkout::{
    CheckoutView, ConfirmationView, NextStep, PaymentCodePolicy, Placed, Returned, Step,
};
pub use clock::Clock;
pub use consents::{AgreedText, Agreement};
pub use database::Database;
pub use dependencies::Dependencies;
pub use devices::DeviceView;
/// The mailbox in which the demo keeps e-mails.
pub use email::{DemoMailbox, ReceivedEmail};
pub use emails::{EmailDelivery, EmailState, Emails, MailServer};
pub use entropy::Entropy;
pub use error::{Error, Fault, Result};
pub use invoices::InvoiceView;
/// The merchant's legal pages.
pub use legal;
pub use limits::Limits;
pub use lost_phone::NewPhoneStage;
pub use orders::{OrderSummary, OrderView};
pub use passwords::{HashingCost, PasswordCheck, PasswordKeys, Passwords};
pub use payment::Method as PaymentMethod;
pub use phone_change::PhoneChangeStage;
pub use phone_change_requests::PhoneChangeView;
pub use recovery_codes::{RecoveryCodesStage, RecoveryCodesView};
pub use registration::RegistrationForm;
pub use seed::DemoPasswords;
pub use sessions::SessionView;
pub use settings::{BankAccount, Mode, Settings};
pub use shipping::{Shipping, ShippingOption};
pub use sign_in::{SignInDone, SignInStep};
pub use visitor::{BrowserSecret, ClientAddress, SignedIn, Visitor};
/// The simulated phones to which the demo sends.
pub use whatsapp::{SimulatedFault, SimulatedMessage, Simulator};
