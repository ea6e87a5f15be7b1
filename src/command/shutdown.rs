//! The signals that stop the server: SIGINT from a terminal, SIGTERM from a supervisor.

use std::io;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Whether the process received a signal to stop.
#[derive(Clone)]
pub struct ShutdownSignal(watch::Receiver<bool>);

impl ShutdownSignal {
    /// Installs the handlers. Call it first: in a container the server is process 1, for which
    /// the kernel ignores signals without a handler.
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

    /// Completes when the process receives a signal to stop.
    pub async fn asked(mut self) {
        self.0.wait_for(|is_asked| *is_asked).await.ok();
    }
}
