//! What a twin is told when it starts.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::account::Account;
use crate::switches::Switches;

/// Whose words a twin speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Provider {
    /// Meta's WhatsApp Cloud API.
    Meta,
    /// Twilio: messages, Content API and Verify, told apart by their paths.
    Twilio,
    /// 360dialog: Meta's messages behind another door.
    #[value(name = "360dialog")]
    Dialog360,
    /// MessageBird: conversations, SMS and templates.
    Messagebird,
    /// Bird: the Channels API and the platform of 2026 (`/v1`).
    Bird,
}

impl Provider {
    /// The provider's name in `MARIGOLD_PROVIDERS` and in the webhook's address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Twilio => "twilio",
            Self::Dialog360 => "360dialog",
            Self::Messagebird => "messagebird",
            Self::Bird => "bird",
        }
    }
}

/// Unix seconds now. A test may give its own.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How long after acceptance each report follows.
#[derive(Debug, Clone, Copy)]
pub struct Delays {
    /// From acceptance to `sent`.
    pub sent: Duration,
    /// From `sent` to `delivered`.
    pub delivered: Duration,
    /// From `delivered` to `read`; none: nobody reads.
    pub read: Option<Duration>,
}

/// Everything a twin may be told. [`Config::new`] fills in what suits tests.
#[derive(Clone)]
pub struct Config {
    /// Whose words it speaks.
    pub provider: Provider,
    /// The port on `127.0.0.1`; 0 takes a free one.
    pub port: u16,
    /// Where reports go that name no address of their own; none: nowhere.
    pub webhook: Option<String>,
    /// The headers that 360dialog is told to send with each webhook. None:
    /// `Authorization: Bearer` and the account's webhook secret.
    pub webhook_headers: Vec<(String, String)>,
    /// The keys and identifiers it expects.
    pub account: Account,
    /// How soon reports follow.
    pub delays: Delays,
    /// How a webhook that was not answered with 2xx is repeated: how often.
    pub webhook_retries: u32,
    /// The wait before the first repetition; each further one doubles it, up to 30 s.
    pub webhook_backoff: Duration,
    /// How long a hanging call hangs.
    pub hang: Duration,
    /// How long the review of a template takes.
    pub review: Duration,
    /// Messages that the sender may send in one second.
    pub throughput: u32,
    /// Messages to one recipient that may be borrowed from the following
    /// minutes; beyond the first, each costs six seconds.
    pub pair_burst: u32,
    /// How the webhooks misbehave from the start.
    pub switches: Switches,
    /// A file to which accepted messages and their states are appended.
    pub state: Option<PathBuf>,
    /// How many exchanges are remembered for watching.
    pub remembered: usize,
    /// The time that reports and signatures carry.
    pub clock: Clock,
}

impl Config {
    /// A twin for tests: a free port, reports at once, quick reviews and short hangs.
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
            switches: Switches::default(),
            state: None,
            remembered: 200,
            clock: Arc::new(system_seconds),
        }
    }
}

/// Why a twin did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or the state file cannot be used.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The client that carries webhooks could not be built.
    #[error("the client for webhooks could not be built: {0}")]
    Client(#[from] reqwest::Error),
}

/// Unix seconds of this machine.
#[expect(
    clippy::disallowed_methods,
    reason = "a emulator plays another machine: the shop's clock is not its own"
)]
fn system_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}

/// A number that no earlier start of a twin has had: nanoseconds of this machine.
#[expect(
    clippy::disallowed_methods,
    reason = "a emulator plays another machine: the shop's clock is not its own"
)]
pub(crate) fn fresh_seed() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos()
}
