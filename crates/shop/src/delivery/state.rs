//! What delivery keeps in the memory of one process.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use domain::ChallengeId;
use tokio::sync::{Semaphore, broadcast};
use whatsapp::MessageProvider;

use super::{
    node_notifications::ChangedChallenges, provider_state::ProviderState,
    webhook_queue::WebhookQueue,
};

/// How many messages are handed to providers at the same time.
const MAX_IN_FLIGHT: u32 = 32;
/// How many changes a receiver may fall behind before it misses some.
const CHANGES_CAPACITY: usize = 1024;

/// The state of delivery.
pub(crate) struct State {
    /// The providers, in the merchant's order of preference.
    pub(crate) provider_states: Vec<Arc<ProviderState>>,
    pub(super) dispatcher: DispatcherState,
    pub(super) webhook_queue: WebhookQueue,
    pub(super) changed_challenges: ChangedChallenges,
}

impl State {
    /// The state of a process that has sent nothing yet.
    pub(crate) fn new(providers: &[Arc<dyn MessageProvider>]) -> Self {
        let states = providers.iter().cloned().map(ProviderState::new).map(Arc::new);
        Self {
            provider_states: states.collect(),
            dispatcher: DispatcherState::default(),
            webhook_queue: WebhookQueue::default(),
            changed_challenges: ChangedChallenges::default(),
        }
    }

    /// The state of the provider of this name.
    pub(super) fn find(&self, name: &str) -> Option<&Arc<ProviderState>> {
        self.provider_states.iter().find(|state| state.name() == name)
    }
}

/// The signals between the tasks of one process.
pub(super) struct DispatcherState {
    changes: broadcast::Sender<ChallengeId>,
    stopping: AtomicBool,
    pub(super) in_flight: Arc<Semaphore>,
}

impl Default for DispatcherState {
    fn default() -> Self {
        Self {
            changes: broadcast::Sender::new(CHANGES_CAPACITY),
            stopping: AtomicBool::new(false),
            in_flight: Arc::new(Semaphore::new(MAX_IN_FLIGHT as usize)),
        }
    }
}

impl DispatcherState {
    /// Makes the dispatcher stop, once it wakes.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Waits until no message is in flight.
    pub(super) async fn wait_idle(&self) {
        drop(self.in_flight.acquire_many(MAX_IN_FLIGHT).await);
    }

    pub(super) fn changes(&self) -> broadcast::Receiver<ChallengeId> {
        self.changes.subscribe()
    }

    pub(super) fn changed(&self, challenge: ChallengeId) {
        // Without a receiver sending fails, which is no error here.
        let _ = self.changes.send(challenge);
    }
}
