//! Emulators of the messaging providers and of Stripe: local servers that respond as those do.
//!
//! An emulator checks each request as strictly as its provider documents, responds with the
//! documented successes and errors, and sends signed webhooks. It is written from the providers'
//! published references and does not share code with the shop's clients (crates `whatsapp` and
//! `payment`), so that a mistake in one is not repeated in the other. Tests start one with [`Emulator::start`]; people
//! run the program `emulators` and open its page.
//!
//! The last digits of the recipient choose the outcome of a message (see [`outcome`]), so a test
//! needs no other channel to ask for a failure.

mod account;
mod bird;
mod changes;
mod code;
mod config;
mod control;
mod delivery;
mod delivery_plan;
mod dialog360;
mod fault_toggles;
mod faults;
mod format;
mod http;
mod identifiers;
mod json;
mod messagebird;
mod messages;
mod meta;
pub mod outcome;
mod page;
mod protocol;
mod provider;
mod rate_limits;
mod request_log;
mod server;
pub mod sign;
mod state;
mod stripe;
mod subscription;
mod templates;
mod twilio;
mod webhook;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use account::Account;
pub use config::{Clock, Config, Delays, StartError};
pub use fault_toggles::FaultToggles;
pub use faults::{Fault, Faults, ScriptedFault};
pub use messages::{Channel, Message};
pub use provider::Provider;
pub use request_log::LoggedRequest;

/// A running emulator. It stops when this is dropped.
pub struct Emulator {
    address: SocketAddr,
    state: Arc<state::State>,
    server: JoinHandle<()>,
}

impl Emulator {
    /// Starts an emulator on `127.0.0.1`, at `config.port` or, if that is 0, at a free port.
    ///
    /// # Errors
    /// When the port is taken, the state file cannot be read or written, or the HTTP client for
    /// webhooks cannot be built.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let listener = TcpListener::bind(("127.0.0.1", config.port)).await?;
        let address = listener.local_addr()?;
        let protocol = protocol_of(config.provider);
        let state = Arc::new(state::State::open(config, address)?);
        let server = tokio::spawn(server::serve(listener, Arc::clone(&state), protocol));
        Ok(Self { address, state, server })
    }

    /// The address for the shop's `…_BASE_URL` settings, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The settings that make the shop use this emulator: name and value.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        self.state.config.account.settings(self.state.config.provider, &self.base_url())
    }

    /// Every accepted message, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.state.messages.all()
    }

    /// Waits until `is_enough` holds for the accepted messages.
    pub async fn wait_until(&self, is_enough: impl Fn(&[Message]) -> bool) {
        self.state.changes.wait_until(|| is_enough(&self.state.messages.all())).await;
    }

    /// The last requests, webhooks and responses, oldest first.
    #[must_use]
    pub fn request_log(&self) -> Vec<LoggedRequest> {
        self.state.request_log.all()
    }

    /// Waits until `is_enough` holds for the request log.
    pub async fn wait_for_requests(&self, is_enough: impl Fn(&[LoggedRequest]) -> bool) {
        self.state.changes.wait_until(|| is_enough(&self.state.request_log.all())).await;
    }

    /// Makes a share of the requests fail, or none.
    pub fn set_faults(&self, faults: Option<Faults>) {
        self.state.faults.set(faults);
    }

    /// Makes the next requests to an address fail, each in the way that is named.
    pub fn set_scripted_faults(&self, faults: Vec<ScriptedFault>) {
        self.state.faults.set_scripted(faults);
    }

    /// Makes the webhooks misbehave, or behave again.
    pub fn set_fault_toggles(&self, toggles: FaultToggles) {
        self.state.fault_toggles.set(toggles);
    }

    /// Runs until the server fails.
    pub async fn run(mut self) {
        // The error says only that the task was aborted or has panicked.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.server.abort();
        self.state.stop();
    }
}

fn protocol_of(provider: Provider) -> Arc<dyn protocol::Protocol> {
    match provider {
        Provider::Meta => Arc::new(meta::Meta),
        Provider::Dialog360 => Arc::new(dialog360::Dialog360),
        Provider::Twilio => Arc::new(twilio::Twilio::default()),
        Provider::Messagebird => Arc::new(messagebird::Messagebird::default()),
        Provider::Bird => Arc::new(bird::Platform::default()),
        Provider::BirdChannels => Arc::new(bird::Channels),
        Provider::Stripe => Arc::new(stripe::Stripe::default()),
    }
}
