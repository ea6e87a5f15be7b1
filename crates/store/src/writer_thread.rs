//! The thread on which SQLite is written.
//!
//! Every connection of the driver has a thread of its own, and every statement is a
//! call to it and an answer back. Waking a thread on another processor costs more than
//! most statements do, and a transaction has a dozen of them. So transactions run on
//! one thread, and that stays, with the thread of the connection it opens, on one
//! processor: twice as many codes a second on a virtual machine with two.

use std::{io, process, thread};

use core_affinity::CoreId;
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::JoinHandle,
};

use crate::{Error, Result};

/// Runs what is given to it on one processor, until it is dropped.
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
            // Where it is not possible, everything works, only slower.
            processor().map(core_affinity::set_for_current);
            runtime.block_on(dropped).ok();
        };
        thread::Builder::new().name("writer".to_owned()).spawn(run).map_err(failed)?;
        Ok(Self { handle, _keeps_running: keeps_running })
    }

    /// Runs it to its end, whether or not somebody waits for it.
    pub(crate) fn spawn<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.handle.spawn(work)
    }
}

/// What was run elsewhere; a panic there goes on here.
pub(crate) async fn joined<T>(task: JoinHandle<T>) -> Result<T> {
    match task.await {
        Ok(value) => Ok(value),
        Err(stopped) if stopped.is_panic() => std::panic::resume_unwind(stopped.into_panic()),
        Err(_) => Err(Error::ShuttingDown),
    }
}

/// One of those this process may use; shops beside each other take different ones.
fn processor() -> Option<CoreId> {
    let all = core_affinity::get_core_ids()?;
    let index = usize::try_from(process::id()).ok()?.checked_rem(all.len())?;
    all.get(index).copied()
}

fn failed(error: io::Error) -> Error {
    Error::Statement(sqlx::Error::Io(error))
}
