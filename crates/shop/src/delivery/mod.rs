//! Messages on their way: sending what waits in the outbox, taking the
//! providers' news, forgetting what is old.
//!
//! A message is claimed (`run`), a courier chosen (`choose`) and asked (`send`),
//! and its answer written down (`answers`). What each courier has been like lately
//! (`carriers`: a circuit breaker, a pace) decides whom to ask. WebhookEvent comes back
//! through `inbox` and `receipts`. Decoys walk the same way and go nowhere, but to a
//! number that is taken (`owners`). Who keeps codes hears of their `ends`.

mod breaker;
mod cleanup;
mod decoys;
mod dispatcher;
mod dispatcher_state;
mod existing_account;
mod provider_state;
mod rate_limiter;
mod reports;
mod retry;
mod routing;
mod send;
mod verification_feedback;
mod webhook_queue;

pub use breaker::BreakerView;
pub use provider_state::ProviderView;
pub use reports::{EventReceiver, event_channel};

pub(crate) use dispatcher_state::DispatcherState;
pub(crate) use provider_state::ProviderState;
pub(crate) use webhook_queue::WebhookQueue;

use std::sync::Arc;

use domain::ChallengeId;
use tokio::sync::broadcast;
use whatsapp::MessageProvider;

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
    pub fn provider(&self, name: &str) -> Option<Arc<dyn MessageProvider>> {
        let provider_state =
            self.0.provider_states().iter().find(|provider_state| provider_state.name() == name)?;
        Some(Arc::clone(&provider_state.provider))
    }

    /// Every provider in order of preference, and what it has been like lately.
    pub fn providers(&self) -> Vec<ProviderView> {
        let now = self.0.clock().now();
        self.0.provider_states().iter().map(|provider_state| provider_state.view(now)).collect()
    }
}
