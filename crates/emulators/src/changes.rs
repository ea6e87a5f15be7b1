//! Waiting for a change of an emulator's state without polling.

use tokio::sync::watch;

/// Wakes those who wait for a condition whenever the state has changed.
#[derive(Debug)]
pub(crate) struct Changes(watch::Sender<()>);

impl Changes {
    pub fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    pub fn notify(&self) {
        self.0.send_replace(());
    }

    /// Waits until the condition holds.
    pub async fn wait_until(&self, holds: impl Fn() -> bool) {
        let mut changes = self.0.subscribe();
        while !holds() {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}
