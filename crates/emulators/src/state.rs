//! The state of one emulator, shared by the handlers of its requests.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::changes::Changes;
use crate::config::{Config, StartError, fresh_seed};
use crate::fault_toggles::SharedFaultToggles;
use crate::faults::FaultInjector;
use crate::identifiers::Identifiers;
use crate::messages::MessageStore;
use crate::rate_limits::RateLimiter;
use crate::request_log::RequestLog;
use crate::subscription::WebhookSubscription;
use crate::templates::Templates;

/// How long the shop may take to answer a webhook.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(15);

pub(crate) struct State {
    pub config: Config,
    pub base_url: String,
    pub identifiers: Identifiers,
    pub messages: MessageStore,
    pub request_log: RequestLog,
    pub rate_limiter: RateLimiter,
    pub faults: FaultInjector,
    pub fault_toggles: SharedFaultToggles,
    pub templates: Templates,
    pub subscription: WebhookSubscription,
    pub changes: Changes,
    pub webhook_client: reqwest::Client,
    /// How often each event happened, by its name.
    counts: Mutex<BTreeMap<String, u64>>,
    /// Deliveries and repeated webhooks that are under way.
    tasks: Mutex<JoinSet<()>>,
}

impl State {
    /// # Errors
    /// When the state file cannot be used, or the client for webhooks cannot be built.
    pub fn open(config: Config, address: SocketAddr) -> Result<Self, StartError> {
        Ok(Self {
            base_url: format!("http://{address}"),
            identifiers: Identifiers::new(fresh_seed()),
            messages: MessageStore::open(config.state_file.as_deref())?,
            request_log: RequestLog::new(config.request_log_capacity),
            rate_limiter: RateLimiter::new(config.throughput, config.pair_burst),
            faults: FaultInjector::default(),
            fault_toggles: SharedFaultToggles::new(config.fault_toggles),
            templates: Templates::default(),
            subscription: WebhookSubscription::default(),
            changes: Changes::new(),
            webhook_client: webhook_client()?,
            counts: Mutex::default(),
            tasks: Mutex::new(JoinSet::new()),
            config,
        })
    }

    /// Unix seconds now.
    pub fn now(&self) -> i64 {
        (self.config.clock)()
    }

    /// Increments the counter of that name.
    pub fn count(&self, event: impl Into<String>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(event.into()).or_default() += 1;
    }

    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs a task in the background; [`State::stop`] aborts it.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    /// Aborts every background task.
    pub fn stop(&self) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}

fn webhook_client() -> Result<reqwest::Client, reqwest::Error> {
    // Installing fails when another part of the process has installed a provider; that one stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(WEBHOOK_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
}

/// Sleeps. A zero wait does not yield, so tests without delays stay in order.
pub(crate) async fn pause(wait: Duration) {
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
}
