//! The signals that stop the server: SIGINT from a terminal, SIGTERM from a supervisor. A second
//! one ends the wait for proxies.

use std::io;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// How many signals to stop the process received.
#[derive(Clone)]
pub struct ShutdownSignal(watch::Receiver<u32>);

impl ShutdownSignal {
    /// Installs the handlers. Call it first: in a container the server is process 1, for which
    /// the kernel ignores signals without a handler.
    pub fn listen() -> io::Result<Self> {
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        let (sender, receiver) = watch::channel(0);
        tokio::spawn(async move {
            for count in 1..=2 {
                tokio::select! {
                    _ = interrupted.recv() => {}
                    _ = terminated.recv() => {}
                }
                sender.send_replace(count);
            }
        });
        Ok(Self(receiver))
    }

    /// Completes when the process receives a signal to stop.
    pub async fn asked(mut self) {
        self.0.wait_for(|count| *count >= 1).await.ok();
    }

    /// Completes when the process receives a second signal.
    pub async fn asked_again(mut self) {
        self.0.wait_for(|count| *count >= 2).await.ok();
    }
}
