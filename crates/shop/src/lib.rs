//! Verbs: what the business does. No HTTP, no HTML.
//!
//! A [`Shop`] is a cheap clone of everything the business stands on: rows,
//! courier, gateway, clock, randomness, settings. Its rooms are nouns
//! (`shop.codes()`), its use-cases plain verbs (`shop.codes().resend(…)`).

pub mod account;
pub mod audit;
pub mod carts;
pub mod catalogue;
pub mod checkout;
mod clock;
pub mod codes;
mod common_passwords;
mod confirm;
pub mod couriers;
pub mod delivery;
pub mod devices;
mod draft;
mod entropy;
mod error;
mod limits;
pub mod merchant;
pub mod orders;
mod password_attempts;
mod passwords;
pub mod payments;
pub mod phone_change;
pub mod phones;
pub mod registration;
pub mod reset;
pub mod seed;
pub mod sessions;
mod settings;
pub mod shipping;
pub mod sign_in;
pub mod templates;
mod turns;
mod visitor;

pub use account::Profile;
pub use carts::{CartLineView, CartView};
pub use catalogue::{CategoryView, Filter, ProductCard, ProductView, Sort, VariantView};
pub use checkout::{CheckoutView, Step};
pub use clock::Clock;
pub use confirm::ConfirmationView;
pub use devices::DeviceView;
pub use entropy::Entropy;
pub use error::{Error, Fault, Result};
pub use limits::Limits;
pub use orders::{OrderLineView, OrderSummary, OrderView, Totals};
pub use passwords::{HashingCost, PasswordKeys, Passwords, Verdict};
pub use phone_change::PhoneChangeStage;
pub use registration::RegistrationForm;
pub use seed::DemoPasswords;
pub use sessions::SessionView;
pub use settings::{Mode, Settings};
pub use shipping::{Country, Shipping, ShippingOption};
pub use sign_in::{SignInDone, SignInStep};
pub use visitor::{BrowserSecret, ClientAddress, SignedIn, Visitor};
/// The simulated phones to which the demo sends.
pub use whatsapp::{Fault as SimulatedFault, SimulatedMessage, Simulator};

use std::sync::Arc;

use audit::Notes;
use delivery::{Carrier, Inbox, Signals};
use passwords::Renewals;
use payment::Gateway;
use store::Db;
use templates::Wishes;
use turns::Turns;
use whatsapp::Courier;

/// The business, ready to serve.
#[derive(Clone)]
pub struct Shop(Arc<House>);

/// The parts a shop was put together from, and what it makes for itself.
struct House {
    parts: Parts,
    carriers: Vec<Arc<Carrier>>,
    signals: Signals,
    inbox: Inbox,
    wishes: Wishes,
    turns: Turns,
    renewals: Renewals,
    notes: Notes,
}

impl std::ops::Deref for House {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// What a shop stands on.
pub struct Parts {
    /// Where rows live.
    pub db: Db,
    /// How messages leave, in the merchant's order of preference.
    pub couriers: Vec<Arc<dyn Courier>>,
    /// How money moves.
    pub gateway: Arc<dyn Gateway>,
    /// What time it is.
    pub clock: Clock,
    /// Where randomness comes from.
    pub entropy: Entropy,
    /// Where passwords are hashed.
    pub passwords: Passwords,
    /// What the merchant decided.
    pub settings: Settings,
}

impl Shop {
    /// Puts a shop together.
    pub fn new(parts: Parts) -> Self {
        let carriers = parts.couriers.iter().map(|courier| Arc::new(Carrier::new(courier.clone())));
        Self(Arc::new(House {
            carriers: carriers.collect(),
            signals: Signals::default(),
            inbox: Inbox::default(),
            wishes: Wishes::default(),
            turns: Turns::default(),
            renewals: Renewals::default(),
            notes: Notes::default(),
            parts,
        }))
    }

    /// What the merchant decided.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The shop's clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Where requests that would step on each other's feet wait.
    pub(crate) fn turns(&self) -> &Turns {
        &self.0.turns
    }

    /// Where rows live.
    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    /// Where randomness comes from.
    pub(crate) fn entropy(&self) -> &Entropy {
        &self.0.entropy
    }

    /// Where passwords are hashed.
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// Passwords that wait for a new hash.
    pub(crate) fn renewals(&self) -> &Renewals {
        &self.0.renewals
    }

    /// Refusals that wait to be written down.
    pub(crate) fn notes(&self) -> &Notes {
        &self.0.notes
    }

    /// How money moves.
    pub(crate) fn gateway(&self) -> &dyn Gateway {
        self.0.gateway.as_ref()
    }

    /// How messages leave, and what each way has been like.
    pub(crate) fn carriers(&self) -> &[Arc<Carrier>] {
        &self.0.carriers
    }

    /// Where the calls of providers wait.
    pub(crate) fn inbox(&self) -> &Inbox {
        &self.0.inbox
    }

    /// What the merchant last asked of providers.
    pub(crate) fn wishes(&self) -> &Wishes {
        &self.0.wishes
    }

    pub(crate) fn signals(&self) -> &Signals {
        &self.0.signals
    }
}
