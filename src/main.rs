//! The command line: its arguments, the runtime, the log, and how errors are printed.

mod allocator;
mod command;
mod demo;

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context;
use clap::{Parser, Subcommand};
use command::{
    application::Application,
    backup, check_config, check_provider, end_access, restore, seed, serve,
    templates::{self, Templates},
};
use marigold::config::{Config, Environment, LogSettings};
use shop::{Clock, Entropy};
use tracing_subscriber::EnvFilter;

/// The text below the options in `marigold --help`.
const MAIN_SETTINGS: &str = "\
Main settings, which are variables of the environment or lines of the file .env:
  MARIGOLD_ENV         demo                     or production
  MARIGOLD_ADDR        127.0.0.1:3000           where the shop listens; port 0 takes a free one
  MARIGOLD_OPS_ADDR    127.0.0.1:9090           where health and metrics are
  MARIGOLD_PUBLIC_URL  http://127.0.0.1:3000    the address that people see
  DATABASE_URL         sqlite:data/marigold.db  or postgres://USER:PASSWORD@HOST/NAME
  MARIGOLD_CONTACT     help@marigold.example    where visitors can write to
  MARIGOLD_LEGAL_PAGES (samples)                the folder with terms, privacy, imprint, returns, contact
  MARIGOLD_PROVIDERS   simulator                or meta, twilio, 360dialog, messagebird, bird
  LEPTOS_SITE_ROOT     target/site              the folder with the files for the browser
  RUST_LOG             info                     what is logged
`marigold check-config` prints all settings in force; .env.example explains them.

Example: open the demo shop on another port
  MARIGOLD_ADDR=127.0.0.1:8080 marigold serve";

/// Libraries that warn of every cookie that an anonymous client invents; the shop counts these itself.
/// `RUST_LOG` comes after it, and so can undo it.
const QUIET: &str = "tower_sessions=error,tower_sessions_core=error";

/// A storefront that puts a WhatsApp one-time password where money and accounts
/// are at risk.
#[derive(Parser)]
#[command(version, after_help = MAIN_SETTINGS)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Bring the tables up to date and answer requests (the default).
    Serve,
    /// Print every setting in force and where it came from.
    CheckConfig,
    /// Bring the tables up to date.
    Migrate,
    /// Add the catalogue, and in the demo its two accounts.
    Seed,
    /// Write a backup of the SQLite database to a new file; the shop may run.
    Backup {
        /// The file, which must not exist.
        file: PathBuf,
    },
    /// Replace the SQLite database by a backup; the shop must not run.
    ///
    /// It ends every code, session and permission, because the backup does not know which of
    /// them were used since. The replaced database is kept under another name.
    Restore {
        /// A file that `marigold backup` wrote.
        file: PathBuf,
    },
    /// End every code, session and permission, after PostgreSQL's own tools restored a database.
    EndAccess,
    /// Check that real messages can be sent and their receipts arrive.
    ///
    /// It says what to change. The shop should be running, so that its own address can be
    /// called.
    CheckProvider {
        /// One of MARIGOLD_PROVIDERS; all of them without it.
        name: Option<String>,
    },
    /// Submit the message templates to the providers, or see how they stand.
    Templates {
        /// What to do with them.
        #[command(subcommand)]
        what: Templates,
    },
}

fn main() -> ExitCode {
    // The files that the program makes, the database among them, are for its own user alone.
    rustix::process::umask(rustix::fs::Mode::from_bits_truncate(0o077));
    match run(Arguments::parse().command.unwrap_or(Command::Serve)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // With its causes and without a backtrace: the operator reads it.
            let message = format!("Error: {error:#}");
            writeln!(io::stderr(), "{}", message.trim_end()).ok();
            ExitCode::FAILURE
        }
    }
}

/// Reads the settings and runs the command. False means that something is left to do.
fn run(command: Command) -> anyhow::Result<bool> {
    let (entropy, clock) = (Entropy::system(), Clock::system());
    let environment = Environment::load();
    let config = Config::from_environment(environment.clone(), &entropy, &clock)?;
    start_log(&config.log, config.site.is_production);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("cannot start the asynchronous runtime")?;
    let outcome = runtime.block_on(execute(command, environment, config, entropy, clock));
    // A blocking task that is still running, such as the look-up of a database's host, must
    // not delay the end of the process.
    runtime.shutdown_background();
    outcome
}

async fn execute(
    command: Command,
    environment: Environment,
    config: Config,
    entropy: Entropy,
    clock: Clock,
) -> anyhow::Result<bool> {
    let open = Application::open;
    match command {
        Command::Serve => serve::run(environment, config, entropy, clock).await?,
        Command::CheckConfig => return Ok(check_config::run(&config)?),
        Command::Migrate => drop(open(&config, entropy, clock).await?),
        Command::Seed => {
            let Application { db, shop, .. } = open(&config, entropy, clock).await?;
            seed::run(&db, &shop).await?;
        }
        Command::Backup { file } => backup::run(&config.database.url, &file).await?,
        Command::Restore { file } => {
            restore::run(&config.database.url, &file, &entropy, &clock).await?;
        }
        Command::EndAccess => end_access::run(&config.database, &entropy, &clock).await?,
        Command::CheckProvider { name } => {
            let templates = open(&config, entropy, clock).await?.templates;
            return check_provider::run(&templates, &config, name.as_deref()).await;
        }
        Command::Templates { what } => {
            return templates::run(&open(&config, entropy, clock).await?.templates, &what).await;
        }
    }
    Ok(true)
}

/// Readable lines in the demo, JSON in production. Colours are for terminals alone.
fn start_log(settings: &LogSettings, is_production: bool) {
    let has_colours = io::stderr().is_terminal() && !settings.is_colourless;
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(format!("{QUIET},{}", settings.filter)))
        .with_ansi(has_colours)
        .with_writer(io::stderr);
    if is_production { log.json().init() } else { log.init() }
}
