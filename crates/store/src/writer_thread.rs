//! The thread on which SQLite is written.
//!
//! Every connection of the driver has a thread of its own, and every statement is a
//! call to that thread and an answer back. All transactions therefore run on one thread
//! with a runtime of its own, so that the two threads take turns and the work of the
//! shop's other threads does not delay the answer to a statement.

use std::{io, thread};

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::JoinHandle,
};

use crate::{Error, Result};

/// A thread that runs the transactions. It ends when this value is dropped.
pub(crate) struct WriterThread {
    handle: Handle,
    _keeps_running: oneshot::Sender<()>,
}

impl WriterThread {
    pub(crate) fn start() -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (keeps_running, dropped) = oneshot::channel();
        let run = move || {
            runtime.block_on(dropped).ok();
        };
        thread::Builder::new().name("writer".to_owned()).spawn(run).map_err(failed)?;
        Ok(Self { handle, _keeps_running: keeps_running })
    }

    /// Runs a future to its end, whether or not its handle is awaited.
    pub(crate) fn spawn<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.handle.spawn(work)
    }
}

/// The result of a spawned task. A panic of the task continues in the caller.
pub(crate) async fn joined<T>(task: JoinHandle<T>) -> Result<T> {
    match task.await {
        Ok(value) => Ok(value),
        Err(stopped) if stopped.is_panic() => std::panic::resume_unwind(stopped.into_panic()),
        Err(_) => Err(Error::ShuttingDown),
    }
}

fn failed(error: io::Error) -> Error {
    Error::Statement(sqlx::Error::Io(error))
}
