//! Verbs: what the business does. No HTTP, no HTML.
//!
//! A [`Shop`] is a cheap clone of everything the business stands on: rows,
//! courier, gateway, clock, randomness, settings. Its rooms are nouns
//! (`shop.codes()`), its use-cases plain verbs (`shop.codes().resend(…)`).

pub mod account;
pub mod audit;
pub mod carts;
pub mod catalogue;
pub mod check;
pub mod checkout;
mod clock;
pub mod codes;
mod common_passwords;
mod confirm;
pub mod delivery;
pub mod devices;
mod draft;
mod entropy;
mod error;
mod limits;
pub mod merchant;
pub mod metrics;
pub mod orders;
mod password_attempts;
mod passwords;
pub mod payments;
pub mod phone_change;
pub mod phones;
pub mod providers;
pub mod registration;
pub mod reset;
pub mod seed;
pub mod sessions;
mod settings;
pub mod shipping;
pub mod sign_in;
mod striped_lock;
pub mod templates;
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
pub use passwords::{HashingCost, PasswordCheck, PasswordKeys, Passwords};
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

use audit::AuditBuffer;
use delivery::{DispatcherState, ProviderState, WebhookQueue};
use passwords::RehashQueue;
use payment::Gateway;
use store::Db;
use striped_lock::StripedLock;
use templates::TemplateJobs;
use whatsapp::MessageProvider;

/// The business, ready to serve.
#[derive(Clone)]
pub struct Shop(Arc<ShopInner>);

/// The parts a shop was put together from, and what it makes for itself.
struct ShopInner {
    parts: Dependencies,
    provider_states: Vec<Arc<ProviderState>>,
    signals: DispatcherState,
    inbox: WebhookQueue,
    wishes: TemplateJobs,
    turns: StripedLock,
    renewals: RehashQueue,
    notes: AuditBuffer,
}

impl std::ops::Deref for ShopInner {
    type Target = Dependencies;

    fn deref(&self) -> &Dependencies {
        &self.parts
    }
}

/// What a shop stands on.
pub struct Dependencies {
    /// Where rows live.
    pub db: Db,
    /// How messages leave, in the merchant's order of preference.
    pub providers: Vec<Arc<dyn MessageProvider>>,
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
    pub fn new(parts: Dependencies) -> Self {
        let provider_states =
            parts.providers.iter().map(|provider| Arc::new(ProviderState::new(provider.clone())));
        Self(Arc::new(ShopInner {
            provider_states: provider_states.collect(),
            signals: DispatcherState::default(),
            inbox: WebhookQueue::default(),
            wishes: TemplateJobs::default(),
            turns: StripedLock::default(),
            renewals: RehashQueue::default(),
            notes: AuditBuffer::default(),
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
    pub(crate) fn turns(&self) -> &StripedLock {
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
    pub(crate) fn renewals(&self) -> &RehashQueue {
        &self.0.renewals
    }

    /// Refusals that wait to be written down.
    pub(crate) fn notes(&self) -> &AuditBuffer {
        &self.0.notes
    }

    /// How money moves.
    pub(crate) fn gateway(&self) -> &dyn Gateway {
        self.0.gateway.as_ref()
    }

    /// How messages leave, and what each way has been like.
    pub(crate) fn provider_states(&self) -> &[Arc<ProviderState>] {
        &self.0.provider_states
    }

    /// Where the calls of providers wait.
    pub(crate) fn inbox(&self) -> &WebhookQueue {
        &self.0.inbox
    }

    /// What the merchant last asked of providers.
    pub(crate) fn wishes(&self) -> &TemplateJobs {
        &self.0.wishes
    }

    pub(crate) fn signals(&self) -> &DispatcherState {
        &self.0.signals
    }
}
