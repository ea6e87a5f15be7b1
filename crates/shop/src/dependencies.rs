//! What a shop is made of. The start of the server builds it.

use std::sync::Arc;

use payment::Gateways;
use store::Db;
use whatsapp::MessageProvider;

use crate::{
    clock::Clock, entropy::Entropy, passwords::Passwords, settings::Settings, templates::Templates,
};

/// The dependencies of a shop.
pub struct Dependencies {
    /// The database.
    pub db: Db,
    /// The message providers, in the merchant's order of preference.
    pub providers: Vec<Arc<dyn MessageProvider>>,
    /// The payment gateways, in the merchant's order.
    pub gateways: Gateways,
    /// The clock that every use case reads.
    pub clock: Clock,
    /// The source of random numbers.
    pub entropy: Entropy,
    /// The pool in which passwords are hashed.
    pub passwords: Passwords,
    /// The merchant's configuration.
    pub settings: Settings,
}

impl Dependencies {
    /// The message templates, for commands of the operator and for background jobs.
    pub fn templates(&self) -> Templates {
        Templates {
            db: self.db.clone(),
            clock: self.clock.clone(),
            policy: self.settings.policy.clone(),
            prefix: self.settings.template_prefix.clone(),
            providers: self.providers.iter().cloned().collect(),
        }
    }
}
