//! The program `emulators`: it starts the emulator of one provider and prints its address and settings.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use emulators::{Config, Delays, Emulator, FaultToggles, Faults, Provider, StartError};

/// A local server that responds as a messaging provider or Stripe does. It checks requests as
/// strictly and signs its webhooks, but shows messages and payments on a page instead of making them.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The provider to emulate.
    #[arg(long)]
    provider: Provider,
    /// The port on 127.0.0.1.
    #[arg(long, default_value_t = 4010)]
    port: u16,
    /// The address of webhooks, e.g. http://127.0.0.1:3000/webhooks/meta.
    #[arg(long)]
    webhook: Option<String>,
    /// A header that 360dialog sends with each webhook; the option may be repeated.
    #[arg(long, value_name = "NAME: VALUE")]
    webhook_header: Vec<String>,
    /// Sets a key or an identifier by the name of the shop's setting; the option may be repeated.
    #[arg(long = "set", value_name = "SETTING=VALUE")]
    settings: Vec<String>,
    /// Milliseconds from acceptance to the status `sent`.
    #[arg(long, default_value_t = 300)]
    sent_after: u64,
    /// Milliseconds from `sent` to `delivered`.
    #[arg(long, default_value_t = 1_000)]
    delivered_after: u64,
    /// Milliseconds from `delivered` to `read`; without it messages are not read.
    #[arg(long)]
    read_after: Option<u64>,
    /// Milliseconds by which the response to a hanging request is delayed.
    #[arg(long, default_value_t = 10_000)]
    hang: u64,
    /// Milliseconds from the submission of a template to its review.
    #[arg(long, default_value_t = 2_000)]
    review: u64,
    /// Messages that the sender may send per second; at Stripe requests.
    #[arg(long, default_value_t = 80)]
    throughput: u32,
    /// The burst of messages to one recipient, who otherwise gets one per six seconds.
    #[arg(long, default_value_t = 45)]
    pair_burst: u32,
    /// How often a webhook is repeated that was not answered with 2xx.
    #[arg(long, default_value_t = 8)]
    webhook_retries: u32,
    /// The share of requests that fails, from 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    fault_rate: f64,
    /// The seed of the faults; the same seed fails the same requests.
    #[arg(long, default_value_t = 1)]
    fault_seed: u64,
    /// Sign every webhook with a wrong key.
    #[arg(long)]
    bad_signatures: bool,
    /// Send every webhook twice.
    #[arg(long)]
    duplicates: bool,
    /// Send the status webhooks of a message in reverse order.
    #[arg(long)]
    reversed: bool,
    /// Leave the recipient out of Meta's webhooks.
    #[arg(long)]
    no_recipient: bool,
    /// Print the settings of the shop as NAME=VALUE lines, and exit.
    #[arg(long)]
    print_settings: bool,
    /// A file to which accepted messages and their statuses are appended.
    #[arg(long = "state", value_name = "FILE")]
    state_file: Option<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("--set {0}: give the name of a setting, an equals sign and a value")]
    Setting(String),
    #[error("--webhook-header {0}: give a name, a colon and a value")]
    Header(String),
    #[error("cannot write to the standard output: {0}")]
    Output(#[from] std::io::Error),
}

fn config(arguments: &Arguments) -> Result<Config, CliError> {
    let mut config = Config::new(arguments.provider);
    for pair in &arguments.settings {
        let is_known = pair
            .split_once('=')
            .is_some_and(|(name, value)| config.account.set(name.trim(), value.trim()));
        if !is_known {
            return Err(CliError::Setting(pair.clone()));
        }
    }
    for header in &arguments.webhook_header {
        let (name, value) =
            header.split_once(':').ok_or_else(|| CliError::Header(header.clone()))?;
        config.webhook_headers.push((name.trim().to_ascii_lowercase(), value.trim().into()));
    }
    config.port = arguments.port;
    config.webhook = arguments.webhook.clone();
    config.delays = Delays {
        sent: Duration::from_millis(arguments.sent_after),
        delivered: Duration::from_millis(arguments.delivered_after),
        read: arguments.read_after.map(Duration::from_millis),
    };
    config.hang = Duration::from_millis(arguments.hang);
    config.review = Duration::from_millis(arguments.review);
    config.throughput = arguments.throughput;
    config.pair_burst = arguments.pair_burst;
    config.webhook_retries = arguments.webhook_retries;
    config.fault_toggles = FaultToggles {
        has_bad_signatures: arguments.bad_signatures,
        has_duplicates: arguments.duplicates,
        is_reversed: arguments.reversed,
        lacks_recipient: arguments.no_recipient,
        is_silent: false,
    };
    config.state_file = arguments.state_file.clone();
    Ok(config)
}

/// What the program prints after its start. `scripts/run` reads the settings.
fn banner(emulator: &Emulator, arguments: &Arguments) -> String {
    let mut lines = format!(
        "Emulator of {}: it responds as the provider does, and nothing leaves this machine.\n\
         What it is asked: {}/\nWebhooks are sent to: {}\nSettings of the shop:\n",
        arguments.provider.name(),
        emulator.base_url(),
        arguments.webhook.as_deref().unwrap_or("the address in each request"),
    );
    for (name, value) in emulator.settings() {
        lines.push_str(&format!("  {name}={value}\n"));
    }
    lines
}

#[tokio::main]
async fn main() -> Result<(), CliError> {
    let arguments = Arguments::parse();
    let config = config(&arguments)?;
    if arguments.print_settings {
        let base_url = format!("http://127.0.0.1:{}", arguments.port);
        let settings = config.account.settings(arguments.provider, &base_url);
        let lines: String =
            settings.into_iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        std::io::stdout().write_all(lines.as_bytes())?;
        return Ok(());
    }
    let emulator = Emulator::start(config).await?;
    if arguments.fault_rate > 0.0 {
        let (rate, seed) = (arguments.fault_rate, arguments.fault_seed);
        emulator.set_faults(Some(Faults { rate, seed, kinds: emulators::Fault::ALL.to_vec() }));
    }
    std::io::stdout().write_all(banner(&emulator, &arguments).as_bytes())?;
    emulator.run().await;
    Ok(())
}
