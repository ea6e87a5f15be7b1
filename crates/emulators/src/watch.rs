//! Waiting for something to happen in a twin, without looking at a clock.

use tokio::sync::watch;

/// Tells those who wait that something has changed.
#[derive(Debug)]
pub(crate) struct Watch(watch::Sender<()>);

impl Watch {
    pub fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    /// Says that something has changed.
    pub fn changed(&self) {
        self.0.send_replace(());
    }

    /// Waits until the condition holds.
    pub async fn until(&self, holds: impl Fn() -> bool) {
        let mut changes = self.0.subscribe();
        while !holds() {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}
