//! How far the server is with stopping.

use tokio::sync::watch;

/// The phases of a server, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It answers, and is ready.
    #[default]
    Serving,
    /// It still answers, and says that it is not ready, so that proxies turn to other nodes.
    Draining,
    /// It accepts no more connections, and ends those that are open.
    Closing,
}

/// The phase of this server. Clones share it.
#[derive(Clone, Default)]
pub struct Lifecycle(watch::Sender<Phase>);

impl Lifecycle {
    /// The phase now.
    pub fn phase(&self) -> Phase {
        *self.0.borrow()
    }

    /// Enters a phase.
    pub fn enter(&self, phase: Phase) {
        self.0.send_replace(phase);
    }

    /// Done when the server closes.
    pub fn closing(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut phase = self.0.subscribe();
        async move { drop(phase.wait_for(|phase| *phase == Phase::Closing).await) }
    }
}
