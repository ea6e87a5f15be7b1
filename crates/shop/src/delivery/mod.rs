//! Messages on their way: sending what waits in the outbox, taking the
//! providers' news, forgetting what is old.
//!
//! A message is claimed (`run`), a courier chosen (`choose`) and asked (`send`),
//! and its answer written down (`answers`). What each courier has been like lately
//! (`carriers`: a circuit breaker, a pace) decides whom to ask. News comes back
//! through `inbox` and `receipts`. Decoys walk the same way and go nowhere, but to a
//! number that is taken (`owners`). Who keeps codes hears of their `ends`.

mod answers;
mod breaker;
mod carriers;
mod choose;
mod decoys;
mod ends;
mod inbox;
mod owners;
mod pace;
mod receipts;
mod run;
mod send;
mod signals;
mod sweep;

pub use breaker::BreakerView;
pub use carriers::ProviderView;
pub use receipts::{Receipts, receipts};

pub(crate) use carriers::Carrier;
pub(crate) use inbox::Inbox;
pub(crate) use signals::Signals;

use std::sync::Arc;

use domain::ChallengeId;
use tokio::sync::broadcast;
use whatsapp::Courier;

use crate::Shop;

/// Messages on their way.
pub struct Delivery<'s>(&'s Shop);

impl Shop {
    /// Messages on their way.
    pub fn delivery(&self) -> Delivery<'_> {
        Delivery(self)
    }
}

impl Delivery<'_> {
    /// Says that the outbox has something new. Call it after the commit.
    pub fn wake(&self) {
        self.0.signals().wake();
    }

    /// The challenges whose messages move, as they move.
    pub fn changes(&self) -> broadcast::Receiver<ChallengeId> {
        self.0.signals().changes()
    }

    /// The courier of this name, if the merchant uses it.
    pub fn courier(&self, name: &str) -> Option<Arc<dyn Courier>> {
        let carrier = self.0.carriers().iter().find(|carrier| carrier.name() == name)?;
        Some(Arc::clone(&carrier.courier))
    }

    /// Every provider in order of preference, and what it has been like lately.
    pub fn providers(&self) -> Vec<ProviderView> {
        let now = self.0.clock().now();
        self.0.carriers().iter().map(|carrier| carrier.view(now)).collect()
    }
}
