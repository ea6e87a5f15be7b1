//! How the parts of one process tell each other about messages.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use domain::ChallengeId;
use tokio::sync::{Notify, Semaphore, broadcast};

/// Messages handed to couriers at the same time.
const IN_FLIGHT: u32 = 32;
/// WebhookEvent a slow listener may fall behind before it misses some.
const BACKLOG: usize = 1024;

/// The bells of one shop.
pub(crate) struct DispatcherState {
    outbox: Notify,
    changes: broadcast::Sender<ChallengeId>,
    stopping: AtomicBool,
    pub(super) in_flight: Arc<Semaphore>,
}

impl Default for DispatcherState {
    fn default() -> Self {
        Self {
            outbox: Notify::new(),
            changes: broadcast::Sender::new(BACKLOG),
            stopping: AtomicBool::new(false),
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT as usize)),
        }
    }
}

impl DispatcherState {
    pub(super) fn wake(&self) {
        self.outbox.notify_one();
    }

    pub(super) async fn woken(&self) {
        self.outbox.notified().await;
    }

    /// Nothing more is to be handed over.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.wake();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Done when nothing is in flight.
    pub(super) async fn wait_idle(&self) {
        drop(self.in_flight.acquire_many(IN_FLIGHT).await);
    }

    pub(super) fn changes(&self) -> broadcast::Receiver<ChallengeId> {
        self.changes.subscribe()
    }

    pub(super) fn changed(&self, challenge: Option<&ChallengeId>) {
        if let Some(challenge) = challenge {
            // Nobody listening is no failure.
            let _ = self.changes.send(challenge.clone());
        }
    }
}
