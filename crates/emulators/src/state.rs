//! Everything that one twin knows, and what happens in it by itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::config::{Config, StartError, fresh_seed};
use crate::dialog360::Subscription;
use crate::faults::Chaos;
use crate::identifiers::Identifiers;
use crate::limits::Limits;
use crate::outcome::Outcome;
use crate::phones::{Channel, Message, Phones};
use crate::plan::{self, Status};
use crate::protocol::{self, Protocol};
use crate::switches::Board;
use crate::templates::Templates;
use crate::watch::Watch;
use crate::webhook::{self, Report};
use crate::wire::Wire;

/// What the handlers of one twin share.
pub(crate) struct State {
    pub config: Config,
    pub base_url: String,
    pub protocol: Box<dyn Protocol>,
    pub identifiers: Identifiers,
    pub phones: Phones,
    pub wire: Wire,
    pub limits: Limits,
    pub faults: Chaos,
    pub switches: Board,
    pub templates: Templates,
    pub subscription: Subscription,
    pub watch: Watch,
    pub client: reqwest::Client,
    /// How often each thing happened, by its name.
    counts: Mutex<BTreeMap<String, u64>>,
    /// What is under way: reports to come and their repetitions.
    tasks: Mutex<JoinSet<()>>,
}

impl State {
    /// # Errors
    /// When the state file cannot be used, or the client cannot be built.
    pub fn open(config: Config, address: SocketAddr) -> Result<Self, StartError> {
        Ok(Self {
            base_url: format!("http://{address}"),
            protocol: protocol::of(config.provider),
            identifiers: Identifiers::new(fresh_seed()),
            phones: Phones::open(config.state.as_deref())?,
            wire: Wire::new(config.remembered),
            limits: Limits::new(config.throughput, config.pair_burst),
            faults: Chaos::default(),
            switches: Board::new(config.switches),
            templates: Templates::default(),
            subscription: Subscription::default(),
            watch: Watch::new(),
            client: webhook::client()?,
            counts: Mutex::default(),
            tasks: Mutex::new(JoinSet::new()),
            config,
        })
    }

    /// Unix seconds now.
    pub fn now(&self) -> i64 {
        (self.config.clock)()
    }

    /// Counts one more of something.
    pub fn count(&self, what: impl Into<String>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(what.into()).or_default() += 1;
    }

    /// How often each thing happened.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Does something beside the calls, until the twin stops.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    /// Ends everything that is under way.
    pub fn stop(&self) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }

    /// Takes a message and begins to report what becomes of it.
    pub fn accept(self: &Arc<Self>, message: Message, outcome: Outcome) {
        self.phones.accept(&message);
        self.count("accepted");
        self.watch.changed();
        let state = Arc::clone(self);
        self.spawn(async move { state.report_all(message, outcome).await });
    }

    async fn report_all(self: &Arc<Self>, message: Message, outcome: Outcome) {
        let is_reversed = self.switches.get().is_reversed;
        let life = message.time_to_live.and_then(|seconds| u64::try_from(seconds).ok());
        let mut plan = plan::reports(outcome, self.config.delays, is_reversed);
        plan::end_with(&mut plan, life.map(Duration::from_secs));
        for (wait, status) in plan {
            if status == Status::Read && message.channel == Channel::Sms {
                continue;
            }
            pause(wait).await;
            self.phones.mark(&message.id, status);
            self.count(status.word());
            self.watch.changed();
            if let Some(report) = self.protocol.report(self, &message, status, outcome) {
                self.send(report).await;
            }
        }
    }

    /// Sends a webhook, twice if the switch says so. Its repetitions do not hold up the next.
    pub async fn send(self: &Arc<Self>, report: Report) {
        let switches = self.switches.get();
        if switches.is_silent {
            return;
        }
        for _ in 0..=u8::from(switches.has_duplicates) {
            webhook::deliver(self, report.clone()).await;
        }
    }
}

/// Sleeps, unless there is nothing to sleep for.
pub(crate) async fn pause(wait: Duration) {
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
}

/// A time as ISO 8601 writes it, in UTC: `2026-01-01T00:00:00Z`.
pub(crate) fn iso(seconds: i64) -> String {
    moment(seconds).format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

/// A time as RFC 2822 writes it: `Thu, 01 Jan 2026 00:00:00 +0000`.
pub(crate) fn rfc2822(seconds: i64) -> String {
    moment(seconds).format(&time::format_description::well_known::Rfc2822).unwrap_or_default()
}

fn moment(seconds: i64) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
}
