//! `twin`: starts the twin of one provider and says where to look.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use emulators::{Config, Delays, Emulator, Faults, Provider, StartError, Switches};

/// A local server that answers as a messaging provider does: it checks
/// requests as strictly, signs its webhooks, and keeps the phones' messages on
/// a page instead of sending them.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Whose words it speaks.
    #[arg(long)]
    provider: Provider,
    /// The port on 127.0.0.1.
    #[arg(long, default_value_t = 4010)]
    port: u16,
    /// Where reports go, e.g. http://127.0.0.1:3000/webhooks/meta.
    #[arg(long)]
    webhook: Option<String>,
    /// A header that 360dialog sends with each webhook; may be given several times.
    #[arg(long, value_name = "NAME: VALUE")]
    webhook_header: Vec<String>,
    /// Replaces a key or identifier by the name of the shop's setting.
    #[arg(long = "set", value_name = "SETTING=VALUE")]
    settings: Vec<String>,
    /// Milliseconds until a message is reported as sent.
    #[arg(long, default_value_t = 300)]
    sent_after: u64,
    /// Milliseconds from then until it is delivered.
    #[arg(long, default_value_t = 1_000)]
    delivered_after: u64,
    /// Milliseconds from then until it is read; without it nobody reads.
    #[arg(long)]
    read_after: Option<u64>,
    /// Milliseconds that a hanging call hangs.
    #[arg(long, default_value_t = 10_000)]
    hang: u64,
    /// Milliseconds that the review of a template takes.
    #[arg(long, default_value_t = 2_000)]
    review: u64,
    /// Messages a second that the sender may send.
    #[arg(long, default_value_t = 80)]
    throughput: u32,
    /// Messages to one recipient that may be borrowed from the coming minutes.
    #[arg(long, default_value_t = 45)]
    pair_burst: u32,
    /// How often a webhook is repeated that was not answered with 2xx.
    #[arg(long, default_value_t = 8)]
    webhook_retries: u32,
    /// The share of calls that fails, from 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    fault_rate: f64,
    /// The same seed fails the same calls.
    #[arg(long, default_value_t = 1)]
    fault_seed: u64,
    /// Sign every webhook with a wrong key.
    #[arg(long)]
    bad_signatures: bool,
    /// Send every webhook twice.
    #[arg(long)]
    duplicates: bool,
    /// Send a message's reports in reverse order.
    #[arg(long)]
    reversed: bool,
    /// Leave the recipient out of Meta's webhooks.
    #[arg(long)]
    no_recipient: bool,
    /// Print the settings of the shop as NAME=VALUE lines, and end.
    #[arg(long)]
    print_settings: bool,
    /// A file to which accepted messages and their states are appended.
    #[arg(long)]
    state: Option<PathBuf>,
}

/// Why the program did not start.
#[derive(Debug, thiserror::Error)]
enum Problem {
    /// The twin did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// `--set` did not name a setting.
    #[error("--set {0}: give the name of a setting, an equals sign and a value")]
    Setting(String),
    /// `--webhook-header` is no header.
    #[error("--webhook-header {0}: give a name, a colon and a value")]
    Header(String),
    /// Nobody reads what the program says.
    #[error("the terminal: {0}")]
    Terminal(#[from] std::io::Error),
}

fn config(arguments: &Arguments) -> Result<Config, Problem> {
    let mut config = Config::new(arguments.provider);
    for pair in &arguments.settings {
        let is_known = pair
            .split_once('=')
            .is_some_and(|(name, value)| config.account.set(name.trim(), value.trim()));
        if !is_known {
            return Err(Problem::Setting(pair.clone()));
        }
    }
    for header in &arguments.webhook_header {
        let (name, value) =
            header.split_once(':').ok_or_else(|| Problem::Header(header.clone()))?;
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
    config.switches = Switches {
        has_bad_signatures: arguments.bad_signatures,
        has_duplicates: arguments.duplicates,
        is_reversed: arguments.reversed,
        lacks_recipient: arguments.no_recipient,
        is_silent: false,
    };
    config.state = arguments.state.clone();
    Ok(config)
}

/// What the program says when it has started.
fn greeting(emulator: &Emulator, arguments: &Arguments) -> String {
    let mut lines = format!(
        "Emulator of {}: answers as the provider does; no message leaves this machine.\n\
         Phones and wire: {}/\nReports go to: {}\nSettings of the shop:\n",
        arguments.provider.name(),
        emulator.base_url(),
        arguments.webhook.as_deref().unwrap_or("the address each request names, or nowhere"),
    );
    for (name, value) in emulator.settings() {
        lines.push_str(&format!("  {name}={value}\n"));
    }
    lines
}

#[tokio::main]
async fn main() -> Result<(), Problem> {
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
    std::io::stdout().write_all(greeting(&emulator, &arguments).as_bytes())?;
    emulator.run().await;
    Ok(())
}
