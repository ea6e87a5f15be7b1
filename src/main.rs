//! The command line: serve (the default), migrate, seed.

use std::{io::Write, path::Path, sync::Arc};

use anyhow::Context;
use clap::{Parser, Subcommand};
use marigold::{Front, config::Config, health, listen, router, work};
use shop::{Clock, Entropy, Mode, Parts, Shop};
use store::Db;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// A storefront that puts a WhatsApp one-time password where money and accounts
/// are at risk.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Clone, Copy)]
enum Command {
    /// Bring the tables up to date and answer requests; the default.
    Serve,
    /// Bring the tables up to date and end.
    Migrate,
    /// Fill the shelves, and in the demo make its accounts, and end.
    Seed,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let entropy = Entropy::system();
    let config = Config::load(&entropy)?;
    log(config.site.is_production);
    let shop = open(&config, entropy).await?;
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Migrate => {}
        Command::Seed => seed(&shop).await?,
        Command::Serve => serve(config, shop).await?,
    }
    Ok(())
}

/// Readable lines in the demo, JSON in production; `RUST_LOG` chooses how much.
fn log(is_production: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if is_production { log.json().init() } else { log.init() }
}

/// Puts the shop together.
async fn open(config: &Config, entropy: Entropy) -> anyhow::Result<Shop> {
    if let Some(file) = config.database_url.strip_prefix("sqlite:")
        && let Some(folder) = Path::new(file.trim_start_matches("//")).parent()
    {
        std::fs::create_dir_all(folder).context("the folder of DATABASE_URL")?;
    }
    let db = Db::open(&config.database_url).await.context("DATABASE_URL")?;
    db.migrate().await.context("bringing the tables up to date")?;
    todo!()
}

/// Fills the shelves; the demo gets its two accounts, whose passwords are told.
async fn seed(shop: &Shop) -> anyhow::Result<()> {
    shop.seed().seed_catalogue().await?;
    if shop.settings().mode == Mode::Demo {
        todo!()
    }
    Ok(())
}
