//! `marigold serve`: what must be right is checked before anything is changed, both ports
//! are taken, then the shop is put together and answers requests.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use marigold::{
    AppState, AppStateInner,
    config::{Config, Environment},
    health, jobs, listen, router,
};
use shop::{Clock, Entropy, Mode, Shop};
use store::Db;
use tokio::net::TcpListener;

use super::{application::Application, shutdown::ShutdownSignal};
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
    /// Listens on both addresses; if neither can be had, the error says so of both.
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

/// Answers requests until the process is asked to stop.
pub async fn run(
    environment: Environment,
    config: Config,
    entropy: Entropy,
    clock: Clock,
) -> anyhow::Result<()> {
    let stop = ShutdownSignal::listen().context("listening to signals")?;
    tokio::select! {
        biased;
        () = stop.clone().asked() => Ok(()),
        started = start(environment, config, entropy, clock) => {
            let (config, listeners, application) = started?;
            answer(config, listeners, application, stop).await
        }
    }
}

/// Takes the ports and puts the shop together.
async fn start(
    environment: Environment,
    config: Config,
    entropy: Entropy,
    clock: Clock,
) -> anyhow::Result<(Config, Listeners, Application)> {
    config.site.check_files()?;
    let listeners = Listeners::bind(&config).await?;
    let addresses = listeners.addresses().context("the address of a listener")?;
    let config = with_addresses(addresses, environment, config, &entropy, &clock)?;
    let application = Application::open(&config, entropy, clock).await?;
    Ok((config, listeners, application))
}

/// The settings with the addresses that are listened on. If the system chose the public
/// port, everything that depends on it is read anew: the default of
/// `MARIGOLD_PUBLIC_URL`, and by it what providers are told.
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

/// Answers requests until told to stop.
async fn answer(
    config: Config,
    listeners: Listeners,
    application: Application,
    stop: ShutdownSignal,
) -> anyhow::Result<()> {
    let Application { db, shop, simulator, receipts, metrics } = application;
    let banner = (config.settings.mode == Mode::Demo).then(|| Banner {
        origin: config.site.origin(),
        operations: config.operations_address,
        has_simulator: simulator.is_some(),
    });
    if banner.is_some() {
        shop.seed().seed_catalogue().await?;
    }
    shop.templates().ensure_expiry_matches().await?;
    log_start(&config, &db);
    let inner = AppStateInner::new(shop.clone(), simulator, config.providers.common, config.site);
    let state = AppState::from(AppStateInner { metrics, ..inner });
    let _loops = jobs::spawn_jobs(&state, receipts);
    tokio::spawn(allocator::give_back());
    let operations = health::routes(state.clone());
    tokio::spawn(listen::serve(listeners.operations, operations, stop.clone().asked()));
    if let Some(banner) = banner {
        tokio::spawn(welcome(shop.clone(), banner));
    }
    let closing = state.closing.clone();
    let stopped = async move {
        stop.asked().await;
        closing.send_replace(true);
    };
    listen::serve(listeners.shop, router(state), stopped).await;
    close(&shop, &db).await
}

/// One line with all that somebody who reads the log has to know of this process.
fn log_start(config: &Config, db: &Db) {
    let policy = &config.settings.policy;
    tracing::info!(
        event = "server.started",
        version = env!("CARGO_PKG_VERSION"),
        address = %config.address,
        operations_address = %config.operations_address,
        public_url = config.site.origin(),
        database = %db.location(),
        providers = %config.providers,
        gateway = config.gateway,
        code_lifetime_seconds = policy.life.as_secs(),
        payment_code_lifetime_seconds = policy.payment_life.as_secs(),
        attempts = policy.attempts,
        resends = policy.resends,
        "the server accepts requests"
    );
}

/// Makes the accounts of the demo and prints how to use them. Beside the server, because
/// hashing two passwords must not keep the first visitor waiting.
async fn welcome(shop: Shop, banner: Banner) {
    let welcomed = async {
        let passwords = demo::seed_accounts(&shop).await?;
        anyhow::Ok(demo::print_demo_banner(&banner, &passwords)?)
    };
    if let Err(error) = welcomed.await {
        tracing::error!(error = format!("{error:#}"), "the accounts of the demo were not made");
    }
}

/// Finishes what was begun.
async fn close(shop: &Shop, db: &Db) -> anyhow::Result<()> {
    tracing::info!(event = "server.stopping", "the server answers no more requests");
    if !shop.delivery().drain().await {
        tracing::warn!("an answer did not come in time; its message is sent again later");
    }
    shop.audit().flush_audit().await.context("writing refusals down")?;
    db.close().await;
    Ok(())
}
