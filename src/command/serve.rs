//! `marigold serve`: checks the settings and the files, listens on both addresses, then opens
//! the database and answers requests.

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::{Context, bail};
use marigold::{
    AppState, AppStateInner,
    config::{Config, Environment},
    health,
    jobs::{self, supervisor::Jobs},
    lifecycle::{Lifecycle, Phase},
    listen::{self, ConnectionLimits},
    router, shared_files,
};
use shop::{Clock, Entropy, Mode, Shop, warnings};
use store::Db;
use tokio::{net::TcpListener, sync::oneshot, time};

use super::{
    application::Application, database_lock::DatabaseLock, seed, shutdown::ShutdownSignal,
};
use crate::{
    allocator,
    demo::{self, Banner},
};

/// The setting of the public address.
const SHOP_SETTING: &str = "MARIGOLD_ADDR";
/// The setting of the operations address.
const OPERATIONS_SETTING: &str = "MARIGOLD_OPS_ADDR";

/// Both addresses, listened on.
struct Listeners {
    shop: TcpListener,
    operations: TcpListener,
}

impl Listeners {
    /// Listens on both addresses. If neither is possible, the error names both.
    async fn bind(config: &Config) -> anyhow::Result<Self> {
        let shop = listen::bind(SHOP_SETTING, config.address).await;
        let operations = listen::bind(OPERATIONS_SETTING, config.operations_address).await;
        match (shop, operations) {
            (Ok(shop), Ok(operations)) => Ok(Self { shop, operations }),
            (Err(shop), Err(operations)) => bail!("{shop}\n{operations}"),
            (Err(error), _) | (_, Err(error)) => Err(error.into()),
        }
    }

    /// The public address and the operations address, with the ports that the system
    /// chose where a setting has port 0.
    fn addresses(&self) -> std::io::Result<[SocketAddr; 2]> {
        Ok([self.shop.local_addr()?, self.operations.local_addr()?])
    }
}

/// What a server needs before its first request.
struct Prepared {
    config: Config,
    listeners: Listeners,
    application: Application,
    lock: DatabaseLock,
}

/// Answers requests until the process receives a signal to stop.
pub async fn run(
    environment: Environment,
    config: Config,
    entropy: Entropy,
    clock: Clock,
) -> anyhow::Result<()> {
    let stop = ShutdownSignal::listen().context("cannot install signal handlers")?;
    tokio::select! {
        biased;
        () = stop.clone().asked() => Ok(()),
        started = prepare(environment, config, entropy, clock) => {
            run_server(started?, stop).await
        }
    }
}

/// Listens on both addresses and builds the application.
async fn prepare(
    environment: Environment,
    config: Config,
    entropy: Entropy,
    clock: Clock,
) -> anyhow::Result<Prepared> {
    config.site.check_files()?;
    shared_files::publish(&config.site)?;
    let listeners = Listeners::bind(&config).await?;
    let lock = DatabaseLock::take(&config.database.url)?;
    let addresses = listeners.addresses().context("cannot read the address of a listener")?;
    let config = with_addresses(addresses, environment, config, &entropy, &clock)?;
    let application = Application::open(&config, entropy, clock).await?;
    Ok(Prepared { config, listeners, application, lock })
}

/// The settings with the addresses of the listeners. If the system chose the public port,
/// all settings are read again, because some depend on it: the default of
/// `MARIGOLD_PUBLIC_URL`, and the address of the webhooks.
fn with_addresses(
    [shop, operations]: [SocketAddr; 2],
    environment: Environment,
    mut config: Config,
    entropy: &Entropy,
    clock: &Clock,
) -> anyhow::Result<Config> {
    if shop != config.address {
        let environment = environment.with(SHOP_SETTING, &shop.to_string());
        config = Config::from_environment(environment, entropy, clock)?;
    }
    Ok(Config { operations_address: operations, ..config })
}

/// Answers requests until `stop`, then ends what was begun.
async fn run_server(prepared: Prepared, stop: ShutdownSignal) -> anyhow::Result<()> {
    let Prepared { config, listeners, application, lock } = prepared;
    let Application { db, shop, templates, simulator, mailbox, events } = application;
    let banner = (config.settings.mode == Mode::Demo).then(|| Banner {
        origin: config.site.origin(),
        operations: config.operations_address,
        has_simulator: simulator.is_some(),
    });
    if banner.is_some() {
        seed::catalogue(&db, &shop).await?;
    }
    templates.ensure_expiry_matches().await?;
    log_start(&config, &db);
    config.providers.log_warnings();
    let common = config.providers.common;
    let inner = AppStateInner::new(shop.clone(), simulator, common, config.site);
    let state = AppState::from(AppStateInner { mailbox, ..inner });
    let mut jobs = jobs::spawn_jobs(&state, templates, events);
    jobs.run_once(async { match allocator::return_free_memory().await {} });
    if let Some(banner) = banner {
        jobs.run_once(open_demo(db.clone(), shop.clone(), banner));
    }
    answer(listeners, state, stop, config.drain).await?;
    close(&shop, &db, jobs).await?;
    drop(lock);
    Ok(())
}

/// Answers requests until `stop`. Health and metrics are answered until everything else has ended.
async fn answer(
    listeners: Listeners,
    state: AppState,
    stop: ShutdownSignal,
    drain: Duration,
) -> anyhow::Result<()> {
    let (ended, until) = oneshot::channel::<()>();
    let until = async { drop(until.await) };
    let limits = ConnectionLimits::of_operations();
    let operations = health::routes(state.clone());
    let operations = tokio::spawn(listen::serve(listeners.operations, operations, limits, until));
    let limits = ConnectionLimits::of_shop(state.site.trusted_proxies.clone());
    let stopped = until_drained(state.lifecycle.clone(), stop, drain);
    listen::serve(listeners.shop, router(state), limits, stopped).await;
    tracing::info!(event = "server.stopping", "the server accepts no more requests");
    drop(ended);
    operations.await.context("the server of the operations address panicked")
}

/// Completes when the server shall close: after the signal, and after the time in which proxies
/// learn that it is not ready any more. A second signal ends that time.
async fn until_drained(lifecycle: Lifecycle, stop: ShutdownSignal, drain: Duration) {
    stop.clone().asked().await;
    lifecycle.enter(Phase::Draining);
    if !drain.is_zero() {
        tracing::info!(
            event = "server.draining",
            seconds = drain.as_secs(),
            "the server is not ready any more, and still answers for this time"
        );
        time::timeout(drain, stop.asked_again()).await.ok();
    }
    lifecycle.enter(Phase::Closing);
}

/// Logs one line that says what this process is and serves.
fn log_start(config: &Config, db: &Db) {
    let policy = &config.settings.policy;
    for suspicious in &config.suspicious {
        tracing::warn!(event = "config.suspicious", name = suspicious.name, "{suspicious}");
    }
    let env_file = config.env_file.as_deref().unwrap_or(Path::new("none"));
    tracing::info!(
        event = "server.started",
        version = env!("CARGO_PKG_VERSION"),
        mode = config.settings.mode.as_str(),
        mode_source = %config.mode_source,
        env_file = %env_file.display(),
        address = %config.address,
        operations_address = %config.operations_address,
        public_url = config.site.origin(),
        database = %db.location(),
        providers = %config.providers,
        gateways = %config.gateways,
        code_ttl_seconds = policy.code_ttl.as_secs(),
        payment_code_ttl_seconds = policy.payment_code_ttl.as_secs(),
        attempts = policy.attempts,
        resends = policy.resends,
        "listening on {}",
        config.address
    );
}

/// Creates the demo accounts and prints how to use them. It runs beside the server, because
/// hashing two passwords would delay the first request.
async fn open_demo(db: Db, shop: Shop, banner: Banner) {
    let opened = async {
        let passwords = seed::accounts(&db, &shop).await?;
        anyhow::Ok(demo::print_demo_banner(&banner, &passwords)?)
    };
    if let Err(error) = opened.await {
        let error = format!("{error:#}");
        tracing::error!(event = "demo.accounts_failed", error, "creating demo accounts failed");
    }
}

/// Waits for the answers of providers and for the jobs under way, writes the buffered audit events, and
/// closes the database: last, so that no job fails for the lack of it.
async fn close(shop: &Shop, db: &Db, jobs: Jobs) -> anyhow::Result<()> {
    if !shop.delivery().drain().await {
        tracing::warn!(
            event = "server.send_unfinished",
            "a provider did not answer in time; its message is sent again when its lease ends"
        );
    }
    jobs.stop().await;
    shop.audit().flush_audit().await.context("cannot write the last audit events")?;
    warnings::log_counted();
    db.close().await;
    tracing::info!(event = "server.stopped", "the server has stopped");
    Ok(())
}
