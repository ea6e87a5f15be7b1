//! The command line: serve (the default), migrate, seed, check-provider, templates.

mod allocator;
mod command;
mod demo;

use std::{num::NonZeroUsize, path::Path, process::ExitCode, sync::Arc};

use anyhow::Context;
use clap::{Parser, Subcommand};
use command::{
    check_provider,
    counted::Counted,
    stop::Stop,
    templates::{self, Templates},
};
use marigold::{
    Front, Hall,
    config::{Config, providers::Provider},
    health::{self, Metrics},
    listen, router, work,
};
use payment::DemoGateway;
use shop::{
    Clock, Entropy, Mode, Parts, Passwords, Shop,
    delivery::{Receipts, receipts},
};
use store::Db;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;
use whatsapp::{Courier, NewsSink, Now, Simulator};

/// The demo bank's book.
const DEMO_BANK: &str = "data/demo_bank";

/// A storefront that puts a WhatsApp one-time password where money and accounts
/// are at risk.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Bring the tables up to date and answer requests; the default.
    Serve,
    /// Bring the tables up to date and end.
    Migrate,
    /// Fill the shelves, and in the demo make its accounts, and end.
    Seed,
    /// Look whether real messages can go out and news of them come in; say what to
    /// change. The shop should be open, so that its own address can be called.
    CheckProvider {
        /// One of MARIGOLD_PROVIDERS; all of them without it.
        name: Option<String>,
    },
    /// The templates of messages, which providers must approve before they are sent.
    Templates {
        /// What to do with them.
        #[command(subcommand)]
        what: Templates,
    },
}

/// A shop, and what belongs to it only here.
struct House {
    db: Db,
    shop: Shop,
    simulator: Option<Arc<Simulator>>,
    receipts: Receipts,
    metrics: Arc<Metrics>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let entropy = Entropy::system();
    let clock = Clock::system();
    let config = Config::load(&entropy, &clock)?;
    log(config.site.is_production);
    let is_good = match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(config, entropy, clock).await.map(|()| true)?,
        Command::Migrate => open(&config, entropy, clock).await.map(|_| true)?,
        Command::Seed => seed(&open(&config, entropy, clock).await?.shop).await.map(|()| true)?,
        Command::CheckProvider { name } => {
            let house = open(&config, entropy, clock).await?;
            check_provider::run(&house.shop, &config.providers.common, name.as_deref()).await?
        }
        Command::Templates { what } => {
            templates::run(&open(&config, entropy, clock).await?.shop, &what).await?
        }
    };
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Readable lines in the demo, JSON in production; `RUST_LOG` chooses how much.
fn log(is_production: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if is_production { log.json().init() } else { log.init() }
}

/// Puts the shop together.
async fn open(config: &Config, entropy: Entropy, clock: Clock) -> anyhow::Result<House> {
    std::fs::create_dir_all("data").context("the folder data/")?;
    if let Some(file) = config.database_url.strip_prefix("sqlite:")
        && let Some(folder) = Path::new(file.trim_start_matches("//")).parent()
    {
        std::fs::create_dir_all(folder).context("the folder of DATABASE_URL")?;
    }
    let db = Db::open(&config.database_url).await.context("DATABASE_URL")?;
    db.migrate().await.context("bringing the tables up to date")?;
    let now = {
        let clock = clock.clone();
        Arc::new(move || clock.now())
    };
    let (news, receipts) = receipts();
    let metrics = Arc::<Metrics>::default();
    let (couriers, simulator) = couriers(config, news, now.clone(), &metrics);
    let hashers = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let shop = Shop::new(Parts {
        db: db.clone(),
        couriers,
        gateway: DemoGateway::open(DEMO_BANK.as_ref(), now).context(DEMO_BANK)?,
        clock,
        entropy,
        passwords: Passwords::under(config.password_keys.clone(), hashers),
        settings: config.settings.clone(),
    });
    Ok(House { db, shop, simulator, receipts, metrics })
}

/// The couriers in the order of the settings, each counted; and the simulated
/// phones, if they are among them.
fn couriers(
    config: &Config,
    news: NewsSink,
    now: Now,
    metrics: &Arc<Metrics>,
) -> (Vec<Arc<dyn Courier>>, Option<Arc<Simulator>>) {
    let mut simulator = None;
    let mut couriers: Vec<Arc<dyn Courier>> = Vec::new();
    for provider in &config.providers.list {
        let courier: Arc<dyn Courier> = match provider {
            Provider::Real(courier) => courier.clone(),
            Provider::Simulator => {
                simulator.insert(Simulator::new(news.clone(), now.clone())).clone()
            }
        };
        couriers.push(Arc::new(Counted(courier, metrics.clone())));
    }
    (couriers, simulator)
}

/// Fills the shelves; the demo gets its two accounts too.
async fn seed(shop: &Shop) -> anyhow::Result<()> {
    shop.seed().seed_catalogue().await?;
    if shop.settings().mode == Mode::Demo {
        let passwords = demo::passwords(&Entropy::system())?;
        shop.seed().seed_accounts(&passwords).await?;
    }
    Ok(())
}

/// Puts the shop together and answers requests, until told to stop.
async fn serve(config: Config, entropy: Entropy, clock: Clock) -> anyhow::Result<()> {
    let stop = Stop::listen().context("listening to signals")?;
    tokio::select! {
        biased;
        () = stop.clone().asked() => Ok(()),
        house = open(&config, entropy, clock) => answer(config, house?, stop).await,
    }
}

/// Answers requests until told to stop.
async fn answer(config: Config, house: House, stop: Stop) -> anyhow::Result<()> {
    let is_demo = config.settings.mode == Mode::Demo;
    if is_demo {
        house.shop.seed().seed_catalogue().await?;
    }
    house.shop.templates().ensure_lives_agree().await?;
    let origin = config.site.origin();
    let listener = TcpListener::bind(config.address).await.context("MARIGOLD_ADDR")?;
    let operations =
        TcpListener::bind(config.operations_address).await.context("MARIGOLD_OPS_ADDR")?;
    let front = Front::from(Hall {
        metrics: house.metrics,
        ..Hall::new(house.shop, house.simulator, config.providers.common, config.site)
    });
    let _loops = work::start(&front, house.receipts);
    tokio::spawn(allocator::give_back());
    tokio::spawn(listen::serve(operations, health::routes(front.clone()), stop.clone().asked()));
    tracing::info!(address = %config.address, %origin, "open");
    if is_demo {
        let (shop, has_simulator) = (front.shop.clone(), front.simulator.is_some());
        // Hashing two passwords must not keep the first visitor waiting.
        tokio::spawn(async move {
            if let Err(error) = demo::welcome(&shop, &origin, has_simulator).await {
                tracing::error!(?error, "the demo accounts");
            }
        });
    }
    let closing = front.closing.clone();
    let shop = front.shop.clone();
    let stopped = async move {
        stop.asked().await;
        closing.send_replace(true);
    };
    listen::serve(listener, router(front), stopped).await;
    tracing::info!("closing");
    if !shop.delivery().drain().await {
        tracing::warn!("an answer did not come in time; its message is sent again later");
    }
    shop.audit().write_notes().await.context("writing refusals down")?;
    house.db.close().await;
    Ok(())
}
