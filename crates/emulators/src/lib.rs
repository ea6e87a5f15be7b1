//! Protocol twins: local servers that speak as a messaging provider does.
//!
//! A twin checks each request as strictly as its provider documents, answers
//! with the documented successes and errors, and calls back with signed
//! webhooks. It is written from the providers' published references and knows
//! nothing of the shop's own couriers, so that a mistake in one is not
//! repeated in the other. Tests start one with [`Emulator::start`]; people start
//! the program `twin` and watch its page.
//!
//! What happens to a message is chosen by the recipient's last digits (see
//! [`outcome`]), so no test needs a second channel to ask for a failure.

mod account;
mod bird;
mod call;
mod code;
mod config;
mod control;
mod dialog360;
mod faults;
mod identifiers;
mod json;
mod limits;
mod messagebird;
mod meta;
pub mod outcome;
mod page;
mod phones;
mod plan;
mod protocol;
mod server;
pub mod sign;
mod state;
mod switches;
mod templates;
mod twilio;
mod watch;
mod webhook;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use account::Account;
pub use config::{Clock, Config, Delays, Provider, StartError};
pub use faults::{Fault, Faults};
pub use phones::{Channel, Message};
pub use switches::Switches;
pub use wire::Exchange;

/// A running twin. It ends when this is dropped.
pub struct Emulator {
    address: SocketAddr,
    state: Arc<state::State>,
    server: JoinHandle<()>,
}

impl Emulator {
    /// Starts a twin on `127.0.0.1`, at `config.port` or, if that is 0, at a free port.
    ///
    /// # Errors
    /// When the port is taken, the state file cannot be read or written, or
    /// the client for webhooks cannot be built.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let listener = TcpListener::bind(("127.0.0.1", config.port)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(state::State::open(config, address)?);
        let server = tokio::spawn(server::serve(listener, Arc::clone(&state)));
        Ok(Self { address, state, server })
    }

    /// The address for the shop's `…_BASE_URL` settings, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The settings that make the shop speak to this twin: name and value.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        self.state.config.account.settings(self.state.config.provider, &self.base_url())
    }

    /// Every accepted message, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.state.phones.all()
    }

    /// Waits until the accepted messages are as `is_enough` wants them.
    pub async fn until(&self, is_enough: impl Fn(&[Message]) -> bool) {
        self.state.watch.until(|| is_enough(&self.state.phones.all())).await;
    }

    /// The last requests and answers, oldest first.
    #[must_use]
    pub fn wire(&self) -> Vec<Exchange> {
        self.state.wire.all()
    }

    /// Waits until the exchanges on the wire are as `is_enough` wants them.
    pub async fn until_wire(&self, is_enough: impl Fn(&[Exchange]) -> bool) {
        self.state.watch.until(|| is_enough(&self.state.wire.all())).await;
    }

    /// Makes a share of the calls fail, or none.
    pub fn set_faults(&self, faults: Option<Faults>) {
        self.state.faults.set(faults);
    }

    /// Makes the webhooks misbehave, or behave again.
    pub fn set_switches(&self, switches: Switches) {
        self.state.switches.set(switches);
    }

    /// Waits for the server, which ends only by a failure.
    pub async fn run(mut self) {
        // A server that was stopped is no failure of the program.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.server.abort();
        self.state.stop();
    }
}
