//! The configuration of an emulator.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::account::Account;
use crate::fault_toggles::FaultToggles;
use crate::provider::Provider;

/// Returns Unix seconds. Tests may set their own clock.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Waits before each status of a message.
#[derive(Debug, Clone, Copy)]
pub struct Delays {
    /// From acceptance to `sent`.
    pub sent: Duration,
    /// From `sent` to `delivered`.
    pub delivered: Duration,
    /// From `delivered` to `read`; none: messages are not read.
    pub read: Option<Duration>,
}

/// The configuration of an emulator. [`Config::new`] has defaults for tests.
#[derive(Clone)]
pub struct Config {
    /// The provider that is emulated.
    pub provider: Provider,
    /// The port on `127.0.0.1`; 0 takes a free one.
    pub port: u16,
    /// The address of webhooks, unless a request names its own; none: they are not sent.
    pub webhook: Option<String>,
    /// The headers that 360dialog sends with each webhook. Without any, it is
    /// `Authorization: Bearer` and the account's webhook secret.
    pub webhook_headers: Vec<(String, String)>,
    /// The keys and identifiers that requests must carry.
    pub account: Account,
    /// The times between the statuses of a message.
    pub delays: Delays,
    /// How often a webhook is repeated that was not answered with 2xx.
    pub webhook_retries: u32,
    /// The wait before the first repetition; it doubles with each further one, up to 30 s.
    pub webhook_backoff: Duration,
    /// How long the response to a hanging request is delayed.
    pub hang: Duration,
    /// The time from the submission of a template to its review.
    pub review: Duration,
    /// Messages that the sender may send per second; at Stripe requests.
    pub throughput: u32,
    /// The burst of messages to one recipient; each message uses up six seconds of it.
    pub pair_burst: u32,
    /// The initial faults of the webhooks.
    pub fault_toggles: FaultToggles,
    /// A file to which accepted messages and their states are appended.
    pub state_file: Option<PathBuf>,
    /// How many requests the request log keeps.
    pub request_log_capacity: usize,
    /// The clock of timestamps and signatures.
    pub clock: Clock,
}

impl Config {
    /// Defaults for tests: a free port, and webhooks and reviews without delay.
    #[must_use]
    pub fn new(provider: Provider) -> Self {
        Self {
            provider,
            port: 0,
            webhook: None,
            webhook_headers: Vec::new(),
            account: Account::default(),
            delays: Delays { sent: Duration::ZERO, delivered: Duration::ZERO, read: None },
            webhook_retries: 8,
            webhook_backoff: Duration::from_millis(250),
            hang: Duration::from_secs(10),
            review: Duration::ZERO,
            throughput: 80,
            pair_burst: 45,
            fault_toggles: FaultToggles::default(),
            state_file: None,
            request_log_capacity: 200,
            clock: Arc::new(system_seconds),
        }
    }
}

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or the state file cannot be used.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The HTTP client for webhooks cannot be built.
    #[error("the HTTP client for webhooks cannot be built: {0}")]
    Client(#[from] reqwest::Error),
}

/// Unix seconds of the system clock.
#[expect(
    clippy::disallowed_methods,
    reason = "an emulator stands for another machine, which does not share the clock of the shop"
)]
fn system_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}

/// A number that differs at every start: nanoseconds of the system clock.
#[expect(
    clippy::disallowed_methods,
    reason = "an emulator stands for another machine, which does not share the clock of the shop"
)]
pub(crate) fn fresh_seed() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos()
}
