//! The wish that the server stop: from a terminal, or from whatever runs it.

use std::io;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Whether the process was asked to stop.
#[derive(Clone)]
pub struct ShutdownSignal(watch::Receiver<bool>);

impl ShutdownSignal {
    /// Listens from now on. Call it before all else: in a container the server is the
    /// first process, and to that one a signal nobody listens for is lost.
    pub fn listen() -> io::Result<Self> {
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        let (sender, receiver) = watch::channel(false);
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            sender.send_replace(true);
        });
        Ok(Self(receiver))
    }

    /// Done when the process was asked to stop.
    pub async fn asked(mut self) {
        self.0.wait_for(|is_asked| *is_asked).await.ok();
    }
}
