//! Verbs: what the business does. No HTTP, no HTML.
//!
//! A [`Shop`] is a cheap clone of everything the business stands on: rows,
//! courier, gateway, clock, randomness, settings. Its rooms are nouns
//! (`shop.codes()`), its use-cases plain verbs (`shop.codes().resend(…)`).

mod clock;
pub mod codes;
pub mod devices;
mod entropy;
mod error;
mod passwords;
pub mod sessions;
mod settings;
mod visitor;

pub use clock::Clock;
pub use entropy::Entropy;
pub use error::{Error, Fault, Result};
pub use passwords::{Passwords, Verdict};
pub use settings::{Mode, Settings};
pub use visitor::{BrowserSecret, ClientAddress, SignedIn, Visitor};

use std::sync::Arc;

use payment::Gateway;
use store::Db;
use whatsapp::Courier;

/// The business, ready to serve.
#[derive(Clone)]
pub struct Shop(Arc<Parts>);

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
        Self(Arc::new(parts))
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
}
