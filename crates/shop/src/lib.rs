//! Verbs: what the business does. No HTTP, no HTML.
//!
//! A [`Shop`] is a cheap clone of everything the business stands on: rows,
//! courier, gateway, clock, randomness, settings. Its rooms are nouns
//! (`shop.codes()`), its use-cases plain verbs (`shop.codes().resend(…)`).

pub mod audit;
mod clock;
pub mod codes;
pub mod delivery;
pub mod devices;
mod entropy;
mod error;
mod limits;
mod passwords;
pub mod phones;
pub mod sessions;
mod settings;
mod visitor;

pub use clock::Clock;
pub use entropy::Entropy;
pub use error::{Error, Fault, Result};
pub use limits::Limits;
pub use passwords::{Passwords, Verdict};
pub use settings::{Mode, Settings};
pub use visitor::{BrowserSecret, ClientAddress, SignedIn, Visitor};

use std::sync::Arc;

use delivery::Signals;
use payment::Gateway;
use store::Db;
use whatsapp::Courier;

/// The business, ready to serve.
#[derive(Clone)]
pub struct Shop(Arc<House>);

/// The parts a shop was put together from, and what it makes for itself.
struct House {
    parts: Parts,
    signals: Signals,
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
    /// How messages leave.
    pub courier: Arc<dyn Courier>,
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
        Self(Arc::new(House { parts, signals: Signals::default() }))
    }

    /// What the merchant decided.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The shop's clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Where rows live.
    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    /// Where randomness comes from.
    pub(crate) fn entropy(&self) -> &Entropy {
        &self.0.entropy
    }

    /// How messages leave.
    pub(crate) fn courier(&self) -> &dyn Courier {
        self.0.courier.as_ref()
    }

    pub(crate) fn signals(&self) -> &Signals {
        &self.0.signals
    }
}
